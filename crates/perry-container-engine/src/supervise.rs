//! `supervise`: runs the health checks and restarts that the runtime does not, for as long as there is something to do.

use crate::{
    EngineError, Phase, Session, keeper,
    run::Job,
    watch::{Check, Checks, Look, Pace, Probed, Watcher},
};
use indexmap::{IndexMap, IndexSet};
use perry_container_executor::{Brakes, OnFailure};
use perry_container_reconcile::{
    Memory, Policies, Sight, Tended, is_oneoff, selector, service_of, tend,
};
use perry_container_spec::{ContainerInfo, Health, HealthTest, Id, Selector, Timestamp};
use perry_container_support::Feature;
use serde::Serialize;
use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};
use tokio::time::{Instant, sleep_until};

/// When something is tried again that failed.
const AGAIN: Duration = Duration::from_secs(1);

/// Options of `supervise`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuperviseOptions {
    /// The services that are tended; empty: all.
    pub services: IndexSet<String>,
    /// What was started since then and has ended already is started again where its policy says so, RFC 3339; what had
    /// ended before the first look is left alone otherwise: a person may have stopped it.
    pub since: Option<Timestamp>,
    /// How long there may be nothing to do: a container that is being replaced is away for a moment.
    pub linger: Duration,
    /// How long the engine may be gone.
    pub gone: Duration,
}

impl Default for SuperviseOptions {
    fn default() -> Self {
        let (linger, gone) = (Duration::from_secs(3), Duration::from_secs(600));
        Self { services: IndexSet::new(), since: None, linger, gone }
    }
}

/// Why supervising ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Supervised {
    /// There is no container any more, or none that needs it.
    Done,
    /// A brake was applied.
    Stopped,
    /// The engine did not answer for so long.
    EngineGone,
}

/// What is told while supervising. Its text is one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SuperviseEvent {
    /// A container is tended from now on.
    Tends {
        /// Its name.
        name: String,
        /// `health check`, `restart: always`.
        what: Vec<String>,
    },
    /// A health check says something new.
    Health {
        /// The container's name.
        name: String,
        /// What.
        health: Health,
        /// What an unhealthy one's last probe printed.
        output: String,
    },
    /// Something was done: an action and its cause; why it failed, when it did.
    Did {
        /// `start demo-web-1 (ended; restart: always)`.
        text: String,
        /// The failure.
        error: Option<String>,
    },
    /// The engine does not answer.
    Silent {
        /// Its last word.
        error: String,
    },
    /// It answers again.
    Answers,
    /// Something that a person should know.
    Note {
        /// As text.
        text: String,
    },
}

impl fmt::Display for SuperviseEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tends { name, what } => write!(f, "tends {name}: {}", what.join(", ")),
            Self::Health { name, health, output } => {
                let output = output.trim();
                let line = output.lines().next_back().unwrap_or_default();
                let colon = if line.is_empty() { "" } else { ": " };
                write!(f, "{name} is {}{colon}{line}", health.as_str())
            }
            Self::Did { text, error: None } => f.write_str(text),
            Self::Did { text, error: Some(error) } => write!(f, "{text}: {error}"),
            Self::Silent { error } => write!(f, "the engine does not answer: {error}"),
            Self::Answers => f.write_str("the engine answers again"),
            Self::Note { text } => f.write_str(text),
        }
    }
}

/// What a container has that needs somebody.
#[derive(Debug, Clone, Default)]
pub(crate) struct Needs {
    /// A health check that the runtime does not run.
    pub(crate) health: bool,
    /// A policy that the runtime does not follow.
    pub(crate) restart: bool,
}

/// What of this container the runtime leaves to us.
pub(crate) fn needs(session: &Session, info: &ContainerInfo) -> Needs {
    let can = session.backend.capabilities();
    let checked = match &info.healthcheck {
        Some(check) => check.test != HealthTest::Disabled,
        None => info.health.is_some(), // as lists tell it
    };
    Needs {
        health: can.emulated(Feature::Health) && checked,
        restart: can.emulated(Feature::Restart) && info.restart.is_some(),
    }
}

type Tell<'a> = &'a mut (dyn FnMut(SuperviseEvent) + Send);

struct Supervising<'a> {
    session: &'a Session,
    project: &'a str,
    options: &'a SuperviseOptions,
    watcher: Watcher,
    wanted: Policies,
    memory: Memory,
    /// Of each container that was met, whether it needs somebody.
    met: BTreeMap<Id, bool>,
    /// What was told of its health.
    told: BTreeMap<Id, Probed>,
    begun: Instant,
}

impl Session {
    /// Runs the health checks of a project's containers and starts them again, as far as the runtime does not do that by
    /// itself; it goes by what the containers say. It ends when nothing of that is left to do, with the first brake, or
    /// when the engine has been gone for long.
    ///
    /// # Errors
    /// None so far: what fails is told and tried again.
    pub async fn supervise(
        &self,
        project: &str,
        options: &SuperviseOptions,
        brakes: &Brakes,
        tell: &mut (dyn FnMut(SuperviseEvent) + Send),
    ) -> Result<Supervised, EngineError> {
        let of = Selector { images: Vec::new(), ..selector(project, None) };
        let pace = Pace::of_keeper(self.options.tick, self.options.op_timeout);
        let level = self.backend.capabilities().level(Feature::Restart);
        let mut supervising = Supervising {
            session: self,
            project,
            options,
            watcher: Watcher::new(Arc::clone(&self.backend), of, Checks::default(), pace),
            wanted: Policies { level, of: IndexMap::new(), since: options.since.clone() },
            memory: Memory::default(),
            met: BTreeMap::new(),
            told: BTreeMap::new(),
            begun: Instant::now(),
        };
        supervising.run(brakes, tell).await
    }
}

impl Supervising<'_> {
    async fn run(&mut self, brakes: &Brakes, tell: Tell<'_>) -> Result<Supervised, EngineError> {
        let mut looks = self.watcher.looks();
        let (mut idle, mut silent): (Option<Instant>, Option<Instant>) = (None, None);
        // Looks that began before say nothing about what was done since.
        let mut fresh = self.begun;
        let mut wake: Option<Instant> = None;
        loop {
            let due = async {
                match wake {
                    Some(at) => sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = brakes.stop.cancelled() => return Ok(Supervised::Stopped),
                changed = looks.changed() => drop(changed), // the sender lives in the watcher
                () = due => {}
            }
            wake = None;
            let Some(look) = looks.borrow_and_update().clone().filter(|look| look.begun >= fresh)
            else {
                continue;
            };
            let seen = match &look.seen {
                Ok(seen) => Arc::clone(seen),
                Err(error) => {
                    if silent.is_none() {
                        tell(SuperviseEvent::Silent { error: error.to_string() });
                    }
                    let since = *silent.get_or_insert(look.begun);
                    if since.elapsed() >= self.options.gone {
                        return Ok(Supervised::EngineGone);
                    }
                    continue;
                }
            };
            if silent.take().is_some() {
                tell(SuperviseEvent::Answers);
            }
            let mine: IndexMap<Id, ContainerInfo> = (seen.iter())
                .filter(|(_, info)| self.takes(info))
                .map(|(id, info)| (id.clone(), info.clone()))
                .collect();
            self.meet(&mine, tell).await;
            self.health(&mine, &look, tell);
            if self.met.len() < mine.len() {
                wake = Some(Instant::now() + AGAIN); // the engine did not tell of all of them
                continue;
            }
            if self.met.values().any(|needs| *needs) {
                idle = None;
            } else {
                let since = *idle.get_or_insert_with(Instant::now);
                if since.elapsed() >= self.options.linger {
                    return Ok(Supervised::Done);
                }
                self.watcher.look_again();
                wake = Some(since + self.options.linger);
                continue;
            }
            let tended = self.decide(&mine, &look);
            if tended.plan.is_empty() {
                wake = self.remember(tended, tell);
                continue;
            }
            match self.carry_out(&look, brakes, tell).await {
                Ok(next) => wake = next,
                // Another command works on the project: what it leaves is seen then.
                Err(error) => tell(SuperviseEvent::Note { text: error.to_string() }),
            }
            fresh = Instant::now();
            self.watcher.look_again();
        }
    }

    fn takes(&self, info: &ContainerInfo) -> bool {
        let services = &self.options.services;
        let named = |service| services.is_empty() || services.contains(service);
        !is_oneoff(info) && service_of(info).is_some_and(named)
    }

    /// Lists do not tell all of a container: each is looked at by itself once.
    async fn meet(&mut self, mine: &IndexMap<Id, ContainerInfo>, tell: Tell<'_>) {
        let gone = |id: &Id| !mine.contains_key(id);
        self.met.retain(|id, _| !gone(id));
        self.told.retain(|id, _| !gone(id));
        self.wanted.of.retain(|id, _| !gone(id));
        let new: Vec<Id> = mine.keys().filter(|id| !self.met.contains_key(*id)).cloned().collect();
        if new.is_empty() {
            return;
        }
        let asking = self.session.backend.inspect_each(&new);
        let limit = self.session.options.op_timeout;
        let asked = crate::perform::in_time(limit, "inspect", "containers", asking).await;
        for (id, info) in asked.unwrap_or_default() {
            let Ok(info) = info else { continue }; // it has gone meanwhile, or is asked for again
            let needs = needs(self.session, &info);
            let mut what = Vec::new();
            if needs.health {
                what.push("health check".to_owned());
                let own = info.healthcheck.clone();
                let check = Check { known: Some(true), own, soon: true, ..Check::default() };
                self.watcher.drive(&id, &check);
                self.watcher.look_again();
            }
            self.met.insert(id.clone(), needs.health || needs.restart);
            if let Some(policy) = info.restart.filter(|_| needs.restart) {
                what.push(format!("restart: {policy}"));
                self.wanted.of.insert(id, policy);
            }
            if !what.is_empty() {
                tell(SuperviseEvent::Tends { name: info.name, what });
            }
        }
    }

    fn health(&mut self, mine: &IndexMap<Id, ContainerInfo>, look: &Look, tell: Tell<'_>) {
        for (id, probed) in &look.probed {
            let Some(info) = mine.get(id) else { continue };
            let before = self.told.insert(id.clone(), probed.clone());
            let same =
                |before: &Probed| std::mem::discriminant(before) == std::mem::discriminant(probed);
            if before.as_ref().is_some_and(same) {
                continue;
            }
            let name = info.name.clone();
            match probed {
                Probed::Healthy => {
                    let (health, output) = (Health::Healthy, String::new());
                    tell(SuperviseEvent::Health { name, health, output });
                }
                Probed::Unhealthy(output) => {
                    let (health, output) = (Health::Unhealthy, output.clone());
                    tell(SuperviseEvent::Health { name, health, output });
                }
                // Its runtime has no way to bring it back.
                Probed::Lost => {
                    let service = service_of(info).unwrap_or_default();
                    let text = format!(
                        "{name} is said to run, but its process is gone, and so is its monitor; `perry-compose up \
                         --force-recreate {service}` makes it anew"
                    );
                    tell(SuperviseEvent::Note { text });
                }
                Probed::Starting | Probed::NoCheck => {}
            }
        }
    }

    /// What is to be done about these, as far as one look tells.
    fn decide(&self, mine: &IndexMap<Id, ContainerInfo>, look: &Look) -> Tended {
        let mut asked = look.asked.clone();
        asked.extend(keeper::stopped(self.session, self.project));
        let sight = Sight { containers: mine, asked: &asked };
        tend(&self.wanted, &sight, &self.memory, self.begun.elapsed())
    }

    fn remember(&mut self, tended: Tended, tell: Tell<'_>) -> Option<Instant> {
        for text in tended.notes {
            tell(SuperviseEvent::Note { text });
        }
        self.memory = tended.memory;
        tended.next.map(|next| self.begun + next)
    }

    /// Does what is due, unless it is no more so under the project's lock.
    async fn carry_out(
        &mut self,
        look: &Look,
        brakes: &Brakes,
        tell: Tell<'_>,
    ) -> Result<Option<Instant>, EngineError> {
        let lock = self.session.lock(self.project, brakes, &mut |_| ()).await?;
        let mut now = self.session.containers(self.project).await?.containers;
        now.retain(|_, info| self.takes(info));
        let mut tended = self.decide(&now, look);
        let plan = std::mem::take(&mut tended.plan);
        let next = self.remember(tended, tell);
        if plan.is_empty() {
            return Ok(next);
        }
        let (phase, checks, on_failure) = (Phase::Run, Checks::default(), OnFailure::Continue);
        let lock = lock.as_ref();
        let job = Job { phase, project: self.project, plan, checks, on_failure, lock };
        let run = self.session.run(job, brakes, &mut |_| ()).await;
        let text = run.plan.to_string();
        for (line, outcome) in text.lines().zip(&run.outcomes) {
            let line = line.split_once(' ').map_or(line, |(_, text)| text);
            let text = line.to_owned();
            let error = outcome.error().map(ToString::to_string);
            tell(SuperviseEvent::Did { text, error });
        }
        Ok(next)
    }
}
