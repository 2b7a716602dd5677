//! Child processes: each in a process group of its own, with a time limit, gone when we are.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process_group};

use crate::ui;

static SIGNALS: AtomicUsize = AtomicUsize::new(0);
static GROUPS: Mutex<Vec<Pid>> = Mutex::new(Vec::new());

/// How long a group has between SIGTERM and SIGKILL.
const GRACE: Duration = Duration::from_secs(5);

/// True once a signal asked us to stop. No new command starts then, but for cleaning up.
pub(crate) fn interrupted() -> bool {
    SIGNALS.load(Ordering::SeqCst) > 0
}

/// The first signal ends the running commands, so that cleaning up can follow; the second ends us.
pub(crate) fn watch_signals() {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP]) else {
        return;
    };
    std::thread::spawn(move || {
        for _ in signals.forever() {
            let first = SIGNALS.fetch_add(1, Ordering::SeqCst) == 0;
            let groups = GROUPS.lock().unwrap_or_else(PoisonError::into_inner);
            for group in groups.iter() {
                let _ = kill_process_group(*group, if first { Signal::TERM } else { Signal::KILL });
            }
            if !first {
                #[expect(
                    clippy::exit,
                    reason = "the second signal: whoever sent it does not want to wait"
                )]
                std::process::exit(130);
            }
        }
    });
}

/// A command about to be run. Its standard input is empty.
pub(crate) struct Cmd {
    program: OsString,
    args: Vec<OsString>,
    envs: Vec<(OsString, OsString)>,
    dir: Option<PathBuf>,
    limit: Option<Duration>,
    cleanup: bool,
}

/// What a command left.
pub(crate) struct Output {
    /// Exit code, or 128 plus the signal's number.
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Cmd {
    pub(crate) fn new(program: impl Into<OsString>) -> Self {
        Self {
            program: program.into(),
            args: vec![],
            envs: vec![],
            dir: None,
            limit: None,
            cleanup: false,
        }
    }

    pub(crate) fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.args.push(arg.into());
        self
    }

    pub(crate) fn args<S: Into<OsString>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    pub(crate) fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.envs.push((name.into(), value.into()));
        self
    }

    pub(crate) fn dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.dir = Some(dir.into());
        self
    }

    /// The group is killed when it takes longer.
    pub(crate) fn limit(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Runs even after a signal: it only removes what others made.
    pub(crate) fn cleanup(mut self) -> Self {
        self.cleanup = true;
        self
    }

    /// The command as one would type it.
    pub(crate) fn text(&self) -> String {
        let mut words = vec![self.program.to_string_lossy().into_owned()];
        words.extend(self.args.iter().map(|arg| arg.to_string_lossy().into_owned()));
        words.join(" ")
    }

    fn spawn(&self, stdout: Stdio, stderr: Stdio) -> Result<Running> {
        if interrupted() && !self.cleanup {
            bail!("interrupted");
        }
        let mut command = Command::new(&self.program);
        command
            .args(&self.args)
            .envs(self.envs.iter().cloned())
            .stdin(Stdio::null())
            .stdout(stdout)
            .stderr(stderr)
            .process_group(0);
        if let Some(dir) = &self.dir {
            command.current_dir(dir);
        }
        let child = command
            .spawn()
            .with_context(|| format!("starting {}", self.program.to_string_lossy()))?;
        let group = Pid::from_child(&child);
        GROUPS.lock().unwrap_or_else(PoisonError::into_inner).push(group);
        Ok(Running {
            child,
            group,
            until: self.limit.map(|limit| (Instant::now() + limit, limit)),
            text: self.text(),
        })
    }

    /// Runs with our own output; fails when the command does.
    pub(crate) fn run(self) -> Result<()> {
        let status = self.spawn(Stdio::inherit(), Stdio::inherit())?.wait()?;
        check(&self.text(), status)
    }

    /// Runs in the background, its output into a file.
    pub(crate) fn start(self, log: &std::path::Path) -> Result<Running> {
        let file =
            std::fs::File::create(log).with_context(|| format!("creating {}", log.display()))?;
        let twin = file.try_clone()?;
        self.spawn(file.into(), twin.into())
    }

    /// Runs and keeps both outputs.
    pub(crate) fn capture(self) -> Result<Output> {
        self.outputs(false)
    }

    /// Runs, shows both outputs as they come and keeps them.
    pub(crate) fn tee(self) -> Result<Output> {
        self.outputs(true)
    }

    /// Standard output of a command that must succeed.
    pub(crate) fn capture_ok(self) -> Result<String> {
        let text = self.text();
        let out = self.capture()?;
        if out.code != 0 {
            bail!("`{text}` exited with {}: {}", out.code, out.stderr.trim());
        }
        Ok(out.stdout)
    }

    fn outputs(self, show: bool) -> Result<Output> {
        let mut running = self.spawn(Stdio::piped(), Stdio::piped())?;
        let (done, finished) = mpsc::channel();
        let out = read(running.child.stdout.take(), show, done.clone());
        let err = read(running.child.stderr.take(), show, done);
        let status = running.wait();
        // A process that left the group may hold a pipe open for ever: what came until then counts.
        for _ in 0..2 {
            let _ = finished.recv_timeout(GRACE);
        }
        let text = |bytes: &Mutex<Vec<u8>>| {
            String::from_utf8_lossy(&bytes.lock().unwrap_or_else(PoisonError::into_inner))
                .into_owned()
        };
        Ok(Output { code: code(status?), stdout: text(&out), stderr: text(&err) })
    }
}

/// Reads a pipe to its end on a thread of its own.
fn read(
    pipe: Option<impl Read + Send + 'static>,
    show: bool,
    done: mpsc::Sender<()>,
) -> Arc<Mutex<Vec<u8>>> {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let into = Arc::clone(&kept);
    std::thread::spawn(move || {
        let Some(pipe) = pipe else { return };
        let mut lines = BufReader::new(pipe);
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
            if show {
                drop(std::io::stdout().write_all(&line));
            }
            into.lock().unwrap_or_else(PoisonError::into_inner).append(&mut line);
        }
        let _ = done.send(());
    });
    kept
}

fn code(status: ExitStatus) -> i32 {
    status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0))
}

fn check(text: &str, status: ExitStatus) -> Result<()> {
    if !status.success() {
        bail!("`{text}` exited with {}", code(status));
    }
    Ok(())
}

/// A command that runs. Dropping it ends its whole group.
pub(crate) struct Running {
    child: Child,
    group: Pid,
    until: Option<(Instant, Duration)>,
    text: String,
}

impl Running {
    /// Waits for the end, or for the limit: then the group is killed.
    pub(crate) fn wait(&mut self) -> Result<ExitStatus> {
        let mut pause = Duration::from_millis(1);
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            if let Some((until, limit)) = self.until
                && Instant::now() >= until
            {
                self.end();
                bail!("`{}` took longer than its {}", self.text, ui::took(limit));
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(50));
        }
    }

    /// Waits for the end and fails when the command did.
    pub(crate) fn finish(mut self) -> Result<()> {
        let status = self.wait()?;
        check(&self.text, status)
    }

    fn end(&mut self) {
        let _ = kill_process_group(self.group, Signal::TERM);
        let until = Instant::now() + GRACE;
        while Instant::now() < until {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = kill_process_group(self.group, Signal::KILL);
        drop(self.child.wait());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !matches!(self.child.try_wait(), Ok(Some(_))) {
            self.end();
        }
        GROUPS.lock().unwrap_or_else(PoisonError::into_inner).retain(|group| *group != self.group);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_outputs_and_the_code_are_kept() {
        let out = Cmd::new("sh").args(["-c", "echo out; echo err >&2; exit 3"]).capture().unwrap();
        assert_eq!((out.code, out.stdout.as_str(), out.stderr.as_str()), (3, "out\n", "err\n"));
    }

    #[test]
    fn a_command_over_its_limit_is_gone_with_its_children() {
        let start = Instant::now();
        let mark = format!("60.{:04}", std::process::id() % 10_000);
        let script = format!("sleep {mark} & wait");
        let error = Cmd::new("sh")
            .args(["-c", &script])
            .limit(Duration::from_millis(200))
            .capture()
            .err()
            .unwrap();
        assert!(error.to_string().ends_with("took longer than its 0.2s"), "{error}");
        assert!(start.elapsed() < GRACE * 2);
        let left = Cmd::new("sh")
            .args(["-c", &format!("ps -eo args | grep '^sleep {mark}'")])
            .capture()
            .unwrap();
        assert_eq!(left.stdout, "");
    }

    #[test]
    fn a_signal_is_a_code_above_128() {
        assert_eq!(Cmd::new("sh").args(["-c", "kill -9 $$"]).capture().unwrap().code, 137);
    }
}
