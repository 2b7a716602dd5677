//! What flows: events, output, commands.

use super::{
    Sim,
    clock::{moment, stamp},
    container::Printed,
    shell::{Input, Process, Sink, is_program, uid},
    world::{World, no},
};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use perry_container_backend::{
    BackendError, Feed, FeedItem, Flow, Frame, LogChunk, Result, Session,
};
use perry_container_spec::{
    ErrorKind, EventOptions, ExecSpec, HealthProbe, Id, LogOptions, LogSource, RuntimeEvent,
    Selector, State,
};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
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

    pub(super) fn follow_events(&self, of: &Selector, how: &EventOptions) -> Flow<RuntimeEvent> {
        let world = self.settled();
        let (begin, now) = (world.begin, Instant::now());
        let first = RuntimeEvent::subscribed(stamp(begin, now));
        let point = |text: &Option<String>| text.as_ref().and_then(|text| moment(begin, text));
        let until = point(&how.until);
        let from = match point(&how.since) {
            Some(since) => world.events.iter().filter(|event| event.at < since).count(),
            None => world.events.len(),
        };
        let state = (self.clone(), self.changed.subscribe(), from, of.clone());
        let rest = stream::unfold(state, move |(sim, mut seen, mut at, of)| async move {
            loop {
                let found = {
                    let world = sim.settled();
                    let new = world.events.iter().enumerate().skip(at);
                    let mut new = new.filter(|(_, event)| of.matches(&event.labels));
                    let found =
                        new.next().map(|(n, event)| (n, event.at, event.event(world.begin)));
                    at = found.as_ref().map_or(world.events.len(), |(n, ..)| n + 1);
                    found
                };
                if let Some((_, happened, event)) = found {
                    if until.is_some_and(|until| happened >= until) {
                        return None;
                    }
                    return Some((Ok(event), (sim, seen, at, of)));
                }
                match until {
                    Some(until) if until <= Instant::now() => return None,
                    Some(until) => tokio::select! {
                        () = sim.next_change(&mut seen) => {}
                        () = sleep_until(until) => {}
                    },
                    None => sim.next_change(&mut seen).await,
                }
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
                        None if !container.state.is_up() && container.state != State::Created => {
                            return None;
                        }
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

    /// Also before it is started.
    pub(super) fn attached(&self, id: &str, input: Feed) -> Result<Session> {
        let mut world = self.settled();
        let container = world
            .container(id)
            .map_err(|(kind, text)| BackendError::new("attach to", id, kind, text))?;
        let (id, from) = (container.id.clone(), container.logs.len());
        drop(world);
        let output = self
            .follow_output(id.clone(), from, None, false)
            .map(|chunk| chunk.map(|c| Frame { source: c.source, bytes: c.bytes }))
            .boxed();
        let (feeding, to) = (self.clone(), id.clone());
        tokio::spawn(async move { feeding.feed(&to, input).await });
        let sim = self.clone();
        Ok(Session { output, exit: Box::pin(async move { sim.ended(&id).await }) })
    }

    async fn feed(&self, id: &str, input: Feed) {
        let push = |bytes: &[u8]| {
            if let Some(container) = self.world().containers.get_mut(id) {
                container.stdin.extend_from_slice(bytes);
            }
            self.changed();
        };
        match input {
            Feed::Empty => {}
            Feed::Bytes(bytes) => push(&bytes),
            Feed::Stream(mut items) => {
                while let Some(item) = items.next().await {
                    if let FeedItem::Bytes(bytes) = item {
                        push(&bytes);
                    }
                }
            }
        }
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
        let line = what.command.join(" ");
        let (id, script, env) = self
            .call("exec", id, |world, _| {
                let container = world.running(id)?;
                let env: Vec<String> = (container.spec.env.iter().chain(&what.env))
                    .map(|(name, value)| format!("{name}={}\n", value.expose()))
                    .collect();
                let answer = container.script.commands.get(&line).cloned();
                let shell = container.script.shell;
                match what.command.first() {
                    None => no(ErrorKind::Invalid, "no command was given"),
                    Some(program) if shell && !is_program(program) => no(
                        ErrorKind::Invalid,
                        format!("exec: \"{program}\": no such file or directory"),
                    ),
                    Some(_) => Ok((container.id.clone(), (shell, answer), env.concat())),
                }
            })
            .await?;
        if script.0 {
            return Ok(self.shell_session(&id, what, input));
        }
        let mut takes = Duration::ZERO;
        let words: Vec<&str> = what.command.iter().map(String::as_str).collect();
        let (output, status) = match (script.1, &words[..]) {
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
            (None, _) => {
                let program = words.first().copied().unwrap_or_default();
                let text = format!("exec: \"{program}\": executable file not found in $PATH");
                return Err(BackendError::new("exec", id, ErrorKind::Invalid, text));
            }
        };
        let source = if status == 127 { LogSource::Stderr } else { LogSource::Stdout };
        let frame = Frame { source, bytes: Bytes::from(output) };
        let frames =
            if frame.bytes.is_empty() { VecDeque::new() } else { VecDeque::from([Ok(frame)]) };
        let late = stream::once(async move { sleep(takes).await }).filter_map(|()| async { None });
        let output = stream::iter(frames).chain(late).boxed();
        let exit = async move {
            sleep(takes).await;
            Ok(status)
        };
        Ok(Session { output, exit: Box::pin(exit) })
    }

    fn shell_session(&self, id: &str, what: &ExecSpec, input: Feed) -> Session {
        let (send, frames) = tokio::sync::mpsc::unbounded_channel();
        let mut process =
            Process::new(self, id, Input::Fed(input, VecDeque::new()), Sink::Frames(send));
        process.env.extend(what.env.iter().map(|(k, v)| (k.clone(), v.expose().clone())));
        if let Some(directory) = &what.workdir {
            process.directory.clone_from(directory);
        }
        if let Some(user) = &what.user {
            process.uid = uid(user);
        }
        process.terminal = what.tty;
        let running = tokio::spawn(process.run(what.command.clone()));
        let output = stream::unfold(frames, |mut frames| async move {
            frames.recv().await.map(|frame| (Ok(frame), frames))
        });
        let (name, sim) = (id.to_owned(), self.clone());
        let exit = async move {
            // What runs in a container ends with it.
            tokio::select! {
                status = running => Ok(status.unwrap_or(137)),
                ended = sim.ended(&name) => ended.map(|_| 137),
            }
        };
        Session { output: output.boxed(), exit: Box::pin(exit) }
    }

    /// Runs a health test in a container that has a shell.
    pub(super) async fn shell_probe(&self, id: &str, words: Vec<String>) -> HealthProbe {
        let text = Arc::new(Mutex::new(Vec::new()));
        let sink = Sink::Text(Arc::clone(&text));
        let process = Process::new(self, id, Input::Fed(Feed::Empty, VecDeque::new()), sink);
        let healthy = process.run(words).await == 0;
        let mut text = text.lock().unwrap_or_else(PoisonError::into_inner).clone();
        text.truncate(4096);
        HealthProbe { healthy, output: String::from_utf8_lossy(&text).into_owned() }
    }
}

fn chunk(world: &World, line: &Printed, times: bool) -> LogChunk {
    LogChunk {
        time: times.then(|| stamp(world.begin, line.at)),
        source: line.source,
        bytes: Bytes::from(line.text.clone()),
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
