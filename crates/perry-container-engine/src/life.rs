//! `stop`, `start`, `restart`, `pause` and `unpause`.

use crate::{EngineError, Progress, Report, Session, spans};
use perry_container_executor::{Brakes, OnFailure};
use perry_container_reconcile::{self as reconcile, Desired, LifeOptions, Planned, ReconcileError};
use perry_container_spec::{Observed, Parts, Selector};

/// One of the commands of the planner.
type Planner = fn(Option<&Desired>, &Observed, &LifeOptions) -> Result<Planned, ReconcileError>;

impl Session {
    /// Stops a project's containers in reverse order.
    ///
    /// # Errors
    /// [`EngineError::Failed`] when one could not be stopped; the others are.
    pub async fn stop(
        &self,
        project: &str,
        desired: Option<&Desired>,
        options: &LifeOptions,
        brakes: &Brakes,
        tell: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Report, EngineError> {
        let go_on = OnFailure::Continue;
        self.live(reconcile::stop, project, desired, options, go_on, brakes, tell).await
    }

    /// Starts a project's containers in order, each after what it waits for.
    ///
    /// # Errors
    /// [`EngineError::Failed`]; what was started stays.
    pub async fn start(
        &self,
        project: &str,
        desired: Option<&Desired>,
        options: &LifeOptions,
        brakes: &Brakes,
        tell: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Report, EngineError> {
        let halt = OnFailure::Halt;
        self.live(reconcile::start, project, desired, options, halt, brakes, tell).await
    }

    /// Stops and starts a project's containers.
    ///
    /// # Errors
    /// [`EngineError::Failed`]; what was started stays.
    pub async fn restart(
        &self,
        project: &str,
        desired: Option<&Desired>,
        options: &LifeOptions,
        brakes: &Brakes,
        tell: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Report, EngineError> {
        let go_on = OnFailure::Continue;
        self.live(reconcile::restart, project, desired, options, go_on, brakes, tell).await
    }

    /// Freezes a project's containers in reverse order.
    ///
    /// # Errors
    /// [`EngineError::Failed`] when one could not be frozen; the others are.
    pub async fn pause(
        &self,
        project: &str,
        desired: Option<&Desired>,
        options: &LifeOptions,
        brakes: &Brakes,
        tell: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Report, EngineError> {
        let go_on = OnFailure::Continue;
        self.live(reconcile::pause, project, desired, options, go_on, brakes, tell).await
    }

    /// Lets a project's frozen containers go on, in order.
    ///
    /// # Errors
    /// [`EngineError::Failed`] when one does not; the others do.
    pub async fn unpause(
        &self,
        project: &str,
        desired: Option<&Desired>,
        options: &LifeOptions,
        brakes: &Brakes,
        tell: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Report, EngineError> {
        let go_on = OnFailure::Continue;
        self.live(reconcile::unpause, project, desired, options, go_on, brakes, tell).await
    }

    #[expect(clippy::too_many_arguments, reason = "one body for five commands")]
    async fn live(
        &self,
        planner: Planner,
        project: &str,
        desired: Option<&Desired>,
        options: &LifeOptions,
        on_failure: OnFailure,
        brakes: &Brakes,
        tell: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Report, EngineError> {
        let lock = self.lock(project, brakes, tell).await?;
        let asking = self.plan_life(planner, project, desired, options);
        let planned = Self::unless_stopped(brakes, asking).await?;
        let lock = lock.as_ref();
        self.carry_out(project, desired, planned, on_failure, lock, brakes, tell).await
    }

    async fn plan_life(
        &self,
        planner: Planner,
        project: &str,
        desired: Option<&Desired>,
        options: &LifeOptions,
    ) -> Result<Planned, EngineError> {
        let observed = self.containers(project).await?;
        Ok(spans::plan(project, "life", || planner(desired, &observed, options))?)
    }

    /// Plans without doing: what `stop` would do now.
    ///
    /// # Errors
    /// When there is no plan, or the runtime cannot be asked.
    pub async fn plan_stop(
        &self,
        project: &str,
        desired: Option<&Desired>,
        options: &LifeOptions,
    ) -> Result<Planned, EngineError> {
        self.plan_life(reconcile::stop, project, desired, options).await
    }

    /// Plans without doing: what `start` would do now.
    ///
    /// # Errors
    /// When there is no plan, or the runtime cannot be asked.
    pub async fn plan_start(
        &self,
        project: &str,
        desired: Option<&Desired>,
        options: &LifeOptions,
    ) -> Result<Planned, EngineError> {
        self.plan_life(reconcile::start, project, desired, options).await
    }

    /// Plans without doing: what `restart` would do now.
    ///
    /// # Errors
    /// When there is no plan, or the runtime cannot be asked.
    pub async fn plan_restart(
        &self,
        project: &str,
        desired: Option<&Desired>,
        options: &LifeOptions,
    ) -> Result<Planned, EngineError> {
        self.plan_life(reconcile::restart, project, desired, options).await
    }

    /// Plans without doing: what `pause` would do now.
    ///
    /// # Errors
    /// When there is no plan, or the runtime cannot be asked.
    pub async fn plan_pause(
        &self,
        project: &str,
        desired: Option<&Desired>,
        options: &LifeOptions,
    ) -> Result<Planned, EngineError> {
        self.plan_life(reconcile::pause, project, desired, options).await
    }

    /// Plans without doing: what `unpause` would do now.
    ///
    /// # Errors
    /// When there is no plan, or the runtime cannot be asked.
    pub async fn plan_unpause(
        &self,
        project: &str,
        desired: Option<&Desired>,
        options: &LifeOptions,
    ) -> Result<Planned, EngineError> {
        self.plan_life(reconcile::unpause, project, desired, options).await
    }

    /// The containers of a project, by its label.
    pub(crate) async fn containers(&self, project: &str) -> Result<Observed, EngineError> {
        let of = Selector { images: Vec::new(), ..reconcile::selector(project, None) };
        self.look(&of, Parts::CONTAINERS).await
    }
}
