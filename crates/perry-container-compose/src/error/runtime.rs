//! What can go wrong with a runtime.

use super::ComposeError;
use crate::{
    backend::{BackendError, GateError},
    engine::{EngineError, Failure, Reason},
    probe::ProbeError,
    spec::ErrorKind,
};

impl From<BackendError> for ComposeError {
    fn from(error: BackendError) -> Self {
        match error.kind {
            ErrorKind::NotFound => Self::NotFound(error.to_string()),
            _ => Self::BackendError { code: error.code(), message: error.to_string() },
        }
    }
}

impl From<ProbeError> for ComposeError {
    fn from(error: ProbeError) -> Self {
        let text = error.to_string();
        match error {
            ProbeError::NoBackendFound { probed, .. } => {
                let reason = |reason: Option<String>| {
                    reason.unwrap_or_else(|| "it was not chosen".to_owned())
                };
                let each = probed.into_iter().map(|info| (info.name, reason(info.reason)));
                Self::NoBackendFound { probed: each.collect() }
            }
            ProbeError::BackendNotAvailable { name, reason, .. } => {
                Self::BackendNotAvailable { name, reason }
            }
            ProbeError::InvalidConfiguration { variable, .. } => {
                Self::InvalidConfiguration { key: variable.to_owned(), reason: text }
            }
            _ => Self::BackendError { code: error.code(), message: text },
        }
    }
}

impl From<GateError> for ComposeError {
    fn from(error: GateError) -> Self {
        Self::VerificationFailed { image: error.image, reason: error.reason }
    }
}

/// A run that failed. What a service did itself is its failure to start; what the runtime refused keeps its number.
impl From<Failure> for ComposeError {
    fn from(failure: Failure) -> Self {
        let (code, message) = (failure.code(), failure.to_string());
        let own = matches!(
            failure.reason,
            Reason::Exited { .. }
                | Reason::Unhealthy { .. }
                | Reason::Hook { .. }
                | Reason::TimedOut { .. }
        );
        if let Reason::Other(error) = &failure.reason
            && let EngineError::Unverified(refused) = &**error
        {
            return refused.clone().into();
        }
        match failure.service.filter(|_| own) {
            Some(service) => Self::ServiceStartupFailed { service, error: message },
            None => Self::BackendError { code, message },
        }
    }
}

impl From<EngineError> for ComposeError {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Plan(error) => error.into(),
            EngineError::Backend(error) => error.into(),
            EngineError::Unverified(error) => error.into(),
            EngineError::Failed(failure) => (*failure).into(),
            other if other.code() == 404 => Self::NotFound(other.to_string()),
            other => Self::BackendError { code: other.code(), message: other.to_string() },
        }
    }
}
