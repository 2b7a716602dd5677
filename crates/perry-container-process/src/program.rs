//! What is run, and within which bounds.

use perry_container_protocol::Invocation;
use std::{
    fmt,
    path::{Path, PathBuf},
    time::Duration,
};

/// A program and what goes with every call of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Program {
    /// Its path.
    pub path: PathBuf,
    /// Arguments before those of the call: `--host=unix:///run/docker.sock`.
    pub prefix: Vec<String>,
    /// Variables over the inherited environment; `None` takes one away. No secrets: they show in `Debug`.
    pub env: Vec<(String, Option<String>)>,
}

impl Program {
    /// A program with nothing special.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), ..Self::default() }
    }

    /// With arguments before those of every call.
    #[must_use]
    pub fn prefix(mut self, args: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.prefix.extend(args.into_iter().map(Into::into));
        self
    }

    /// With a variable over the inherited environment.
    #[must_use]
    pub fn set(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.env.push((name.into(), Some(value.into())));
        self
    }

    /// Without a variable of the inherited environment.
    #[must_use]
    pub fn unset(mut self, name: impl Into<String>) -> Self {
        self.env.push((name.into(), None));
        self
    }

    /// Its name without directories.
    pub fn name(&self) -> String {
        let name = self.path.file_name().map_or(self.path.as_path(), Path::new);
        name.display().to_string()
    }

    /// A call of it as logs show it: `docker --host=unix:///s ps -a`. No value of an environment is in it.
    pub fn line(&self, call: &Invocation) -> String {
        let prefix = Invocation::new(&self.prefix).to_string();
        let parts = [self.name(), prefix, call.to_string()];
        parts.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(" ")
    }
}

/// The size of a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Characters in a row.
    pub columns: u16,
    /// Rows.
    pub rows: u16,
}

impl Default for Window {
    fn default() -> Self {
        Self { columns: 80, rows: 24 }
    }
}

/// How much time and memory one call may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The time of one call (`Deadline::Call`); `None` for as long as it takes.
    pub call: Option<Duration>,
    /// The longest time without a sign of life (`Deadline::Silence`); `None` for as long as it takes.
    pub silence: Option<Duration>,
    /// The bytes of one whole answer. Streams have no such limit.
    pub whole: usize,
    /// How many calls of one verb run at the same time.
    pub parallel: usize,
}

/// 300 s each, 64 MiB, 8 calls.
impl Default for Limits {
    fn default() -> Self {
        let time = Some(Duration::from_secs(300));
        Self { call: time, silence: time, whole: 64 << 20, parallel: 8 }
    }
}

impl Limits {
    /// The same with another time for one call and for silence.
    #[must_use]
    pub const fn within(mut self, time: Duration) -> Self {
        self.call = Some(time);
        self.silence = Some(time);
        self
    }

    /// The same with more time for one call.
    #[must_use]
    pub(crate) fn and(mut self, more: Duration) -> Self {
        self.call = self.call.map(|time| time.saturating_add(more));
        self
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.columns, self.rows)
    }
}
