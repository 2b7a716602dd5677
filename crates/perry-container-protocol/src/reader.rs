//! Reading while a command runs.

use crate::{Invocation, Output, ToolError};
use bytes::Bytes;
use perry_container_spec::LogSource;

/// A command whose output is read as it comes.
#[derive(Debug, Clone)]
pub struct Stream<R> {
    /// What to run.
    pub call: Invocation,
    /// What understands it.
    pub reader: R,
}

/// Turns what a running command prints into items.
pub trait Reader: Send {
    /// What comes of it.
    type Item: Send;

    /// The command runs, but has printed nothing yet. A tool that says nothing when it subscribed to events still makes
    /// a first item here.
    fn begin(&mut self, _items: &mut Vec<Self::Item>) {}

    /// Takes a piece of output; whole items are pushed.
    ///
    /// # Errors
    /// When the output cannot be understood: the command is ended.
    fn read(
        &mut self,
        source: LogSource,
        bytes: &Bytes,
        items: &mut Vec<Self::Item>,
    ) -> Result<(), ToolError>;

    /// The command has ended; `last` holds its exit code and at most the last 64 KiB of each stream.
    ///
    /// # Errors
    /// When that was a failure.
    fn end(&mut self, last: &Output<'_>, items: &mut Vec<Self::Item>) -> Result<(), ToolError>;
}

/// Output as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawChunk {
    /// Where it was printed.
    pub source: LogSource,
    /// What was printed.
    pub bytes: Bytes,
}

/// Passes output on as it is; the end is judged by a function.
#[derive(Debug, Clone)]
pub struct Raw<E>(pub E);

impl<E: FnMut(&Output<'_>) -> Result<(), ToolError> + Send> Reader for Raw<E> {
    type Item = RawChunk;

    fn read(
        &mut self,
        source: LogSource,
        bytes: &Bytes,
        items: &mut Vec<RawChunk>,
    ) -> Result<(), ToolError> {
        items.push(RawChunk { source, bytes: bytes.clone() });
        Ok(())
    }

    fn end(&mut self, last: &Output<'_>, _: &mut Vec<RawChunk>) -> Result<(), ToolError> {
        (self.0)(last)
    }
}

/// A line longer than this is passed on in pieces: what a tool prints must not fill the memory.
const LONGEST_LINE: usize = 1 << 20;

/// Cuts output into lines (without their ends) for a function; a last line without an end counts.
#[derive(Debug, Clone)]
pub struct LineReader<L, E> {
    line: L,
    end: E,
    open: [Vec<u8>; 2],
}

impl<L, E> LineReader<L, E> {
    /// `line` may make an item of each line, `end` judges the end.
    pub const fn new(line: L, end: E) -> Self {
        Self { line, end, open: [Vec::new(), Vec::new()] }
    }
}

impl<I, L, E> Reader for LineReader<L, E>
where
    I: Send,
    L: FnMut(LogSource, &[u8]) -> Result<Option<I>, ToolError> + Send,
    E: FnMut(&Output<'_>, &mut Vec<I>) -> Result<(), ToolError> + Send,
{
    type Item = I;

    fn read(
        &mut self,
        source: LogSource,
        bytes: &Bytes,
        items: &mut Vec<I>,
    ) -> Result<(), ToolError> {
        let open = &mut self.open[usize::from(source == LogSource::Stderr)];
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let (piece, whole) = match rest.iter().position(|b| *b == b'\n') {
                Some(at) => (&rest[..at], true),
                None => (rest, open.len() + rest.len() > LONGEST_LINE),
            };
            open.extend_from_slice(piece);
            rest = &rest[(piece.len() + usize::from(piece.len() < rest.len()))..];
            if whole {
                let line = std::mem::take(open);
                items.extend((self.line)(source, line.strip_suffix(b"\r").unwrap_or(&line))?);
            }
        }
        Ok(())
    }

    fn end(&mut self, last: &Output<'_>, items: &mut Vec<I>) -> Result<(), ToolError> {
        for (source, at) in [(LogSource::Stdout, 0), (LogSource::Stderr, 1)] {
            let line = std::mem::take(&mut self.open[at]);
            if !line.is_empty() {
                items.extend((self.line)(source, &line)?);
            }
        }
        (self.end)(last, items)
    }
}
