//! Failures of the way into the machine, not of what was called there.

use crate::Guest;
use perry_container_protocol::{Output, ToolError};
use perry_container_spec::ErrorKind;

/// What the tools say when the machine does not run or is not there.
const SILENT: &[&str] = &[
    "does not exist, run `limactl",
    "is stopped, run `limactl",
    "unmatched instances",
    "colima is not running",
    "colima [profile=",
    "vm is not running",
    "error: rancher desktop",
];

/// What ssh says when nobody answers.
const SSH: &[&str] = &[
    "ssh: connect to host",
    "kex_exchange_identification",
    "connection closed by",
    "connection refused",
    "connection reset by",
    "connection timed out",
    "broken pipe",
    "control socket connect",
];

/// The failure of the way, if it is one: ssh's own status is 255, which nerdctl never has.
pub(crate) fn broken(guest: &Guest, out: &Output<'_>) -> Option<ToolError> {
    if out.code == 0 {
        return None;
    }
    let complaint = out.complaint();
    let line = complaint.lines().rev().find(|line| {
        let line = line.to_ascii_lowercase();
        let says = |words: &[&str]| words.iter().any(|words| line.contains(words));
        says(SILENT) || out.code == 255 && says(SSH)
    });
    let message = match line {
        Some(line) => words(line),
        None if out.code == 255 => "ssh into it failed".to_owned(),
        None => return None,
    };
    let message = format!("{guest} does not answer: {message}");
    Some(ToolError::Refused { kind: ErrorKind::EngineDown, code: out.code, message })
}

/// What a line says, without the fields of its log.
fn words(line: &str) -> String {
    let line = line.trim();
    let logged = line.strip_prefix("time=").and_then(|rest| rest.split_once(" msg="));
    match logged {
        Some((_, quoted)) => {
            serde_json::from_str(quoted).unwrap_or_else(|_| quoted.trim_matches('"').to_owned())
        }
        None => line.strip_prefix("Error: ").unwrap_or(line).to_owned(),
    }
}
