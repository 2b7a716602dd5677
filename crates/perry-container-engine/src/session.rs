//! What all commands share.

use crate::{
    Begun, EngineError, Keeper, Lock, Progress, Run, SessionGate, journal,
    perform::Caller,
    progress::{self, Tell},
    run::Job,
    spans,
};
use perry_container_backend::{ContainerBackend, Traced};
use perry_container_executor::{self as executor, Brakes, Limits};
use perry_container_plan::{Event, Lane, Step};
use perry_container_reconcile::{Desired, selector};
use perry_container_spec::{Observed, Parts, Selector};
use std::{path::PathBuf, sync::Arc, time::Duration};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep},
};
use tracing::Instrument as _;

/// Between two looks at what the engine still does for a command that is gone.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// What a session may take.
#[derive(Debug, Clone)]
pub struct SessionOptions {
    /// How much runs at once, by lane. Three pulls, three builds and eight other calls unless said otherwise.
    pub limits: Limits,
    /// Between two looks at the world while something is awaited and the runtime tells no events.
    pub tick: Duration,
    /// How long a call may go without an answer; pulls and builds, without a sign of progress.
    pub op_timeout: Duration,
    /// Where the files of locks lie; none: no locks (one process, as in tests).
    pub lock_dir: Option<PathBuf>,
    /// How long to wait for another process that holds the project.
    pub lock_timeout: Duration,
    /// What other processes are told that holds the lock: `perry-compose up`.
    pub command: String,
    /// Of this run alone, as a label of what it makes: what a slow engine makes late is known as the run's own.
    pub run: Option<String>,
    /// Who tends what the runtime does not, once a command has ended ([`Session::keep`]).
    pub keeper: Keeper,
    /// Who verifies images before they are used; none: nobody.
    pub gate: Option<SessionGate>,
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self {
            limits: Limits::from([(Lane::Image, 3), (Lane::Build, 3), (Lane::Container, 8)]),
            tick: Duration::from_millis(500),
            op_timeout: Duration::from_secs(300),
            lock_dir: None,
            lock_timeout: Duration::from_secs(60),
            command: "perry-compose".to_owned(),
            run: None,
            keeper: Keeper::None,
            gate: None,
        }
    }
}

impl SessionOptions {
    /// With at most so many pulls and builds at once (`--parallel`, `COMPOSE_PARALLEL_LIMIT`); none: no limit.
    #[must_use]
    pub fn with_parallel(mut self, most: Option<usize>) -> Self {
        for lane in [Lane::Image, Lane::Build] {
            match most {
                Some(most) => drop(self.limits.insert(lane, most.max(1))),
                None => drop(self.limits.remove(&lane)),
            }
        }
        self
    }
}

/// Commands on the stacks of one runtime.
#[derive(Clone)]
pub struct Session {
    pub(crate) backend: Arc<dyn ContainerBackend>,
    pub(crate) options: SessionOptions,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("backend", &self.backend.backend_name())
            .field("options", &self.options)
            .finish()
    }
}

impl Session {
    /// A session on a runtime. Its calls have spans from here on.
    pub fn new(backend: Arc<dyn ContainerBackend>, options: SessionOptions) -> Self {
        let backend = Arc::new(Traced::new(backend));
        Self { backend, options }
    }

    /// The runtime.
    pub fn backend(&self) -> &Arc<dyn ContainerBackend> {
        &self.backend
    }

    /// Looks at a project: everything that carries its label, and what `desired` needs of others.
    ///
    /// # Errors
    /// The runtime's.
    pub async fn observe(
        &self,
        project: &str,
        desired: Option<&Desired>,
        parts: Parts,
    ) -> Result<Observed, EngineError> {
        self.look(&selector(project, desired), parts).await
    }

    pub(crate) async fn look(&self, of: &Selector, parts: Parts) -> Result<Observed, EngineError> {
        let look = self.backend.observe(of, parts);
        Ok(crate::perform::in_time(self.options.op_timeout, "observe", "the project", look)
            .instrument(spans::observe())
            .await?)
    }

    /// What is asked before anything is done ends at once with the first brake: an engine may not answer at all.
    pub(crate) async fn unless_stopped<T>(
        brakes: &Brakes,
        asking: impl Future<Output = Result<T, EngineError>> + Send,
    ) -> Result<T, EngineError> {
        tokio::select! {
            biased;
            () = brakes.stop.cancelled() => Err(EngineError::interrupted()),
            () = brakes.kill.cancelled() => Err(EngineError::interrupted()),
            answer = asking => answer,
        }
    }

    /// Takes the project's lock, waiting for another process as long as the options say.
    pub(crate) async fn lock(
        &self,
        project: &str,
        brakes: &Brakes,
        tell: Tell<'_>,
    ) -> Result<Option<Lock>, EngineError> {
        let lock = self.take_lock(project, brakes, tell).await?;
        if let Some(lock) = &lock {
            self.settle(lock, project, brakes, tell).await?;
        }
        Ok(lock)
    }

    /// The same without waiting for what the engine still does for a command that is gone.
    pub(crate) async fn take_lock(
        &self,
        project: &str,
        brakes: &Brakes,
        tell: Tell<'_>,
    ) -> Result<Option<Lock>, EngineError> {
        let Some(dir) = &self.options.lock_dir else { return Ok(None) };
        let mut busy = |holder: &crate::Holder| {
            tell(Progress::Waiting { holder: holder.to_string() });
        };
        let taking = Lock::take(
            dir,
            self.backend.engine_id(),
            project,
            &self.options.command,
            self.options.lock_timeout,
            &mut busy,
        );
        let lock = Self::unless_stopped(brakes, taking).instrument(spans::lock(project)).await?;
        if let Some(text) = self.mourn_keeper(project) {
            tell(Progress::Note { text });
        }
        Ok(Some(lock))
    }

    /// After a command that was killed, or gave calls up: an engine finishes what it was asked for, and until then no
    /// look at the world can be believed.
    async fn settle(
        &self,
        lock: &Lock,
        project: &str,
        brakes: &Brakes,
        tell: Tell<'_>,
    ) -> Result<(), EngineError> {
        let Some(before) = lock.before() else { return Ok(()) };
        let now = journal::now();
        let under_way = before.doing.iter().filter(|begun| !begun.left(now).is_zero());
        let mut doing: Vec<(&Begun, Instant)> =
            under_way.map(|begun| (begun, Instant::now() + begun.left(now))).collect();
        if !doing.is_empty() {
            let texts: Vec<&str> = doing.iter().map(|(begun, _)| begun.text.as_str()).collect();
            tell(Progress::Note {
                text: format!("{before} was ended during: {}; waiting for it", texts.join(", ")),
            });
        }
        let of = Selector { images: Vec::new(), ..selector(project, None) };
        let parts = Parts::CONTAINERS | Parts::NETWORKS | Parts::VOLUMES;
        while !doing.is_empty() {
            let seen = Self::unless_stopped(brakes, self.look(&of, parts)).await?;
            doing.retain(|(begun, until)| !begun.is_over(&seen) && Instant::now() < *until);
            if !doing.is_empty() {
                let pause = async {
                    sleep(LOOK_AGAIN).await;
                    Ok(())
                };
                Self::unless_stopped(brakes, pause).await?;
            }
        }
        lock.settled();
        Ok(())
    }

    /// Runs a plan and tells how it goes.
    pub(crate) async fn run(&self, job: Job<'_>, brakes: &Brakes, tell: Tell<'_>) -> Run {
        let span = spans::run(job.project, job.phase, job.plan.nodes.len());
        self.walk(job, brakes, tell).instrument(span).await
    }

    async fn walk(&self, job: Job<'_>, brakes: &Brakes, tell: Tell<'_>) -> Run {
        let Job { phase, project, plan, checks, on_failure, lock } = job;
        let known = checks.clone();
        let actions = plan.actions().count();
        if actions > 0 {
            tell(Progress::Planned { phase, actions });
        }
        let (send, mut heard) = mpsc::unbounded_channel();
        let of = selector(project, None);
        let caller = Caller::new(self, of, checks, send.clone());
        let vital = plan.vital();
        let (mut first_failure, mut begun) = (None, vec![false; vital.len()]);
        let mut hear = |event: Event| {
            match &event {
                Event::Begun { node, .. } => {
                    begun[*node] = true;
                    if let (Some(lock), Step::Act(action)) = (lock, &plan.nodes[*node].step) {
                        let grace = action.object().and_then(|(_, name)| known.grace(name));
                        let begun = Begun::of(action, grace, journal::now());
                        begun.into_iter().for_each(|begun| lock.begun(begun));
                    }
                }
                // What a signal killed is in doubt without an error: no failure of its own.
                Event::Ended { node, error: Some(_), .. } if vital[*node] => {
                    first_failure.get_or_insert(*node);
                }
                Event::Ended { .. } => {}
            }
            // What is in doubt may still be under way.
            if let Event::Ended { node, how: "done" | "failed", .. } = &event
                && let (Some(lock), Step::Act(action)) = (lock, &plan.nodes[*node].step)
            {
                lock.ended(&action.to_string());
            }
            if let Some(progress) = progress::of(phase, &plan, &begun, event) {
                drop(send.send(progress)); // the receiver lives as long as this function
            }
        };
        let outcomes = {
            let limits = &self.options.limits;
            let run = executor::run(&plan, &caller, limits, brakes, on_failure, &mut hear);
            tokio::pin!(run);
            loop {
                tokio::select! {
                    biased;
                    Some(progress) = heard.recv() => tell(progress),
                    outcomes = &mut run => break outcomes,
                }
            }
        };
        while let Ok(progress) = heard.try_recv() {
            tell(progress);
        }
        Run { plan, outcomes, first_failure }
    }
}
