//! What can go wrong between us and a registry.

use crate::Digest;
use std::time::Duration;

/// Why a registry did not tell what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// A reference that is none.
    #[error("{text:?} is not a reference of an image: {why}")]
    Reference {
        /// What was written.
        text: String,
        /// What is wrong with it.
        why: String,
    },
    /// It is down, too slow, or says that it cannot now.
    #[error("could not read {what}: {why}{}", wait(.retry_after.as_ref()))]
    Unreachable {
        /// What was asked for.
        what: String,
        /// Why there was no answer.
        why: String,
        /// How long it asks to be left alone.
        retry_after: Option<Duration>,
    },
    /// It wants credentials, or others.
    #[error("may not read {what}: {why}")]
    Unauthorized {
        /// What was asked for.
        what: String,
        /// In the registry's words, and what was tried.
        why: String,
    },
    /// It has no such thing.
    #[error("there is no {what}")]
    NotFound {
        /// What was asked for.
        what: String,
    },
    /// Its answer is none.
    #[error("the registry's answer for {what} cannot be used: {why}")]
    Malformed {
        /// What was asked for.
        what: String,
        /// What is wrong with it.
        why: String,
    },
    /// Its answer is longer than anything like it should be.
    #[error("the registry's answer for {what} is longer than {limit} bytes")]
    TooLarge {
        /// What was asked for.
        what: String,
        /// The limit, in bytes.
        limit: usize,
    },
    /// It sent something else than what was asked for.
    #[error("the registry sent {found} instead of {what}")]
    WrongDigest {
        /// What was asked for.
        what: String,
        /// What came.
        found: Digest,
    },
    /// It sends us where we do not go.
    #[error("{what} is redirected to {to}, {why}")]
    Redirect {
        /// What was asked for.
        what: String,
        /// Where to.
        to: String,
        /// Why not.
        why: &'static str,
    },
}

impl RegistryError {
    /// The numeric code that callers see.
    pub const fn code(&self) -> i32 {
        match self {
            Self::Reference { .. } => 400,
            Self::NotFound { .. } => 404,
            Self::Unreachable { .. } => 503,
            _ => 403,
        }
    }
}

fn wait(after: Option<&Duration>) -> String {
    after.map(|after| format!("; it asks to wait {} s", after.as_secs())).unwrap_or_default()
}
