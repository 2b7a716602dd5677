//! `down`: gets as far as it can, and is not undone.

use crate::{
    EngineError, Lock, Object, Phase, Progress, Report, Session, keeper, run::Job, spans,
    watch::Checks,
};
use perry_container_executor::{Brakes, OnFailure};
use perry_container_reconcile::{self as reconcile, Desired, DownOptions, Planned};
use perry_container_spec::Parts;

impl Session {
    /// Plans without doing: what `down` would do now.
    ///
    /// # Errors
    /// When there is no plan, or the runtime cannot be asked.
    pub async fn plan_down(
        &self,
        project: &str,
        desired: Option<&Desired>,
        options: &DownOptions,
    ) -> Result<Planned, EngineError> {
        let mut of = reconcile::selector(project, desired);
        of.images.clear();
        let parts = Parts::CONTAINERS | Parts::NETWORKS | Parts::VOLUMES;
        let observed = self.look(&of, parts).await?;
        let decide = || reconcile::down(project, desired, &observed, options);
        Ok(spans::plan(project, "down", decide)?)
    }

    /// Takes a project down. Without `desired` everything that carries its label goes.
    ///
    /// # Errors
    /// [`EngineError::Failed`] when something could not be removed; the rest is.
    pub async fn down(
        &self,
        project: &str,
        desired: Option<&Desired>,
        options: &DownOptions,
        brakes: &Brakes,
        tell: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Report, EngineError> {
        let lock = self.lock(project, brakes, tell).await?;
        let asking = self.plan_down(project, desired, options);
        let planned = Self::unless_stopped(brakes, asking).await?;
        let (go_on, lock) = (OnFailure::Continue, lock.as_ref());
        self.carry_out(project, desired, planned, go_on, lock, brakes, tell).await
    }

    /// Runs a plan that is not undone.
    #[expect(clippy::too_many_arguments, reason = "what every command that is not undone has")]
    pub(crate) async fn carry_out(
        &self,
        project: &str,
        desired: Option<&Desired>,
        planned: Planned,
        on_failure: OnFailure,
        lock: Option<&Lock>,
        brakes: &Brakes,
        tell: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Report, EngineError> {
        let notes = planned.notes;
        for (name, text) in &planned.kept {
            let object = Object { kind: "Container", name: name.clone() };
            tell(Progress::Kept { object, text });
        }
        for text in &notes {
            tell(Progress::Note { text: text.clone() });
        }
        let checks = Checks::new(desired, &Default::default(), Some(&planned.plan));
        let run = self
            .run(
                Job { phase: Phase::Run, project, plan: planned.plan, checks, on_failure, lock },
                brakes,
                tell,
            )
            .await;
        keeper::write_down(self, project, &run).await;
        self.dismiss_idle_keeper(project).await?;
        if run.succeeded() {
            return Ok(Report {
                run,
                inquiry: None,
                undo: None,
                left: Vec::new(),
                down: Vec::new(),
                notes,
            });
        }
        if run.first_failure.is_none() && brakes.applied() {
            return Err(EngineError::Interrupted {
                undone: run.undone(),
                left: Vec::new(),
                down: Vec::new(),
            });
        }
        let mut failure = self.failure(run, desired, brakes).await;
        failure.report.notes = notes;
        Err(EngineError::Failed(Box::new(failure)))
    }
}
