//! What a command line meets outside of itself.

use crate::failure::{INTERRUPTED, TERMINATED};
use perry_container_compose::{backend::ContainerBackend, load::Env};
use std::{
    ffi::OsString,
    fmt,
    io::{self, IsTerminal as _, Write},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::mpsc;

/// Everything from outside, read once: the environment, the directory, the runtime, the outputs, the signals.
#[derive(Clone)]
pub struct Outside {
    /// The environment.
    pub env: Env,
    /// The current directory.
    pub here: PathBuf,
    /// The runtime; none: the one that the flags and the environment ask for, or that is found.
    pub backend: Option<Arc<dyn ContainerBackend>>,
    /// Standard output.
    pub out: Stream,
    /// Standard error.
    pub err: Stream,
    /// Signals; none: those of this process.
    pub signals: Option<Presses>,
    /// What is typed where a command asks; none: whatever this process's standard input has.
    pub typed: Option<String>,
}

impl fmt::Debug for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outside")
            .field("here", &self.here)
            .field("backend", &self.backend.as_ref().map(|backend| backend.backend_name()))
            .finish_non_exhaustive()
    }
}

impl Outside {
    /// Of this process.
    ///
    /// # Errors
    /// The current directory is gone.
    pub fn of_this_process() -> io::Result<Self> {
        #[expect(clippy::disallowed_methods, reason = "this is the binary's front door")]
        let here = std::env::current_dir()?;
        let (out, err) = (Stream::Stdout, Stream::Stderr);
        let env = environment();
        Ok(Self { env, here, backend: None, out, err, signals: None, typed: None })
    }

    /// A command line that meets nothing of this process: a runtime that is given, no environment, outputs that are kept
    /// signals that nobody sends yet, and nobody who types. Locks lie in `here`.
    pub fn over(backend: Arc<dyn ContainerBackend>, here: impl Into<PathBuf>) -> Self {
        let here = here.into();
        let env = [("XDG_RUNTIME_DIR", here.to_string_lossy().into_owned())];
        Self {
            env: env.into_iter().collect(),
            here,
            backend: Some(backend),
            out: Stream::kept(),
            err: Stream::kept(),
            signals: Some(Presses::new()),
            typed: Some(String::new()),
        }
    }
}

/// What is no UTF-8 cannot be used in a compose file and is left out.
fn environment() -> Env {
    let text = |word: OsString| word.into_string().ok();
    std::env::vars_os().filter_map(|(name, value)| Some((text(name)?, text(value)?))).collect()
}

/// Where text goes. What one call writes stays together.
#[derive(Debug, Clone)]
pub enum Stream {
    /// Standard output of this process.
    Stdout,
    /// Standard error of this process.
    Stderr,
    /// It is kept.
    Kept(Arc<Mutex<Vec<u8>>>),
}

impl Stream {
    /// One that keeps what is written.
    pub fn kept() -> Self {
        Self::Kept(Arc::default())
    }

    /// What it has kept so far; nothing of what went to this process's outputs.
    pub fn text(&self) -> String {
        match self {
            Self::Stdout | Self::Stderr => String::new(),
            Self::Kept(bytes) => {
                let bytes = bytes.lock().unwrap_or_else(PoisonError::into_inner);
                String::from_utf8_lossy(&bytes).into_owned()
            }
        }
    }

    pub(crate) fn is_terminal(&self) -> bool {
        match self {
            Self::Stdout => io::stdout().is_terminal(),
            Self::Stderr => io::stderr().is_terminal(),
            Self::Kept(_) => false,
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout => io::stdout().write(bytes),
            Self::Stderr => io::stderr().write(bytes),
            Self::Kept(kept) => kept.lock().unwrap_or_else(PoisonError::into_inner).write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout => io::stdout().flush(),
            Self::Stderr => io::stderr().flush(),
            Self::Kept(_) => Ok(()),
        }
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Stdout => io::stdout().write_all(bytes),
            Self::Stderr => io::stderr().write_all(bytes),
            Self::Kept(kept) => {
                kept.lock().unwrap_or_else(PoisonError::into_inner).write_all(bytes)
            }
        }
    }

    fn write_fmt(&mut self, args: fmt::Arguments<'_>) -> io::Result<()> {
        match self {
            Self::Stdout => io::stdout().write_fmt(args),
            Self::Stderr => io::stderr().write_fmt(args),
            Self::Kept(kept) => kept.lock().unwrap_or_else(PoisonError::into_inner).write_fmt(args),
        }
    }
}

/// Signals that are sent by hand. Clones press the same keys.
#[derive(Debug, Clone)]
pub struct Presses {
    send: mpsc::UnboundedSender<u8>,
    heard: Arc<Mutex<Option<mpsc::UnboundedReceiver<u8>>>>,
}

impl Default for Presses {
    fn default() -> Self {
        Self::new()
    }
}

impl Presses {
    /// None yet.
    pub fn new() -> Self {
        let (send, heard) = mpsc::unbounded_channel();
        Self { send, heard: Arc::new(Mutex::new(Some(heard))) }
    }

    /// As SIGINT.
    pub fn interrupt(&self) {
        self.send.send(INTERRUPTED).ok(); // a command that has ended hears nothing
    }

    /// As SIGTERM.
    pub fn terminate(&self) {
        self.send.send(TERMINATED).ok();
    }

    /// Whoever listens first hears all.
    pub(crate) fn listen(&self) -> Option<mpsc::UnboundedReceiver<u8>> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
