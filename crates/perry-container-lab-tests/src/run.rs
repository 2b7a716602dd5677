//! A command with a deadline and its results.

use std::io::Read;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

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
pub fn run(mut command: Command, limit: Duration) -> Done {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let text = words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ");
    let start = Instant::now();
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let mut child =
        command.spawn().unwrap_or_else(|error| panic!("cannot start `{text}`: {error}"));
    let group = Pid::from_child(&child);
    let (stdout, stderr) = (read(child.stdout.take()), read(child.stderr.take()));
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break Some(status),
            Ok(None) if start.elapsed() < limit => std::thread::sleep(Duration::from_millis(10)),
            _ => {
                let _ = kill_process_group(group, Signal::KILL);
                drop(child.wait());
                break None;
            }
        }
    };
    // A process that left the group may hold a pipe open for ever.
    let text_of = |pipe: mpsc::Receiver<String>| {
        pipe.recv_timeout(Duration::from_secs(5)).unwrap_or_default()
    };
    let (stdout, stderr) = (text_of(stdout), text_of(stderr));
    let took = start.elapsed();
    let Some(status) = status else {
        panic!(
            "`{text}` took longer than {limit:?}\n--- stdout\n{stdout}\n--- stderr\n{stderr}\n---"
        );
    };
    let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0));
    Done { text, code, stdout, stderr, took }
}

fn read(pipe: Option<impl Read + Send + 'static>) -> mpsc::Receiver<String> {
    let (to, from) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = vec![];
        if let Some(mut pipe) = pipe {
            drop(pipe.read_to_end(&mut bytes));
        }
        drop(to.send(String::from_utf8_lossy(&bytes).into_owned()));
    });
    from
}
