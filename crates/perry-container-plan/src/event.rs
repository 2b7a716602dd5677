//! What a run tells while it runs.

use crate::NodeId;
use serde::Serialize;
use std::time::Duration;

/// Told by the one task that owns the state, so events come in one order. A node that was skipped before it began has
/// only its end.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "event")]
pub enum Event {
    /// A node began.
    Begun {
        /// Which.
        node: NodeId,
        /// Since the run began.
        at: Duration,
    },
    /// A node ended.
    Ended {
        /// Which.
        node: NodeId,
        /// Since the run began.
        at: Duration,
        /// [`Outcome::word`](crate::Outcome::word).
        how: &'static str,
        /// What went wrong, as text.
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<String>,
    },
}
