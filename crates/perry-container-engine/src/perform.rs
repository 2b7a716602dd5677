//! From bound actions to calls on the seam.

use crate::{
    EngineError, Progress, Session, SessionGate,
    watch::{Checks, Pace, Watcher},
};
use futures_util::StreamExt as _;
use perry_container_backend::{
    BackendError, ContainerBackend, ContainerBackendExt as _, Feed, GateError,
};
use perry_container_executor::{Doing, Perform};
use perry_container_plan::{Facts, Outcome};
use perry_container_reconcile::{Action, Hook, image_facts};
use perry_container_spec::{
    BuildSpec, BuildStep, ErrorKind, ExecSpec, Id, ImagePull, Ref, Selector,
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::{
    sync::mpsc::UnboundedSender,
    time::{Instant, sleep, timeout},
};

/// Between two signs of progress of one pull.
const COALESCE: Duration = Duration::from_millis(100);
/// How much of a hook's output an error shows.
const HOOK_OUTPUT: usize = 2000;

/// Turns bound actions into calls.
#[derive(Clone)]
pub(crate) struct Caller {
    backend: Arc<dyn ContainerBackend>,
    watcher: Watcher,
    op_timeout: Duration,
    gate: Option<SessionGate>,
    tell: UnboundedSender<Progress>,
}

/// A call that must answer in time. Without an answer nobody knows whether it had its effect.
pub(crate) async fn in_time<T>(
    limit: Duration,
    verb: &str,
    object: &str,
    call: impl Future<Output = Result<T, BackendError>>,
) -> Result<T, BackendError> {
    timeout(limit, call).await.unwrap_or_else(|_| Err(silent(limit, verb, object)))
}

fn silent(limit: Duration, verb: &str, object: &str) -> BackendError {
    let text = format!("no answer within {} s", limit.as_secs());
    BackendError::new(verb, object, ErrorKind::Cut, text)
}

impl Perform<Action> for Caller {
    type Error = EngineError;

    fn perform(&self, action: &Action, facts: &Facts<Action>) -> Doing<Action, EngineError> {
        let (caller, tolerated) = (self.clone(), action.tolerates());
        let reference = match action {
            Action::Pull(image) => image.reference.clone(),
            _ => String::new(),
        };
        match action.bind(facts) {
            Err(unbound) => Box::pin(async { Outcome::Failed(unbound.into()) }),
            Ok(call) => Box::pin(async move {
                match caller.call(call, &reference).await {
                    Ok(found) => Outcome::Done(found),
                    Err(EngineError::Backend(e)) if tolerated.contains(&e.kind) => {
                        Outcome::Done(Facts::<Action>::new())
                    }
                    Err(EngineError::Backend(e)) if e.kind == ErrorKind::Cut => {
                        Outcome::InDoubt(Some(e.into()))
                    }
                    Err(e) => Outcome::Failed(e),
                }
            }),
        }
    }

    fn panicked(&self, text: &str) -> Option<EngineError> {
        Some(EngineError::Panicked(text.to_owned()))
    }
}

impl Caller {
    pub(crate) fn new(
        session: &Session,
        of: Selector,
        checks: Checks,
        tell: UnboundedSender<Progress>,
    ) -> Self {
        Self {
            backend: Arc::clone(&session.backend),
            watcher: Watcher::new(
                Arc::clone(&session.backend),
                of,
                checks,
                Pace::of_command(session.options.tick, session.options.op_timeout),
            ),
            op_timeout: session.options.op_timeout,
            gate: session.options.gate.clone(),
            tell,
        }
    }

    /// `reference` is what a pull was planned for; what is pulled is what was verified of it.
    async fn call(&self, call: Action<Id>, reference: &str) -> Result<Facts<Action>, EngineError> {
        let backend = &self.backend;
        if let Some(gate) = &self.gate {
            gate.admit(&call)?;
        }
        match &call {
            Action::Resolve(gated) => {
                let (found, note) = self.gate(&gated.reference)?.resolve(gated).await?;
                self.noted(note);
                return Ok(found);
            }
            Action::Verify(gated) => {
                self.noted(self.gate(&gated.reference)?.verify(gated).await?);
                return Ok(Facts::<Action>::new());
            }
            Action::Pull(image) => return self.pull(image, reference).await,
            Action::Build(spec) => return self.build(spec).await,
            Action::Exec(target, hook) => return self.hook(&target.name, &target.id, hook).await,
            Action::Await(target, wanted, limit) => {
                self.watcher.wait(&target.name, &target.id, *wanted, *limit).await?;
                return Ok(Facts::<Action>::new());
            }
            Action::Settle(pause) => {
                sleep(*pause).await;
                return Ok(Facts::<Action>::new());
            }
            _ => {}
        }
        // A stop takes as long as its container may; what is beyond that is silence.
        let limit = match &call {
            Action::Stop(_, Some(seconds)) | Action::Drop(_, Some(seconds), _) => {
                self.op_timeout + Duration::from_secs((*seconds).into())
            }
            Action::Stop(target, None) | Action::Drop(target, None, _) => {
                let grace = self.watcher.checks().grace(&target.name);
                self.op_timeout + grace.unwrap_or(self.op_timeout)
            }
            _ => self.op_timeout,
        };
        let (text, object) = (call.to_string(), call.object().map_or("", |(_, name)| name));
        let verb = text.split_once(object).map_or("", |(verb, _)| verb.trim_end());
        let mut found = Facts::<Action>::new();
        let doing = async {
            match &call {
                Action::CreateNetwork(spec) => backend.create_network(spec).await?,
                Action::RemoveNetwork(name) => backend.remove_network(name).await?,
                Action::DropNetwork(spec) => backend.remove_network(&spec.name).await?,
                Action::CreateVolume(spec) => backend.create_volume(spec).await?,
                Action::RemoveVolume(name) => backend.remove_volume(name).await?,
                Action::Create(unit, spec) => {
                    let made = backend.create(spec).await?;
                    found.insert(Ref::ContainerId(unit.clone()), made.id);
                }
                Action::Start(target) => backend.start(&target.id).await?,
                Action::Stop(target, seconds) => backend.stop(&target.id, *seconds).await?,
                Action::Kill(target, signal) => backend.kill(&target.id, signal).await?,
                Action::Pause(target, paused) => backend.pause(&target.id, *paused).await?,
                Action::Rename(target, name) => backend.rename(&target.id, name).await?,
                Action::Connect(target, network, names) => {
                    backend.connect_network(network, &target.id, names, true).await?;
                }
                Action::Disconnect(target, network, names) => {
                    backend.connect_network(network, &target.id, names, false).await?;
                }
                Action::Drop(target, seconds, how) => {
                    backend.stop(&target.id, *seconds).await?;
                    let each = backend.remove_each(std::slice::from_ref(&target.id), how).await?;
                    each.into_iter().try_for_each(|(_, one)| one)?;
                }
                Action::Remove(target, how) => {
                    let each = backend.remove_each(std::slice::from_ref(&target.id), how).await?;
                    each.into_iter().try_for_each(|(_, one)| one)?;
                }
                Action::Resolve(_)
                | Action::Verify(_)
                | Action::Pull(_)
                | Action::Build(_)
                | Action::Exec(..)
                | Action::Await(..)
                | Action::Settle(_) => {} // above
            }
            Ok(())
        };
        match in_time(limit, verb, object, doing).await {
            Ok(()) => Ok(found),
            // People know containers by their names.
            Err(mut error) => {
                if !object.is_empty() {
                    object.clone_into(&mut error.object);
                }
                Err(error.into())
            }
        }
    }

    fn told(&self, progress: Progress) {
        drop(self.tell.send(progress)); // nobody listens any more: the run is over
    }

    fn noted(&self, note: Option<String>) {
        if let Some(text) = note {
            self.told(Progress::Note { text });
        }
    }

    /// Who verifies. A plan with such a node comes of a session with a gate.
    fn gate(&self, image: &str) -> Result<&SessionGate, EngineError> {
        let reason = || format!("nobody here can verify {image}");
        let none = || GateError { image: image.to_owned(), reason: reason(), code: 500 };
        Ok(self.gate.as_ref().ok_or_else(none)?)
    }

    /// The image is looked at once it is there, so that a container's label can name its id.
    async fn pull(&self, image: &ImagePull, planned: &str) -> Result<Facts<Action>, EngineError> {
        let (limit, reference) = (self.op_timeout, &image.reference);
        let mut steps = in_time(limit, "pull", reference, self.backend.pull(image)).await?;
        let mut layers: BTreeMap<String, (u64, u64)> = BTreeMap::new();
        let mut last: Option<Instant> = None;
        loop {
            let step = timeout(limit, steps.next()).await;
            let step = step.map_err(|_| silent(limit, "pull", reference))?;
            let Some(step) = step.transpose()? else { break };
            if let (Some(layer), Some(total)) = (step.layer, step.total) {
                layers.insert(layer, (step.current.unwrap_or(0).min(total), total));
            }
            if last.is_none_or(|last| last.elapsed() >= COALESCE) {
                last = Some(Instant::now());
                let sum = |f: fn(&(u64, u64)) -> u64| layers.values().map(f).sum();
                let (current, total) = (sum(|layer| layer.0), sum(|layer| layer.1));
                let (reference, text) = (planned.to_owned(), step.text);
                self.told(Progress::Pull { reference, text, current, total });
            }
        }
        let info =
            in_time(limit, "inspect image", reference, self.backend.inspect_image(reference))
                .await?;
        if planned != reference {
            // So that the next command finds it by its tag. What runs goes by the digest, with a tag or without.
            let tagging = self.backend.tag_image(reference, planned);
            if let Err(error) = in_time(limit, "tag", planned, tagging).await {
                tracing::debug!(target: "perry_container", %error, "a verified image has no tag");
            }
        }
        Ok(image_facts(planned, &info))
    }

    async fn build(&self, spec: &BuildSpec) -> Result<Facts<Action>, EngineError> {
        let limit = self.op_timeout;
        let reference = spec.tags.first().unwrap_or(&spec.context);
        let mut steps = in_time(limit, "build", reference, self.backend.open_build(spec)).await?;
        let mut built = None;
        loop {
            let step = timeout(limit, steps.next()).await;
            let step = step.map_err(|_| silent(limit, "build", reference))?;
            match step.transpose()? {
                None => break,
                Some(BuildStep::Line(line)) => {
                    self.told(Progress::Build { reference: reference.clone(), line });
                }
                Some(BuildStep::Built(id)) => built = Some(id),
            }
        }
        let Some(id) = built else {
            let text = "no image came of it";
            return Err(BackendError::new("build", reference, ErrorKind::Malformed, text).into());
        };
        // The builder's id is not each runtime's id of the image: what containers are compared with is asked for.
        let seen =
            in_time(limit, "inspect image", reference, self.backend.inspect_image(reference));
        Ok(match seen.await {
            Ok(info) => image_facts(reference, &info),
            Err(_) => [(Ref::Digest(reference.clone()), id)].into(),
        })
    }

    /// A hook has no deadline of its own once it runs: it is the user's command, and an interrupt ends it.
    async fn hook(&self, name: &str, id: &str, hook: &Hook) -> Result<Facts<Action>, EngineError> {
        let what = ExecSpec {
            command: hook.command.clone(),
            env: hook.env.clone(),
            workdir: hook.workdir.clone(),
            user: hook.user.clone(),
            privileged: hook.privileged,
            ..ExecSpec::default()
        };
        let opening = self.backend.open_exec(id, &what, Feed::Empty);
        let mut session = in_time(self.op_timeout, "exec in", name, opening).await?;
        let mut output: Vec<u8> = Vec::new();
        while let Some(frame) = session.output.next().await {
            output.extend_from_slice(&frame?.bytes);
            let over = output.len().saturating_sub(HOOK_OUTPUT);
            output.drain(..over);
        }
        match session.exit.await? {
            0 => Ok(Facts::<Action>::new()),
            status => Err(EngineError::Hook {
                container: name.to_owned(),
                command: hook.command.first().cloned().unwrap_or_default(),
                status,
                output: String::from_utf8_lossy(&output).into_owned(),
            }),
        }
    }
}
