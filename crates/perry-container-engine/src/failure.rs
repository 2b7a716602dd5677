//! A run that failed, for a person: which service, why, and what its container said last.

use crate::{
    EngineError, Report, Session,
    error::{code, lines, not_done, not_taken_back},
    logs::last_lines,
    run::Run,
};
use perry_container_backend::BackendError;
use perry_container_executor::Brakes;
use perry_container_plan::{NodeId, Outcome, Step};
use perry_container_reconcile::{Action, Condition, Desired, unit_of};
use perry_container_spec::{ErrorKind, Id, Parts, Ref, Selector, UnitId};
use std::{fmt, time::Duration};
use tokio::time::timeout;

/// How many of a container's last lines are shown.
const LINES: u64 = 10;
/// How long we look for them; the undo waits meanwhile.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why a run failed.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The service, where the failed action was about one.
    pub service: Option<String>,
    /// The container's name, where the failed action was about one.
    pub container: Option<String>,
    /// What happened.
    pub reason: Reason,
    /// The end of what the container printed, at most ten lines.
    pub logs: Vec<String>,
    /// What could help.
    pub hint: Option<String>,
    /// The run, and what was taken back.
    pub report: Report,
}

/// What happened to an action.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Reason {
    /// The container ended before it was what somebody waits for.
    Exited {
        /// What was waited for.
        wanted: Condition,
        /// Its exit status, where the runtime knows.
        status: Option<i32>,
        /// It was killed because memory ran out.
        oom: bool,
    },
    /// Its health check says so.
    Unhealthy {
        /// What the last probe printed.
        output: String,
    },
    /// A hook ended with a status other than 0.
    Hook {
        /// Its exit status.
        status: i32,
        /// The end of what it printed.
        output: String,
    },
    /// It took too long.
    TimedOut {
        /// What was waited for.
        wanted: Condition,
        /// So long.
        after: Duration,
    },
    /// A host port is taken.
    PortInUse {
        /// The container that holds it, where the runtime shows one.
        holder: Option<String>,
        /// The runtime's error.
        error: BackendError,
    },
    /// Something else.
    Other(Box<EngineError>),
}

impl Failure {
    /// The numeric code that callers see.
    pub fn code(&self) -> i32 {
        match &self.reason {
            Reason::Exited { status: Some(status), .. } if *status != 0 => *status,
            Reason::Hook { status, .. } => *status,
            Reason::PortInUse { error, .. } => error.code(),
            Reason::Other(error) => error.code(),
            _ => 500,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whose = match (&self.service, &self.container) {
            (Some(service), _) => format!("service `{service}`"),
            (None, Some(container)) => format!("container `{container}`"),
            (None, None) => String::new(),
        };
        match &self.reason {
            Reason::Exited { wanted: Condition::Completed, status, oom } => {
                let memory = if *oom { ", out of memory" } else { "" };
                write!(f, "{whose} didn't complete successfully: exit {}{memory}", code(*status))?;
            }
            Reason::Exited { wanted, status, oom } => {
                let memory = if *oom { ", out of memory," } else { "" };
                let wanted = if *wanted == Condition::Healthy { "healthy" } else { "up" };
                write!(f, "{whose} exited ({}){memory} before it was {wanted}", code(*status))?;
            }
            Reason::Unhealthy { output } => {
                write!(f, "{whose} is unhealthy{}", crate::error::colon(output))?;
            }
            Reason::Hook { status, output } => {
                let output = crate::error::colon(output);
                write!(f, "{whose} hook exited with status {status}{output}")?;
            }
            Reason::TimedOut { wanted, after } => {
                write!(f, "{whose} is not {wanted} after {} s", after.as_secs())?;
            }
            Reason::PortInUse { holder, error } => {
                if !whose.is_empty() {
                    write!(f, "{whose}: ")?;
                }
                write!(f, "{error}")?;
                if let Some(holder) = holder {
                    write!(f, " (held by container `{holder}`)")?;
                }
            }
            Reason::Other(error) => {
                if !whose.is_empty() {
                    write!(f, "{whose}: ")?;
                }
                write!(f, "{error}")?;
            }
        }
        if let Some(container) = self.container.as_ref().filter(|_| !self.logs.is_empty()) {
            write!(f, "\nthe last it printed ({container}):")?;
            for line in &self.logs {
                write!(f, "\n  {line}")?;
            }
        }
        f.write_str(&lines(&self.report.down))?;
        if self.report.run.committed() {
            f.write_str(&not_done(&self.report.run.undone()))?;
        }
        f.write_str(&not_taken_back(&self.report.left))
    }
}

impl std::error::Error for Failure {}

impl Session {
    /// Finds out what a person should be told of a failed run, before its undo removes the evidence. A kill ends the
    /// search.
    pub(crate) async fn failure(
        &self,
        run: Run,
        desired: Option<&Desired>,
        brakes: &Brakes,
    ) -> Failure {
        let node = run.first_failure.or_else(|| {
            run.outcomes.iter().position(|o| matches!(o, Outcome::Failed(_) | Outcome::InDoubt(_)))
        });
        let error = node.and_then(|node| run.outcomes[node].error().cloned());
        let about = node.map(|node| about(&run, node, desired)).unwrap_or_default();
        let mut failure = Failure {
            service: about.unit.as_ref().map(|unit| unit.service.clone()),
            container: about.container.clone(),
            reason: reason(error),
            logs: Vec::new(),
            hint: None,
            report: Report {
                run,
                inquiry: None,
                undo: None,
                left: Vec::new(),
                down: Vec::new(),
                notes: Vec::new(),
            },
        };
        if let Reason::Other(error) = &failure.reason {
            failure.hint = error.hint().map(str::to_owned);
        }
        tokio::select! {
            biased;
            () = brakes.kill.cancelled() => {}
            () = self.evidence(&about, &mut failure) => {}
        }
        failure
    }

    async fn evidence(&self, about: &About, failure: &mut Failure) {
        // What a container says is worth telling where it was its own doing.
        let own = matches!(
            failure.reason,
            Reason::Exited { .. } | Reason::Unhealthy { .. } | Reason::TimedOut { .. }
        );
        if let Some(id) = about.id.as_ref().filter(|_| own) {
            // A list does not tell everything: docker's has neither the output of probes nor who ran out of memory.
            let look = self.backend.inspect_each(std::slice::from_ref(id));
            let each = timeout(PATIENCE, look).await.ok().and_then(Result::ok).unwrap_or_default();
            let seen = each.into_iter().next().and_then(|(_, seen)| seen.ok());
            match (&mut failure.reason, seen) {
                (Reason::Exited { status, oom, .. }, Some(seen)) => {
                    *status = status.or(seen.exit_code);
                    *oom |= seen.oom_killed;
                }
                (Reason::Unhealthy { output }, Some(seen)) if output.is_empty() => {
                    *output = seen.health_output.unwrap_or_default();
                }
                _ => {}
            }
            let lines = timeout(PATIENCE, last_lines(&*self.backend, id, LINES)).await;
            failure.logs = lines.unwrap_or_default();
        }
        if failure.service.is_none()
            && let Some(container) = &failure.container
        {
            failure.service = self.service_by_label(container).await;
        }
        if let Reason::PortInUse { holder, error } = &mut failure.reason {
            let everything = Selector::default();
            let seen = self.backend.observe(&everything, Parts::CONTAINERS);
            let all = timeout(PATIENCE, seen).await.ok().and_then(Result::ok).unwrap_or_default();
            let holds = |c: &&perry_container_spec::ContainerInfo| {
                Some(&c.name) != failure.container.as_ref()
                    && c.state.is_up()
                    && c.ports.iter().filter_map(|p| p.host).any(|p| about.ports.contains(&p))
            };
            *holder = all.containers.values().find(holds).map(|c| c.name.clone());
            failure.hint.clone_from(&error.hint);
        }
    }

    /// For commands that know no model: the service as the container's labels tell it.
    async fn service_by_label(&self, container: &str) -> Option<String> {
        let ids = [container.to_owned()];
        let look = self.backend.inspect_each(&ids);
        let each = timeout(PATIENCE, look).await.ok()?.ok()?;
        let info = each.into_iter().next()?.1.ok()?;
        unit_of(&info).map(|unit| unit.service)
    }
}

#[derive(Default)]
struct About {
    unit: Option<UnitId>,
    container: Option<String>,
    id: Option<Id>,
    /// Host ports that were asked for.
    ports: Vec<u16>,
}

/// What a node was about.
fn about(run: &Run, node: NodeId, desired: Option<&Desired>) -> About {
    let mut about = About::default();
    let Some(Step::Act(action)) = run.plan.nodes.get(node).map(|node| &node.step) else {
        return about;
    };
    let units = || desired.into_iter().flat_map(|desired| &desired.units);
    match action {
        Action::Resolve(gated) | Action::Verify(gated) => {
            let user = units().find(|(_, unit)| unit.image.reference == gated.reference);
            about.unit = user.map(|(id, _)| id.clone());
        }
        Action::Pull(image) => {
            let user = units().find(|(_, unit)| unit.image.reference == image.reference);
            about.unit = user.map(|(id, _)| id.clone());
        }
        Action::Build(spec) => {
            let user = units().find(|(_, unit)| spec.tags.contains(&unit.image.reference));
            about.unit = user.map(|(id, _)| id.clone());
        }
        _ => {
            about.container = match action.object() {
                Some(("Container", name)) => Some(name.to_owned()),
                _ => None,
            };
        }
    }
    if let Action::Create(unit, _) = action {
        about.unit = Some(unit.clone());
    }
    let named = |name: &String| units().find(|(_, unit)| unit.name() == name);
    if let Some((id, unit)) = about.container.as_ref().and_then(named) {
        about.unit = Some(id.clone());
        let ports = unit.template.ports.iter().filter_map(|port| port.host);
        about.ports = ports.flat_map(|(first, last)| first..=last).collect();
    }
    // The id is a fact of the run; else it was known while planning.
    let mut facts = run.plan.facts.clone();
    for outcome in &run.outcomes {
        if let Outcome::Done(found) = outcome {
            facts.extend(found.clone());
        }
    }
    let created = about.unit.clone().and_then(|unit| facts.get(&Ref::ContainerId(unit)).cloned());
    about.id = match action.bind(&facts) {
        Ok(
            Action::Start(target)
            | Action::Stop(target, _)
            | Action::Await(target, ..)
            | Action::Exec(target, _),
        ) => Some(target.id),
        _ => created,
    };
    about
}

fn reason(error: Option<EngineError>) -> Reason {
    match error {
        Some(EngineError::Exited { wanted, status, oom, .. }) => {
            Reason::Exited { wanted, status, oom }
        }
        Some(EngineError::Unhealthy { output, .. }) => Reason::Unhealthy { output },
        Some(EngineError::Hook { status, output, .. }) => Reason::Hook { status, output },
        Some(EngineError::TimedOut { wanted, after, .. }) => Reason::TimedOut { wanted, after },
        Some(EngineError::Backend(error)) if error.kind == ErrorKind::PortInUse => {
            Reason::PortInUse { holder: None, error }
        }
        Some(error) => Reason::Other(Box::new(error)),
        None => Reason::Other(Box::new(EngineError::interrupted())),
    }
}
