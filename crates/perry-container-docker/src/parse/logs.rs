//! `logs`.

use crate::{dialect::Traits, errors};
use bytes::Bytes;
use perry_container_protocol::{LogItem, Output, RawChunk, Reader, ToolError};
use perry_container_spec::{ErrorKind, LogOptions, LogSource};

/// A line without a newline is passed on in pieces of this size.
const LONGEST_LINE: usize = 1 << 20;

/// How long a time before a line is: `2026-11-24T21:06:33.744231963Z`.
const TIME: usize = 30;

/// Takes the times off the lines when they were asked for, and passes everything else on as it is.
#[derive(Debug)]
pub(crate) struct Logs {
    timestamps: bool,
    piece: usize,
    errors: errors::Reader,
    streams: [Open; 2],
    /// The beginning of standard error, as long as it may be the tool's own.
    held: Option<Vec<u8>>,
    /// Nothing of it was asked for: no line of what there is.
    mute: bool,
}

#[derive(Debug, Default)]
struct Open {
    bytes: Vec<u8>,
    time: Option<String>,
}

impl Logs {
    pub(crate) fn new(how: &LogOptions, tool: &'static Traits) -> Self {
        Self {
            mute: how.tail == Some(0) && !how.follow,
            timestamps: how.timestamps,
            piece: tool.log_piece.unwrap_or(usize::MAX),
            errors: tool.reader(),
            streams: Default::default(),
            held: Some(Vec::new()),
        }
    }

    fn pass(&mut self, source: LogSource, bytes: &Bytes, items: &mut Vec<LogItem>) {
        if self.mute {
            return;
        }
        if !self.timestamps {
            items.push((None, RawChunk { source, bytes: bytes.clone() }));
            return;
        }
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let at = rest.iter().position(|b| *b == b'\n').map(|at| at + 1);
            let (line, after) = rest.split_at(at.unwrap_or(rest.len()));
            let open = &mut self.streams[usize::from(source == LogSource::Stderr)];
            open.bytes.extend_from_slice(line);
            rest = after;
            if at.is_some() || open.bytes.len() > LONGEST_LINE {
                let last = std::mem::take(&mut open.bytes);
                items.push(self.item(source, &last, at.is_some()));
            }
        }
    }

    fn item(&mut self, source: LogSource, line: &[u8], whole: bool) -> LogItem {
        let open = &mut self.streams[usize::from(source == LogSource::Stderr)];
        let (time, begin) = match stamp(line) {
            Some(stamp) if open.time.is_none() => stamp,
            _ => {
                // a further piece of a line that was too long
                let time = open.time.clone();
                open.time = time.clone().filter(|_| !whole);
                return (time, RawChunk { source, bytes: Bytes::copy_from_slice(line) });
            }
        };
        let mut text = Vec::with_capacity(line.len());
        let mut rest = &line[begin..];
        // a long line comes in entries of one size, and each has its time
        while rest.len() > self.piece
            && let Some((_, begin)) = stamp(&rest[self.piece..])
        {
            text.extend_from_slice(&rest[..self.piece]);
            rest = &rest[self.piece + begin..];
        }
        text.extend_from_slice(rest);
        open.time = Some(time.clone()).filter(|_| !whole);
        (Some(time), RawChunk { source, bytes: text.into() })
    }

    /// Whether what standard error begins with may still turn out to be the tool's own words. Only an error about a
    /// container that is not there comes from the tool, and it comes first.
    fn is_ours(&self, held: &[u8]) -> bool {
        let text = String::from_utf8_lossy(held);
        let begins = |prefix: &&str| text.starts_with(*prefix) || prefix.starts_with(&*text);
        const OURS: [&str; 3] = ["Error: ", "Error response from daemon: ", "time=\""];
        if held.len() > 4096 || !OURS.iter().any(begins) {
            return false;
        }
        match text.split_once('\n') {
            None => true,
            Some((line, rest)) => {
                // a line of another log says what it wants
                let level = !line.starts_with("time=\"") || line.contains(" level=fatal ");
                rest.is_empty() && level && self.errors.kind(line) == ErrorKind::NotFound
            }
        }
    }
}

/// The time before a line, to the nanosecond, and how many bytes it takes with the blank after it: nerdctl writes no
/// zeros at the end of a second's parts.
fn stamp(line: &[u8]) -> Option<(String, usize)> {
    let end = line.iter().take(TIME + 1).position(|byte| *byte == b' ')?;
    let text = std::str::from_utf8(&line[..end]).ok()?.strip_suffix('Z')?;
    let (seconds, parts) = text.split_once('.')?;
    let shape = |(at, byte): (usize, u8)| match at {
        4 | 7 => byte == b'-',
        10 => byte == b'T',
        13 | 16 => byte == b':',
        _ => byte.is_ascii_digit(),
    };
    let good = seconds.len() == 19
        && seconds.bytes().enumerate().all(shape)
        && parts.bytes().all(|byte| byte.is_ascii_digit());
    good.then(|| (format!("{seconds}.{parts:0<9}Z"), end + 1))
}

impl Reader for Logs {
    type Item = LogItem;

    fn read(
        &mut self,
        source: LogSource,
        bytes: &Bytes,
        items: &mut Vec<LogItem>,
    ) -> Result<(), ToolError> {
        if source == LogSource::Stderr
            && let Some(mut held) = self.held.take()
        {
            held.extend_from_slice(bytes);
            if self.is_ours(&held) {
                self.held = Some(held);
            } else {
                self.pass(source, &held.into(), items);
            }
            return Ok(());
        }
        self.pass(source, bytes, items);
        Ok(())
    }

    fn end(&mut self, last: &Output<'_>, items: &mut Vec<LogItem>) -> Result<(), ToolError> {
        self.errors.accepted(last)?;
        if let Some(held) = self.held.take().filter(|held| !held.is_empty()) {
            self.pass(LogSource::Stderr, &held.into(), items);
        }
        for (source, at) in [(LogSource::Stdout, 0), (LogSource::Stderr, 1)] {
            let rest = std::mem::take(&mut self.streams[at].bytes);
            if !rest.is_empty() {
                items.push(self.item(source, &rest, true));
            }
        }
        Ok(())
    }
}
