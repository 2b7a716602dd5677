//! A command with a deadline and its results.

use std::io::Read;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

/// What a command left.
#[derive(Debug)]
pub struct Done {
    /// The command as one would type it.
    pub text: String,
    /// Exit code; 128 plus the signal's number when one ended it.
    pub code: i32,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
    /// From start to end.
    pub took: Duration,
}

impl Done {
    /// Itself, if the command succeeded.
    ///
    /// # Panics
    /// With everything the command printed, if it did not.
    #[must_use = "ok() alone reads like a check: bind it, or use success()"]
    pub fn checked(self) -> Self {
        assert!(self.code == 0, "expected success of {self}");
        self
    }

    /// Checks that the command succeeded.
    ///
    /// # Panics
    /// With everything the command printed, if it did not.
    pub fn ok(self) {
        drop(self.checked());
    }

    /// Itself, if the command failed in the ordinary way: a code of its own, no signal, no panic.
    ///
    /// # Panics
    /// With everything the command printed, if it did not.
    #[must_use]
    pub fn failed(self) -> Self {
        assert!((1..=100).contains(&self.code), "expected an ordinary failure of {self}");
        assert!(!self.stderr.contains("panicked at"), "a panic: {self}");
        self
    }

    /// Checks that standard error names all of these.
    ///
    /// # Panics
    /// With everything the command printed, if it does not.
    pub fn says(&self, words: &[&str]) {
        for word in words {
            assert!(self.stderr.contains(word), "expected {word:?} on stderr of {self}");
        }
    }
}

impl std::fmt::Display for Done {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { text, code, stdout, stderr, took } = self;
        write!(
            f,
            "`{text}`\n--- code {code} after {took:.1?}\n--- stdout\n{stdout}\n--- stderr\n{stderr}\n---"
        )
    }
}

/// Runs a command in a process group of its own, with empty input; the group is killed after `limit`.
///
/// # Panics
/// When the command cannot be started, or takes longer.
#[must_use]
pub fn run(command: Command, limit: Duration) -> Done {
    Running::start(command).finish(limit)
}

/// A command that runs, in a process group of its own, with empty input. The group is killed when it is dropped.
#[derive(Debug)]
pub struct Running {
    text: String,
    start: Instant,
    child: Child,
    group: Pid,
    stdout: Printed,
    stderr: Printed,
}

impl Running {
    /// Starts a command.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn start(mut command: Command) -> Self {
        let words = std::iter::once(command.get_program()).chain(command.get_args());
        let text = words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ");
        let start = Instant::now();
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        let mut child =
            command.spawn().unwrap_or_else(|error| panic!("cannot start `{text}`: {error}"));
        let group = Pid::from_child(&child);
        let (stdout, stderr) = (read(child.stdout.take()), read(child.stderr.take()));
        Self { text, start, child, group, stdout, stderr }
    }

    /// Sends a signal to the process alone, not to its children. One that has ended gets none.
    pub fn signal(&mut self, signal: Signal) {
        if self.ended().is_none() {
            let _ = kill_process(self.group, signal);
        }
    }

    /// Waits until it has said these words on standard error.
    ///
    /// # Panics
    /// When it ends before, or does not say them in time.
    pub fn says(&mut self, words: &str, limit: Duration) {
        let until = Instant::now() + limit;
        while !self.stderr.text().contains(words) {
            let (ended, said) = (self.ended(), self.stderr.text());
            assert!(
                ended.is_none() && Instant::now() < until,
                "`{}` ({ended:?}) does not say {words:?}: {said}",
                self.text
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Whether it has ended, and how.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// When it takes longer since its start.
    #[must_use]
    pub fn finish(mut self, limit: Duration) -> Done {
        let status = loop {
            match self.ended() {
                Some(status) => break Some(status),
                None if self.start.elapsed() < limit => {
                    std::thread::sleep(Duration::from_millis(10));
                }
                None => {
                    self.kill();
                    break None;
                }
            }
        };
        let (stdout, stderr) = (self.stdout.all(), self.stderr.all());
        let (text, took) = (self.text.clone(), self.start.elapsed());
        let Some(status) = status else {
            panic!(
                "`{text}` took longer than {limit:?}\n--- stdout\n{stdout}\n--- stderr\n{stderr}\n---"
            );
        };
        let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0));
        Done { text, code, stdout, stderr, took }
    }

    fn kill(&mut self) {
        let _ = kill_process_group(self.group, Signal::KILL);
        drop(self.child.wait());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.ended().is_none() {
            self.kill();
        }
    }
}

/// What a command prints, as it comes.
#[derive(Debug)]
struct Printed {
    bytes: Arc<Mutex<Vec<u8>>>,
    ended: mpsc::Receiver<()>,
}

impl Printed {
    fn text(&self) -> String {
        let bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// All of it. A process that left the group may hold a pipe open for ever.
    fn all(&self) -> String {
        let _late = self.ended.recv_timeout(Duration::from_secs(5));
        self.text()
    }
}

fn read(pipe: Option<impl Read + Send + 'static>) -> Printed {
    let (to, ended) = mpsc::channel();
    let bytes = Arc::new(Mutex::new(vec![]));
    let filled = Arc::clone(&bytes);
    std::thread::spawn(move || {
        let mut piece = [0; 8 << 10];
        let Some(mut pipe) = pipe else { return };
        while let Ok(count @ 1..) = pipe.read(&mut piece) {
            let mut filled = filled.lock().unwrap_or_else(PoisonError::into_inner);
            filled.extend_from_slice(&piece[..count]);
        }
        let _nobody = to.send(());
    });
    Printed { bytes, ended }
}
