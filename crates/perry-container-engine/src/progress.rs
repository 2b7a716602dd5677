//! What a session tells while it works.

use perry_container_plan::{Event, NodeId, Plan, Step};
use perry_container_reconcile::Action;
use serde::{Serialize, Serializer};
use std::time::Duration;

/// Which of a command's runs something belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Finds out what must be known before there can be a plan.
    Inquiry,
    /// The plan itself.
    Run,
    /// Takes back what a failed run did.
    Undo,
}

/// What an action acts on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Object {
    /// `Container`, `Network`, `Volume`, `Image`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
}

/// State is told in the one order in which it changed, and never dropped; signs of progress are coalesced.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "event")]
#[non_exhaustive]
pub enum Progress {
    /// Another process holds the project; this one waits.
    Waiting {
        /// Who holds it.
        holder: String,
    },
    /// A plan is about to run.
    Planned {
        /// Which.
        phase: Phase,
        /// How many actions it has.
        actions: usize,
    },
    /// Something that stays as it is.
    Kept {
        /// What.
        object: Object,
        /// `Running`, `Created`.
        text: &'static str,
    },
    /// An action began.
    Begun {
        /// In which run.
        phase: Phase,
        /// Its place in the plan.
        node: NodeId,
        /// Since the run began; whole milliseconds where it is serialised.
        #[serde(serialize_with = "millis")]
        at: Duration,
        /// What it acts on; none for a pause.
        #[serde(skip_serializing_if = "Option::is_none")]
        object: Option<Object>,
        /// `Creating`.
        text: &'static str,
    },
    /// An action ended, or was skipped: before it began, or because a signal ended it without effect.
    Ended {
        /// In which run.
        phase: Phase,
        /// Its place in the plan.
        node: NodeId,
        /// Since the run began; whole milliseconds where it is serialised.
        #[serde(serialize_with = "millis")]
        at: Duration,
        /// What it acts on; none for a pause.
        #[serde(skip_serializing_if = "Option::is_none")]
        object: Option<Object>,
        /// `done`, `failed`, `in doubt`, `skipped`.
        how: &'static str,
        /// `Created`; `Error`, `Interrupted`, `Skipped` when it was not done.
        text: &'static str,
        /// What went wrong.
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<String>,
    },
    /// How far a pull is, at most ten times a second.
    Pull {
        /// The image.
        reference: String,
        /// The runtime's own word: `Downloading`.
        text: String,
        /// Bytes done, over all layers that are known.
        current: u64,
        /// Bytes in all, over all layers that are known.
        total: u64,
    },
    /// A line that a builder printed.
    Build {
        /// The image.
        reference: String,
        /// Without its end.
        line: String,
    },
    /// What a person should know.
    Note {
        /// A sentence.
        text: String,
    },
}

fn millis<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}

/// Where progress goes.
pub(crate) type Tell<'a> = &'a mut (dyn FnMut(Progress) + Send);

/// What an event means for the action it is of; none for barriers and the commit point.
pub(crate) fn of(
    phase: Phase,
    plan: &Plan<Action>,
    begun: &[bool],
    event: Event,
) -> Option<Progress> {
    let node = match &event {
        Event::Begun { node, .. } | Event::Ended { node, .. } => *node,
    };
    let Step::Act(action) = &plan.nodes.get(node)?.step else { return None };
    let object = action.object().map(|(kind, name)| Object { kind, name: name.to_owned() });
    let (doing, done) = action.words();
    Some(match event {
        Event::Begun { at, .. } => Progress::Begun { phase, node, at, object, text: doing },
        Event::Ended { at, how, error, .. } => {
            let text = match how {
                "done" => done,
                "failed" => "Error",
                "in doubt" => "Interrupted",
                _ if begun[node] => "Interrupted",
                _ => "Skipped",
            };
            Progress::Ended { phase, node, at, object, how, text, error }
        }
    })
}
