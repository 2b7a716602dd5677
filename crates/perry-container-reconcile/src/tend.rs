//! Keeps running what should run, where the runtime does not see to that by itself.
//!
//! A policy is followed as docker's engine follows it: after 100 ms, each time twice as long up to a minute, from the
//! beginning again when it ran for ten seconds; `on-failure:n` starts it again n times and no more. What a person stopped
//! stays stopped. Where the runtime restarts containers by itself, fully or with a difference (podman does so at once and
//! without a pause, through the monitor of each), nothing is planned: two would count differently.

use crate::{Action, Cause, Target, is_oneoff};
use indexmap::IndexMap;
use perry_container_plan::Plan;
use perry_container_spec::{ContainerInfo, Id, RestartPolicy, State, Timestamp};
use perry_container_support::Level;
use std::{collections::BTreeMap, time::Duration};

/// docker's first pause before a container is started again.
const FIRST: Duration = Duration::from_millis(100);
/// Its longest.
const LONGEST: Duration = Duration::from_secs(60);
/// One that ran for so long begins with the first pause again.
const LASTED: Duration = Duration::from_secs(10);
/// What is wanted.
#[derive(Debug, Clone)]
pub struct Policies {
    /// How far the runtime restarts containers by itself.
    pub level: Level,
    /// By container; one that is not named is never started.
    pub of: IndexMap<Id, RestartPolicy>,
    /// What was started since then and had ended before the first look is started again; what ended before then, or
    /// before nobody knows when, is left alone: a person may have stopped it. RFC 3339.
    pub since: Option<Timestamp>,
}

/// What is there.
#[derive(Debug, Clone, Copy)]
pub struct Sight<'a> {
    /// The containers.
    pub containers: &'a IndexMap<Id, ContainerInfo>,
    /// Those whose end somebody asked for, with the start that it ended.
    pub asked: &'a BTreeMap<Id, Timestamp>,
}

/// What is remembered from one look to the next.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Memory(BTreeMap<Id, Recall>);

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Recall {
    /// Which start all this is about.
    start: Timestamp,
    /// When it was first seen up since then.
    up: Option<Duration>,
    /// The last pause.
    pause: Duration,
    /// When it is started again, once it has ended.
    due: Option<Duration>,
    /// A start of it was planned and not seen yet.
    tried: bool,
    /// So often was it started again here.
    restarts: u32,
    /// It is left as it is until somebody starts it.
    left: bool,
}

/// What is to be done now, what to remember, and when to look again.
#[derive(Debug, Clone, Default)]
pub struct Tended {
    /// What to do.
    pub plan: Plan<Action>,
    /// For the next time.
    pub memory: Memory,
    /// When something falls due; none: when something happens.
    pub next: Option<Duration>,
    /// What a person should know, each once.
    pub notes: Vec<String>,
}

/// Decides what is started again. Times are counted from any one moment. A plan must have been carried out, and what
/// is seen must be seen after that, before this is asked again.
pub fn tend(wanted: &Policies, seen: &Sight<'_>, memory: &Memory, now: Duration) -> Tended {
    let mut done = Tended::default();
    if wanted.level != Level::Emulated {
        return done;
    }
    for (id, policy) in &wanted.of {
        let Some(info) = seen.containers.get(id).filter(|info| !is_oneoff(info)) else { continue };
        let known = memory.0.get(id);
        let mut recall = known.cloned().unwrap_or_default();
        if recall.start != info.started {
            recall = recall.started_again(&info.started);
        }
        if !matches!(info.state, State::Exited | State::Dead) {
            if info.state.is_up() {
                recall.up.get_or_insert(now);
            }
            recall.left = false;
            done.memory.0.insert(id.clone(), recall);
            continue;
        }
        let asked = seen.asked.get(id).is_some_and(|start| *start == info.started);
        let unknown = known.is_none() && !began_since(wanted, info);
        if asked || unknown || info.started.is_empty() {
            recall.left = true;
        }
        if !recall.left {
            recall.end(policy, info, now, &mut done);
        }
        done.memory.0.insert(id.clone(), recall);
    }
    done.next = done.memory.0.values().filter_map(|recall| recall.due).min();
    done
}

impl Recall {
    /// What is left of the memory once it has another start: nothing, when it was not ours.
    fn started_again(self, start: &Timestamp) -> Self {
        let (start, left) = (start.clone(), false);
        if !self.tried {
            return Self { start, ..Self::default() };
        }
        Self { start, left, up: None, due: None, tried: false, ..self }
    }

    /// It has ended, for all that is known by itself.
    fn end(
        &mut self,
        policy: &RestartPolicy,
        info: &ContainerInfo,
        now: Duration,
        done: &mut Tended,
    ) {
        let restarts = self.restarts + info.restart_count;
        let failed = info.exit_code.is_some_and(|code| code != 0);
        let wants = match policy {
            RestartPolicy::No => false,
            RestartPolicy::Always | RestartPolicy::UnlessStopped => true,
            RestartPolicy::OnFailure(most) => failed && most.is_none_or(|most| restarts < most),
        };
        if !wants {
            self.left = true;
            if let (RestartPolicy::OnFailure(Some(most)), true) = (policy, failed) {
                let name = &info.name;
                done.notes.push(format!("{name} failed again after {most} restarts and is left"));
            }
            return;
        }
        // A start that came to nothing is an end, too.
        let failed_to_start = std::mem::take(&mut self.tried);
        let due = match self.due {
            Some(due) if !failed_to_start => due,
            _ => {
                if self.up.is_some_and(|since| now.saturating_sub(since) >= LASTED) {
                    self.pause = Duration::ZERO;
                }
                self.up = None;
                self.pause = if self.pause.is_zero() { FIRST } else { self.pause * 2 }.min(LONGEST);
                now + self.pause
            }
        };
        self.due = Some(due);
        if due > now {
            return;
        }
        (self.due, self.tried, self.restarts) = (None, true, restarts + 1);
        let start = Action::Start(Target::of(info));
        done.plan.act(1, start, Cause::Ended(policy.clone()), &[]);
    }
}

/// Whether it was started when somebody watched already. Whole seconds: runtimes write fractions as they like.
fn began_since(wanted: &Policies, info: &ContainerInfo) -> bool {
    let seconds = |time: &str| time.get(..19).map(str::to_owned);
    let since = wanted.since.as_deref().and_then(seconds);
    since.is_some_and(|since| seconds(&info.started).is_some_and(|started| started >= since))
}
