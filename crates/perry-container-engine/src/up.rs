//! `up`: a transaction. Either the project is as desired, or the world is as it was.

use crate::{
    EngineError, Failure, Keeper, Lock, Object, Phase, Progress, Run, Session, progress::Tell,
    run::Job, spans, watch::Checks,
};
use perry_container_executor::{Brakes, OnFailure};
use perry_container_plan::{self as plan, Outcome, Plan};
use perry_container_reconcile::{self as reconcile, Action, Desired, Down, Planned, UpOptions};
use perry_container_spec::{Observed, Parts};
use perry_container_support::{Feature, Level};

/// How a command went.
#[derive(Debug, Clone)]
pub struct Report {
    /// The plan and how it went.
    pub run: Run,
    /// What had to be known before there was a plan, where there was such a thing.
    pub inquiry: Option<Run>,
    /// What was taken back of a failed run.
    pub undo: Option<Run>,
    /// What could not be taken back, as text.
    pub left: Vec<String>,
    /// Containers that ran before, of a failed run that takes nothing back, and do not any more: what is left of each.
    pub down: Vec<Down>,
    /// What a person should know.
    pub notes: Vec<String>,
}

impl Session {
    /// Plans without doing: what `up` would do now. An inquiry that would be needed first is not made; its plan is the
    /// second value.
    ///
    /// # Errors
    /// When there is no plan, or the runtime cannot be asked.
    pub async fn plan_up(
        &self,
        desired: &Desired,
        options: &UpOptions,
    ) -> Result<(Planned, Plan<Action>), EngineError> {
        let observed = self.observe(&desired.project, Some(desired), Parts::ALL).await?;
        let project = desired.project.as_str();
        let options = &self.gated(desired, options);
        let asked = || reconcile::inquire(desired, &observed, options);
        let inquiry = spans::plan(project, "inquiry", asked)?;
        let options = self.as_the_runtime_can(options.clone());
        let planned = spans::plan(project, "up", || reconcile::up(desired, &observed, &options))?;
        Ok((planned, inquiry))
    }

    /// With what the runtime's table says of setting containers aside.
    fn as_the_runtime_can(&self, options: UpOptions) -> UpOptions {
        let can = self.backend.capabilities();
        let lacks = |feature| can.level(feature) == Level::Unsupported;
        UpOptions {
            no_rename: lacks(Feature::Rename),
            no_disconnect: lacks(Feature::ConnectNetwork),
            ..options
        }
    }

    /// Brings a project up.
    ///
    /// # Errors
    /// [`EngineError::Failed`] when the run failed and [`EngineError::Interrupted`] when it was stopped; what it did is
    /// taken back then, unless the options say otherwise. Every other error comes before anything was done.
    pub async fn up(
        &self,
        desired: &Desired,
        options: &UpOptions,
        brakes: &Brakes,
        tell: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Report, EngineError> {
        let project = desired.project.as_str();
        let lock = self.lock(project, brakes, tell).await?;
        let asking = self.observe(project, Some(desired), Parts::ALL);
        let mut observed = Self::unless_stopped(brakes, asking).await?;
        let options = self.gated(desired, options);
        let (inquiry, options) =
            self.inquire(desired, &mut observed, options, brakes, tell).await?;
        let options = self.as_the_runtime_can(UpOptions {
            run: options.run.or_else(|| self.options.run.clone()),
            ..options
        });
        let planned = spans::plan(project, "up", || reconcile::up(desired, &observed, &options))?;
        for (name, text) in &planned.kept {
            let object = Object { kind: "Container", name: name.clone() };
            tell(Progress::Kept { object, text });
        }
        let mut notes = planned.notes;
        notes.extend(self.note_on_health(desired, &observed));
        for text in &notes {
            tell(Progress::Note { text: text.clone() });
        }
        let checks = Checks::new(Some(desired), &observed, Some(&planned.plan));
        let halt = OnFailure::Halt;
        let run = self
            .run(
                Job {
                    phase: Phase::Run,
                    project,
                    plan: planned.plan,
                    checks,
                    on_failure: halt,
                    lock: lock.as_ref(),
                },
                brakes,
                tell,
            )
            .await;
        if !brakes.applied() {
            for text in self.note_on_what_was_made(desired, &run).await {
                tell(Progress::Note { text: text.clone() });
                notes.push(text);
            }
        }
        if run.succeeded() {
            return Ok(Report {
                run,
                inquiry,
                undo: None,
                left: Vec::new(),
                down: Vec::new(),
                notes,
            });
        }
        let interrupted = run.first_failure.is_none() && brakes.applied();
        let mut failure = self.failure(run, Some(desired), brakes).await;
        failure.report.inquiry = inquiry;
        failure.report.notes = notes;
        if options.no_rollback {
            failure.report.down =
                self.down_now(desired, &observed, &failure.report.run, brakes).await;
        } else {
            let lock = lock.as_ref();
            self.take_back(desired, &observed, &mut failure, lock, brakes, tell).await;
        }
        let stays = options.no_rollback || failure.report.run.committed();
        let doubts = stays && failure.report.run.in_doubt();
        let cleared = !options.no_rollback && !doubts && failure.report.left.is_empty();
        if let Some(lock) = lock.as_ref().filter(|_| cleared) {
            lock.settled();
        }
        drop(lock);
        if interrupted {
            let report = failure.report;
            let undone = if stays { report.run.undone() } else { Vec::new() };
            return Err(EngineError::Interrupted { undone, left: report.left, down: report.down });
        }
        Err(EngineError::Failed(Box::new(failure)))
    }

    /// Brings the images that decide whether a container is up to date, and looks at them again.
    async fn inquire(
        &self,
        desired: &Desired,
        observed: &mut Observed,
        mut options: UpOptions,
        brakes: &Brakes,
        tell: Tell<'_>,
    ) -> Result<(Option<Run>, UpOptions), EngineError> {
        let asked = || reconcile::inquire(desired, observed, &options);
        let inquiry = spans::plan(&desired.project, "inquiry", asked)?;
        if inquiry.is_empty() {
            return Ok((None, options));
        }
        let (project, checks) = (desired.project.as_str(), Checks::default());
        let halt = OnFailure::Halt;
        let run = self
            .run(
                Job {
                    phase: Phase::Inquiry,
                    project,
                    plan: inquiry,
                    checks,
                    on_failure: halt,
                    lock: None,
                },
                brakes,
                tell,
            )
            .await;
        if let Some(failed) = run.outcomes.iter().position(|outcome| !outcome.is_done()) {
            if run.outcomes[failed].error().is_none() {
                return Err(EngineError::interrupted());
            }
            return Err(EngineError::Failed(Box::new(
                self.failure(run, Some(desired), brakes).await,
            )));
        }
        options.fetched.extend(run.plan.actions().filter_map(|(_, action)| match action {
            Action::Pull(image) => Some(image.reference.clone()),
            Action::Build(spec) => spec.tags.first().cloned(),
            _ => None,
        }));
        let asking = self.observe(project, Some(desired), Parts::IMAGES);
        observed.images = Self::unless_stopped(brakes, asking).await?.images;
        Ok((Some(run), options))
    }

    /// Undoes a failed run. Doubts are cleared by looking, before and, because an engine may finish late, once more after:
    /// what is still there then is taken back in a second, mostly empty run.
    async fn take_back(
        &self,
        desired: &Desired,
        before: &Observed,
        failure: &mut Failure,
        lock: Option<&Lock>,
        brakes: &Brakes,
        tell: Tell<'_>,
    ) {
        let project = desired.project.as_str();
        let report = &mut failure.report;
        let run = &report.run;
        if run.committed() {
            return;
        }
        // The signal that stopped the run must not stop its undo; the next one still kills it.
        let brakes = brakes.of_undo();
        let look = || {
            let asking = self.observe(project, Some(desired), Parts::ALL);
            Self::unless_stopped(&brakes, asking)
        };
        let unseen = |error: &EngineError| format!("whatever was in doubt ({error})");
        let mut outcomes = run.outcomes.clone();
        let mut left = Vec::new();
        if run.in_doubt() {
            match look().await {
                Ok(now) => reconcile::clear_doubts(&run.plan, &mut outcomes, before, &now),
                Err(EngineError::Interrupted { .. }) => {
                    let doubts = run.plan.actions().filter(|(n, _)| in_doubt(&run.outcomes[*n]));
                    let maybe = |action| format!("{action} (which may have been done)");
                    left.extend(doubts.map(|(_, action)| maybe(action)));
                }
                Err(error) => left.push(unseen(&error)),
            }
        }
        let back = plan::undo(&run.plan, &outcomes);
        let mut undo = self.run_back(project, back, lock, &brakes, tell).await;
        left.extend(undo.undone());
        if run.in_doubt() || undo.in_doubt() {
            match look().await {
                Ok(now) => {
                    let mut rest = run.outcomes.clone();
                    reconcile::still_there(&run.plan, &mut rest, before, &now);
                    let more = plan::undo(&run.plan, &rest);
                    left.clear();
                    if !more.is_empty() {
                        let more = self.run_back(project, more, lock, &brakes, tell).await;
                        left = more.undone();
                        undo.first_failure = undo.first_failure.or(more.first_failure);
                    }
                }
                Err(EngineError::Interrupted { .. }) => {} // what is not done is named already
                Err(error) => left.push(unseen(&error)),
            }
        }
        report.left.extend(left);
        report.undo = Some(undo);
    }

    /// What does not run any more after a failed run that takes nothing back.
    async fn down_now(
        &self,
        desired: &Desired,
        before: &Observed,
        run: &Run,
        brakes: &Brakes,
    ) -> Vec<Down> {
        let brakes = brakes.of_undo();
        let asking = self.observe(&desired.project, Some(desired), Parts::CONTAINERS);
        match Self::unless_stopped(&brakes, asking).await {
            Ok(now) => reconcile::went_down(desired, before, &now),
            Err(_) => reconcile::must_be_down(desired, before, &run.plan, &run.outcomes),
        }
    }

    async fn run_back(
        &self,
        project: &str,
        plan: Plan<Action>,
        lock: Option<&Lock>,
        brakes: &Brakes,
        tell: Tell<'_>,
    ) -> Run {
        let (phase, checks, on_failure) = (Phase::Undo, Checks::default(), OnFailure::Continue);
        self.run(Job { phase, project, plan, checks, on_failure, lock }, brakes, tell).await
    }

    /// Where the runtime runs no health checks by itself, nobody does once this command has ended.
    fn note_on_health(&self, desired: &Desired, observed: &Observed) -> Option<String> {
        let can = self.backend.capabilities();
        // Where somebody could keep them, `keep` tells.
        if !can.emulated(Feature::Health) || !matches!(self.options.keeper, Keeper::None) {
            return None;
        }
        let checked = |unit: &&reconcile::Unit| {
            let image = observed.images.get(&unit.image.reference);
            unit.has_healthcheck().or(image.and_then(|image| image.has_healthcheck)) == Some(true)
        };
        let mut services: Vec<&str> = (desired.units.iter())
            .filter(|(_, unit)| checked(unit))
            .map(|(id, _)| id.service.as_str())
            .collect();
        services.dedup();
        (!services.is_empty()).then(|| {
            format!(
                "{}; those of {} run only while perry-compose waits or is attached",
                can.text(Feature::Health),
                services.join(", ")
            )
        })
    }
}

const fn in_doubt(outcome: &Outcome<Action, EngineError>) -> bool {
    matches!(outcome, Outcome::InDoubt(_))
}
