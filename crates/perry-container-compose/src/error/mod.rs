//! One error for callers in other languages: what every piece's own error comes to.

#[cfg(feature = "context")]
mod context;
mod pure;
#[cfg(feature = "engine")]
mod runtime;

use serde_json::{Value, json};

/// What went wrong, in the reference's taxonomy. Each has a message and a stable number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ComposeError {
    /// There is no such container, stack, network or volume.
    #[error("{0}")]
    NotFound(String),
    /// A runtime refused, or did not answer.
    #[error("{message}")]
    BackendError {
        /// The classified number, else the runtime's own: its exit code, or the status of its response.
        code: i32,
        /// What was being done, and the runtime's own text.
        message: String,
    },
    /// The image is not what the policy asks for.
    #[error("could not verify image `{image}`: {reason}")]
    VerificationFailed {
        /// The image's reference.
        image: String,
        /// Why not.
        reason: String,
    },
    /// Services depend on each other in a ring.
    #[error("dependency cycle: {}", .cycle.join(" -> "))]
    DependencyCycle {
        /// The ring; the first comes again at the end.
        cycle: Vec<String>,
    },
    /// A service did not come up.
    #[error("service `{service}` did not start: {error}")]
    ServiceStartupFailed {
        /// The service.
        service: String,
        /// Why, and what it printed last.
        error: String,
    },
    /// A file or a spec makes no sense.
    #[error("{0}")]
    InvalidConfig(String),
    /// No runtime answers on this machine.
    #[error("no container runtime was found{}", list(.probed))]
    NoBackendFound {
        /// Each one that was tried, and why not.
        probed: Vec<(String, String)>,
    },
    /// The runtime that was asked for cannot be used.
    #[error("the container runtime `{name}` cannot be used: {reason}")]
    BackendNotAvailable {
        /// Its name.
        name: String,
        /// Why not.
        reason: String,
    },
    /// The backend cannot give what a policy demands.
    #[error("`{node}` needs {required}, and the backend gives {available}")]
    PolicyViolation {
        /// The node or service.
        node: String,
        /// What the policy demands.
        required: String,
        /// What there is.
        available: String,
    },
    /// A reference to another node has no value.
    #[error("could not resolve {projection} of `{node}`: {reason}")]
    WorkloadRefResolutionFailed {
        /// The node that is referred to.
        node: String,
        /// What of it.
        projection: String,
        /// Why not.
        reason: String,
    },
    /// A setting of this program, such as an environment variable, has no valid value.
    #[error("invalid value for {key}: {reason}")]
    InvalidConfiguration {
        /// The setting.
        key: String,
        /// Why not.
        reason: String,
    },
}

fn list(probed: &[(String, String)]) -> String {
    let each: Vec<String> =
        probed.iter().map(|(name, reason)| format!("; {name}: {reason}")).collect();
    each.concat()
}

impl ComposeError {
    /// The number that callers see: 404 not found, 400 invalid, 422 cycle, 403 verification or policy, 503 no backend; an
    /// unclassified failure of a runtime has the runtime's own; else 500.
    #[must_use]
    pub const fn code(&self) -> i32 {
        match self {
            Self::NotFound(_) => 404,
            Self::BackendError { code, .. } => *code,
            Self::VerificationFailed { .. } | Self::PolicyViolation { .. } => 403,
            Self::DependencyCycle { .. } => 422,
            Self::ServiceStartupFailed { .. } | Self::WorkloadRefResolutionFailed { .. } => 500,
            Self::InvalidConfig(_) | Self::InvalidConfiguration { .. } => 400,
            Self::NoBackendFound { .. } | Self::BackendNotAvailable { .. } => 503,
        }
    }
}

/// `{"message": ..., "code": ...}`.
///
/// ```
/// use perry_container_compose::{ComposeError, compose_error_to_json};
/// let error = ComposeError::NotFound("no such container: x".to_owned());
/// assert_eq!(compose_error_to_json(&error).to_string(), r#"{"message":"no such container: x","code":404}"#);
/// ```
#[must_use]
pub fn compose_error_to_json(error: &ComposeError) -> Value {
    json!({ "message": error.to_string(), "code": error.code() })
}
