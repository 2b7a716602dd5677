//! What flows.

use crate::Result;
use bytes::Bytes;
use futures_core::Stream;
use perry_container_spec::{LogSource, Timestamp};
use std::{fmt, pin::Pin};

/// A stream of results that ends with its first error. Dropping it ends what feeds it.
pub type Flow<T> = Pin<Box<dyn Stream<Item = Result<T>> + Send>>;

/// A piece of output. Chunks end where the runtime ends them, not at lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogChunk {
    /// When it was printed; present when it was asked for and the runtime knows.
    pub time: Option<Timestamp>,
    /// Where it was printed.
    pub source: LogSource,
    /// What was printed.
    pub bytes: Bytes,
}

/// A piece of what a command prints. With a terminal everything is stdout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Where it was printed.
    pub source: LogSource,
    /// What was printed.
    pub bytes: Bytes,
}

/// What goes in.
#[derive(Default)]
pub enum Feed {
    /// Nothing: the end of input at once.
    #[default]
    Empty,
    /// These bytes, then the end.
    Bytes(Bytes),
    /// As it comes: input and new terminal sizes.
    Stream(Pin<Box<dyn Stream<Item = FeedItem> + Send>>),
}

/// A piece of input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedItem {
    /// Bytes that were typed.
    Bytes(Bytes),
    /// The terminal has so many columns and rows now.
    Resize(u16, u16),
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("Empty"),
            Self::Bytes(bytes) => write!(f, "Bytes({})", bytes.len()),
            Self::Stream(_) => f.write_str("Stream"),
        }
    }
}

/// A command that runs in a container.
pub struct Session {
    /// What it prints.
    pub output: Flow<Frame>,
    /// Its exit status, known when the output has ended.
    pub exit: Pin<Box<dyn Future<Output = Result<i32>> + Send>>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Session")
    }
}
