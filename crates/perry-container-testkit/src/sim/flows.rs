//! What flows: events, output, commands.

use super::{
    Sim,
    clock::{moment, stamp},
    container::Printed,
    world::{World, no},
};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use perry_container_backend::{
    BackendError, Feed, FeedItem, Flow, Frame, LogChunk, Result, Session,
};
use perry_container_spec::{
    ErrorKind, ExecSpec, Id, LogOptions, LogSource, RuntimeEvent, RuntimeEventKind, Selector, State,
};
use std::{collections::VecDeque, time::Duration};
use tokio::time::{Instant, sleep, sleep_until};

impl Sim {
    /// Waits until something changed, by a call or by itself.
    pub(super) async fn next_change(&self, seen: &mut tokio::sync::watch::Receiver<u64>) {
        let next = self.world().next();
        tokio::select! {
            changed = seen.changed() => drop(changed), // the sender lives in `self`
            () = async { match next { Some(at) => sleep_until(at).await, None => std::future::pending().await } } => {}
        }
    }

    pub(super) fn follow_events(&self, of: &Selector) -> Flow<RuntimeEvent> {
        let world = self.settled();
        let time = stamp(world.begin, Instant::now());
        let first = RuntimeEvent {
            time,
            kind: RuntimeEventKind::Subscribed,
            id: String::new(),
            name: String::new(),
            labels: indexmap::IndexMap::new(),
        };
        let state = (self.clone(), self.changed.subscribe(), world.events.len(), of.clone());
        let rest = stream::unfold(state, |(sim, mut seen, mut at, of)| async move {
            loop {
                let found = {
                    let world = sim.settled();
                    let new = world.events.iter().enumerate().skip(at);
                    let mut new = new.filter(|(_, event)| of.matches(&event.labels));
                    let found = new.next().map(|(n, event)| (n, event.clone()));
                    at = found.as_ref().map_or(world.events.len(), |(n, _)| n + 1);
                    found
                };
                if let Some((_, event)) = found {
                    return Some((Ok(event), (sim, seen, at, of)));
                }
                sim.next_change(&mut seen).await;
            }
        });
        stream::iter([Ok(first)]).chain(rest).boxed()
    }

    /// Output from line `from` on; it ends with the container unless that is started again.
    fn follow_output(
        &self,
        id: Id,
        from: usize,
        until: Option<Instant>,
        times: bool,
    ) -> Flow<LogChunk> {
        let state = (self.clone(), self.changed.subscribe(), id, from);
        stream::unfold(state, move |(sim, mut seen, id, at)| async move {
            loop {
                let chunk = {
                    let world = sim.settled();
                    let container = world.containers.get(&id)?;
                    match container.logs.get(at) {
                        Some(line) if until.is_some_and(|until| line.at > until) => return None,
                        Some(line) => Some(chunk(&world, line, times)),
                        None if !container.state.is_up() => return None,
                        None => None,
                    }
                };
                if let Some(chunk) = chunk {
                    return Some((Ok(chunk), (sim, seen, id, at + 1)));
                }
                sim.next_change(&mut seen).await;
            }
        })
        .boxed()
    }

    pub(super) fn output(&self, id: &str, how: &LogOptions) -> Result<Flow<LogChunk>> {
        let mut world = self.settled();
        let begin = world.begin;
        let container = world
            .container(id)
            .map_err(|(kind, text)| BackendError::new("read the logs of", id, kind, text))?;
        let bad = |text: &str| {
            BackendError::new(
                "read the logs of",
                id,
                ErrorKind::Invalid,
                format!("`{text}` is no time"),
            )
        };
        let time = |text: &Option<String>| {
            text.as_deref().map(|t| moment(begin, t).ok_or_else(|| bad(t))).transpose()
        };
        let (since, until) = (time(&how.since)?, time(&how.until)?);
        let (id, total) = (container.id.clone(), container.logs.len());
        let within: Vec<usize> = container
            .logs
            .iter()
            .enumerate()
            .filter(|(_, line)| {
                since.is_none_or(|since| line.at >= since)
                    && until.is_none_or(|until| line.at <= until)
            })
            .map(|(n, _)| n)
            .collect();
        let tail = how.tail.and_then(|tail| usize::try_from(tail).ok()).unwrap_or(usize::MAX);
        let within = &within[within.len().saturating_sub(tail)..];
        let container = &world.containers[&id];
        let past: Vec<_> =
            within.iter().map(|n| Ok(chunk(&world, &container.logs[*n], how.timestamps))).collect();
        drop(world);
        let past = stream::iter(past);
        if how.follow {
            return Ok(past.chain(self.follow_output(id, total, until, how.timestamps)).boxed());
        }
        Ok(past.boxed())
    }

    pub(super) fn attached(&self, id: &str) -> Result<Session> {
        let mut world = self.settled();
        let container = world
            .running(id)
            .map_err(|(kind, text)| BackendError::new("attach to", id, kind, text))?;
        let (id, from) = (container.id.clone(), container.logs.len());
        drop(world);
        let output = self
            .follow_output(id.clone(), from, None, false)
            .map(|chunk| chunk.map(|c| Frame { source: c.source, bytes: c.bytes }))
            .boxed();
        let sim = self.clone();
        Ok(Session { output, exit: Box::pin(async move { sim.ended(&id).await }) })
    }

    /// The exit status of a container, once it does not run.
    pub(super) async fn ended(&self, id: &str) -> Result<i32> {
        let mut seen = self.changed.subscribe();
        loop {
            let ended = {
                let mut world = self.settled();
                let container = world
                    .container(id)
                    .map_err(|(kind, text)| BackendError::new("wait for", id, kind, text))?;
                match container.state {
                    State::Exited | State::Dead => Some(container.exit_code.unwrap_or(0)),
                    State::Created if container.error.is_some() => Some(128),
                    _ => None,
                }
            };
            if let Some(code) = ended {
                return Ok(code);
            }
            self.next_change(&mut seen).await;
        }
    }

    pub(super) async fn command(&self, id: &str, what: &ExecSpec, input: Feed) -> Result<Session> {
        let words = what.command.join(" ");
        let (answer, env) = self
            .call("exec", id, |world, _| {
                let container = world.running(id)?;
                let env: Vec<String> = container
                    .spec
                    .env
                    .iter()
                    .chain(&what.env)
                    .map(|(name, value)| format!("{name}={}\n", value.expose()))
                    .collect();
                match what.command.first() {
                    None => no(ErrorKind::Invalid, "no command was given"),
                    Some(_) => Ok((container.script.commands.get(&words).cloned(), env.concat())),
                }
            })
            .await?;
        let mut takes = Duration::ZERO;
        let words: Vec<&str> = what.command.iter().map(String::as_str).collect();
        let (output, status) = match (answer, &words[..]) {
            (Some((output, status)), _) => (output.into_bytes(), status),
            (None, ["true"]) => (Vec::new(), 0),
            (None, ["false"]) => (Vec::new(), 1),
            (None, ["env"]) => (env.into_bytes(), 0),
            (None, ["echo", words @ ..]) => (format!("{}\n", words.join(" ")).into_bytes(), 0),
            (None, ["cat"]) => (read_all(input).await, 0),
            (None, ["sleep", time]) => {
                takes = Duration::from_secs(time.parse().unwrap_or(0));
                (Vec::new(), 0)
            }
            (None, ["sh", "-c", text]) => match text.strip_prefix("exit ").map(str::parse) {
                Some(Ok(status)) => (Vec::new(), status),
                _ => (format!("sh: {text}: not found\n").into_bytes(), 127),
            },
            (None, [program, ..]) => (
                format!("exec: \"{program}\": executable file not found in $PATH\n").into_bytes(),
                127,
            ),
            (None, []) => (Vec::new(), 0),
        };
        let source = if status == 127 { LogSource::Stderr } else { LogSource::Stdout };
        let frame = Frame { source, bytes: Bytes::from(output) };
        let frames =
            if frame.bytes.is_empty() { VecDeque::new() } else { VecDeque::from([Ok(frame)]) };
        let late = stream::once(async move { sleep(takes).await }).filter_map(|()| async { None });
        let output = stream::iter(frames).chain(late).boxed();
        Ok(Session {
            output,
            exit: Box::pin(async move {
                sleep(takes).await;
                Ok(status)
            }),
        })
    }
}

fn chunk(world: &World, line: &Printed, times: bool) -> LogChunk {
    LogChunk {
        time: times.then(|| stamp(world.begin, line.at)),
        source: line.source,
        bytes: Bytes::from(format!("{}\n", line.line)),
    }
}

async fn read_all(input: Feed) -> Vec<u8> {
    match input {
        Feed::Empty => Vec::new(),
        Feed::Bytes(bytes) => bytes.to_vec(),
        Feed::Stream(mut items) => {
            let mut all = Vec::new();
            while let Some(item) = items.next().await {
                if let FeedItem::Bytes(bytes) = item {
                    all.extend_from_slice(&bytes);
                }
            }
            all
        }
    }
}
