//! What a session does, as spans; docs/tracing.md lists them all.

use crate::Phase;
use tracing::{Span, debug_span};

pub(crate) fn observe() -> Span {
    debug_span!(target: "perry_container", "observe")
}

pub(crate) fn lock(project: &str) -> Span {
    debug_span!(target: "perry_container", "lock", project)
}

pub(crate) fn run(project: &str, phase: Phase, nodes: usize) -> Span {
    let phase = match phase {
        Phase::Inquiry => "inquiry",
        Phase::Run => "run",
        Phase::Undo => "undo",
    };
    debug_span!(target: "perry_container", "run", project, phase, nodes)
}

/// Below the run that it was made in: it begins with whatever waits first, and goes on.
pub(crate) fn watch(run: &Span) -> Span {
    debug_span!(target: "perry_container", parent: run, "watch")
}

/// What is decided, without a call.
pub(crate) fn plan<T>(project: &str, what: &'static str, decide: impl FnOnce() -> T) -> T {
    debug_span!(target: "perry_container", "plan", project, what).in_scope(decide)
}
