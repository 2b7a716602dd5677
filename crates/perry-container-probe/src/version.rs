//! What `version` prints.

use perry_container_protocol::values;
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
    pub(crate) fn read(text: &[u8]) -> Self {
        let value = values(text).ok().and_then(|all| all.into_iter().next()).unwrap_or_default();
        let text =
            |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let (client, server) = (&value["Client"], &value["Server"]);
        let first = &server["Components"][0];
        Self {
            client: text(&client["Version"]),
            engine: text(&server["Version"]).or_else(|| text(&first["Version"])),
            who: text(&first["Name"]),
            kernel: text(&server["KernelVersion"])
                .or_else(|| text(&first["Details"]["KernelVersion"])),
            by_podman: client.get("APIVersion").is_some(),
        }
    }
}

/// A tool's complaint in one line: the last one that is no log line of lower level.
pub(crate) fn complaint(stderr: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(stderr);
    let noise = |line: &&str| {
        line.starts_with("time=")
            && ["level=warning", "level=info", "level=debug"].iter().any(|l| line.contains(l))
    };
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let line = lines.filter(|line| !noise(line)).find(|line| !line.starts_with("See '"))?;
    let line = line.strip_prefix("Error: ").unwrap_or(line);
    Some(line.chars().take(300).collect())
}
