//! `pull`: images only.

use crate::{EngineError, Phase, Progress, Report, Session, run::Job, spans, watch::Checks};
use perry_container_executor::{Brakes, OnFailure};
use perry_container_plan::Outcome;
use perry_container_reconcile::{self as reconcile, Desired, UpOptions};
use perry_container_spec::Parts;

impl Session {
    /// Pulls the images of the services that the options name, and of their dependencies unless they say otherwise.
    /// Images that are built here are left out unless `buildable`.
    ///
    /// # Errors
    /// [`EngineError::Failed`] with the first pull that failed; the others are done. With `ignore_failures` they are
    /// notes of the report.
    pub async fn pull(
        &self,
        desired: &Desired,
        options: &UpOptions,
        buildable: bool,
        ignore_failures: bool,
        brakes: &Brakes,
        tell: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Report, EngineError> {
        let project = desired.project.as_str();
        let asking = self.observe(project, Some(desired), Parts::IMAGES);
        let observed = Self::unless_stopped(brakes, asking).await?;
        let options = &self.gated(desired, options);
        let decide = || reconcile::pull(desired, &observed, options, buildable);
        let plan = spans::plan(project, "pull", decide)?;
        let (checks, go_on) = (Checks::default(), OnFailure::Continue);
        let mut run = self
            .run(
                Job { phase: Phase::Run, project, plan, checks, on_failure: go_on, lock: None },
                brakes,
                tell,
            )
            .await;
        let failed = run.outcomes.iter().position(|outcome| outcome.error().is_some());
        if brakes.applied() && failed.is_none() && !run.outcomes.iter().all(Outcome::is_done) {
            return Err(EngineError::interrupted());
        }
        if failed.is_some() && !ignore_failures {
            run.first_failure = failed;
            return Err(EngineError::Failed(Box::new(
                self.failure(run, Some(desired), brakes).await,
            )));
        }
        let errors = run.outcomes.iter().filter_map(Outcome::error);
        let notes = errors.map(ToString::to_string).collect();
        Ok(Report { run, inquiry: None, undo: None, left: Vec::new(), down: Vec::new(), notes })
    }
}
