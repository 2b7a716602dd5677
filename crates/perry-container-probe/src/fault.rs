//! Why ways to an engine do not work.

use crate::{Unavailable, version::short};
use perry_container_backend::BackendError;
use perry_container_process::HostError;
use perry_container_spec::{ErrorKind, Locality};
use std::error::Error as _;

/// Why one way to an engine does not work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// `EngineDown` when nobody answers, `Permission` when not to this user, `Unsupported` for a version that cannot be
    /// driven, `Malformed` for an answer that is none, `Cut` when none came in time.
    pub kind: ErrorKind,
    /// A sentence, in the words of whoever refused.
    pub text: String,
    /// Whether anything of it is on this machine.
    pub installed: bool,
}

impl Fault {
    /// Of something that is there.
    pub fn new(kind: ErrorKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into(), installed: true }
    }

    /// Nobody answers.
    pub(crate) fn down(text: impl Into<String>) -> Self {
        Self::new(ErrorKind::EngineDown, text)
    }

    /// It is not there at all.
    pub(crate) fn absent(text: impl Into<String>) -> Self {
        Self { installed: false, ..Self::down(text) }
    }

    /// What was printed is not what was asked for.
    pub(crate) fn malformed(call: &str, why: impl std::fmt::Display) -> Self {
        Self::new(
            ErrorKind::Malformed,
            format!("what `{call}` printed could not be understood: {why}"),
        )
    }
}

impl From<HostError> for Fault {
    fn from(error: HostError) -> Self {
        let text = match error.source() {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        };
        match error {
            HostError::Missing { .. } => Self::absent(text),
            HostError::TimedOut { .. } | HostError::Silent { .. } | HostError::Lost { .. } => {
                Self::new(ErrorKind::Cut, text)
            }
            HostError::TooLarge { .. } => Self::new(ErrorKind::Malformed, text),
            _ => Self::down(text),
        }
    }
}

/// What was being done shows from the context, so the words suffice.
impl From<BackendError> for Fault {
    fn from(error: BackendError) -> Self {
        Self::new(error.kind, short(&error.text))
    }
}

/// The faults of several ways in the order in which they were tried, each said once.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        if !self.0.iter().any(|known| known.text == fault.text) {
            self.0.push(fault);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As one: all their words, and the kind of the one that tells most.
    pub(crate) fn unavailable(self, mode: Locality) -> Unavailable {
        let telling = |fault: &&Fault| (!fault.installed, fault.kind == ErrorKind::EngineDown);
        let kind = self.0.iter().min_by_key(telling).map_or(ErrorKind::Other, |fault| fault.kind);
        let installed = self.0.iter().any(|fault| fault.installed);
        let reason = self.0.into_iter().map(|fault| fault.text).collect::<Vec<_>>().join("; ");
        Unavailable { reason, kind, installed, mode }
    }
}
