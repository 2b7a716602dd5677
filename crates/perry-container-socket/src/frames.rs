//! The streams of a container: frames of stdout and stderr in one, or raw bytes of a terminal; lines with their times.

use crate::moment;
use bytes::{Buf as _, Bytes, BytesMut};
use futures_util::{StreamExt as _, stream};
use perry_container_backend::{BackendError, Flow, Frame, LogChunk};
use perry_container_spec::{ErrorKind, LogSource};
use std::collections::VecDeque;

/// Cuts a multiplexed stream into frames. A frame has a header of eight bytes: stream, three zeros, length.
#[derive(Debug, Default)]
pub(crate) struct Demux {
    buffer: BytesMut,
    /// What is left of the frame that is being read.
    current: Option<(LogSource, usize)>,
}

impl Demux {
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next piece of a frame; pieces come as they arrive, so no frame is held whole.
    ///
    /// # Errors
    /// When the bytes are no frames.
    pub(crate) fn next(&mut self) -> Result<Option<(Frame, bool)>, &'static str> {
        loop {
            if let Some((source, left)) = self.current {
                if left == 0 {
                    self.current = None;
                    continue;
                }
                if self.buffer.is_empty() {
                    return Ok(None);
                }
                let bytes = self.buffer.split_to(left.min(self.buffer.len())).freeze();
                let left = left - bytes.len();
                self.current = Some((source, left));
                return Ok(Some((Frame { source, bytes }, left == 0)));
            }
            if self.buffer.len() < 8 {
                return Ok(None);
            }
            let source = match self.buffer[..4] {
                [0 | 1, 0, 0, 0] => LogSource::Stdout,
                [2, 0, 0, 0] => LogSource::Stderr,
                // 3 is an error of docker's daemon in the middle of a stream.
                [3, 0, 0, 0] => LogSource::Stderr,
                _ => return Err("the stream is no sequence of frames"),
            };
            let length = u32::from_be_bytes([
                self.buffer[4],
                self.buffer[5],
                self.buffer[6],
                self.buffer[7],
            ]);
            self.buffer.advance(8);
            self.current = Some((source, usize::try_from(length).unwrap_or(usize::MAX)));
        }
    }

    /// Whether the stream ended between two frames.
    pub(crate) fn complete(&self) -> bool {
        self.buffer.is_empty() && self.current.is_none_or(|(_, left)| left == 0)
    }
}

/// Frames of a stream; everything is stdout with a terminal.
pub(crate) fn frames(
    bytes: Flow<Bytes>,
    tty: bool,
    verb: &'static str,
    object: &str,
) -> Flow<Frame> {
    if tty {
        return bytes
            .map(|piece| piece.map(|bytes| Frame { source: LogSource::Stdout, bytes }))
            .boxed();
    }
    let object = object.to_owned();
    let start = (bytes, Demux::default(), object);
    stream::try_unfold(start, move |(mut bytes, mut demux, object)| async move {
        let error = |kind, why| BackendError::new(verb, &object, kind, why);
        loop {
            if let Some((frame, _)) =
                demux.next().map_err(|why| error(ErrorKind::Malformed, why))?
            {
                return Ok(Some((frame, (bytes, demux, object))));
            }
            match bytes.next().await.transpose()? {
                Some(piece) => demux.feed(&piece),
                None if demux.complete() => return Ok(None),
                None => return Err(error(ErrorKind::Cut, "the stream ended within a frame")),
            }
        }
    })
    .boxed()
}

/// Takes the time off the beginning of each line: `2026-11-24T21:01:49.834914909Z text`. One per stream of output.
#[derive(Debug, Default)]
struct Stamp {
    held: BytesMut,
    /// The time of the line whose rest is still to come.
    time: Option<String>,
    within: bool,
}

/// The longest time that is waited for before a line counts as one without.
const LONGEST: usize = 40;

impl Stamp {
    fn feed(&mut self, source: LogSource, bytes: &[u8], end: bool, out: &mut VecDeque<LogChunk>) {
        self.held.extend_from_slice(bytes);
        while !self.held.is_empty() {
            if !self.within {
                let head = &self.held[..self.held.len().min(LONGEST)];
                let Some(at) = head.iter().position(|b| *b == b' ' || *b == b'\n') else {
                    if head.len() < LONGEST && !end {
                        return;
                    }
                    (self.time, self.within) = (None, true);
                    continue;
                };
                let time = std::str::from_utf8(&head[..at]).map(moment::utc).unwrap_or_default();
                self.within = true;
                self.time = None;
                if !time.is_empty() {
                    let blank = head[at] == b' ';
                    self.held.advance(at + usize::from(blank));
                    self.time = Some(time);
                }
                continue;
            }
            let line = self.held.iter().position(|b| *b == b'\n');
            let bytes = self.held.split_to(line.map_or(self.held.len(), |at| at + 1)).freeze();
            self.within = line.is_none();
            out.push_back(LogChunk { time: self.time.clone(), source, bytes });
        }
    }
}

/// Chunks of a log. With `times` each line begins with one, which is taken off.
pub(crate) fn chunks(frames: Flow<Frame>, times: bool) -> Flow<LogChunk> {
    if !times {
        return frames
            .map(|frame| frame.map(|f| LogChunk { time: None, source: f.source, bytes: f.bytes }))
            .boxed();
    }
    let start = (frames, [Stamp::default(), Stamp::default()], VecDeque::new(), false);
    stream::try_unfold(start, |(mut frames, mut stamps, mut ready, mut ended)| async move {
        loop {
            if let Some(chunk) = ready.pop_front() {
                return Ok(Some((chunk, (frames, stamps, ready, ended))));
            }
            if ended {
                return Ok(None);
            }
            match frames.next().await.transpose()? {
                Some(frame) => {
                    let stamp = &mut stamps[usize::from(frame.source == LogSource::Stderr)];
                    stamp.feed(frame.source, &frame.bytes, false, &mut ready);
                }
                None => {
                    ended = true;
                    let [out, err] = &mut stamps;
                    out.feed(LogSource::Stdout, &[], true, &mut ready);
                    err.feed(LogSource::Stderr, &[], true, &mut ready);
                }
            }
        }
    })
    .boxed()
}

/// JSON values of a stream, one after the other, with or without newlines between them. `longest` bounds one of them.
pub(crate) fn values<T: serde::de::DeserializeOwned + Send + 'static>(
    bytes: Flow<Bytes>,
    longest: usize,
    verb: &'static str,
    object: &str,
) -> Flow<T> {
    let start = (bytes, BytesMut::new(), object.to_owned(), false);
    stream::try_unfold(start, move |(mut bytes, mut held, object, mut ended)| async move {
        let malformed = |why: String| BackendError::new(verb, &object, ErrorKind::Malformed, why);
        loop {
            let mut reader = serde_json::Deserializer::from_slice(&held).into_iter::<T>();
            match reader.next() {
                // A number at the very end could go on; the values read here are objects.
                Some(Ok(value)) => {
                    let read = reader.byte_offset();
                    held.advance(read);
                    return Ok(Some((value, (bytes, held, object, ended))));
                }
                Some(Err(error)) if !error.is_eof() => {
                    return Err(malformed(format!("the answer is not understood: {error}")));
                }
                Some(Err(_)) if ended => {
                    let text = "the answer ends within a value; it may still happen";
                    return Err(BackendError::new(verb, &object, ErrorKind::Cut, text));
                }
                None if ended => return Ok(None),
                Some(Err(_)) | None => {}
            }
            if held.len() > longest {
                return Err(malformed(format!(
                    "one value of the answer is longer than {longest} bytes"
                )));
            }
            match bytes.next().await.transpose()? {
                Some(piece) => held.extend_from_slice(&piece),
                None => ended = true,
            }
        }
    })
    .boxed()
}
