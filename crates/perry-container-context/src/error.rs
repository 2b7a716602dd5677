//! What can go wrong, with the number that callers in other languages see.

use perry_container_backend::BackendError;
use perry_container_engine::EngineError;
use perry_container_probe::{Candidate, ProbeError};

/// Why a context could not do what it was asked.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ContainerError {
    /// A backend was chosen after the first operation.
    #[error("backend already initialised; {call} must be called before any other container op")]
    AlreadyInitialised {
        /// `setBackend` or `setBackends`.
        call: &'static str,
    },
    /// There is no backend of this name.
    #[error("unknown backend: '{name}'. Valid: {:?}", Candidate::ALL.map(Candidate::name))]
    UnknownBackend {
        /// The name.
        name: String,
    },
    /// An empty list of backends.
    #[error("setBackends requires a non-empty array")]
    NoBackends,
    /// The backend that was chosen cannot be used.
    #[error("backend probe failed: {reason}")]
    ProbeFailed {
        /// Why not.
        reason: String,
    },
    /// None of the backends that were chosen can be used.
    #[error("none of the requested backends could be probed: {}", list(.reasons))]
    NoneProbed {
        /// Each with its reason, in the order of the list.
        reasons: Vec<(String, String)>,
    },
    /// No backend was found.
    #[error(transparent)]
    Probe(#[from] ProbeError),
    /// A runtime refused, or did not answer.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// What a session did failed.
    #[error("{message}")]
    Engine {
        /// The number of the engine's error.
        code: i32,
        /// Its message.
        message: String,
    },
    /// A number that stands for nothing.
    #[error("there is no container or stack with the handle {0}")]
    NoSuchHandle(u64),
}

fn list(reasons: &[(String, String)]) -> String {
    let each: Vec<_> = reasons.iter().map(|(name, reason)| format!("{name}: {reason}")).collect();
    each.join("; ")
}

impl From<EngineError> for ContainerError {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Backend(error) => Self::Backend(error),
            other => Self::Engine { code: other.code(), message: other.to_string() },
        }
    }
}

impl ContainerError {
    /// 404 not found, 400 invalid, 422 cycle, 403 verification or policy, 503 no backend; an unclassified failure of a
    /// runtime has the runtime's own; else 500.
    pub fn code(&self) -> i32 {
        match self {
            Self::AlreadyInitialised { .. } | Self::UnknownBackend { .. } | Self::NoBackends => 400,
            Self::ProbeFailed { .. } | Self::NoneProbed { .. } => 503,
            Self::Probe(error) => error.code(),
            Self::Backend(error) => error.code(),
            Self::Engine { code, .. } => *code,
            Self::NoSuchHandle(_) => 404,
        }
    }
}
