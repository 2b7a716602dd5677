//! A child with all its descendants in its process group.

use futures_util::{StreamExt as _, stream};
use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};
use std::{io, os::unix::process::ExitStatusExt as _, process::ExitStatus, time::Duration};
use tokio::{
    io::AsyncRead,
    process::Child,
    runtime::Handle,
    time::{Instant, sleep, timeout},
};

/// A child that leads a process group, owned: dropped before its end, the group is ended.
#[derive(Debug)]
pub(super) struct Group {
    child: Option<Child>,
    id: Pid,
    runtime: Handle,
    grace: Duration,
}

impl Group {
    /// Takes a child that leads its group; `None` when it has been reaped already.
    pub(super) fn new(child: Child, runtime: Handle, grace: Duration) -> Option<Self> {
        let id = child.id().and_then(|id| Pid::from_raw(id.try_into().ok()?))?;
        Some(Self { child: Some(child), id, runtime, grace })
    }

    /// Its exit code, when it has ended; 128 + n when signal n ended it. Can be called again after a cancelled call.
    pub(super) async fn wait(&mut self) -> io::Result<i32> {
        let Some(child) = &mut self.child else {
            return Err(io::ErrorKind::NotFound.into());
        };
        let status = child.wait().await?;
        self.child = None;
        Ok(code(status))
    }
}

/// As a shell tells it.
fn code(status: ExitStatus) -> i32 {
    status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0))
}

impl Group {
    /// Ends the group in the background, unless it has ended. What it still prints is read and forgotten meanwhile: a
    /// program that says that it was told to end must not die of a closed pipe before it has cleaned up.
    pub(super) fn end(&mut self, streams: Vec<Box<dyn AsyncRead + Send + Unpin>>) {
        let Some(child) = self.child.take() else { return };
        let _gone = kill_process_group(self.id, Signal::TERM);
        let last = Last { child, id: self.id, over: false };
        drop(self.runtime.spawn(last.end(self.grace, streams)));
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.end(Vec::new());
    }
}

/// The last moments of a group. When the runtime ends before it, it is killed at once.
struct Last {
    child: Child,
    id: Pid,
    over: bool,
}

/// How often to look whether the others of a group have ended.
const LOOK: Duration = Duration::from_millis(10);

impl Last {
    async fn end(mut self, grace: Duration, streams: Vec<Box<dyn AsyncRead + Send + Unpin>>) {
        let forget = |mut stream: Box<dyn AsyncRead + Send + Unpin>| async move {
            drop(tokio::io::copy(&mut stream, &mut tokio::io::sink()).await);
        };
        let forgetting = async {
            stream::iter(streams).for_each_concurrent(None, forget).await;
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = forgetting => {}
            () = self.wait(grace) => {}
        }
    }

    async fn wait(&mut self, grace: Duration) {
        let until = Instant::now() + grace;
        if timeout(grace, self.child.wait()).await.is_ok_and(|ended| ended.is_ok()) {
            while Instant::now() < until && test_kill_process_group(self.id).is_ok() {
                sleep(LOOK).await;
            }
        }
        let _gone = kill_process_group(self.id, Signal::KILL);
        self.over = self.child.wait().await.is_ok();
    }
}

impl Drop for Last {
    fn drop(&mut self) {
        if self.over {
            return;
        }
        let _gone = kill_process_group(self.id, Signal::KILL);
        let id = self.id;
        // Nobody else reaps it once the runtime has ended.
        let _detached =
            std::thread::Builder::new().name("perry-reap".to_owned()).spawn(move || {
                let _status =
                    rustix::process::waitpid(Some(id), rustix::process::WaitOptions::empty());
            });
    }
}
