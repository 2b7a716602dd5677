//! Errors with what could help.

use super::About;
use crate::HostError;
use perry_container_backend::BackendError;
use perry_container_protocol::ToolError;
use perry_container_spec::ErrorKind;
use std::error::Error as _;

impl About {
    /// The tool refused, or was not understood.
    #[expect(clippy::needless_pass_by_value, reason = "it goes into `map_err`")]
    pub(super) fn refused(&self, error: ToolError) -> BackendError {
        let (kind, text) = (error.kind(), error.to_string());
        let mut all = self.error(kind, text.clone());
        if let Some(code) = error.code() {
            all = all.with_status(code);
        }
        match hint(kind, &text, &self.tool) {
            Some(hint) => all.with_hint(hint),
            None => all,
        }
    }

    /// The tool could not be run, or not to its end.
    #[expect(clippy::needless_pass_by_value, reason = "it goes into `map_err`")]
    pub(super) fn failed(&self, error: HostError) -> BackendError {
        let text = match error.source() {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        };
        match error {
            HostError::Missing { .. } => self
                .error(ErrorKind::EngineDown, text)
                .with_hint(format!("install `{}`, or choose another backend", self.tool)),
            HostError::NotExecutable { .. } | HostError::Start { .. } => {
                self.error(ErrorKind::EngineDown, text)
            }
            HostError::TimedOut { .. } | HostError::Silent { .. } => self
                .error(ErrorKind::Cut, text)
                .with_hint("PERRY_CONTAINER_OP_TIMEOUT_SECS gives calls more time"),
            HostError::Directory { .. } => self.error(ErrorKind::Invalid, text),
            HostError::Lost { .. } => self.error(ErrorKind::Cut, text),
            HostError::TooLarge { .. } => self.error(ErrorKind::Malformed, text),
        }
    }
}

/// Calls of a tool that help: one that shows whether its engine answers, and one that takes credentials.
fn calls(tool: &str) -> (String, String) {
    match tool {
        "apple/container" => {
            ("container system status".to_owned(), "container registry login".to_owned())
        }
        _ => (format!("{tool} info"), format!("{tool} login")),
    }
}

/// What could help against an error of this kind.
fn hint(kind: ErrorKind, text: &str, tool: &str) -> Option<String> {
    let text = text.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let (shows, login) = calls(tool);
    Some(match kind {
        ErrorKind::EngineDown => {
            format!("start the engine; `{shows}` shows whether it answers")
        }
        ErrorKind::Permission
            if says(&["unauthorized", "authentication", "access denied", "denied:"]) =>
        {
            format!("`{login}` gives the registry your credentials")
        }
        ErrorKind::Permission => {
            format!(
                "this user may not talk to {tool}'s engine: join the group that its socket belongs to"
            )
        }
        ErrorKind::PortInUse => {
            "choose another host port, or stop what listens there (`ss -ltnp` shows it)".to_owned()
        }
        ErrorKind::ImageMissing => {
            format!("check the image's name and tag; private registries need `{login}`")
        }
        _ => return None,
    })
}
