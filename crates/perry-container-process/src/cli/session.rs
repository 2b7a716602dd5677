//! Commands in containers, and archives.

use super::{About, CliBackend, flow::Tails};
use crate::{Sign, Window, host, host::Watched};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use perry_container_backend::{BackendError, Feed, FeedItem, Flow, Frame, Result, Session};
use perry_container_protocol::{CliProtocol, Invocation, Output, RawChunk, ToolError};
use perry_container_spec::{ErrorKind, LogSource};
use std::sync::Arc;
use tokio::sync::oneshot;

/// Says how a session ended.
pub(super) type Judge = Box<dyn FnOnce(&Output<'_>) -> std::result::Result<i32, ToolError> + Send>;

/// Whether what is there of a line on standard error may be the tool's own.
pub(super) type Own = Box<dyn Fn(&[u8]) -> bool + Send>;

/// Keeps the tool's own lines from what a command says.
struct Sieve {
    own: Own,
    /// What may become such a line.
    held: Vec<u8>,
    /// Within a line that is the command's.
    within: bool,
}

impl Sieve {
    /// What is the command's of these bytes.
    fn pass(&mut self, bytes: &Bytes) -> Bytes {
        let begins = |byte: u8| (self.own)(&[byte]);
        if self.held.is_empty() && !bytes.iter().any(|byte| begins(*byte)) {
            self.within = bytes.last().is_some_and(|byte| *byte != b'\n');
            return bytes.clone();
        }
        let mut passed = Vec::with_capacity(bytes.len());
        for byte in bytes {
            if self.within {
                passed.push(*byte);
                self.within = *byte != b'\n';
                continue;
            }
            self.held.push(*byte);
            if !(self.own)(&self.held) {
                passed.append(&mut self.held);
                self.within = *byte != b'\n';
            } else if *byte == b'\n' {
                self.held.clear();
            }
        }
        passed.into()
    }

    /// What is held at the end and was no line of the tool's after all.
    fn rest(&mut self) -> Option<Bytes> {
        let held = std::mem::take(&mut self.held);
        let whole = [&held[..], b"\n"].concat();
        (!held.is_empty() && !(self.own)(&whole)).then(|| held.into())
    }
}

struct Bridge {
    watched: Watched,
    sieve: Sieve,
    /// Which stream the tool's lines come on: a terminal has but one.
    sieved: LogSource,
    tails: Tails,
    judge: Judge,
    exit: oneshot::Sender<Result<i32>>,
    about: About,
    /// Its code, when something is left to pass on.
    ended: Option<i32>,
}

impl<P: CliProtocol> CliBackend<P> {
    /// Starts a session: output as it comes, then the exit status.
    pub(super) async fn session(
        &self,
        about: About,
        call: Invocation,
        input: Feed,
        terminal: Option<Window>,
        judge: Judge,
    ) -> Result<Session> {
        self.count();
        let feed = host::joint_feed(&call, input);
        let (host, program, limits) = (&*self.host, &self.program, &self.limits);
        let watched = Watched::start(host, program, &call, feed, terminal, limits)
            .await
            .map_err(|error| about.failed(error))?;
        let (exit, ended) = oneshot::channel();
        let dropped = about.error(ErrorKind::Cut, "its output was dropped before its end");
        let protocol = Arc::clone(&self.protocol);
        let piped = terminal.is_none();
        // a terminal echoes what is typed: there only what begins with a colour may be the tool's
        let own: Own = Box::new(move |line| {
            (piped || line.starts_with(b"\x1b")) && protocol.is_own_line(line)
        });
        let sieve = Sieve { own, held: Vec::new(), within: false };
        let sieved = if terminal.is_some() { LogSource::Stdout } else { LogSource::Stderr };
        let tails = Tails::default();
        let bridge = Bridge { watched, sieve, sieved, tails, judge, exit, about, ended: None };
        Ok(Session {
            output: Box::pin(stream::unfold(Some(bridge), step)),
            exit: Box::pin(async move { ended.await.unwrap_or(Err(dropped)) }),
        })
    }

    /// Runs a call that a tar archive goes into. An archive that breaks off ends the call, not the archive.
    pub(super) async fn pour(
        &self,
        about: &About,
        call: Invocation,
        tar: Flow<Bytes>,
    ) -> Result<()> {
        self.count();
        let (broken, breaks) = oneshot::channel::<BackendError>();
        let items = stream::unfold((tar, broken), |(mut tar, broken)| async move {
            match tar.next().await? {
                Ok(bytes) => Some((FeedItem::Bytes(bytes), (tar, broken))),
                Err(error) => {
                    drop(broken.send(error));
                    std::future::pending().await
                }
            }
        });
        let feed = host::joint_feed(&call, Feed::Stream(Box::pin(items)));
        let run = host::run_with(&*self.host, &self.program, &call, feed, &self.limits);
        let finished = tokio::select! {
            finished = run => finished.map_err(|error| about.failed(error))?,
            Ok(error) = breaks => return Err(error),
        };
        self.protocol.accepted(&finished.output()).map_err(|error| about.refused(error))
    }
}

async fn step(bridge: Option<Bridge>) -> Option<(Result<Frame>, Option<Bridge>)> {
    let mut bridge = bridge?;
    let sign = match bridge.ended.take() {
        Some(code) => Ok(Sign::Ended(code)),
        None => bridge.watched.next().await,
    };
    match sign {
        Ok(Sign::Printed(RawChunk { source, bytes })) => {
            bridge.tails.add(source, &bytes);
            let bytes = if source == bridge.sieved { bridge.sieve.pass(&bytes) } else { bytes };
            Some((Ok(Frame { source, bytes }), Some(bridge)))
        }
        Ok(Sign::Ended(code)) => {
            if let Some(bytes) = bridge.sieve.rest() {
                bridge.ended = Some(code);
                return Some((Ok(Frame { source: bridge.sieved, bytes }), Some(bridge)));
            }
            let Bridge { mut tails, judge, exit, about, .. } = bridge;
            let end = judge(&tails.output(code)).map_err(|error| about.refused(error));
            drop(exit.send(end));
            None
        }
        Err(error) => {
            let error = bridge.about.failed(error);
            drop(bridge.exit.send(Err(error.clone())));
            Some((Err(error), None))
        }
    }
}
