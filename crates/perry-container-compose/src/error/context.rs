//! What can go wrong with a context.

use super::ComposeError;
use crate::context::ContainerError;

impl From<ContainerError> for ComposeError {
    fn from(error: ContainerError) -> Self {
        match error {
            ContainerError::Probe(error) => error.into(),
            ContainerError::Backend(error) => error.into(),
            ContainerError::NoneProbed { reasons } => Self::NoBackendFound { probed: reasons },
            other if other.code() == 404 => Self::NotFound(other.to_string()),
            other if other.code() == 400 => Self::InvalidConfig(other.to_string()),
            other => Self::BackendError { code: other.code(), message: other.to_string() },
        }
    }
}
