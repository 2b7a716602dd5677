//! What can go wrong at a runtime.

use perry_container_spec::ErrorKind;

/// The result of a call on a runtime.
pub type Result<T> = std::result::Result<T, BackendError>;

/// A call on a runtime that did not go well. Its text never holds a value of an environment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("could not {verb} `{object}`: {text}")]
#[non_exhaustive]
pub struct BackendError {
    /// What was being done: `start`, `create network`, ...
    pub verb: String,
    /// To which object.
    pub object: String,
    /// The kind that decisions are made on.
    pub kind: ErrorKind,
    /// The runtime's own words, without its decoration.
    pub text: String,
    /// The runtime's own number: an exit code, or the status of a response.
    pub status: Option<i32>,
    /// What could help.
    pub hint: Option<String>,
}

impl BackendError {
    /// An error without a number of its own.
    pub fn new(
        verb: impl Into<String>,
        object: impl Into<String>,
        kind: ErrorKind,
        text: impl Into<String>,
    ) -> Self {
        Self {
            verb: verb.into(),
            object: object.into(),
            kind,
            text: text.into(),
            status: None,
            hint: None,
        }
    }

    /// With the runtime's number.
    #[must_use]
    pub fn with_status(mut self, status: i32) -> Self {
        self.status = Some(status);
        self
    }

    /// With what could help.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The `code` that callers see: the kind's where it is classified, else the runtime's own, else 500.
    pub fn code(&self) -> i32 {
        match (self.kind, self.status) {
            (ErrorKind::Other, Some(status)) => status,
            (kind, _) => kind.code(),
        }
    }
}
