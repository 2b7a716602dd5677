//! `up`: a transaction. Either the project is as desired, or the world is as it was.

use crate::{
    EngineError, Failure, Lock, Object, Phase, Progress, Run, Session, progress::Tell, run::Job,
    watch::Checks,
};
use perry_container_executor::{Brakes, OnFailure};
use perry_container_plan::{self as plan, Outcome, Plan, Step};
use perry_container_reconcile::{self as reconcile, Action, Desired, Planned, UpOptions};
use perry_container_spec::{Observed, Parts};
use perry_container_support::Feature;

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
        let inquiry = reconcile::inquire(desired, &observed, options)?;
        Ok((reconcile::up(desired, &observed, options)?, inquiry))
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
        let (inquiry, options) =
            self.inquire(desired, &mut observed, options.clone(), brakes, tell).await?;
        let planned = reconcile::up(desired, &observed, &options)?;
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
        if run.succeeded() {
            return Ok(Report { run, inquiry, undo: None, left: Vec::new(), notes });
        }
        let interrupted = run.first_failure.is_none() && brakes.applied();
        let mut failure = self.failure(run, Some(desired), brakes).await;
        failure.report.inquiry = inquiry;
        failure.report.notes = notes;
        if !options.no_rollback {
            let lock = lock.as_ref();
            self.take_back(desired, &observed, &mut failure, lock, brakes, tell).await;
        }
        let cleared = !options.no_rollback && failure.report.left.is_empty();
        if let Some(lock) = lock.as_ref().filter(|_| cleared) {
            lock.settled();
        }
        drop(lock);
        if interrupted {
            let report = failure.report;
            let stays = options.no_rollback || report.run.committed();
            let undone = if stays { report.run.undone() } else { Vec::new() };
            return Err(EngineError::Interrupted { undone, left: report.left });
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
        let inquiry = reconcile::inquire(desired, observed, &options)?;
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

    /// Undoes a failed run. Doubts are cleared by looking, before and, because an engine may finish late, once more after.
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
        if report.run.committed() {
            return;
        }
        let doubts: Vec<usize> = (0..report.run.outcomes.len())
            .filter(|n| matches!(report.run.outcomes[*n], Outcome::InDoubt(_)))
            .collect();
        let mut outcomes = report.run.outcomes.clone();
        // The signal that stopped the run must not stop its undo; the next one still kills it.
        let brakes = brakes.of_undo();
        if !doubts.is_empty() {
            let asking = self.observe(project, Some(desired), Parts::ALL);
            match Self::unless_stopped(&brakes, asking).await {
                Ok(now) => clear(&report.run.plan, &mut outcomes, &doubts, before, &now),
                Err(EngineError::Interrupted { .. }) => {
                    let all = report.run.plan.actions().filter(|(n, _)| doubts.contains(n));
                    let maybe = |action| format!("{action} (which may have been done)");
                    report.left.extend(all.map(|(_, action)| maybe(action)));
                }
                Err(error) => report.left.push(format!("whatever was in doubt ({error})")),
            }
        }
        let back = plan::undo(&report.run.plan, &outcomes);
        let mut undo = self.run_back(project, back, lock, &brakes, tell).await;
        if !doubts.is_empty()
            && let Ok(now) = {
                let asking = self.observe(project, Some(desired), Parts::ALL);
                Self::unless_stopped(&brakes, asking).await
            }
        {
            // What happened only now is taken back in a second, mostly empty run.
            let mut late: Vec<_> = outcomes.iter().map(|_| Outcome::Skipped).collect();
            for n in doubts.into_iter().filter(|n| !outcomes[*n].is_done()) {
                late[n] = Outcome::InDoubt(None);
            }
            let plan = Plan { nodes: report.run.plan.nodes.clone(), facts: facts(&report.run) };
            let all: Vec<usize> = (0..late.len()).collect();
            clear(&plan, &mut late, &all, before, &now);
            let back = plan::undo(&plan, &late);
            if !back.is_empty() {
                let more = self.run_back(project, back, lock, &brakes, tell).await;
                report.left.extend(more.undone());
                undo.first_failure = undo.first_failure.or(more.first_failure);
            }
        }
        report.left.extend(undo.undone());
        report.undo = Some(undo);
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
        if !can.emulated(Feature::Health) {
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

/// All that a run found out.
fn facts(run: &Run) -> perry_container_plan::Facts<Action> {
    let mut facts = run.plan.facts.clone();
    for outcome in &run.outcomes {
        if let Outcome::Done(found) = outcome {
            facts.extend(found.clone());
        }
    }
    facts
}

/// Replaces doubts by what the world shows. What was there before the run is not this run's doing.
fn clear(
    plan: &Plan<Action>,
    outcomes: &mut [Outcome<Action, EngineError>],
    doubts: &[usize],
    before: &Observed,
    now: &Observed,
) {
    reconcile::clear_doubts(plan, outcomes, now);
    for &n in doubts {
        let there = match (&plan.nodes[n].step, &outcomes[n]) {
            (Step::Act(Action::CreateNetwork(spec)), _) if !drops(plan, &spec.name) => {
                let id = |of: &Observed| of.networks.get(&spec.name).map(|net| net.id.clone());
                id(before).is_some() && id(before) == id(now)
            }
            (Step::Act(Action::CreateVolume(spec)), _) => before.volumes.contains_key(&spec.name),
            // A container of the same name that an undo has brought back.
            (Step::Act(Action::Create(..)), Outcome::Done(found)) => {
                found.values().any(|id| before.containers.contains_key(id))
            }
            _ => false,
        };
        if there {
            outcomes[n] = Outcome::Skipped;
        }
    }
}

/// Whether the run itself removes the network to make it again.
fn drops(plan: &Plan<Action>, network: &str) -> bool {
    plan.actions().any(|(_, a)| matches!(a, Action::DropNetwork(spec) if spec.name == network))
}
