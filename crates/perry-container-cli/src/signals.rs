//! Being interrupted and being asked to end.

use crate::failure::{Failure, HUNG_UP, INTERRUPTED, TERMINATED};
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

/// Whoever asks so often wants to get out, whatever is left behind.
const ENOUGH: u32 = 3;

/// Counts SIGINT, SIGTERM and SIGHUP from the moment it is made; none of them ends this process by itself any more.
#[derive(Debug)]
pub(crate) struct Signals {
    count: watch::Receiver<u32>,
    status: Arc<AtomicU8>,
}

/// Where signals come from.
enum Source {
    /// Each kind with the exit status that it means.
    OfProcess(Vec<(Signal, u8)>),
    ByHand(UnboundedReceiver<u8>),
}

impl Source {
    /// The exit status that the next one means.
    async fn next(&mut self) -> Option<u8> {
        match self {
            Self::OfProcess(kinds) => {
                let each = kinds.iter_mut().map(|(signal, code)| {
                    Box::pin(async move { signal.recv().await.map(|()| *code) })
                });
                futures_util::future::select_all(each).await.0
            }
            Self::ByHand(pressed) => pressed.recv().await,
        }
    }

    /// What has come already does not count.
    fn forget(&mut self) {
        match self {
            Self::OfProcess(kinds) => kinds.iter_mut().for_each(|(signal, _)| {
                signal.recv().now_or_never();
            }),
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
    /// Begins to listen to what is pressed by hand, else to this process's signals. A hangup is nothing to whoever was
    /// told to ignore it (`nohup`).
    pub(crate) fn listen(pressed: Option<UnboundedReceiver<u8>>) -> Result<Self, Failure> {
        let (send, count) = watch::channel(0);
        let status = Arc::new(AtomicU8::new(0));
        let heard = |kind, code| Ok::<_, Failure>((signal(kind)?, code));
        let mut source = match pressed {
            Some(pressed) => Source::ByHand(pressed),
            None => {
                let mut kinds = vec![
                    heard(SignalKind::interrupt(), INTERRUPTED)?,
                    heard(SignalKind::terminate(), TERMINATED)?,
                ];
                if !hangups_are_ignored() {
                    kinds.push(heard(SignalKind::hangup(), HUNG_UP)?);
                }
                Source::OfProcess(kinds)
            }
        };
        let told = Arc::clone(&status);
        tokio::spawn(async move {
            while let Some(code) = source.next().await {
                // The first says why this process ends.
                let _ = told.compare_exchange(0, code, Ordering::Relaxed, Ordering::Relaxed);
                send.send_modify(|count| *count += 1);
                // `timeout` and the like signal a process and its group, a terminal that goes away sends several kinds:
                // what comes at the same time is one signal.
                sleep(TOGETHER).await;
                source.forget();
            }
        });
        Ok(Self { count, status })
    }

    /// Brakes for what begins now. Signals from before count: what is over by now did not heed them.
    pub(crate) fn braking(&self) -> Braking {
        let brakes = Brakes::default();
        let (mut count, pulled) = (self.count.clone(), brakes.clone());
        let mut seen = *count.borrow_and_update();
        (0..seen).for_each(|_| pulled.pull());
        let task = tokio::spawn(async move {
            while count.changed().await.is_ok() {
                let now = *count.borrow_and_update();
                (seen..now).for_each(|_| pulled.pull());
                seen = now;
            }
        });
        Braking { brakes, task }
    }

    /// What is asked before anything is done ends with the first signal: whoever is asked may never answer.
    pub(crate) async fn unless_any<T>(
        &self,
        asking: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        tokio::select! {
            biased;
            () = self.any() => Err(self.interrupted("interrupted")),
            answer = asking => answer,
        }
    }

    /// The first two signals are for what is done here; the third ends it where it stands.
    pub(crate) async fn unless_enough<T>(
        &self,
        doing: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let left = "interrupted; all was left as it stood (the next `up` or `down` mends it)";
        tokio::select! {
            biased;
            done = doing => done,
            () = self.reached(ENOUGH) => Err(self.interrupted(left)),
        }
    }

    /// Between two short calls that are not cut: an error once there was a signal.
    pub(crate) fn go_on(&self) -> Result<(), Failure> {
        if self.status().is_some() { Err(self.interrupted("interrupted")) } else { Ok(()) }
    }

    fn interrupted(&self, text: &str) -> Failure {
        let status = self.status().unwrap_or(INTERRUPTED);
        Failure { status, ..Failure::error(text) }
    }

    async fn reached(&self, number: u32) {
        let mut count = self.count.clone();
        if count.wait_for(|count| *count >= number).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Once there was a signal.
    pub(crate) async fn any(&self) {
        self.reached(1).await;
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

/// Whether this process was started with SIGHUP ignored. Only Linux tells without unsafe code; elsewhere it is heard.
fn hangups_are_ignored() -> bool {
    std::fs::read_to_string("/proc/self/status").is_ok_and(|status| ignores(&status, 1))
}

/// Whether the text of `/proc/PID/status` says that a signal is ignored.
fn ignores(status: &str, signal: u32) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & (1 << (signal - 1)) != 0)
}

#[cfg(test)]
mod tests {
    use super::{Signals, ignores};
    use crate::failure::Failure;
    use std::sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    };
    use tokio::sync::watch;

    fn signals(count: u32) -> (watch::Sender<u32>, Signals) {
        let (send, count) = watch::channel(count);
        (send, Signals { count, status: Arc::new(AtomicU8::new(143)) })
    }

    #[test]
    fn nohup_is_seen() {
        let status = |mask: &str| format!("Name:\tx\nSigBlk:\t0000000000000001\nSigIgn:\t{mask}\n");
        assert!(ignores(&status("0000000000000001"), 1));
        assert!(!ignores(&status("0000000000001000"), 1));
        assert!(!ignores("", 1));
    }

    #[tokio::test]
    async fn a_signal_that_came_between_two_phases_counts_for_the_second() {
        let (send, signals) = signals(1);
        let braking = signals.braking();
        assert!(braking.brakes.stop.is_cancelled() && !braking.brakes.kill.is_cancelled());
        send.send_modify(|count| *count += 1);
        braking.brakes.kill.cancelled().await;
    }

    #[tokio::test]
    async fn questions_end_with_the_first_and_work_with_the_third() {
        let (send, signals) = signals(0);
        let never = std::future::pending::<Result<(), Failure>>;
        send.send_replace(1);
        let asked = signals.unless_any(never()).await.unwrap_err();
        assert_eq!((asked.text.as_str(), asked.status), ("interrupted", 143));
        send.send_replace(2);
        let work = tokio::time::timeout(std::time::Duration::from_millis(50), async {
            signals.unless_enough(never()).await
        });
        assert!(work.await.is_err(), "two signals belong to the work");
        send.send_replace(3);
        let left = signals.unless_enough(never()).await.unwrap_err();
        assert!(left.text.contains("left as it stood"), "{left}");
        signals.status.store(0, Ordering::Relaxed);
        assert_eq!(signals.unless_enough(never()).await.unwrap_err().status, 130);
    }
}
