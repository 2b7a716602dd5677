//! Why there is no backend.

use perry_container_spec::{BackendInfo, ErrorKind};

/// Why no backend was found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProbeError {
    /// None of those looked for can be used.
    #[error("no container runtime was found: {}", reasons(.probed))]
    NoBackendFound {
        /// Each with its reason, in the order in which they were looked for.
        probed: Vec<BackendInfo>,
        /// What could help: to start what is installed, else what to install.
        hint: String,
    },
    /// The one that was asked for cannot be used.
    #[error("the container backend `{name}` cannot be used: {reason}")]
    BackendNotAvailable {
        /// Its name.
        name: String,
        /// Why not.
        reason: String,
        /// What kind of reason it is: nobody answers, not to this user, a version that cannot be driven, an answer that
        /// is none, no answer in time. `NotFound` when there is no such backend.
        kind: ErrorKind,
        /// What could help.
        hint: Option<String>,
    },
    /// A variable has a value that means nothing.
    #[error("{variable} is `{value}`, but only {accepted} mean something")]
    InvalidConfiguration {
        /// The variable.
        variable: &'static str,
        /// Its value.
        value: String,
        /// What could be there.
        accepted: &'static str,
    },
}

fn reasons(probed: &[BackendInfo]) -> String {
    let one = |info: &BackendInfo| {
        format!("{}: {}", info.name, info.reason.as_deref().unwrap_or("it was not chosen"))
    };
    probed.iter().map(one).collect::<Vec<_>>().join("; ")
}

impl ProbeError {
    /// The number that callers see as `code`.
    pub const fn code(&self) -> i32 {
        match self {
            Self::NoBackendFound { .. } | Self::BackendNotAvailable { .. } => 503,
            Self::InvalidConfiguration { .. } => 400,
        }
    }

    /// What could help.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoBackendFound { hint, .. } => Some(hint.clone()),
            Self::BackendNotAvailable { kind: ErrorKind::NotFound, .. } => None,
            Self::BackendNotAvailable { hint, .. } => {
                let other = format!("unset {} to take whatever answers", crate::choice::BACKEND);
                Some(match hint {
                    Some(hint) => format!("{hint}; or {other}"),
                    None => other,
                })
            }
            Self::InvalidConfiguration { .. } => None,
        }
    }

    /// What kind of failure it is.
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::NoBackendFound { .. } => ErrorKind::EngineDown,
            Self::BackendNotAvailable { kind, .. } => *kind,
            Self::InvalidConfiguration { .. } => ErrorKind::Invalid,
        }
    }
}
