//! The failures that decisions are made on.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What went wrong, in the words that planning, undo and exit codes use. The pure crates name the kinds they
/// tolerate, so this lies here and not beside the error of the seam.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// No such container, network or volume.
    NotFound,
    /// No such image, here or in its registry.
    ImageMissing,
    /// The name is taken, or the object exists already.
    Conflict,
    /// Something still uses it (a network with endpoints, a volume that is mounted).
    InUse,
    /// A host port is taken.
    PortInUse,
    /// The container has to run for this, and does not.
    NotRunning,
    /// The request makes no sense to the runtime (a bad value, an unknown flag).
    Invalid,
    /// The runtime cannot do this at all.
    Unsupported,
    /// The engine does not answer, or its program is not there.
    EngineDown,
    /// The engine answers, but not to this user; or a registry refuses the credentials.
    Permission,
    /// No answer came: it may have happened.
    Cut,
    /// An answer came that could not be understood.
    Malformed,
    /// The runtime refused for a reason not listed here.
    Other,
}

impl ErrorKind {
    /// The numeric `code` of an error of this kind when the runtime gave none of its own.
    pub const fn code(self) -> i32 {
        match self {
            Self::NotFound | Self::ImageMissing => 404,
            Self::Conflict | Self::InUse | Self::PortInUse | Self::NotRunning => 409,
            Self::Invalid | Self::Unsupported => 400,
            Self::Permission => 403,
            Self::EngineDown => 503,
            Self::Cut | Self::Malformed | Self::Other => 500,
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotFound => "not found",
            Self::ImageMissing => "image missing",
            Self::Conflict => "name taken",
            Self::InUse => "in use",
            Self::PortInUse => "port in use",
            Self::NotRunning => "not running",
            Self::Invalid => "invalid",
            Self::Unsupported => "not supported",
            Self::EngineDown => "engine down",
            Self::Permission => "permission denied",
            Self::Cut => "no answer",
            Self::Malformed => "answer not understood",
            Self::Other => "failed",
        })
    }
}
