//! Runs the health checks that nobody else runs, as docker's engine runs them: the first one interval after the start,
//! failures in the start period do not count, so many in a row make it unhealthy. Times that only the image knows are
//! asked of the container; where it does not tell them we look often for the first success and count failures at docker's
//! pace.

use super::checks::Check;
use futures_util::StreamExt as _;
use indexmap::IndexMap;
use perry_container_backend::{BackendError, ContainerBackend, Feed};
use perry_container_spec::{
    ContainerInfo, ErrorKind, ExecSpec, HealthProbe, HealthTest, Healthcheck, Id, State, Timestamp,
};
use perry_container_support::{Feature, Level};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until, timeout},
};
use tracing::Instrument as _;

/// docker's interval where a check names none.
const INTERVAL: Duration = Duration::from_secs(30);
/// Between two probes of a check whose times nobody knows, until it first succeeds.
const EAGER: Duration = Duration::from_secs(1);

/// What our probes say of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Probed {
    Starting,
    Healthy,
    Unhealthy(String),
    /// The runtime calls it running, and no process of it is there.
    Lost,
    /// It has none.
    NoCheck,
}

struct Driven {
    check: Check,
    /// The start that the rest is about: as the runtime tells it, and when we saw it.
    start: Option<(Timestamp, Instant)>,
    state: Probed,
    failures: u32,
    /// When a failure was last counted.
    counted: Option<Instant>,
    /// Whether the container was asked for the times of its image's check.
    asked: bool,
    /// When to probe next; none while a probe runs or the container does not.
    next: Option<Instant>,
}

impl Driven {
    fn time(&self, of: fn(&Healthcheck) -> Option<Duration>, or: Duration) -> Duration {
        self.check.own.as_ref().and_then(of).filter(|time| !time.is_zero()).unwrap_or(or)
    }

    fn in_start_period(&self, now: Instant) -> bool {
        let period = self.time(|check| check.start_period, Duration::ZERO);
        self.start.as_ref().is_some_and(|(_, at)| now < *at + period)
    }

    fn interval(&self) -> Duration {
        self.time(|check| check.interval, INTERVAL)
    }

    /// Whether nobody here knows the times of its check.
    fn is_in_the_dark(&self) -> bool {
        let own = self.check.own.as_ref();
        self.check.test() == HealthTest::Inherit && own.is_none_or(|own| own.interval.is_none())
    }

    /// What the container says of its check fills what its spec leaves to the image.
    fn told(&mut self, check: &Healthcheck) {
        let own = self
            .check
            .own
            .get_or_insert_with(|| Healthcheck { test: HealthTest::Inherit, ..check.clone() });
        own.interval = own.interval.or(check.interval);
        own.timeout = own.timeout.or(check.timeout);
        own.start_period = own.start_period.or(check.start_period);
        own.start_interval = own.start_interval.or(check.start_interval);
        own.retries = own.retries.or(check.retries);
    }

    fn gap(&self, now: Instant) -> Duration {
        let interval = self.interval();
        if self.state == Probed::Starting && self.is_in_the_dark() {
            EAGER
        } else if self.state == Probed::Starting && self.in_start_period(now) {
            self.time(|check| check.start_interval, interval.min(Duration::from_secs(5)))
        } else {
            interval
        }
    }

    fn limit(&self) -> Duration {
        self.time(|check| check.timeout, Duration::from_secs(30))
    }

    fn learned(&mut self, now: Instant, result: Result<HealthProbe, BackendError>, lost: bool) {
        if lost {
            (self.state, self.next) = (Probed::Lost, Some(now + self.gap(now)));
            return;
        }
        let inherited = self.check.test() == HealthTest::Inherit;
        let failed = match result {
            Ok(HealthProbe { healthy: true, .. }) => {
                (self.state, self.failures) = (Probed::Healthy, 0);
                None
            }
            Ok(HealthProbe { output, .. }) => Some(output),
            Err(error) => match error.kind {
                ErrorKind::Invalid | ErrorKind::Unsupported if inherited => {
                    (self.state, self.next) = (Probed::NoCheck, None);
                    return;
                }
                // The next look tells what became of it.
                ErrorKind::NotFound | ErrorKind::NotRunning => None,
                _ => Some(error.text),
            },
        };
        let asked = self.check.known.replace(true).is_none() | std::mem::take(&mut self.check.soon);
        let too_early = self.is_in_the_dark()
            && self.counted.is_none_or(|last| now.duration_since(last) < self.interval());
        if failed.is_some() && self.counted.is_none() {
            self.counted = Some(now);
        }
        if let Some(output) = failed
            && !asked
            && !too_early
            && !(self.state == Probed::Starting && self.in_start_period(now))
        {
            self.counted = Some(now);
            self.failures += 1;
            let retries = self.check.own.as_ref().and_then(|check| check.retries);
            if self.failures >= retries.filter(|most| *most > 0).unwrap_or(3) {
                self.state = Probed::Unhealthy(output);
            }
        }
        self.next = Some(now + self.gap(now));
    }
}

/// A probe that has ended: of whom, of which start, what the container said of its check where it was asked, the result,
/// and whether the container has no process any more though the runtime calls it running.
type Ended = (Id, Timestamp, Option<Healthcheck>, Result<HealthProbe, BackendError>, bool);

pub(super) struct Driver {
    backend: Arc<dyn ContainerBackend>,
    driven: BTreeMap<Id, Driven>,
    running: JoinSet<Ended>,
}

impl Driver {
    pub(super) fn new(backend: Arc<dyn ContainerBackend>) -> Self {
        Self { backend, driven: BTreeMap::new(), running: JoinSet::new() }
    }

    /// Begins to drive these, once they are seen running.
    pub(super) fn adopt(&mut self, checks: BTreeMap<Id, Check>) {
        for (id, check) in checks {
            self.driven.entry(id).or_insert_with(|| Driven {
                check,
                start: None,
                state: Probed::Starting,
                failures: 0,
                counted: None,
                asked: false,
                next: None,
            });
        }
    }

    /// A new start begins a new count.
    pub(super) fn saw(&mut self, seen: &IndexMap<Id, ContainerInfo>) {
        let now = Instant::now();
        self.driven.retain(|id, _| seen.contains_key(id));
        for (id, driven) in &mut self.driven {
            let info = &seen[id];
            if driven.is_in_the_dark()
                && let Some(check) = &info.healthcheck
            {
                driven.told(check);
            }
            if info.state != State::Running {
                driven.next = None;
            } else if driven.start.as_ref().is_none_or(|(start, _)| *start != info.started) {
                driven.start = Some((info.started.clone(), now));
                (driven.state, driven.failures) = (Probed::Starting, 0);
                driven.counted = None;
                // Nobody knows whether it has a check at all: the first probe finds out at once.
                let ask = driven.check.known.is_none() && info.health.is_none();
                let soon = ask || driven.check.soon;
                driven.next = Some(if soon { now } else { now + driven.gap(now) });
            } else if driven.next.is_none() && driven.state != Probed::NoCheck {
                driven.next = Some(now + driven.gap(now)); // it was frozen, or its probe is under way
            }
        }
    }

    pub(super) fn probed(&self) -> BTreeMap<Id, Probed> {
        self.driven.iter().map(|(id, driven)| (id.clone(), driven.state.clone())).collect()
    }

    /// Until a probe has ended. Nothing is lost when this future is dropped.
    pub(super) async fn turn(&mut self) {
        loop {
            let next = self.driven.values().filter_map(|driven| driven.next).min();
            let due = async {
                match next {
                    Some(at) => sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                Some(ended) = self.running.join_next() => {
                    let Ok((id, start, check, result, lost)) = ended else { continue };
                    let now = Instant::now();
                    if let Some(driven) = self.driven.get_mut(&id)
                        && driven.start.as_ref().is_some_and(|(current, _)| *current == start)
                    {
                        if let Some(check) = check {
                            driven.told(&check);
                        }
                        driven.learned(now, result, lost);
                        return;
                    }
                }
                () = due => self.probe_what_is_due(),
            }
        }
    }

    fn probe_what_is_due(&mut self) {
        let now = Instant::now();
        let loses = self.backend.capabilities().level(Feature::Restart) == Level::Partial;
        for (id, driven) in &mut self.driven {
            let (Some((start, _)), true) = (&driven.start, driven.next.is_some_and(|at| at <= now))
            else {
                continue;
            };
            // Should its result be lost, the next probe comes all the same.
            let limit = driven.limit();
            driven.next = Some(now + limit + driven.gap(now));
            let (backend, id, start) = (Arc::clone(&self.backend), id.clone(), start.clone());
            let test = driven.check.test();
            let ask = driven.is_in_the_dark() && !std::mem::replace(&mut driven.asked, true);
            let probing = async move {
                let check = if ask { its_check(&*backend, &id).await } else { None };
                let probe = timeout(limit, backend.probe_health(&id, &test)).await;
                let probe = probe.unwrap_or_else(|_| {
                    let output = format!("no answer within {} s", limit.as_secs_f32());
                    Ok(HealthProbe { healthy: false, output })
                });
                let failed = probe.as_ref().is_ok_and(|probe| !probe.healthy);
                let lost = failed && loses && is_lost(&*backend, &id).await;
                (id, start, check, probe, lost)
            };
            self.running.spawn(probing.in_current_span());
        }
    }
}

/// Whether a command in it fails because the container does not run. podman 4.3.1 goes on calling a container running
/// that died together with its monitor, and its health check only says unhealthy.
async fn is_lost(backend: &dyn ContainerBackend, id: &Id) -> bool {
    let asking = async {
        let mut session = backend.open_exec(id, &ExecSpec::new(["true"]), Feed::Empty).await?;
        while session.output.next().await.transpose()?.is_some() {}
        session.exit.await
    };
    let answer = timeout(Duration::from_secs(5), asking).await;
    answer.is_ok_and(|answer| answer.is_err_and(|error| error.kind == ErrorKind::NotRunning))
}

/// The check that a container says it has, the times of its image's among it.
async fn its_check(backend: &dyn ContainerBackend, id: &Id) -> Option<Healthcheck> {
    let looked =
        timeout(Duration::from_secs(5), backend.inspect_each(std::slice::from_ref(id))).await;
    let (_, info) = looked.ok()?.ok()?.into_iter().next()?;
    info.ok()?.healthcheck
}
