//! The Watcher: one per run. It subscribes to events, then looks at the world, and looks again when something happened
//! or somebody begins to wait. Waits read what it saw.

mod checks;
mod driver;
mod verdict;

pub(crate) use checks::Checks;

use crate::{EngineError, perform::in_time, spans};
use checks::Check;
use driver::{Driver, Probed};
use futures_util::{FutureExt as _, StreamExt as _};
use perry_container_backend::{BackendError, ContainerBackend, Flow};
use perry_container_reconcile::Condition;
use perry_container_spec::{
    ContainerInfo, EventOptions, Id, Parts, RuntimeEvent, RuntimeEventKind, Selector,
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
struct Look {
    /// When it began: it says nothing about what was done since.
    begun: Instant,
    seen: Result<Arc<indexmap::IndexMap<Id, ContainerInfo>>, BackendError>,
    /// What probes said that we ran, where the runtime runs none.
    probed: BTreeMap<Id, Probed>,
}

struct Shared {
    backend: Arc<dyn ContainerBackend>,
    of: Selector,
    tick: Duration,
    op_timeout: Duration,
    looks: watch::Sender<Option<Look>>,
    poke: Notify,
    /// Containers whose checks somebody has to run, since nobody did so yet.
    drive: Mutex<BTreeMap<Id, Check>>,
}

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

/// Keeps the Watcher looking, and driving the health checks of these containers.
pub(crate) struct Attendance {
    _looks: watch::Receiver<Option<Look>>,
    _watcher: Watcher,
}

impl Watcher {
    pub(crate) fn new(
        backend: Arc<dyn ContainerBackend>,
        of: Selector,
        checks: Checks,
        tick: Duration,
        op_timeout: Duration,
    ) -> Self {
        let shared = Arc::new(Shared {
            backend,
            of,
            tick: tick.max(Duration::from_millis(1)),
            op_timeout,
            looks: watch::Sender::new(None),
            poke: Notify::new(),
            drive: Mutex::default(),
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

    fn drive(&self, id: &str, check: &Check) {
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

    /// Drives the health checks of these containers for as long as the attendance is kept.
    pub(crate) fn attend<'a>(
        &self,
        containers: impl IntoIterator<Item = &'a ContainerInfo>,
    ) -> Attendance {
        for info in containers {
            self.drive(&info.id, &self.checks.of(&info.name, Condition::Healthy));
        }
        self.ensure();
        let looks = self.shared.looks.subscribe();
        self.shared.poke.notify_one();
        Attendance { _looks: looks, _watcher: self.clone() }
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
        let events = in_time(self.op_timeout, "watch", "events", self.backend.events(&of, &how));
        let mut events = events.await.ok()?;
        let first = timeout(self.tick.saturating_mul(4), events.next()).await.ok()??;
        matches!(first.ok()?.kind, RuntimeEventKind::Subscribed).then_some(events)
    }

    async fn watch(&self) {
        // Looks are a cost: what happens within so short a time is seen with one.
        let gap = (self.tick / 5).min(Duration::from_millis(100));
        let mut events: Option<Option<Flow<RuntimeEvent>>> = None;
        let mut driver = Driver::new(Arc::clone(&self.backend));
        loop {
            while self.looks.receiver_count() == 0 {
                self.poke.notified().await;
            }
            if events.is_none() {
                events = Some(self.subscribe().await);
            }
            let begun = Instant::now();
            let look = self.backend.observe(&self.of, Parts::CONTAINERS);
            let seen = in_time(self.op_timeout, "observe", "the project", look).await;
            let looked = begun.elapsed();
            let seen = seen.map(|seen| Arc::new(seen.containers));
            if let Ok(seen) = &seen {
                let mut drive = self.drive.lock().unwrap_or_else(PoisonError::into_inner);
                driver.adopt(std::mem::take(&mut *drive));
                drop(drive);
                driver.saw(seen);
            }
            let probed = driver.probed();
            self.looks.send_replace(Some(Look { begun, seen, probed }));
            // Without events every tick; with them now and then, should one have been lost.
            let flow = events.as_mut().and_then(Option::as_mut);
            let patience = if flow.is_some() { self.tick.saturating_mul(10) } else { self.tick };
            let ended = self.until_something(begun + patience, flow, &mut driver).await;
            if ended {
                events = Some(None);
            }
            sleep_until(begun + gap.max(looked * REST)).await;
            if let Some(Some(flow)) = &mut events {
                while flow.next().now_or_never().flatten().is_some() {}
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
                event = event => return !matches!(event, Some(Ok(_))),
                () = sleep_until(latest) => return false,
                () = driver.turn() => {
                    let probed = driver.probed();
                    self.looks.send_modify(|look| {
                        if let Some(look) = look {
                            look.probed = probed;
                        }
                    });
                }
            }
        }
    }
}
