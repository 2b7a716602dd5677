//! `create`: an `up` that starts nothing.

use crate::{EngineError, Progress, Report, Session};
use perry_container_executor::Brakes;
use perry_container_plan::Plan;
use perry_container_reconcile::{Action, Desired, Planned, UpOptions};

impl Session {
    /// Makes what a project needs and starts none of it. What ran and is made anew does not run afterwards.
    ///
    /// # Errors
    /// As [`Session::up`], and undone as that is.
    pub async fn create(
        &self,
        desired: &Desired,
        options: &UpOptions,
        brakes: &Brakes,
        tell: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Report, EngineError> {
        self.up(desired, &options.clone().creating(), brakes, tell).await
    }

    /// Plans without doing: what `create` would do now. As [`Session::plan_up`].
    ///
    /// # Errors
    /// When there is no plan, or the runtime cannot be asked.
    pub async fn plan_create(
        &self,
        desired: &Desired,
        options: &UpOptions,
    ) -> Result<(Planned, Plan<Action>), EngineError> {
        self.plan_up(desired, &options.clone().creating()).await
    }
}
