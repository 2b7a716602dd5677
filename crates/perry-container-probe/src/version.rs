//! What `version` prints.

use crate::{Candidate, Fault};
use perry_container_docker::Version;
use perry_container_protocol::values;
use perry_container_spec::ErrorKind;
use serde_json::Value;

/// Who answered, and with which version.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Versions {
    /// The client's.
    pub(crate) client: Option<String>,
    /// The engine's; none when no engine answered.
    pub(crate) engine: Option<String>,
    /// The engine's own name: `Engine`, `Podman Engine`, `containerd`.
    pub(crate) who: Option<String>,
    /// The kernel that it runs on.
    pub(crate) kernel: Option<String>,
    /// Whether podman printed it: it writes `APIVersion`, docker `ApiVersion`.
    pub(crate) by_podman: bool,
}

impl Versions {
    /// Reads the answer of `version` in JSON; nothing of what is not there.
    ///
    /// # Errors
    /// When it is no JSON.
    pub(crate) fn read(call: &str, text: &[u8]) -> Result<Self, Fault> {
        let value = objects(call, text)?.into_iter().next().unwrap_or_default();
        let text =
            |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let (client, server) = (&value["Client"], &value["Server"]);
        let first = &server["Components"][0];
        Ok(Self {
            client: text(&client["Version"]),
            engine: text(&server["Version"]).or_else(|| text(&first["Version"])),
            who: text(&first["Name"]),
            kernel: text(&server["KernelVersion"])
                .or_else(|| text(&first["Details"]["KernelVersion"])),
            by_podman: client.get("APIVersion").is_some(),
        })
    }
}

/// The oldest versions that are driven.
const OLDEST: &[(Candidate, Version)] = &[
    (Candidate::Podman, Version(4, 0)),
    (Candidate::Nerdctl, Version(2, 0)),
    (Candidate::Docker, Version(20, 10)),
];

/// Whether an engine, or a tool without one, is not too old to be driven. One that tells no version is taken for new.
pub(crate) fn old_enough(who: Candidate, version: Option<&str>) -> Result<(), Fault> {
    let Some(text) = version else { return Ok(()) };
    match OLDEST.iter().find(|(one, _)| *one == who) {
        Some((_, oldest)) if Version::from(text) < *oldest => Err(Fault::new(
            ErrorKind::Unsupported,
            format!("{who} {text} is too old: {who} {oldest} and newer can be driven"),
        )),
        _ => Ok(()),
    }
}

/// A tool's complaint in one line: the last one that a Go program died with, else the first that is no log line of
/// lower level.
pub(crate) fn complaint(stderr: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(stderr);
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut fatal = lines().filter_map(|line| {
        let (_, message) = line.strip_prefix("time=")?.split_once(" level=fatal msg=")?;
        let plain = || message.trim_matches('"').to_owned();
        Some(serde_json::from_str(message).unwrap_or_else(|_| plain()))
    });
    let spoken = || {
        let line = lines().find(|line| !line.starts_with("time=") && !line.starts_with("See '"))?;
        Some(line.strip_prefix("Error: ").unwrap_or(line).to_owned())
    };
    Some(short(&fatal.next_back().or_else(spoken)?))
}

/// As much of a text as fits into a sentence.
pub(crate) fn short(text: &str) -> String {
    let line = text.trim().lines().next().unwrap_or_default();
    line.chars().take(300).collect()
}

/// A tool's objects, as an array or one after the other.
pub(crate) fn objects(call: &str, stdout: &[u8]) -> Result<Vec<Value>, Fault> {
    values(stdout).map_err(|error| Fault::malformed(call, error))
}
