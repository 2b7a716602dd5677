//! A child's life as a stream: whoever polls it reads the output, feeds the input and waits for the end, at once.

use super::{
    group::Group,
    pty::Pty,
    spawn::{Spawned, Streams},
};
use crate::{HostError, Running, Sign, Window};
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt as _, stream};
use perry_container_backend::{Feed, FeedItem};
use perry_container_protocol::RawChunk;
use perry_container_spec::LogSource;
use std::{io, pin::Pin, time::Duration};
use tempfile::TempDir;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _},
    process::ChildStdin,
    time::{Instant, sleep_until},
};

/// Bytes that are read at once.
const PIECE: usize = 64 << 10;

/// How long output is waited for after the child's end: what it left behind may hold its streams open for ever.
const LINGER: Duration = Duration::from_secs(1);

/// What is typed at a terminal to end the input.
const END_OF_INPUT: Bytes = Bytes::from_static(b"\x04");

type Pump = Pin<Box<dyn Future<Output = ()> + Send>>;

struct Child {
    group: Group,
    program: String,
    stdout: Option<Source>,
    stderr: Option<Source>,
    pump: Option<Pump>,
    code: Option<i32>,
    until: Instant,
    _files: Option<TempDir>,
}

struct Source {
    from: Box<dyn AsyncRead + Send + Unpin>,
    buffer: BytesMut,
}

impl Source {
    fn new(from: impl AsyncRead + Send + Unpin + 'static) -> Self {
        Self { from: Box::new(from), buffer: BytesMut::new() }
    }
}

/// The next piece of a stream; never, when there is none any more.
async fn read(source: &mut Option<Source>) -> io::Result<Bytes> {
    let Some(Source { from, buffer }) = source else { return std::future::pending().await };
    buffer.reserve(PIECE);
    from.read_buf(buffer).await?;
    Ok(buffer.split().freeze())
}

/// The child as a stream of signs of life.
pub(super) fn running(program: String, spawned: Spawned, feed: Feed) -> Running {
    let Spawned { group, streams, files } = spawned;
    let (stdout, stderr, pump) = match streams {
        Streams::Terminal(pty) => (Some(Source::new(pty.clone())), None, type_in(pty, feed)),
        Streams::Pipes { stdin, stdout, stderr } => {
            let pump = stdin.map(|stdin| pour(stdin, feed));
            (stdout.map(Source::new), stderr.map(Source::new), pump)
        }
    };
    let until = Instant::now();
    let child = Child { program, stdout, stderr, pump, code: None, until, group, _files: files };
    let next = |child: Option<Child>| async move {
        let mut child = child?;
        match child.next().await {
            Ok(Sign::Ended(code)) => Some((Ok(Sign::Ended(code)), None)),
            Ok(sign) => Some((Ok(sign), Some(child))),
            Err(source) => {
                Some((Err(HostError::Lost { program: child.program.clone(), source }), None))
            }
        }
    };
    Box::pin(stream::unfold(Some(child), next))
}

impl Drop for Child {
    fn drop(&mut self) {
        let streams = [self.stdout.take(), self.stderr.take()];
        self.group.end(streams.into_iter().flatten().map(|source| source.from).collect());
    }
}

impl Child {
    async fn next(&mut self) -> io::Result<Sign> {
        loop {
            if let (None, None, Some(code)) = (&self.stdout, &self.stderr, self.code) {
                return Ok(Sign::Ended(code));
            }
            let (source, bytes) = tokio::select! {
                bytes = read(&mut self.stdout) => (LogSource::Stdout, bytes?),
                bytes = read(&mut self.stderr) => (LogSource::Stderr, bytes?),
                code = self.group.wait(), if self.code.is_none() => {
                    self.code = Some(code?);
                    self.until = Instant::now() + LINGER;
                    self.pump = None;
                    continue;
                }
                () = sleep_until(self.until), if self.code.is_some() => {
                    (self.stdout, self.stderr) = (None, None);
                    continue;
                }
                () = turn(&mut self.pump) => {
                    self.pump = None;
                    continue;
                }
            };
            if !bytes.is_empty() {
                self.until = Instant::now() + LINGER;
                return Ok(Sign::Printed(RawChunk { source, bytes }));
            }
            match source {
                LogSource::Stdout => self.stdout = None,
                LogSource::Stderr => self.stderr = None,
            }
        }
    }
}

async fn turn(pump: &mut Option<Pump>) {
    match pump {
        Some(pump) => pump.await,
        None => std::future::pending().await,
    }
}

/// Fills a pipe and closes it. A child that reads no further is no error: its exit code tells.
fn pour(mut stdin: ChildStdin, feed: Feed) -> Pump {
    Box::pin(async move {
        match feed {
            Feed::Empty => {}
            Feed::Bytes(bytes) => drop(stdin.write_all(&bytes).await),
            Feed::Stream(mut items) => {
                while let Some(item) = items.next().await {
                    let FeedItem::Bytes(bytes) = item else { continue };
                    if stdin.write_all(&bytes).await.is_err() {
                        break;
                    }
                }
            }
        }
    })
}

/// Types into a terminal and passes its sizes on.
fn type_in(pty: Pty, feed: Feed) -> Option<Pump> {
    let mut items = match feed {
        Feed::Empty => return None,
        Feed::Bytes(bytes) => stream::iter([FeedItem::Bytes(bytes)]).boxed(),
        Feed::Stream(items) => items,
    };
    Some(Box::pin(async move {
        while let Some(item) = items.next().await {
            let done = match item {
                FeedItem::Bytes(bytes) => pty.write_all(&bytes).await,
                FeedItem::Resize(columns, rows) => pty.resize(Window { columns, rows }),
            };
            if done.is_err() {
                return;
            }
        }
        drop(pty.write_all(&END_OF_INPUT).await);
    }))
}
