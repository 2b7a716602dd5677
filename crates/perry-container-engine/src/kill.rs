//! `kill`, also the one that ends an attached `up`.

use crate::{EngineError, Lock, Progress, Report, Session, spans};
use perry_container_executor::{Brakes, OnFailure};
use perry_container_reconcile::{self as reconcile, Desired, KillOptions, Planned};
use perry_container_support::Feature;

impl Session {
    /// Sends a signal to a project's containers, to all at once.
    ///
    /// # Errors
    /// [`EngineError::Failed`] when one could not be sent it; the others were.
    pub async fn kill(
        &self,
        project: &str,
        desired: Option<&Desired>,
        options: &KillOptions,
        brakes: &Brakes,
        tell: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Report, EngineError> {
        // Nothing that an engine still does for a killed command is in the way of this.
        let lock = self.take_lock(project, brakes, tell).await?;
        self.kill_now(project, desired, options, lock.as_ref(), brakes, tell).await
    }

    /// The same without the lock: whoever asks for it a second time does not want to wait.
    pub(crate) async fn kill_now(
        &self,
        project: &str,
        desired: Option<&Desired>,
        options: &KillOptions,
        lock: Option<&Lock>,
        brakes: &Brakes,
        tell: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Report, EngineError> {
        let asking = self.plan_kill(project, desired, options);
        let planned = Self::unless_stopped(brakes, asking).await?;
        let go_on = OnFailure::Continue;
        self.carry_out(project, desired, planned, go_on, lock, brakes, tell).await
    }

    /// Plans without doing: what `kill` would do now.
    ///
    /// # Errors
    /// When there is no plan, or the runtime cannot be asked.
    pub async fn plan_kill(
        &self,
        project: &str,
        desired: Option<&Desired>,
        options: &KillOptions,
    ) -> Result<Planned, EngineError> {
        let observed = self.containers(project).await?;
        let thaw = self.backend.capabilities().emulated(Feature::KillPaused);
        let options = KillOptions { thaw: options.thaw || thaw, ..options.clone() };
        Ok(spans::plan(project, "kill", || reconcile::kill(desired, &observed, &options))?)
    }
}
