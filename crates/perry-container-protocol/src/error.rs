//! What a tool says when it does not do it.

use perry_container_spec::ErrorKind;

/// Why a verb did not succeed. Its text never holds a value of an environment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ToolError {
    /// The tool refused.
    #[error("{message}")]
    Refused {
        /// Classified by the tool's own texts.
        kind: ErrorKind,
        /// Its exit code.
        code: i32,
        /// Its words, without decoration (`Error response from daemon: `, logrus fields).
        message: String,
    },
    /// What it printed could not be understood.
    #[error("could not understand the tool's answer: {why}")]
    Malformed {
        /// What is wrong with it.
        why: String,
    },
    /// The world changed on every try.
    #[error("objects kept vanishing while they were looked at")]
    Unstable,
    /// This tool cannot do it.
    #[error("{0}")]
    Unsupported(String),
}

impl ToolError {
    /// The kind that decisions are made on.
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::Refused { kind, .. } => *kind,
            Self::Malformed { .. } => ErrorKind::Malformed,
            Self::Unstable => ErrorKind::Other,
            Self::Unsupported(_) => ErrorKind::Unsupported,
        }
    }

    /// The tool's exit code, where it refused.
    pub const fn code(&self) -> Option<i32> {
        match self {
            Self::Refused { code, .. } => Some(*code),
            Self::Malformed { .. } | Self::Unstable | Self::Unsupported(_) => None,
        }
    }
}

impl From<serde_json::Error> for ToolError {
    fn from(error: serde_json::Error) -> Self {
        Self::Malformed { why: error.to_string() }
    }
}
