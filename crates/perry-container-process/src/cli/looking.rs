//! What a tool does not say by itself is found by looking again and again.

use super::CliBackend;
use futures_util::{StreamExt as _, stream};
use perry_container_backend::{ContainerBackendExt as _, Flow, Result};
use perry_container_protocol::{CliProtocol, LogItem};
use perry_container_spec::{ContainerInfo, ErrorKind, State};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// Between two looks: each is a process.
const LOOK: Duration = Duration::from_millis(500);

/// How long after the end of a container its last output may come.
const LATE: Duration = Duration::from_millis(300);

/// Whether it may still do something.
fn goes_on(info: &ContainerInfo) -> bool {
    info.state.is_up() || info.state == State::Created
}

impl<P: CliProtocol> CliBackend<P> {
    /// Waits for the end of a container; its exit status, where the tool tells it.
    pub(super) async fn wait_by_looking(&self, id: &str) -> Result<i32> {
        loop {
            let info = self.inspect(id).await?;
            if !goes_on(&info) {
                let text = "it has ended, and this runtime does not tell with which status";
                let untold = || self.about("wait for", id).error(ErrorKind::Unsupported, text);
                return info.exit_code.ok_or_else(untold);
            }
            sleep(LOOK).await;
        }
    }

    /// Ends what follows a log when its container has ended and nothing more comes.
    pub(super) fn until_it_ends(&self, id: &str, items: Flow<LogItem>) -> Flow<LogItem> {
        let state = (self.clone(), id.to_owned(), items, Instant::now() + LOOK);
        let next = |(this, id, mut items, mut look): (Self, String, Flow<LogItem>, Instant)| async move {
            loop {
                let patience = look.saturating_duration_since(Instant::now());
                if let Ok(item) = timeout(patience, items.next()).await {
                    return Some((item?, (this, id, items, look)));
                }
                let seen = this.inspect(&id).await;
                look = Instant::now() + LOOK;
                if seen.is_ok_and(|info| goes_on(&info)) {
                    continue;
                }
                let last = timeout(LATE, items.next()).await.ok()??;
                look = Instant::now() + LATE;
                return Some((last, (this, id, items, look)));
            }
        };
        stream::unfold(state, next).boxed()
    }
}
