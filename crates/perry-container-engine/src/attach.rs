//! What an attached `up` does once everything is up: shows the output, drives what nobody else drives, and ends with the
//! containers or by a signal.

use crate::{
    EngineError, LogItem, LogsOptions, Progress, Report, Session, Standing, SuperviseOptions,
    logs::From,
};
use futures_util::{StreamExt as _, stream};
use indexmap::{IndexMap, IndexSet};
use perry_container_executor::Brakes;
use perry_container_plan::Step;
use perry_container_reconcile::{Action, Desired, KillOptions, LifeOptions, service_of};
use perry_container_support::Feature;
use serde::Serialize;
use std::time::Duration;
use tokio::{sync::mpsc, time::timeout};

/// How long the last output may be silent before it counts as all.
const LAST_WORDS: Duration = Duration::from_millis(200);
/// While attached nothing to do is no reason to end.
const FOREVER: Duration = Duration::from_secs(u32::MAX as u64);
/// The exit code of a command that a signal ended.
const INTERRUPTED: i32 = 130;

/// When the end of one container ends them all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Abort {
    /// Never.
    #[default]
    Never,
    /// Whenever one ends (`--abort-on-container-exit`).
    OnExit,
    /// When one ends with a status other than 0 (`--abort-on-container-failure`).
    OnFailure,
}

/// Options of being attached.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttachOptions {
    /// The services whose output is shown; empty: all.
    pub services: IndexSet<String>,
    /// When one end ends all.
    pub abort: Abort,
    /// The service whose exit status is the command's (`--exit-code-from`).
    pub exit_code_from: Option<String>,
    /// Stop timeout in seconds.
    pub timeout: Option<u32>,
}

/// What is told while attached.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum AttachedEvent {
    /// Output, or the end of a container.
    Log(LogItem),
    /// The containers are stopped, as a signal or the options asked.
    Stopping {
        /// A signal asked; one more kills.
        interrupted: bool,
    },
    /// They are killed.
    Killing,
    /// How stopping and killing go.
    Progress(Progress),
}

/// How being attached ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attached {
    /// The command's exit code.
    pub exit_code: i32,
    /// A signal ended it.
    pub interrupted: bool,
}

/// Why the containers are stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    Signal,
    /// With the status of the one that ended.
    End(i32),
}

impl Session {
    /// Shows the output of a project's containers until they have ended. Those that `report` started are shown from their
    /// start on. The first brake stops them, the second kills them.
    ///
    /// # Errors
    /// The runtime's, and those of stopping.
    pub async fn attach(
        &self,
        desired: &Desired,
        report: &Report,
        options: &AttachOptions,
        brakes: &Brakes,
        tell: &mut (dyn FnMut(AttachedEvent) + Send),
    ) -> Result<Attached, EngineError> {
        let project = desired.project.as_str();
        let (mut made, mut started) = (IndexSet::new(), IndexSet::new());
        for (node, outcome) in report.run.plan.nodes.iter().zip(&report.run.outcomes) {
            match &node.step {
                Step::Act(Action::Create(_, template)) if outcome.is_done() => {
                    made.extend(template.name.clone());
                }
                Step::Act(Action::Start(target)) if outcome.is_done() => {
                    started.insert(target.name.clone());
                }
                _ => {}
            }
        }
        // Where nobody else does, health checks are run and containers started again for as long as this lasts.
        let supervise = SuperviseOptions { linger: FOREVER, ..SuperviseOptions::default() };
        let mut ignore = |_| ();
        let tending = self.supervise(project, &supervise, brakes, &mut ignore);
        tokio::pin!(tending);
        let mut tends = self.tends(project);
        let wanted = LogsOptions {
            services: options.services.clone(),
            follow: true,
            ..LogsOptions::default()
        };
        let opened = tokio::select! {
            biased;
            () = brakes.stop.cancelled() => None,
            opened = self.follow(project, wanted, From::Starts { made, started }) => Some(opened?),
        };
        // Without output, when a signal came so early.
        let mut logs = opened.unwrap_or_else(|| stream::empty().boxed());
        let mut ends: IndexMap<String, i32> = IndexMap::new();
        let why = loop {
            tokio::select! {
                biased;
                () = brakes.stop.cancelled() => break Some(Why::Signal),
                _ended = &mut tending, if tends => tends = false,
                item = logs.next() => {
                    let Some(item) = item.transpose()? else { break None };
                    tell(AttachedEvent::Log(item.clone()));
                    if let LogItem::Ended { service, status, .. } = item {
                        let status = status.unwrap_or(0);
                        ends.insert(service, status);
                        let abort = match options.abort {
                            Abort::Never => false,
                            Abort::OnExit => true,
                            Abort::OnFailure => status != 0,
                        };
                        if abort {
                            break Some(Why::End(status));
                        }
                    }
                }
            }
        };
        if let Some(why) = why {
            let interrupted = why == Why::Signal;
            tell(AttachedEvent::Stopping { interrupted });
            self.stop_attached(desired, options, brakes, &mut logs, &mut ends, tell).await?;
        }
        let from = options.exit_code_from.as_deref();
        let status = match from {
            Some(service) => match ends.get(service) {
                Some(status) => Some(*status),
                None => self.status_of(project, service).await?,
            },
            None => None,
        };
        Ok(match why {
            Some(Why::Signal) => Attached { exit_code: INTERRUPTED, interrupted: true },
            Some(Why::End(first)) => {
                Attached { exit_code: status.unwrap_or(first), interrupted: false }
            }
            None => Attached { exit_code: status.unwrap_or(0), interrupted: false },
        })
    }

    /// Stops, and kills when the second brake comes, while the last output is still shown.
    async fn stop_attached(
        &self,
        desired: &Desired,
        options: &AttachOptions,
        brakes: &Brakes,
        logs: &mut crate::LogFlow,
        ends: &mut IndexMap<String, i32>,
        tell: &mut (dyn FnMut(AttachedEvent) + Send),
    ) -> Result<(), EngineError> {
        let project = desired.project.as_str();
        let (send, mut heard) = mpsc::unbounded_channel();
        // The first brake asked for this; only the second ends it.
        let inner = brakes.of_undo();
        let life = LifeOptions { timeout: options.timeout, ..LifeOptions::default() };
        let mut hear = |progress| drop(send.send(progress));
        let stopping = async {
            let done = self.stop(project, Some(desired), &life, &inner, &mut hear).await;
            match done {
                Ok(_) => Ok(()),
                Err(_) if inner.kill.is_cancelled() => {
                    let (all, brakes) = (KillOptions::default(), Brakes::default());
                    let kill =
                        self.kill_now(project, Some(desired), &all, None, &brakes, &mut hear);
                    kill.await.map(drop)
                }
                Err(error) => Err(error),
            }
        };
        tokio::pin!(stopping);
        let (mut open, mut killing) = (true, false);
        let result = loop {
            tokio::select! {
                biased;
                () = brakes.kill.cancelled(), if !killing => {
                    killing = true;
                    tell(AttachedEvent::Killing);
                }
                Some(progress) = heard.recv() => tell(AttachedEvent::Progress(progress)),
                item = logs.next(), if open => match item {
                    Some(Ok(item)) => {
                        if let LogItem::Ended { service, status, .. } = &item {
                            ends.insert(service.clone(), status.unwrap_or(0));
                        }
                        tell(AttachedEvent::Log(item));
                    }
                    Some(Err(_)) | None => open = false,
                },
                result = &mut stopping => break result,
            }
        };
        while let Ok(progress) = heard.try_recv() {
            tell(AttachedEvent::Progress(progress));
        }
        // What they printed while they stopped.
        while open && let Ok(Some(Ok(item))) = timeout(LAST_WORDS, logs.next()).await {
            if let LogItem::Ended { service, status, .. } = &item {
                ends.insert(service.clone(), status.unwrap_or(0));
            }
            tell(AttachedEvent::Log(item));
        }
        result
    }

    /// The exit status of the first container of a service.
    async fn status_of(&self, project: &str, service: &str) -> Result<Option<i32>, EngineError> {
        let seen = self.containers(project).await?;
        let of = seen.containers.values().find(|seen| service_of(seen) == Some(service));
        Ok(of.and_then(|seen| seen.exit_code))
    }

    /// Whether something of a project is left to whoever is attached.
    fn tends(&self, project: &str) -> bool {
        let can = self.backend.capabilities();
        let emulates = can.emulated(Feature::Health) || can.emulated(Feature::Restart);
        emulates && !matches!(self.keeper(project), Standing::Alive(_))
    }
}
