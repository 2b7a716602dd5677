//! From what a session tells to words.

use crate::say::harmless;
use perry_container_compose::engine::{self, Object};

/// What happened to one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    /// What it is: `Container p-web-1`.
    pub(crate) id: String,
    /// `Starting`, `Started`.
    pub(crate) status: String,
    /// More to say: why it failed, what a builder printed.
    pub(crate) text: Option<String>,
    /// How far it is.
    pub(crate) phase: Phase,
    /// How much is done, and of how much.
    pub(crate) amount: Option<(u64, u64)>,
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

/// What there is to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Said {
    /// A thing changed.
    Step(Step),
    /// A sentence.
    Note(String),
    /// A sentence that a person should not miss.
    Warning(String),
}

impl Step {
    /// A step of a thing as a whole.
    pub(crate) fn new(id: impl Into<String>, status: impl Into<String>, phase: Phase) -> Self {
        let (id, status) = (id.into(), status.into());
        Self { id, status, text: None, phase, amount: None, detail: false }
    }
}

impl Said {
    /// What a session's progress says. Nothing of what only orders, and of what never began.
    pub(crate) fn of(progress: &engine::Progress) -> Option<Self> {
        let safe = |text: &str| harmless(text).into_owned();
        let id = |object: &Object| format!("{} {}", object.kind, safe(&object.name));
        Some(Self::Step(match progress {
            engine::Progress::Waiting { holder } => {
                return Some(Self::Note(format!(
                    "waiting for {holder}, which works on this project"
                )));
            }
            engine::Progress::Planned { phase: engine::Phase::Undo, .. } => {
                return Some(Self::Note("taking back what was done".to_owned()));
            }
            engine::Progress::Note { text } => return Some(Self::Warning(text.clone())),
            engine::Progress::Kept { object, text } => Step::new(id(object), *text, Phase::Done),
            engine::Progress::Begun { object: Some(object), text, .. } => {
                Step::new(id(object), *text, Phase::Working)
            }
            engine::Progress::Ended { how: "skipped", text: "Skipped", .. } => return None,
            engine::Progress::Ended { object: Some(object), how: "done", text, .. } => {
                Step::new(id(object), *text, Phase::Done)
            }
            engine::Progress::Ended { object: Some(object), text, error, .. } => Step {
                text: error.as_deref().map(safe),
                ..Step::new(id(object), *text, Phase::Failed)
            },
            engine::Progress::Pull { reference, text, current, total } => Step {
                amount: Some((*current, *total)),
                detail: true,
                ..Step::new(format!("Image {}", safe(reference)), safe(text), Phase::Working)
            },
            engine::Progress::Build { reference, line } => Step {
                text: Some(safe(line)),
                ..Step::new(format!("Image {}", safe(reference)), "Building", Phase::Working)
            },
            _ => return None,
        }))
    }
}
