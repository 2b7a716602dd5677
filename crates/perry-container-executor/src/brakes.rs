//! Stopping a run from outside.

use tokio_util::sync::CancellationToken;

/// How one run is stopped. An argument of the run and never a field of anything, so that an undo cannot inherit the
/// token whose cancellation made it necessary.
#[derive(Debug, Clone, Default)]
pub struct Brakes {
    /// First signal: nothing new begins, waits, pulls and builds end now, short calls finish.
    pub stop: CancellationToken,
    /// Second signal: calls under way are dropped, which leaves them in doubt.
    pub kill: CancellationToken,
}

impl Brakes {
    /// For the undo of a run with these: a stop of its own, the same kill.
    #[must_use]
    pub fn of_undo(&self) -> Self {
        Self { stop: CancellationToken::new(), kill: self.kill.clone() }
    }

    /// Applies the next brake: the first call stops, any later one kills.
    pub fn pull(&self) {
        if self.stop.is_cancelled() { &self.kill } else { &self.stop }.cancel();
    }

    /// Whether any brake was applied.
    pub fn applied(&self) -> bool {
        self.stop.is_cancelled() || self.kill.is_cancelled()
    }
}
