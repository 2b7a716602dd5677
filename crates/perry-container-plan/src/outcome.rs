//! How nodes end, and what that says of the run.

use crate::{Act, Facts, Plan, Step};

/// How a node ended.
#[derive(Debug, Clone)]
pub enum Outcome<A: Act, E> {
    /// It was done, and this was found out.
    Done(Facts<A>),
    /// It certainly did not happen.
    Failed(E),
    /// It may have happened (no answer came, or its client was killed): observe before undo.
    InDoubt(Option<E>),
    /// It was never begun, or ended by an interrupt without effect.
    Skipped,
}

impl<A: Act, E> Outcome<A, E> {
    /// Whether it was done.
    pub const fn is_done(&self) -> bool {
        matches!(self, Self::Done(_))
    }

    /// The error, where there is one.
    pub const fn error(&self) -> Option<&E> {
        match self {
            Self::Failed(error) | Self::InDoubt(Some(error)) => Some(error),
            Self::Done(_) | Self::InDoubt(None) | Self::Skipped => None,
        }
    }

    /// `done`, `failed`, `in doubt`, `skipped`.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Done(_) => "done",
            Self::Failed(_) => "failed",
            Self::InDoubt(_) => "in doubt",
            Self::Skipped => "skipped",
        }
    }
}

/// Whether all went well that had to.
pub fn succeeded<A: Act, E>(plan: &Plan<A>, outcomes: &[Outcome<A, E>]) -> bool {
    plan.vital().into_iter().zip(outcomes).all(|(vital, outcome)| outcome.is_done() || !vital)
}

/// Whether the run got past the point from which there is no way back.
pub fn committed<A: Act, E>(plan: &Plan<A>, outcomes: &[Outcome<A, E>]) -> bool {
    let mut nodes = plan.nodes.iter().zip(outcomes);
    nodes.any(|(node, outcome)| matches!(node.step, Step::Commit) && outcome.is_done())
}
