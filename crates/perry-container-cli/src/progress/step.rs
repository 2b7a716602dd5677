//! From events of a run to words.

use perry_container_compose::{
    plan::{Event, Plan, Step as PlanStep},
    reconcile::{Action, Condition},
};

/// What happened to one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    /// What it is: `Container p-web-1`.
    pub(crate) id: String,
    /// Of what it is a part: an image for its layers.
    pub(crate) parent: Option<String>,
    /// `Starting`, `Started`.
    pub(crate) status: String,
    /// More to say: why it failed.
    pub(crate) text: Option<String>,
    /// How far it is.
    pub(crate) phase: Phase,
    /// How much is done, and of how much.
    pub(crate) amount: Option<(u64, Option<u64>)>,
    /// Too fine for plain lines.
    pub(crate) detail: bool,
}

/// How far a thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Working,
    Done,
    Failed,
}

impl Step {
    /// A step of a thing as a whole.
    pub(crate) fn new(id: impl Into<String>, status: impl Into<String>, phase: Phase) -> Self {
        Self {
            id: id.into(),
            parent: None,
            status: status.into(),
            text: None,
            phase,
            amount: None,
            detail: false,
        }
    }

    /// What an event of a run says. Nothing of what only orders, and of what never began.
    pub(crate) fn of(plan: &Plan<Action>, event: &Event) -> Option<Self> {
        let node = match event {
            Event::Begun { node, .. } | Event::Ended { node, .. } => *node,
        };
        let PlanStep::Act(action) = &plan.nodes.get(node)?.step else { return None };
        if matches!(action, Action::Await(_, Condition::Started, _)) {
            return None;
        }
        let (kind, name) = action.object()?;
        let id = format!("{kind} {name}");
        let (doing, done) = action.words();
        match event {
            Event::Begun { .. } => Some(Self::new(id, doing, Phase::Working)),
            Event::Ended { how: "done", .. } => Some(Self::new(id, done, Phase::Done)),
            Event::Ended { error, how, .. } => {
                let failed = Self::new(id, "Error", Phase::Failed);
                match (error, *how) {
                    (None, "skipped") => None,
                    (None, how) => Some(Self { text: Some(how.to_owned()), ..failed }),
                    (Some(error), _) => Some(Self { text: Some(error.clone()), ..failed }),
                }
            }
        }
    }
}
