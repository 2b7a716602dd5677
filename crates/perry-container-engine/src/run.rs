//! A plan and how it went.

use crate::{EngineError, Lock, Phase, watch::Checks};
use perry_container_executor::OnFailure;
use perry_container_plan::{self as plan, NodeId, Outcome, Plan, Step};
use perry_container_reconcile::Action;

/// A plan that is about to run.
pub(crate) struct Job<'a> {
    pub(crate) phase: Phase,
    pub(crate) project: &'a str,
    pub(crate) plan: Plan<Action>,
    pub(crate) checks: Checks,
    pub(crate) on_failure: OnFailure,
    /// Where it is written down what is under way.
    pub(crate) lock: Option<&'a Lock>,
}

/// A plan and how each of its nodes ended.
#[derive(Debug, Clone)]
pub struct Run {
    /// What was to be done.
    pub plan: Plan<Action>,
    /// How each node ended.
    pub outcomes: Vec<Outcome<Action, EngineError>>,
    /// The failure that came first, of those that fail a run.
    pub first_failure: Option<NodeId>,
}

impl Run {
    /// Whether all went well that had to.
    pub fn succeeded(&self) -> bool {
        plan::succeeded(&self.plan, &self.outcomes)
    }

    /// Whether it got past the point from which there is no way back.
    pub fn committed(&self) -> bool {
        plan::committed(&self.plan, &self.outcomes)
    }

    /// Whether an outcome is not known.
    pub fn in_doubt(&self) -> bool {
        self.outcomes.iter().any(|outcome| matches!(outcome, Outcome::InDoubt(_)))
    }

    /// The actions that were not done, as text.
    pub fn undone(&self) -> Vec<String> {
        let nodes = self.plan.nodes.iter().zip(&self.outcomes);
        nodes
            .filter_map(|(node, outcome)| match &node.step {
                Step::Act(action) if !outcome.is_done() => Some(action.to_string()),
                _ => None,
            })
            .collect()
    }

    /// The text form of the plan, each line with how its node ended.
    pub fn text(&self) -> String {
        let plan = self.plan.to_string();
        let lines = plan.lines().zip(&self.outcomes);
        lines.map(|(line, outcome)| format!("{line}: {}\n", outcome.word())).collect()
    }
}
