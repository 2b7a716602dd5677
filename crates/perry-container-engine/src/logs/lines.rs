//! From chunks to lines.

use super::{LogLine, LogsOptions, Whose};
use crate::EngineError;
use futures_util::{Stream, StreamExt as _, stream};
use perry_container_backend::{ContainerBackend, Flow, LogChunk};
use perry_container_spec::{LogOptions, LogSource, Timestamp};
use std::{collections::VecDeque, pin::Pin, sync::Arc};

/// A longer line comes in pieces, so that what is held stays bounded.
const LONGEST: usize = 64 * 1024;

/// A line without its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RawLine {
    pub(super) source: LogSource,
    pub(super) time: Option<Timestamp>,
    pub(super) text: String,
}

/// The order of two moments. Runtimes leave out trailing zeros, and `Z` sorts behind digits.
pub(super) fn in_order(a: Option<&str>, b: Option<&str>) -> std::cmp::Ordering {
    let plain = |time: &'_ str| time.trim_end_matches('Z').to_owned();
    a.map(plain).cmp(&b.map(plain))
}

pub(super) type Lines = Pin<Box<dyn Stream<Item = Result<LogLine, EngineError>> + Send>>;

/// What came of a line so far, per stream.
#[derive(Debug, Default)]
pub(super) struct Assembler {
    stdout: (Vec<u8>, Option<Timestamp>),
    stderr: (Vec<u8>, Option<Timestamp>),
}

impl Assembler {
    fn part(&mut self, source: LogSource) -> &mut (Vec<u8>, Option<Timestamp>) {
        match source {
            LogSource::Stdout => &mut self.stdout,
            LogSource::Stderr => &mut self.stderr,
        }
    }

    /// The lines that a chunk completes.
    pub(super) fn push(&mut self, chunk: &LogChunk, out: &mut VecDeque<RawLine>) {
        let source = chunk.source;
        let (held, time) = self.part(source);
        for piece in chunk.bytes.split_inclusive(|byte| *byte == b'\n') {
            if held.is_empty() {
                time.clone_from(&chunk.time);
            }
            for piece in piece.chunks(LONGEST) {
                if held.len() + piece.len() > LONGEST {
                    out.push_back(line(source, time.clone(), held));
                }
                held.extend_from_slice(piece);
            }
            if held.last() == Some(&b'\n') {
                out.push_back(line(source, time.take(), held));
            }
        }
    }

    /// What has no end of a line.
    pub(super) fn finish(&mut self, out: &mut VecDeque<RawLine>) {
        for source in [LogSource::Stdout, LogSource::Stderr] {
            let (held, time) = self.part(source);
            if !held.is_empty() {
                out.push_back(line(source, time.take(), held));
            }
        }
    }
}

fn line(source: LogSource, time: Option<Timestamp>, held: &mut Vec<u8>) -> RawLine {
    let mut bytes = std::mem::take(held);
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
        if bytes.last() == Some(&b'\r') {
            bytes.pop(); // a terminal's end of line
        }
    }
    RawLine { source, time, text: String::from_utf8_lossy(&bytes).into_owned() }
}

/// Lines out of chunks.
pub(super) fn assemble(chunks: Flow<LogChunk>) -> impl Stream<Item = Result<RawLine, EngineError>> {
    let state = (Some(chunks), Assembler::default(), VecDeque::new());
    stream::unfold(state, |(mut chunks, mut assembler, mut ready)| async move {
        loop {
            if let Some(line) = ready.pop_front() {
                return Some((Ok(line), (chunks, assembler, ready)));
            }
            match chunks.as_mut()?.next().await {
                Some(Ok(chunk)) => assembler.push(&chunk, &mut ready),
                Some(Err(error)) => return Some((Err(error.into()), (None, assembler, ready))),
                None => {
                    chunks = None;
                    assembler.finish(&mut ready);
                    if ready.is_empty() {
                        return None;
                    }
                }
            }
        }
    })
}

/// The lines of one container.
pub(super) async fn open(
    backend: &Arc<dyn ContainerBackend>,
    whose: Whose,
    options: &LogsOptions,
    follow: bool,
) -> Result<Lines, EngineError> {
    let how = LogOptions {
        follow,
        tail: options.tail,
        since: options.since.clone(),
        until: options.until.clone(),
        timestamps: true, // for the order of time
    };
    let chunks = backend.open_logs(&whose.id, &how).await?;
    Ok(assemble(chunks).map(move |line| line.map(|line| whose.line(line))).boxed())
}

/// The last lines of a container, those of standard error among them; none when they cannot be read.
pub(crate) async fn last_lines(backend: &dyn ContainerBackend, id: &str, most: u64) -> Vec<String> {
    let how = LogOptions { tail: Some(most), ..LogOptions::default() };
    let Ok(chunks) = backend.open_logs(id, &how).await else { return Vec::new() };
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let mut last = VecDeque::new();
    let mut lines = Box::pin(assemble(chunks));
    while let Some(Ok(line)) = lines.next().await {
        if last.len() == most {
            last.pop_front();
        }
        last.push_back(line.text);
    }
    last.into()
}
