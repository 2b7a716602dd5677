//! `rm`: gets as far as it can, and is not undone.

use crate::{EngineError, Progress, Report, Session, spans};
use perry_container_executor::{Brakes, OnFailure};
use perry_container_reconcile::{self as reconcile, Desired, Planned, RmOptions};

impl Session {
    /// Removes a project's containers that do not run.
    ///
    /// # Errors
    /// [`EngineError::Failed`] when one could not be removed; the others are.
    pub async fn rm(
        &self,
        project: &str,
        desired: Option<&Desired>,
        options: &RmOptions,
        brakes: &Brakes,
        tell: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Report, EngineError> {
        let lock = self.lock(project, brakes, tell).await?;
        let asking = self.plan_rm(project, desired, options);
        let planned = Self::unless_stopped(brakes, asking).await?;
        let (go_on, lock) = (OnFailure::Continue, lock.as_ref());
        self.carry_out(project, desired, planned, go_on, lock, brakes, tell).await
    }

    /// Plans without doing: what `rm` would do now. A person who is asked sees the plan's removals, and what they agree to
    /// is [`RmOptions::approved`].
    ///
    /// # Errors
    /// When there is no plan, or the runtime cannot be asked.
    pub async fn plan_rm(
        &self,
        project: &str,
        desired: Option<&Desired>,
        options: &RmOptions,
    ) -> Result<Planned, EngineError> {
        let observed = self.containers(project).await?;
        Ok(spans::plan(project, "rm", || reconcile::rm(desired, &observed, options))?)
    }
}
