//! The Watcher: one per run. It subscribes to events, then looks at the world, and looks again when something happened
//! or somebody begins to wait. Waits read what it saw.

mod checks;
mod driver;
mod verdict;

pub(crate) use checks::{Check, Checks};
pub(crate) use driver::Probed;

use crate::{EngineError, perform::in_time, spans};
use driver::Driver;
use futures_util::{FutureExt as _, StreamExt as _};
use perry_container_backend::{BackendError, ContainerBackend, Flow};
use perry_container_reconcile::Condition;
use perry_container_spec::{
    ContainerInfo, EventOptions, Id, Parts, RuntimeEvent, RuntimeEventKind, Selector, Timestamp,
};
use perry_container_support::{Feature, Level};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{Notify, watch},
    time::{Instant, sleep_until, timeout},
};
use tokio_util::sync::{CancellationToken, DropGuard};
use tracing::{Instrument as _, Span};
use verdict::verdict;

/// How much longer than a look the time from one to the next is at least: a fifth of one processor is enough for watching,
/// however large the project is.
const REST: u32 = 5;

/// One look at all containers of the project.
#[derive(Debug, Clone)]
pub(crate) struct Look {
    /// When it began: it says nothing about what was done since.
    pub(crate) begun: Instant,
    pub(crate) seen: Result<Arc<indexmap::IndexMap<Id, ContainerInfo>>, BackendError>,
    /// What probes said that we ran, where the runtime runs none.
    pub(crate) probed: BTreeMap<Id, Probed>,
    /// Those that somebody stopped or killed, with the start that this ended, as far as events tell.
    pub(crate) asked: BTreeMap<Id, Timestamp>,
}

/// How a Watcher looks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// Between two looks where the runtime tells no events.
    pub(crate) tick: Duration,
    /// Between two looks where it does.
    pub(crate) quiet: Duration,
    /// After a flow of events ended: when the next is tried; none: never.
    pub(crate) again: Option<Duration>,
    /// How long a look may take.
    pub(crate) op_timeout: Duration,
}

impl Pace {
    /// For the time of one command.
    pub(crate) fn of_command(tick: Duration, op_timeout: Duration) -> Self {
        let tick = tick.max(Duration::from_millis(1));
        // With events a look now and then all the same, should one have been lost.
        Self { tick, quiet: tick.saturating_mul(10), again: None, op_timeout }
    }

    /// For as long as a project lives: looks are a cost.
    pub(crate) fn of_keeper(tick: Duration, op_timeout: Duration) -> Self {
        let tick = tick.max(Duration::from_secs(2));
        let (quiet, again) = (Duration::from_secs(300), Some(Duration::from_secs(10)));
        Self { tick, quiet, again, op_timeout }
    }

    /// Between two looks at an engine that does not answer.
    fn patience(self, failures: u32) -> Duration {
        self.tick.saturating_mul(1 << failures.min(6)).min(self.quiet.max(self.tick))
    }
}

struct Shared {
    backend: Arc<dyn ContainerBackend>,
    of: Selector,
    pace: Pace,
    looks: watch::Sender<Option<Look>>,
    poke: Notify,
    /// Containers whose checks somebody has to run, since nobody did so yet.
    drive: Mutex<BTreeMap<Id, Check>>,
    /// Those that somebody stopped or killed, and when that was heard.
    asked: Mutex<BTreeMap<Id, Instant>>,
}

/// A signal that has not ended a container after so long was not meant to.
const MEANT_TO_END: Duration = Duration::from_secs(10);

/// Looks as long as somebody waits; dropping the last clone ends it.
#[derive(Clone)]
pub(crate) struct Watcher {
    shared: Arc<Shared>,
    checks: Checks,
    _ends: Arc<DropGuard>,
    begun: Arc<std::sync::OnceLock<()>>,
    done: CancellationToken,
    run: Span,
}

impl Watcher {
    pub(crate) fn new(
        backend: Arc<dyn ContainerBackend>,
        of: Selector,
        checks: Checks,
        pace: Pace,
    ) -> Self {
        let shared = Arc::new(Shared {
            backend,
            of,
            pace,
            looks: watch::Sender::new(None),
            poke: Notify::new(),
            drive: Mutex::default(),
            asked: Mutex::default(),
        });
        let done = CancellationToken::new();
        let ends = Arc::new(done.clone().drop_guard());
        Self { shared, checks, _ends: ends, begun: Arc::default(), done, run: Span::current() }
    }

    fn ensure(&self) {
        self.begun.get_or_init(|| {
            let (shared, done) = (Arc::clone(&self.shared), self.done.clone());
            let watching = async move {
                tokio::select! {
                    () = done.cancelled() => {}
                    () = shared.watch() => {}
                }
            };
            tokio::spawn(watching.instrument(spans::watch(&self.run)));
        });
    }

    fn emulates_health(&self) -> bool {
        self.shared.backend.capabilities().emulated(Feature::Health)
    }

    /// Has the check of a container run, where the runtime does not.
    pub(crate) fn drive(&self, id: &str, check: &Check) {
        if self.emulates_health() && check.known != Some(false) {
            let mut drive = self.shared.drive.lock().unwrap_or_else(PoisonError::into_inner);
            drive.insert(id.to_owned(), check.clone());
        }
    }

    /// What is known of the containers.
    pub(crate) const fn checks(&self) -> &Checks {
        &self.checks
    }

    /// Waits until a container meets a condition, cannot any more, or the time is over.
    pub(crate) async fn wait(
        &self,
        name: &str,
        id: &str,
        wanted: Condition,
        limit: Option<Duration>,
    ) -> Result<(), EngineError> {
        let since = Instant::now();
        let check = self.checks.of(name, wanted);
        if wanted == Condition::Healthy {
            self.drive(id, &check);
        }
        self.ensure();
        let mut looks = self.shared.looks.subscribe();
        self.shared.poke.notify_one();
        let emulated = self.emulates_health();
        let mut found = None;
        let decided = looks.wait_for(|look| {
            // A look that began before this wait may show the container as it was before its start.
            let look = look.as_ref().filter(|look| look.begun >= since);
            found = look.and_then(|look| match &look.seen {
                Err(error) => Some(Err(error.clone().into())),
                Ok(seen) => {
                    let (info, probed) = (seen.get(id), look.probed.get(id));
                    verdict(name, info, wanted, &check, emulated, probed)
                }
            });
            found.is_some()
        });
        let late = match limit {
            Some(limit) => timeout(limit, decided).await.is_err(),
            None => decided.await.is_err(), // the sender lives in `shared`
        };
        match found {
            Some(found) => found,
            None if late => Err(EngineError::TimedOut {
                container: name.to_owned(),
                wanted,
                after: limit.unwrap_or_default(),
            }),
            None => Err(EngineError::Gone { container: name.to_owned() }),
        }
    }

    /// What is seen from now on.
    pub(crate) fn looks(&self) -> watch::Receiver<Option<Look>> {
        self.ensure();
        let looks = self.shared.looks.subscribe();
        self.look_again();
        looks
    }

    /// Looks as soon as that can be.
    pub(crate) fn look_again(&self) {
        self.shared.poke.notify_one();
    }
}

impl Shared {
    /// Subscribes first, so that nothing happens between a look and the first event unseen.
    async fn subscribe(&self) -> Option<Flow<RuntimeEvent>> {
        if self.backend.capabilities().level(Feature::Events) == Level::Unsupported {
            return None;
        }
        let of = Selector { labels: self.of.labels.clone(), ..Selector::default() };
        let how = EventOptions::default();
        let events = self.backend.events(&of, &how);
        let events = in_time(self.pace.op_timeout, "watch", "events", events);
        let mut events = events.await.ok()?;
        let first = timeout(self.pace.tick.saturating_mul(4), events.next()).await.ok()??;
        matches!(first.ok()?.kind, RuntimeEventKind::Subscribed).then_some(events)
    }

    async fn watch(&self) {
        // Looks are a cost: what happens within so short a time is seen with one.
        let gap = (self.pace.tick / 5).min(Duration::from_millis(100));
        let mut events: Option<Flow<RuntimeEvent>> = None;
        let mut subscribe = Some(Instant::now());
        let mut failures = 0;
        let mut driver = Driver::new(Arc::clone(&self.backend));
        loop {
            while self.looks.receiver_count() == 0 {
                self.poke.notified().await;
            }
            if events.is_none() && subscribe.is_some_and(|at| at <= Instant::now()) {
                events = self.subscribe().await;
                subscribe = self.pace.again.map(|after| Instant::now() + after);
            }
            let begun = Instant::now();
            let look = self.backend.observe(&self.of, Parts::CONTAINERS);
            let seen = in_time(self.pace.op_timeout, "observe", "the project", look).await;
            let looked = begun.elapsed();
            let seen = seen.map(|seen| Arc::new(seen.containers));
            failures = if seen.is_ok() { 0 } else { failures + 1 };
            let mut asked = BTreeMap::new();
            if let Ok(seen) = &seen {
                let mut drive = self.drive.lock().unwrap_or_else(PoisonError::into_inner);
                driver.adopt(std::mem::take(&mut *drive));
                drop(drive);
                driver.saw(seen);
                asked = self.asked(seen);
            }
            let probed = driver.probed();
            self.looks.send_replace(Some(Look { begun, seen, probed, asked }));
            let patience = match &events {
                _ if failures > 0 => self.pace.patience(failures - 1),
                Some(_) => self.pace.quiet,
                None => self.pace.tick,
            };
            let ended = self.until_something(begun + patience, events.as_mut(), &mut driver).await;
            if ended {
                events = None;
            }
            self.rest(begun + gap.max(looked * REST), &mut driver).await;
            if let Some(flow) = &mut events {
                while let Some(event) = flow.next().now_or_never().flatten() {
                    event.iter().for_each(|event| self.heard(event));
                }
            }
        }
    }

    /// Until it is time to look again; whether the flow of events ended.
    async fn until_something(
        &self,
        latest: Instant,
        mut flow: Option<&mut Flow<RuntimeEvent>>,
        driver: &mut Driver,
    ) -> bool {
        loop {
            let event = async {
                match &mut flow {
                    Some(flow) => flow.next().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = self.poke.notified() => return false,
                event = event => match event {
                    Some(Ok(event)) => {
                        self.heard(&event);
                        if self.matters(&event.kind) {
                            return false;
                        }
                    }
                    Some(Err(_)) | None => return true,
                },
                () = sleep_until(latest) => return false,
                () = driver.turn() => self.tell(driver),
            }
        }
    }

    /// Does not look until then. Probes go on, and those begin that somebody asked for since the look.
    async fn rest(&self, until: Instant, driver: &mut Driver) {
        let look = self.looks.borrow().clone();
        if let Some(Ok(seen)) = look.map(|look| look.seen) {
            let mut drive = self.drive.lock().unwrap_or_else(PoisonError::into_inner);
            let (there, later): (BTreeMap<_, _>, _) =
                std::mem::take(&mut *drive).into_iter().partition(|(id, _)| seen.contains_key(id));
            *drive = later;
            drop(drive);
            if !there.is_empty() {
                driver.adopt(there);
                driver.saw(&seen);
            }
        }
        loop {
            tokio::select! {
                biased;
                () = sleep_until(until) => return,
                () = driver.turn() => self.tell(driver),
            }
        }
    }

    /// Tells what probes said since the look.
    fn tell(&self, driver: &Driver) {
        let probed = driver.probed();
        self.looks.send_modify(|look| {
            if let Some(look) = look {
                look.probed = probed;
            }
        });
    }

    /// Whether an event can change what is seen. Our own probes tell of themselves on podman.
    fn matters(&self, kind: &RuntimeEventKind) -> bool {
        match kind {
            RuntimeEventKind::Other(word) => {
                !(word.starts_with("exec") || word.starts_with("health_status"))
            }
            RuntimeEventKind::Health(_) => !self.backend.capabilities().emulated(Feature::Health),
            _ => true,
        }
    }

    fn heard(&self, event: &RuntimeEvent) {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        match event.kind {
            RuntimeEventKind::Stop | RuntimeEventKind::Kill => {
                asked.insert(event.id.clone(), Instant::now());
            }
            RuntimeEventKind::Start | RuntimeEventKind::Destroy => drop(asked.remove(&event.id)),
            _ => {}
        }
    }

    /// Of those whose end somebody asked for, the ones that have ended.
    fn asked(&self, seen: &indexmap::IndexMap<Id, ContainerInfo>) -> BTreeMap<Id, Timestamp> {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.retain(|id, heard| match seen.get(id) {
            Some(info) => !info.state.is_up() || heard.elapsed() < MEANT_TO_END,
            None => false,
        });
        asked.keys().map(|id| (id.clone(), seen[id].started.clone())).collect()
    }
}
