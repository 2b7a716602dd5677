//! How variables get into a container without being seen.

use crate::errors::refused;
use indexmap::IndexMap;
use perry_container_protocol::{Arg, Invocation, ToolError};
use perry_container_spec::Sensitive;

/// Names, and beginnings of names (with `*`), that change what the client, its libraries or the loader do.
const STEERING: &[&str] = &[
    "APP_ROOT",
    "CFFIXED_USER_HOME",
    "CFNETWORK_*",
    "CONTAINER*",
    "DYLD_*",
    "HOME",
    "INSTALL_ROOT",
    "LANG",
    "LC_*",
    "LD_*",
    "LOGNAME",
    "LOG_ROOT",
    "MALLOC*",
    "NS*",
    "NO_COLOR",
    "OBJC_*",
    "OS_ACTIVITY_*",
    "PATH",
    "PWD",
    "SHELL",
    "SSH_AUTH_SOCK",
    "SWIFT_*",
    "TERM",
    "TMPDIR",
    "TZ",
    "USER",
    "XPC_*",
    "__*",
];

fn steers(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    name.ends_with("_PROXY")
        || STEERING.iter().any(|known| match known.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == *known,
        })
}

/// Hands variables over: `--env=NAME` and the value in the client's environment, or, for a name that would steer the
/// client, a line of a file that only this user can read.
///
/// # Errors
/// For a name or value that neither way can carry. The text never holds the value.
pub(crate) fn pass(
    call: &mut Invocation,
    env: &IndexMap<String, Sensitive<String>>,
) -> Result<(), ToolError> {
    let mut file = String::new();
    for (name, value) in env {
        let text = value.expose();
        let no = |why: &str| Err(refused(format!("variable `{}` {why}", name.escape_debug())));
        if name.is_empty() || name.contains(['=', '\0']) {
            return no("has no name that a process can have");
        }
        if text.contains('\0') {
            return no("holds a zero byte");
        }
        if !steers(name) {
            call.flag("--env", name).env.push((name.clone(), value.clone()));
            continue;
        }
        if name.starts_with(['#', '\u{feff}']) || name.contains(char::is_whitespace) {
            return no("has a name that no environment file can hold");
        }
        if text.contains('\n') || text.ends_with('\r') {
            return no("would steer the client and so goes by a file, which can hold no newline");
        }
        file.extend([name, "=", text, "\n"]);
    }
    if !file.is_empty() {
        call.args.push(Arg::File {
            prefix: "--env-file=".to_owned(),
            content: Sensitive::new(file.into_bytes()),
        });
    }
    Ok(())
}
