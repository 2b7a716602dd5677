//! Whoever can run programs.

use crate::{HostError, Limits, Program, Window};
use async_trait::async_trait;
use bytes::Bytes;
use futures_core::Stream;
use futures_util::{StreamExt as _, stream};
use perry_container_backend::{Feed, FeedItem};
use perry_container_protocol::{Deadline, Input, Invocation, Output, RawChunk};
use perry_container_spec::LogSource;
use std::{
    path::{Path, PathBuf},
    pin::Pin,
    time::Duration,
};
use tokio::time::{Instant, timeout};

/// A machine that has programs: the one we are on, or a script.
#[async_trait]
pub trait Host: Send + Sync + 'static {
    /// Where a program is, looked up on the PATH unless it is named by its path.
    fn find(&self, program: &str) -> Option<PathBuf>;

    /// Starts a call of a program. Without a terminal its three streams are apart; with one of this size everything
    /// it prints is stdout. `feed` is passed on while the output is polled. Dropping the output ends the process.
    async fn start(
        &self,
        program: &Program,
        call: &Invocation,
        feed: Feed,
        terminal: Option<Window>,
    ) -> Result<Running, HostError>;
}

/// What a running program does, as it comes; the last item is [`Sign::Ended`], or an error.
pub type Running = Pin<Box<dyn Stream<Item = Result<Sign, HostError>> + Send>>;

/// A sign of life of a running program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sign {
    /// It printed something.
    Printed(RawChunk),
    /// It ended with this exit code; 128 + n when signal n ended it.
    Ended(i32),
}

/// A program that ran to its end.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Finished {
    /// Its exit code; 128 + n when signal n ended it.
    pub code: i32,
    /// All it printed.
    pub stdout: Vec<u8>,
    /// All it complained.
    pub stderr: Vec<u8>,
}

impl Finished {
    /// As dialogues take it.
    pub fn output(&self) -> Output<'_> {
        Output { code: self.code, stdout: &self.stdout, stderr: &self.stderr }
    }
}

/// The input that a call brings along; that of a caller is none of it.
pub(crate) fn own_feed(call: &Invocation) -> Feed {
    match &call.input {
        Input::Null | Input::Stream => Feed::Empty,
        Input::Bytes(bytes) | Input::After(bytes) => {
            Feed::Bytes(Bytes::copy_from_slice(bytes.expose()))
        }
    }
}

/// The input of a call that takes its caller's, too.
pub(crate) fn joint_feed(call: &Invocation, caller: Feed) -> Feed {
    match &call.input {
        Input::Stream => caller,
        Input::Null | Input::Bytes(_) => own_feed(call),
        Input::After(first) => {
            let first = Bytes::copy_from_slice(first.expose());
            let first = stream::iter([FeedItem::Bytes(first)]);
            match caller {
                Feed::Empty => own_feed(call),
                Feed::Bytes(bytes) => {
                    Feed::Stream(Box::pin(first.chain(stream::iter([FeedItem::Bytes(bytes)]))))
                }
                Feed::Stream(items) => Feed::Stream(Box::pin(first.chain(items))),
            }
        }
    }
}

/// Runs a call to its end within its deadline, its answer whole in memory. Dropping the future ends the process.
///
/// # Errors
/// When it could not be run or exceeded a limit; a failure of the program itself is in its exit code.
pub async fn run(
    host: &dyn Host,
    program: &Program,
    call: &Invocation,
    limits: &Limits,
) -> Result<Finished, HostError> {
    run_with(host, program, call, own_feed(call), limits).await
}

/// The same with the caller's input.
pub(crate) async fn run_with(
    host: &dyn Host,
    program: &Program,
    call: &Invocation,
    feed: Feed,
    limits: &Limits,
) -> Result<Finished, HostError> {
    let mut running = Watched::start(host, program, call, feed, None, limits).await?;
    let mut all = Finished::default();
    loop {
        match running.next().await? {
            Sign::Printed(RawChunk { source, bytes }) => {
                let limit = limits.whole;
                if all.stdout.len() + all.stderr.len() + bytes.len() > limit {
                    return Err(HostError::TooLarge { program: program.name(), limit });
                }
                match source {
                    LogSource::Stdout => all.stdout.extend_from_slice(&bytes),
                    LogSource::Stderr => all.stderr.extend_from_slice(&bytes),
                }
            }
            Sign::Ended(code) => {
                all.code = code;
                return Ok(all);
            }
        }
    }
}

/// A running call with its deadline. Only time spent waiting for the program counts, not that of a slow reader.
pub(crate) struct Watched {
    running: Running,
    name: String,
    deadline: Deadline,
    left: Option<Duration>,
    limits: Limits,
    line: String,
    began: Instant,
}

impl Watched {
    /// Starts a call.
    pub(crate) async fn start(
        host: &dyn Host,
        program: &Program,
        call: &Invocation,
        feed: Feed,
        terminal: Option<Window>,
        limits: &Limits,
    ) -> Result<Self, HostError> {
        let (line, name, began) = (program.line(call), program.name(), Instant::now());
        tracing::trace!(target: "perry_container::call", call = %line, "start");
        let running = host.start(program, call, feed, terminal).await.inspect_err(|error| {
            tracing::debug!(target: "perry_container::call", call = %line, %error, "not started");
        })?;
        let (deadline, left, limits) = (call.deadline, limits.call, *limits);
        Ok(Self { running, name, deadline, left, limits, line, began })
    }

    /// The next sign of life.
    pub(crate) async fn next(&mut self) -> Result<Sign, HostError> {
        let sign = self.wait().await;
        let ms = self.began.elapsed().as_millis();
        match &sign {
            Ok(Sign::Printed(_)) => {}
            Ok(Sign::Ended(code)) => {
                tracing::debug!(target: "perry_container::call", call = %self.line, code, ms, "done");
            }
            Err(error) => {
                tracing::debug!(target: "perry_container::call", call = %self.line, %error, ms, "failed");
            }
        }
        sign
    }

    async fn wait(&mut self) -> Result<Sign, HostError> {
        let name = || self.name.clone();
        let limit = match self.deadline {
            Deadline::Call => self.left,
            Deadline::Silence => self.limits.silence,
            Deadline::None => None,
        };
        let began = Instant::now();
        let next = match limit {
            None => self.running.next().await,
            Some(limit) => match timeout(limit, self.running.next()).await {
                Ok(next) => next,
                Err(_) if self.deadline == Deadline::Silence => {
                    return Err(HostError::Silent { program: name(), limit });
                }
                Err(_) => {
                    let limit = self.limits.call.unwrap_or(limit);
                    return Err(HostError::TimedOut { program: name(), limit });
                }
            },
        };
        self.left = self.left.map(|left| left.saturating_sub(began.elapsed()));
        next.unwrap_or_else(|| {
            let source = std::io::ErrorKind::UnexpectedEof.into();
            Err(HostError::Lost { program: name(), source })
        })
    }
}

/// Whether a path names a program directly instead of one on the PATH.
pub(crate) fn is_path(program: &str) -> bool {
    Path::new(program).components().count() > 1 || Path::new(program).is_absolute()
}
