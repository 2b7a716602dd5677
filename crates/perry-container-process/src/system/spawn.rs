//! Starting a child.

use super::{files, group::Group, pty};
use crate::{Environment, Window};
use perry_container_protocol::Invocation;
use rustix::process::Pid;
use std::{
    io,
    os::fd::OwnedFd,
    path::PathBuf,
    process::Stdio,
    sync::{OnceLock, mpsc},
    time::Duration,
};
use tempfile::TempDir;
use tokio::{
    process::{ChildStderr, ChildStdin, ChildStdout, Command},
    runtime::Handle,
    sync::oneshot,
};

/// What to start.
pub(super) struct Job {
    pub(super) path: PathBuf,
    pub(super) args: Vec<String>,
    pub(super) call: Invocation,
    pub(super) env: Environment,
    /// Where files may lie.
    pub(super) files: PathBuf,
    pub(super) terminal: Option<Window>,
    /// Whether something goes into it.
    pub(super) feeds: bool,
}

/// A child and our ends of its streams.
pub(super) struct Spawned {
    pub(super) group: Group,
    pub(super) streams: Streams,
    /// Its files: they go away with it.
    pub(super) files: Option<TempDir>,
}

/// How we are connected with a child.
pub(super) enum Streams {
    Pipes { stdin: Option<ChildStdin>, stdout: Option<ChildStdout>, stderr: Option<ChildStderr> },
    Terminal(pty::Pty),
}

type Errand = Box<dyn FnOnce() + Send>;

/// The kernel's signal at a parent's death is one at the death of the *thread* that started the child. So one thread
/// that lives as long as the process starts them all.
fn starter() -> io::Result<&'static mpsc::Sender<Errand>> {
    static STARTER: OnceLock<mpsc::Sender<Errand>> = OnceLock::new();
    if let Some(starter) = STARTER.get() {
        return Ok(starter);
    }
    let (sender, errands) = mpsc::channel::<Errand>();
    let run = move || errands.iter().for_each(|errand| errand());
    drop(std::thread::Builder::new().name("perry-spawn".to_owned()).spawn(run)?);
    Ok(STARTER.get_or_init(|| sender)) // of two at the same time, one thread ends with its channel
}

/// Starts a child from the starter's thread; when the future is dropped, the child is ended.
pub(super) async fn spawn(job: Job, grace: Duration) -> io::Result<Spawned> {
    let runtime = Handle::current();
    let (reply, answer) = oneshot::channel();
    let errand = move || {
        if reply.is_closed() {
            return;
        }
        let _inside = runtime.enter();
        drop(reply.send(launch(&job, runtime.clone(), grace)));
    };
    let gone = |_| io::Error::other("the thread that starts processes has ended");
    starter()?.send(Box::new(errand)).map_err(|_| gone(()))?;
    answer.await.map_err(|_| gone(()))?
}

fn launch(job: &Job, runtime: Handle, grace: Duration) -> io::Result<Spawned> {
    let (args, files) = files::materialise(&job.call, &job.files)?;
    #[expect(clippy::disallowed_methods, reason = "this is the one place that starts processes")]
    let mut command = Command::new(&job.path);
    command.args(&job.args).args(args).env_clear().envs(job.env.iter()).kill_on_drop(true);
    let terminal = job.terminal.map(|window| wire(&mut command, window)).transpose()?;
    if terminal.is_none() {
        let stdin = if job.feeds { Stdio::piped() } else { Stdio::null() };
        command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
    }
    detach(&mut command, terminal.is_some());
    let mut child = command.spawn()?;
    drop(command); // closes our copies of the child's side of its terminal
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let group = Group::new(child, runtime, grace).ok_or(io::ErrorKind::NotFound)?;
    let streams = match terminal {
        Some(ours) => Streams::Terminal(pty::Pty::new(ours)?),
        None => Streams::Pipes { stdin, stdout, stderr },
    };
    Ok(Spawned { group, streams, files })
}

/// Connects all three streams with a new terminal; our side of it.
fn wire(command: &mut Command, window: Window) -> io::Result<OwnedFd> {
    let (ours, theirs) = pty::open(window)?;
    command.stdin(theirs.try_clone()?).stdout(theirs.try_clone()?).stderr(theirs);
    Ok(ours)
}

/// Gives the child a session, so a process group, of its own, with its stdin as the controlling terminal where that
/// is one, and on Linux has it killed when this process dies.
#[expect(unsafe_code, reason = "there is no other way to act between fork and exec")]
fn detach(command: &mut Command, terminal: bool) {
    let parent = rustix::process::getpid();
    // SAFETY: between fork and exec only system calls are made: nothing is allocated and no lock is taken.
    unsafe { command.pre_exec(move || prepare(parent, terminal)) };
}

fn prepare(parent: Pid, terminal: bool) -> io::Result<()> {
    rustix::process::setsid()?;
    if terminal {
        rustix::process::ioctl_tiocsctty(rustix::stdio::stdin())?;
    }
    #[cfg(target_os = "linux")]
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
    // It may have died before the signal was asked for.
    if rustix::process::getppid() != Some(parent) {
        return Err(rustix::io::Errno::CHILD.into());
    }
    Ok(())
}
