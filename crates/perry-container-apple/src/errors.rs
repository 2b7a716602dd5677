//! What the tool's error texts mean.

use perry_container_protocol::{Output, ToolError};
use perry_container_spec::ErrorKind::{
    self, Conflict, EngineDown, ImageMissing, InUse, Invalid, NotFound, NotRunning, Other,
    Permission, PortInUse, Unsupported,
};

/// Words that all stand in a text (in lower case, in this order), and what such a text means. The first match counts.
/// Source: the texts of 1.2.2.
const PATTERNS: &[(ErrorKind, &[&str])] = &[
    // The service.
    (EngineDown, &["xpc connection error"]),
    (EngineDown, &["container system start"]),
    (EngineDown, &["plugins are unavailable"]),
    (EngineDown, &["apiserver is not running"]),
    // What this version does not have.
    (Unsupported, &["plugin 'container-", "not found"]),
    (Unsupported, &["unknown option"]),
    (Unsupported, &["requires macos"]),
    // Images and registries.
    (Permission, &["401 unauthorized"]),
    (Permission, &["403 forbidden"]),
    (Permission, &["unauthorized"]),
    (ImageMissing, &["image not found"]),
    (ImageMissing, &["failed to resolve reference"]),
    (ImageMissing, &["failed to delete one or more images"]),
    (ImageMissing, &["404 not found"]),
    (ImageMissing, &["image", "not found"]),
    (ImageMissing, &["manifest unknown"]),
    (ImageMissing, &["failed to solve", "not found"]),
    (ImageMissing, &["no supported platform"]),
    // Names.
    (Conflict, &["already exists"]),
    (Conflict, &["hostname(s) already exist"]),
    (Conflict, &["overlaps with"]),
    // Ports.
    (PortInUse, &["address already in use"]),
    // Use.
    (InUse, &["is running and can not be deleted"]),
    (InUse, &["is currently in use"]),
    (InUse, &["with referring containers"]),
    // States.
    (NotRunning, &["is not running"]),
    // Commands.
    (Invalid, &["failed to find target executable"]),
    (Invalid, &["executable", "not found"]),
    // Objects.
    (NotFound, &["notfound:"]),
    (NotFound, &["container not found"]),
    (NotFound, &["container", "not found"]),
    (NotFound, &["network not found"]),
    (NotFound, &["network", "not found"]),
    (NotFound, &["volume not found"]),
    (NotFound, &["volume", "not found"]),
    (NotFound, &["no such container"]),
    // Requests.
    (Invalid, &["invalid"]),
    (Invalid, &["missing expected argument"]),
    (Invalid, &["missing value"]),
    (Invalid, &["unexpected argument"]),
    (Invalid, &["does not take any value"]),
    (Invalid, &["does not exist"]),
    (Invalid, &["is not a directory"]),
    (Invalid, &["no other networks may be created"]),
    (Invalid, &["minimum memory"]),
    (Invalid, &["must be"]),
    (Invalid, &["too large"]),
    (Invalid, &["unknown directive"]),
];

/// The kind of a text.
pub(crate) fn kind(text: &str) -> ErrorKind {
    let text = text.to_ascii_lowercase();
    let all = |words: &[&str]| {
        words
            .iter()
            .try_fold(&text[..], |rest, word| rest.find(word).map(|at| &rest[at + word.len()..]))
    };
    PATTERNS.iter().find(|(_, words)| all(words).is_some()).map_or(Other, |(kind, _)| *kind)
}

/// The tool's own words: what stands behind `Error: `, up to the usage. What was logged before tells more than an error
/// that only counts.
pub(crate) fn message(complaint: &str) -> Option<String> {
    let usage =
        |line: &&str| !line.starts_with("Usage:") && !line.trim_start().starts_with("See '");
    let lines: Vec<&str> = complaint
        .lines()
        .filter(usage)
        .map(str::trim_end)
        .filter(|line| !line.is_empty())
        .collect();
    let noise = |line: &str| line.starts_with("time=\"") || line.starts_with("Warning:");
    let at = lines.iter().rposition(|line| line.starts_with("Error: "));
    let before = || {
        let logged = lines[..at.unwrap_or(lines.len())].iter().rev();
        logged.copied().find(|line| !noise(line) && kind(line) != Other).map(str::to_owned)
    };
    let Some(at) = at else {
        return before().or_else(|| lines.last().map(|line| (*line).to_owned()));
    };
    let own: Vec<&str> = (lines[at..].iter().enumerate())
        .map(|(n, line)| if n == 0 { &line["Error: ".len()..] } else { line.trim() })
        .collect();
    let own = own.join(" ");
    match own.starts_with("failed to delete one or more networks") {
        true => Some(before().unwrap_or(own)),
        false => Some(own),
    }
}

/// The error of a call that failed.
pub(crate) fn error(out: &Output<'_>) -> ToolError {
    let message = message(&out.complaint())
        .or_else(|| message(&out.text()))
        .unwrap_or_else(|| "container failed and said nothing about it".to_owned());
    ToolError::Refused { kind: kind(&message), code: out.code, message }
}

/// Fails unless the call succeeded.
pub(crate) fn accepted(out: &Output<'_>) -> Result<(), ToolError> {
    if out.code == 0 { Ok(()) } else { Err(error(out)) }
}

/// Something of this name is not there.
pub(crate) fn missing(kind: ErrorKind, what: &str, name: &str) -> ToolError {
    ToolError::Refused { kind, code: 1, message: format!("no such {what}: {name}") }
}

/// A request that the tool would misunderstand, so that it is not made.
pub(crate) fn refused(message: String) -> ToolError {
    ToolError::Refused { kind: Invalid, code: 64, message }
}

/// How a command in a container ended: its own status, or the tool's error. A command may print what the tool prints:
/// then the tool is believed.
///
/// # Errors
/// When the tool failed.
pub(crate) fn exit(out: &Output<'_>) -> Result<i32, ToolError> {
    const OURS: &[&str] = &[
        "get failed: container ",
        "container ",
        "failed to exec process",
        "failed to find target executable",
        "internalError: ",
        "invalidState: ",
        "notFound: ",
        "XPC connection error",
        "Plugin",
        "Unknown option ",
        "Missing ",
        "Unexpected argument ",
        "The value ",
    ];
    if !matches!(out.code, 1 | 64) {
        return Ok(out.code);
    }
    let complaint = out.complaint();
    let last = complaint.lines().rfind(|line| line.starts_with("Error: "));
    let own = last.map(|line| &line["Error: ".len()..]);
    match own.is_some_and(|own| OURS.iter().any(|ours| own.starts_with(ours))) {
        true => Err(error(out)),
        false => Ok(out.code),
    }
}
