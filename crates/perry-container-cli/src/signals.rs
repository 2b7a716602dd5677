//! Being interrupted and being asked to end.

use crate::failure::{Failure, INTERRUPTED, TERMINATED};
use futures_util::FutureExt as _;
use perry_container_compose::executor::Brakes;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::Duration,
};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::{mpsc::UnboundedReceiver, watch},
    task::JoinHandle,
    time::sleep,
};

/// Signals closer to each other than this are one.
const TOGETHER: Duration = Duration::from_millis(100);

/// Counts SIGINT and SIGTERM from the moment it is made; neither ends this process by itself any more.
#[derive(Debug)]
pub(crate) struct Signals {
    count: watch::Receiver<u32>,
    status: Arc<AtomicU8>,
}

/// Where signals come from.
enum Source {
    OfProcess { interrupt: Signal, terminate: Signal },
    ByHand(UnboundedReceiver<u8>),
}

impl Source {
    /// The exit status that the next one means.
    async fn next(&mut self) -> Option<u8> {
        match self {
            Self::OfProcess { interrupt, terminate } => tokio::select! {
                Some(()) = interrupt.recv() => Some(INTERRUPTED),
                Some(()) = terminate.recv() => Some(TERMINATED),
                else => None,
            },
            Self::ByHand(pressed) => pressed.recv().await,
        }
    }

    /// What has come already does not count.
    fn forget(&mut self) {
        match self {
            Self::OfProcess { interrupt, terminate } => {
                let (_, _) = (interrupt.recv().now_or_never(), terminate.recv().now_or_never());
            }
            Self::ByHand(pressed) => while pressed.try_recv().is_ok() {},
        }
    }
}

/// Brakes that signals apply as long as this lives: the first stops, the second kills.
#[derive(Debug)]
pub(crate) struct Braking {
    pub(crate) brakes: Brakes,
    task: JoinHandle<()>,
}

impl Signals {
    /// Begins to listen to what is pressed by hand, else to this process's signals.
    pub(crate) fn listen(pressed: Option<UnboundedReceiver<u8>>) -> Result<Self, Failure> {
        let (send, count) = watch::channel(0);
        let status = Arc::new(AtomicU8::new(0));
        let mut source = match pressed {
            Some(pressed) => Source::ByHand(pressed),
            None => Source::OfProcess {
                interrupt: signal(SignalKind::interrupt())?,
                terminate: signal(SignalKind::terminate())?,
            },
        };
        let told = Arc::clone(&status);
        tokio::spawn(async move {
            while let Some(code) = source.next().await {
                // The first says why this process ends.
                let _ = told.compare_exchange(0, code, Ordering::Relaxed, Ordering::Relaxed);
                send.send_modify(|count| *count += 1);
                // `timeout` and the like signal a process and its group: what comes at the same time is one signal.
                sleep(TOGETHER).await;
                source.forget();
            }
        });
        Ok(Self { count, status })
    }

    /// Brakes for what begins now: signals from before do not count.
    pub(crate) fn braking(&self) -> Braking {
        let brakes = Brakes::default();
        let (mut count, pulled) = (self.count.clone(), brakes.clone());
        count.mark_unchanged();
        let task = tokio::spawn(async move {
            let mut seen = *count.borrow_and_update();
            while count.changed().await.is_ok() {
                let now = *count.borrow_and_update();
                for _ in seen..now {
                    pulled.pull();
                }
                seen = now;
            }
        });
        Braking { brakes, task }
    }

    /// The next signal.
    pub(crate) async fn next(&self) {
        let mut count = self.count.clone();
        count.mark_unchanged();
        if count.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// The status of a process that was interrupted, when it was.
    pub(crate) fn status(&self) -> Option<u8> {
        Some(self.status.load(Ordering::Relaxed)).filter(|status| *status != 0)
    }
}

impl Drop for Braking {
    fn drop(&mut self) {
        self.task.abort();
    }
}
