//! Why there is no backend.

use crate::{Candidate, Os};
use perry_container_spec::BackendInfo;

/// Why no backend was found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProbeError {
    /// None of those looked for can be used.
    #[error("no container runtime was found: {}", reasons(.probed))]
    NoBackendFound {
        /// Each with its reason, in the order in which they were looked for.
        probed: Vec<BackendInfo>,
        /// The platform.
        os: Os,
    },
    /// The one that was asked for cannot be used.
    #[error("the container backend `{name}` cannot be used: {reason}")]
    BackendNotAvailable {
        /// Its name.
        name: String,
        /// Why not.
        reason: String,
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
            Self::NoBackendFound { os, .. } => {
                let (what, how) = recommended(*os);
                Some(format!("install {what} for {os}, see {how}"))
            }
            Self::BackendNotAvailable { name, .. } if Candidate::named(name).is_none() => None,
            Self::BackendNotAvailable { .. } => {
                Some(format!("unset {} to take whatever answers", crate::choice::BACKEND))
            }
            Self::InvalidConfiguration { .. } => None,
        }
    }
}

/// What to install on a platform, and where that is described.
const fn recommended(os: Os) -> (&'static str, &'static str) {
    match os {
        Os::MacOs => ("apple/container", "https://github.com/apple/container"),
        Os::Linux | Os::Windows => ("podman", "https://podman.io/docs/installation"),
    }
}
