//! Logs as they come, over restarts and from containers that appear later.

use super::{LogFlow, LogItem, LogsOptions, Whose, lines};
use crate::{EngineError, Session};
use futures_util::{FutureExt as _, StreamExt as _, stream};
use indexmap::IndexSet;
use perry_container_backend::Flow;
use perry_container_reconcile::selector;
use perry_container_spec::{
    ContainerInfo, EventOptions, Id, RuntimeEvent, RuntimeEventKind, Selector, State, Timestamp,
};
use perry_container_support::{Feature, Level};
use std::{collections::BTreeMap, time::Duration};
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{sleep, sleep_until},
};
use tracing::Instrument as _;

/// How many lines wait for whoever reads; a container that prints faster waits too.
const HELD: usize = 256;

/// From where containers that are there already are read.
#[derive(Debug, Clone)]
pub(crate) enum From {
    /// As the options say.
    Options,
    /// Those that a run made from their beginning, those that it started from that start on, all others from now on (an
    /// attached `up`).
    Starts {
        /// Names of what was made.
        made: IndexSet<String>,
        /// Names of what was started.
        started: IndexSet<String>,
    },
}

/// What is known of a container that was followed.
#[derive(Debug, Clone, Default)]
struct Followed {
    /// A task reads it.
    reading: bool,
    /// It was read before.
    read: bool,
    /// The start that was read, as the runtime tells it.
    start: Timestamp,
}

impl Session {
    /// Follows the containers of a project that the options take. It ends when none of them is up.
    pub(crate) async fn follow(
        &self,
        project: &str,
        options: LogsOptions,
        from: From,
    ) -> Result<LogFlow, EngineError> {
        let of = Selector { images: Vec::new(), ..selector(project, None) };
        let events = self.subscribe(&of).await;
        // Looked at after the subscription: nothing that starts between the two is missed.
        let observed = self.containers(project).await?;
        let (send, lines) = mpsc::channel(HELD);
        let (session, project) = (self.clone(), project.to_owned());
        let mut following = Following {
            session,
            project,
            options,
            send,
            known: BTreeMap::new(),
            readers: JoinSet::new(),
        };
        let ids = observed.containers.keys().cloned().collect();
        following.read(ids, Some(&from)).await;
        let mut task = JoinSet::new();
        task.spawn(following.run(events).in_current_span());
        // The task lives in the flow: dropping the flow ends it.
        let flow = stream::unfold((lines, task), |(mut lines, task)| async move {
            lines.recv().await.map(|item| (item, (lines, task)))
        });
        Ok(flow.boxed())
    }

    pub(crate) async fn subscribe(&self, of: &Selector) -> Option<Flow<RuntimeEvent>> {
        if self.backend.capabilities().level(Feature::Events) == Level::Unsupported {
            return None;
        }
        let mut events = self.backend.events(of, &EventOptions::default()).await.ok()?;
        let patience = self.options.tick.saturating_mul(4);
        let first = tokio::time::timeout(patience, events.next()).await.ok()??;
        matches!(first.ok()?.kind, RuntimeEventKind::Subscribed).then_some(events)
    }
}

struct Following {
    session: Session,
    project: String,
    options: LogsOptions,
    send: mpsc::Sender<Result<LogItem, EngineError>>,
    known: BTreeMap<Id, Followed>,
    readers: JoinSet<(Whose, Result<(), EngineError>)>,
}

impl Following {
    /// Reads a container unless it is read already; `from` for those that are there when following begins.
    fn begin(&mut self, seen: &ContainerInfo, from: Option<&From>) {
        if !self.options.takes(seen) {
            return;
        }
        let known = self.known.entry(seen.id.clone()).or_default();
        if known.reading || (known.start == seen.started && !known.start.is_empty()) {
            return;
        }
        let mut options = self.options.clone();
        match (from, known.read) {
            (Some(From::Options), _) => {}
            (Some(From::Starts { made, .. }), _) if made.contains(&seen.name) => {
                (options.tail, options.since) = (None, None);
            }
            (Some(From::Starts { started, .. }), _) if started.contains(&seen.name) => {
                (options.tail, options.since) = (None, Some(just_before(&seen.started)));
            }
            (Some(From::Starts { .. }), _) => (options.tail, options.since) = (Some(0), None),
            // It was made or started since: all of this run. The last line's time would not do, because some runtimes
            // tell whole seconds only.
            (None, true) => {
                (options.tail, options.since) = (None, Some(just_before(&seen.started)));
            }
            (None, false) => (options.tail, options.since) = (None, None),
        }
        if options.since.as_deref() == Some("") {
            options.since = None; // never started: from its beginning
        }
        if seen.state == State::Created && from.is_some() {
            return; // its start is told by an event
        }
        known.start.clone_from(&seen.started);
        (known.reading, known.read) = (true, true);
        let whose = Whose::of(seen);
        let (backend, send) = (std::sync::Arc::clone(&self.session.backend), self.send.clone());
        let follow = seen.state.is_up();
        let reading = async move {
            let read = async {
                let mut lines = lines::open(&backend, whose.clone(), &options, follow).await?;
                while let Some(line) = lines.next().await {
                    if send.send(Ok(LogItem::Line(line?))).await.is_err() {
                        break;
                    }
                }
                Ok(())
            };
            let result = read.await;
            (whose, result)
        };
        self.readers.spawn(reading.in_current_span());
    }

    async fn run(mut self, mut events: Option<Flow<RuntimeEvent>>) {
        let tick = self.session.options.tick.max(Duration::from_millis(1));
        let mut next_look = tokio::time::Instant::now() + tick;
        loop {
            if self.readers.is_empty() && !self.anything_up(tick).await {
                return;
            }
            let event = async {
                match &mut events {
                    Some(events) => events.next().await,
                    None => {
                        sleep_until(next_look).await;
                        None
                    }
                }
            };
            tokio::select! {
                Some(ended) = self.readers.join_next() => {
                    let Ok((whose, result)) = ended else { continue };
                    if !self.ended(whose, result).await {
                        return;
                    }
                }
                event = event => match event {
                    Some(Ok(event)) => {
                        // Several starts at once are one look.
                        let more = std::iter::from_fn(|| {
                            events.as_mut()?.next().now_or_never().flatten()?.ok()
                        });
                        let starts = |event: &RuntimeEvent| {
                            matches!(event.kind, RuntimeEventKind::Start | RuntimeEventKind::Restart)
                        };
                        let all = std::iter::once(event).chain(more).filter(starts);
                        let ids = all.map(|event| event.id).collect();
                        self.read(ids, None).await;
                    }
                    // No events: every tick.
                    Some(Err(_)) | None => {
                        events = None;
                        next_look = tokio::time::Instant::now() + tick;
                        self.look().await;
                    }
                },
                () = self.send.closed() => return,
            }
        }
    }

    /// Reads what was started and is not read yet.
    async fn look(&mut self) {
        let Ok(observed) = self.session.containers(&self.project).await else { return };
        let started = observed.containers.values().filter(|seen| !seen.started.is_empty());
        let ids = started.map(|seen| seen.id.clone()).collect();
        self.read(ids, None).await;
    }

    /// Looks at each of these by itself: only that tells its start exactly (docker's list says `Up 2 seconds`).
    async fn read(&mut self, mut ids: Vec<Id>, from: Option<&From>) {
        ids.retain(|id| self.known.get(id).is_none_or(|known| !known.reading));
        if ids.is_empty() {
            return;
        }
        let each = self.session.backend.inspect_each(&ids).await.unwrap_or_default();
        let mut all: Vec<ContainerInfo> =
            each.into_iter().filter_map(|(_, one)| one.ok()).collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        for seen in &all {
            self.begin(seen, from);
        }
    }

    /// A reader came to its end; whether to go on.
    async fn ended(&mut self, whose: Whose, result: Result<(), EngineError>) -> bool {
        if let Some(known) = self.known.get_mut(&whose.id) {
            known.reading = false;
        }
        let ids = [whose.id.clone()];
        let each = self.session.backend.inspect_each(&ids).await.unwrap_or_default();
        let seen = each.into_iter().next().and_then(|(_, one)| one.ok());
        match (result, &seen) {
            // It is up and its log broke: that is an error. Of one that has gone there is nothing to read.
            (Err(error), Some(seen)) if seen.state.is_up() => {
                drop(self.send.send(Err(error)).await);
                return false;
            }
            _ => {}
        }
        let started_again = seen.as_ref().is_some_and(|seen| {
            seen.state == State::Running
                && self.known.get(&whose.id).is_some_and(|known| known.start != seen.started)
        });
        if started_again && let Some(seen) = &seen {
            self.begin(seen, None);
            return true;
        }
        let status = seen.as_ref().and_then(|seen| seen.exit_code);
        let Whose { service, container, .. } = whose;
        self.send.send(Ok(LogItem::Ended { service, container, status })).await.is_ok()
    }

    /// Whether more can come: something that is taken runs or is about to. A restart leaves a short gap.
    async fn anything_up(&mut self, tick: Duration) -> bool {
        for wait in [Duration::ZERO, tick] {
            sleep(wait).await;
            let Ok(observed) = self.session.containers(&self.project).await else { return false };
            let up = |seen: &&ContainerInfo| self.options.takes(seen) && seen.state.is_up();
            if observed.containers.values().any(|seen| up(&seen)) {
                self.look().await;
                return true;
            }
        }
        false
    }
}

/// docker notes the time of a start after the start: the first lines may be older.
fn just_before(start: &Timestamp) -> Timestamp {
    let parsed = start.parse::<jiff::Timestamp>().ok();
    let before = parsed.and_then(|at| at.checked_sub(jiff::SignedDuration::from_millis(100)).ok());
    before.map_or_else(|| start.clone(), |at| at.to_string())
}
