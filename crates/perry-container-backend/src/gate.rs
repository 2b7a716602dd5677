//! Who decides whether an image may run.

use async_trait::async_trait;
use std::fmt;

/// Decides whether an image may run. What it was asked about is what runs: callers pull and create by the digest that
/// was verified.
#[async_trait]
pub trait ImageGate: Send + Sync + 'static {
    /// Whether anything is demanded of an image. `demand` is what somebody demands for it alone, as JSON.
    fn wants(&self, reference: &str, demand: Option<&str>) -> bool;

    /// What a reference names now, in full: `docker.io/library/redis@sha256:...`.
    async fn resolve(&self, reference: &str) -> Result<String, GateError>;

    /// Whether the content that the reference was resolved to may run as this image; who says so, in words.
    async fn verify(
        &self,
        reference: &str,
        pinned: &str,
        demand: Option<&str>,
    ) -> Result<String, GateError>;
}

/// An image may not run, or nobody could tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateError {
    /// The image.
    pub image: String,
    /// Why: which rule failed, or what went wrong.
    pub reason: String,
    /// 403 refused, 503 could not be asked, 404 not there, 400 the rule is none.
    pub code: i32,
}

impl fmt::Display for GateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "image verification failed: {}", self.reason)
    }
}

impl std::error::Error for GateError {}
