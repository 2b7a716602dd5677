//! What a command has begun and not seen the end of, written down: an engine finishes what it was asked for also when
//! whoever asked was killed, so the next command waits for that before it looks.

use perry_container_plan::{Act as _, Interrupt};
use perry_container_reconcile::Action;
use perry_container_spec::Observed;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long an engine may take for what does not depend on a container's program.
const PATIENCE: Duration = Duration::from_secs(5);
/// What an engine takes as a container's stop timeout when nothing else is said.
const GRACE: Duration = Duration::from_secs(10);
/// No record makes anybody wait longer.
const MOST: Duration = Duration::from_secs(120);

/// A call whose end nobody has seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// The action as text: `stop demo-db-1`.
    pub text: String,
    /// `Container`, `Network` or `Volume`.
    pub kind: String,
    /// The name of what it acts on.
    pub name: String,
    /// What it comes to.
    pub toward: Toward,
    /// The engine has finished it by then, in milliseconds since 1970.
    pub until: i64,
}

/// What a call comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Toward {
    /// The object is there.
    There,
    /// It runs, or has run.
    Started,
    /// It does not run any more.
    Stopped,
    /// It is not there.
    Gone,
}

impl Begun {
    /// What is written down of an action that begins now: of those that change something and that no signal cuts.
    pub(crate) fn of(action: &Action, grace: Option<Duration>, now: i64) -> Option<Self> {
        if action.interrupt() == Interrupt::AtOnce {
            return None;
        }
        let (kind, name) = action.object()?;
        let mut name = name.to_owned();
        let (toward, patience) = match action {
            Action::Create(..) | Action::CreateNetwork(_) | Action::CreateVolume(_) => {
                (Toward::There, PATIENCE)
            }
            Action::Rename(_, to) => {
                name.clone_from(to);
                (Toward::There, PATIENCE)
            }
            Action::Start(_) => (Toward::Started, PATIENCE),
            Action::Stop(_, Some(seconds)) => {
                (Toward::Stopped, Duration::from_secs((*seconds).into()) + PATIENCE)
            }
            Action::Stop(..) => (Toward::Stopped, grace.unwrap_or(GRACE) + PATIENCE),
            Action::Kill(_, signal) if signal == "SIGKILL" => (Toward::Stopped, PATIENCE),
            Action::Remove(..)
            | Action::Drop(..)
            | Action::RemoveNetwork(_)
            | Action::DropNetwork(_)
            | Action::RemoveVolume(_) => (Toward::Gone, PATIENCE),
            _ => return None,
        };
        let patience = i64::try_from(patience.min(MOST).as_millis()).unwrap_or_default();
        let (text, kind) = (action.to_string(), kind.to_owned());
        Some(Self { text, kind, name, toward, until: now.saturating_add(patience) })
    }

    /// How much longer the engine may be at it.
    pub(crate) fn left(&self, now: i64) -> Duration {
        let left = u64::try_from(self.until.saturating_sub(now)).unwrap_or_default();
        Duration::from_millis(left).min(MOST)
    }

    /// Whether it has come to its end, as far as one sees.
    pub(crate) fn is_over(&self, seen: &Observed) -> bool {
        let container = || seen.containers.values().find(|seen| seen.name == self.name);
        let there = match self.kind.as_str() {
            "Network" => seen.networks.contains_key(&self.name),
            "Volume" => seen.volumes.contains_key(&self.name),
            _ => container().is_some(),
        };
        match self.toward {
            Toward::There => there,
            Toward::Gone => !there,
            Toward::Stopped => !container().is_some_and(|seen| seen.state.is_up()),
            Toward::Started => {
                container().is_none_or(|seen| seen.state.is_up() || seen.exit_code.is_some())
            }
        }
    }
}

/// Now, as it is written down.
pub(crate) fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}
