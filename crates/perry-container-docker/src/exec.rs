//! How a command in a container ended.

use crate::{
    dialect::{ExecCode, Traits},
    own,
};
use perry_container_protocol::{Output, ToolError};

/// What the tools begin with when it is they who failed. docker prints that a program could not be started on standard
/// output, podman on standard error.
const OURS: &[&str] = &[
    "OCI runtime exec failed: ",
    "Error response from daemon: ",
    "Cannot connect to the Docker daemon",
    "permission denied while trying to connect to the Docker daemon",
];

/// The same of podman, behind `Error: `.
const PODMANS: &[&str] = &[
    "crun: ",
    "runc: ",
    "OCI runtime",
    "no container with ",
    "no such container",
    "can only create exec sessions",
    "unable to find user",
    "unable to find group",
    "container ",
    "timed out",
    "workdir ",
    "chdir",
    "preparing container",
    "executable file",
    "exec failed",
    "cannot connect",
];

/// The command's own exit code; an error when the tool failed. Both can be 126 or 127, and a command may print what a
/// tool prints: then the tool is believed.
///
/// # Errors
/// [`ToolError::Refused`] with the code.
pub(crate) fn exit(out: &Output<'_>, tool: &'static Traits) -> Result<i32, ToolError> {
    if out.code == 0 {
        return Ok(0);
    }
    if tool.exec_code == ExecCode::Told {
        return told(out, tool);
    }
    let suspect = matches!(out.code, 1 | 125..=127 | 255);
    let line = |text: &str| {
        let last = text
            .lines()
            .rev()
            .map(str::trim)
            .find(|line| !line.is_empty() && !line.starts_with("time=\""));
        last.unwrap_or_default().to_owned()
    };
    let (stdout, stderr) = (line(&out.text()), line(&out.complaint()));
    let dockers = |line: &str| OURS.iter().any(|ours| line.starts_with(ours));
    let podmans = |line: &str| {
        let rest = line.strip_prefix("Error: ");
        rest.is_some_and(|rest| {
            PODMANS.iter().any(|ours| rest.starts_with(ours)) || out.code == 125
        })
    };
    let failed = if tool.exec_code == ExecCode::Docker {
        // the client's own complaint about its arguments ends with a hint
        dockers(&stderr)
            || stderr.starts_with("Run 'docker ")
            || matches!(out.code, 126 | 127) && dockers(&stdout)
    } else {
        out.code != 1 && podmans(&stderr)
    };
    if !(suspect && failed) {
        return Ok(out.code);
    }
    let of = if dockers(&stdout) && !dockers(&stderr) { out.stdout } else { out.stderr };
    Err(tool.reader().error(&Output { code: out.code, stdout: b"", stderr: of }))
}

/// nerdctl always ends with 1. Behind all that the command wrote is the reason: `exec failed with exit code 7` is the
/// command's own end, anything else nerdctl's.
fn told(out: &Output<'_>, tool: &'static Traits) -> Result<i32, ToolError> {
    const END: &str = "exec failed with exit code ";
    // a terminal has but one stream
    let text = if out.stderr.is_empty() { out.text() } else { out.complaint() };
    let last = text.lines().rev().map(str::trim).find(|line| !line.is_empty());
    let last = last.unwrap_or_default();
    if !own::is(last.as_bytes()) {
        return Ok(out.code); // the client was killed
    }
    let code = last.rsplit_once(END).map(|(_, code)| code.trim_end_matches(['"', ' ']).parse());
    match code {
        Some(Ok(code)) => Ok(code),
        _ => Err(tool.reader().error(&Output { stdout: b"", stderr: last.as_bytes(), ..*out })),
    }
}
