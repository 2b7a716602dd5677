//! One call on a runtime, as data.

use crate::{Condition, Hook};
use perry_container_plan::{Act, Facts, Interrupt, Lane, Undo};
use perry_container_spec::{
    BuildSpec, ContainerInfo, ContainerSpec, ENTRYPOINT_LABEL, ErrorKind, Id, ImageInfo, ImagePull,
    Late, NetworkSpec, Ref, Removal, RestartPolicy, UnitId, VolumeSpec,
};
use std::{fmt, time::Duration};

/// A container by its name, for people, and its id, for the runtime.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target<V = Late> {
    /// The name it has (or had) at this point of the plan.
    pub name: String,
    /// Its id.
    pub id: V,
}

impl Target {
    /// A container that was seen.
    pub fn of(seen: &ContainerInfo) -> Self {
        Self { name: seen.name.clone(), id: Late::known(&seen.id) }
    }
}

/// An image that must be verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gated {
    /// Its reference.
    pub reference: String,
    /// What is demanded of it alone, as JSON.
    pub demand: Option<String>,
    /// A failure is only told.
    pub warn: bool,
    /// The digest that its reference was resolved to; put there when the action is bound.
    pub pinned: Option<String>,
}

/// What a plan does. With [`Late`] values it is what a plan holds, with [`Id`]s what is performed.
#[derive(Debug, Clone, PartialEq)]
pub enum Action<V = Late> {
    /// Asks a registry which content a reference names; finds out its `Pinned`.
    Resolve(Gated),
    /// Verifies that content.
    Verify(Gated),
    /// Pulls an image, the verified content where there is one; finds out its `Digest`.
    Pull(ImagePull),
    /// Builds an image; finds out the `Digest` of its first tag.
    Build(Box<BuildSpec>),
    /// Makes a network.
    CreateNetwork(Box<NetworkSpec>),
    /// Removes a network.
    RemoveNetwork(String),
    /// Removes a network that another will stand for, and remembers how it was.
    DropNetwork(Box<NetworkSpec>),
    /// Makes a volume.
    CreateVolume(Box<VolumeSpec>),
    /// Removes a volume and its data.
    RemoveVolume(String),
    /// Makes the container of a unit; finds out its `ContainerId`.
    Create(UnitId, Box<ContainerSpec<V>>),
    /// Starts a container.
    Start(Target<V>),
    /// Stops a container within so many seconds (its own timeout when absent).
    Stop(Target<V>, Option<u32>),
    /// Sends a signal.
    Kill(Target<V>, String),
    /// Freezes a container (true) or lets it go on.
    Pause(Target<V>, bool),
    /// Gives a container another name; the target has the old one.
    Rename(Target<V>, String),
    /// Takes a container off a network; its aliases there are remembered.
    Disconnect(Target<V>, String, Vec<String>),
    /// Attaches a container to a network under these names.
    Connect(Target<V>, String, Vec<String>),
    /// Removes a container.
    Remove(Target<V>, Removal),
    /// Stops a container within so many seconds (its own timeout when absent) and removes it, where it cannot be set aside.
    /// Its successor needs its name, so this does not wait for the commit point, and nothing brings it back.
    Drop(Target<V>, Option<u32>, Removal),
    /// Waits until a container meets a condition, or cannot any more, or the time is over.
    Await(Target<V>, Condition, Option<Duration>),
    /// Runs a command in a container; a status other than 0 is a failure.
    Exec(Target<V>, Box<Hook>),
    /// Waits so long.
    Settle(Duration),
}

/// Why an action is in a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// It is not there.
    Missing,
    /// It is there but does not run.
    Stopped,
    /// The property (path in the model) differs.
    Changed(String),
    /// The image behind the same reference is another one.
    NewImage,
    /// It was asked for.
    Requested,
    /// Its spec refers to a container that is replaced.
    Uses(UnitId),
    /// Somebody waits for it.
    DependsOn(UnitId),
    /// It depends on one that is replaced or restarted, and asked to go along.
    RestartsWith(UnitId),
    /// It makes room for its successor.
    Replaced,
    /// Left by an earlier run.
    Leftover,
    /// More than wanted.
    Surplus,
    /// Its service is not in the project any more.
    Orphan,
    /// The run waits until all is well.
    Settled,
    /// It ended, and its policy wants it to run.
    Ended(RestartPolicy),
}

impl Act for Action {
    type Cause = Cause;
    type Ref = Ref;

    fn undo(&self) -> Undo<Self> {
        match self {
            Self::Resolve(_)
            | Self::Verify(_)
            | Self::Pull(_)
            | Self::Build(_)
            | Self::Await(..)
            | Self::Settle(_)
            | Self::Exec(..)
            | Self::Drop(..) => Undo::Nothing,
            Self::CreateNetwork(spec) => Undo::By(Self::RemoveNetwork(spec.name.clone())),
            Self::DropNetwork(spec) => Undo::By(Self::CreateNetwork(spec.clone())),
            Self::Disconnect(target, network, aliases) => {
                Undo::By(Self::Connect(target.clone(), network.clone(), aliases.clone()))
            }
            Self::Connect(target, network, aliases) => {
                Undo::By(Self::Disconnect(target.clone(), network.clone(), aliases.clone()))
            }
            Self::CreateVolume(spec) => Undo::By(Self::RemoveVolume(spec.name.clone())),
            Self::Create(unit, template) => {
                let name = template.name.clone().unwrap_or_else(|| unit.to_string());
                let target = Target { name, id: Late::container(unit) };
                Undo::By(Self::Remove(target, Removal { force: true, volumes: true }))
            }
            Self::Start(target) => Undo::By(Self::Stop(target.clone(), None)),
            Self::Stop(target, _) => Undo::By(Self::Start(target.clone())),
            Self::Pause(target, paused) => Undo::By(Self::Pause(target.clone(), !paused)),
            Self::Rename(target, to) => {
                let renamed = Target { name: to.clone(), id: target.id.clone() };
                Undo::By(Self::Rename(renamed, target.name.clone()))
            }
            Self::Kill(..) | Self::Remove(..) | Self::RemoveNetwork(_) | Self::RemoveVolume(_) => {
                Undo::Final
            }
        }
    }

    fn lane(&self) -> Lane {
        match self {
            Self::Resolve(_) | Self::Verify(_) | Self::Pull(_) => Lane::Image,
            Self::Build(_) => Lane::Build,
            Self::Await(..) | Self::Settle(_) => Lane::Wait,
            _ => Lane::Container,
        }
    }

    fn interrupt(&self) -> Interrupt {
        match self {
            Self::Resolve(_)
            | Self::Verify(_)
            | Self::Pull(_)
            | Self::Build(_)
            | Self::Await(..)
            | Self::Settle(_)
            | Self::Exec(..) => Interrupt::AtOnce,
            _ => Interrupt::LetFinish,
        }
    }

    fn settle(pause: Duration) -> Option<Self> {
        Some(Self::Settle(pause))
    }
}

/// A bug of the planner: the node that finds the value out is not before the one that uses it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("nothing before this step finds out the {0}")]
pub struct Unbound(pub Ref);

impl Action {
    /// Puts facts in the place of late values. A container also gets labels: its image's id, where that is known, and the
    /// ids of the containers that it refers to.
    ///
    /// # Errors
    /// [`Unbound`]: a bug of the planner.
    pub fn bind(&self, facts: &Facts<Self>) -> Result<Action<Id>, Unbound> {
        let id = |late: &Late| match late {
            Late::Known(id) => Ok(id.clone()),
            Late::Ref(of) => facts.get(of).cloned().ok_or_else(|| Unbound(of.clone())),
        };
        let bound = |target: &Target| Ok(Target { name: target.name.clone(), id: id(&target.id)? });
        Ok(match self {
            Self::Resolve(gated) => Action::Resolve(gated.clone()),
            Self::Verify(gated) => {
                let of = Ref::Pinned(gated.reference.clone());
                let pinned = facts.get(&of).cloned();
                if pinned.is_none() && !gated.warn {
                    return Err(Unbound(of));
                }
                Action::Verify(Gated { pinned, ..gated.clone() })
            }
            Self::Pull(image) => {
                let mut image = image.clone();
                if let Some(pinned) = facts.get(&Ref::Pinned(image.reference.clone())) {
                    image.reference.clone_from(pinned);
                }
                Action::Pull(image)
            }
            Self::Build(spec) => Action::Build(spec.clone()),
            Self::CreateNetwork(spec) => Action::CreateNetwork(spec.clone()),
            Self::RemoveNetwork(name) => Action::RemoveNetwork(name.clone()),
            Self::DropNetwork(spec) => Action::DropNetwork(spec.clone()),
            Self::Disconnect(target, network, names) => {
                Action::Disconnect(bound(target)?, network.clone(), names.clone())
            }
            Self::Connect(target, network, names) => {
                Action::Connect(bound(target)?, network.clone(), names.clone())
            }
            Self::CreateVolume(spec) => Action::CreateVolume(spec.clone()),
            Self::RemoveVolume(name) => Action::RemoveVolume(name.clone()),
            Self::Create(unit, template) => {
                let mut spec = template.try_map(&mut |late| id(late))?;
                if let Some(image) = facts.get(&Ref::Digest(spec.image.clone())) {
                    spec.labels.insert(crate::labels::IMAGE.to_owned(), image.clone());
                }
                let own = spec.entrypoint.as_ref().filter(|words| !words.is_empty());
                let program = match own.map(|words| json_words(words)) {
                    None => facts.get(&Ref::Entrypoint(spec.image.clone())).cloned(),
                    own => own,
                };
                if let Some(program) = program {
                    spec.labels.insert(ENTRYPOINT_LABEL.to_owned(), program);
                }
                let mut uses: Vec<Id> = (template.values())
                    .filter(|late| matches!(late, Late::Ref(Ref::ContainerId(_))))
                    .map(id)
                    .collect::<Result<_, _>>()?;
                uses.sort();
                uses.dedup();
                if !uses.is_empty() {
                    spec.labels.insert(crate::labels::USES.to_owned(), uses.join(","));
                }
                if let Some(pinned) = facts.get(&Ref::Pinned(spec.image.clone())) {
                    spec.image.clone_from(pinned);
                }
                Action::Create(unit.clone(), Box::new(spec))
            }
            Self::Start(target) => Action::Start(bound(target)?),
            Self::Stop(target, timeout) => Action::Stop(bound(target)?, *timeout),
            Self::Kill(target, signal) => Action::Kill(bound(target)?, signal.clone()),
            Self::Pause(target, paused) => Action::Pause(bound(target)?, *paused),
            Self::Rename(target, to) => Action::Rename(bound(target)?, to.clone()),
            Self::Remove(target, how) => Action::Remove(bound(target)?, *how),
            Self::Drop(target, timeout, how) => Action::Drop(bound(target)?, *timeout, *how),
            Self::Await(target, condition, timeout) => {
                Action::Await(bound(target)?, *condition, *timeout)
            }
            Self::Exec(target, hook) => Action::Exec(bound(target)?, hook.clone()),
            Self::Settle(pause) => Action::Settle(*pause),
        })
    }
}

/// What is known of an image that is there, as facts: its id, and its program where the runtime tells.
pub fn image_facts(reference: &str, image: &ImageInfo) -> Facts<Action> {
    let mut facts: Facts<Action> = [(Ref::Digest(reference.to_owned()), image.id.clone())].into();
    if let Some(words) = &image.entrypoint {
        facts.insert(Ref::Entrypoint(reference.to_owned()), json_words(words));
    }
    facts
}

fn json_words(words: &[String]) -> String {
    serde_json::Value::from(words).to_string()
}

impl<V> Action<V> {
    /// The kinds of error that mean it is already so.
    pub fn tolerates(&self) -> &'static [ErrorKind] {
        match self {
            Self::Kill(_, signal) if crate::halt::kills(signal) => {
                &[ErrorKind::NotFound, ErrorKind::NotRunning]
            }
            Self::Stop(..)
            | Self::Kill(..)
            | Self::Remove(..)
            | Self::Drop(..)
            | Self::RemoveNetwork(_)
            | Self::RemoveVolume(_) => &[ErrorKind::NotFound],
            Self::CreateVolume(_) => &[ErrorKind::Conflict],
            _ => &[],
        }
    }

    /// The kind and the name of what it acts on, as progress shows it: `("Container", "p-web-1")`; none for pauses.
    pub fn object(&self) -> Option<(&'static str, &str)> {
        Some(match self {
            Self::Resolve(gated) | Self::Verify(gated) => ("Image", &gated.reference),
            Self::Pull(image) => ("Image", &image.reference),
            Self::Build(spec) => ("Image", spec.tags.first().map_or("", String::as_str)),
            Self::CreateNetwork(spec) | Self::DropNetwork(spec) => ("Network", &spec.name),
            Self::RemoveNetwork(name) => ("Network", name),
            Self::CreateVolume(spec) => ("Volume", &spec.name),
            Self::RemoveVolume(name) => ("Volume", name),
            Self::Create(_, spec) => ("Container", spec.name.as_deref().unwrap_or_default()),
            Self::Start(target)
            | Self::Stop(target, _)
            | Self::Kill(target, _)
            | Self::Pause(target, _)
            | Self::Rename(target, _)
            | Self::Disconnect(target, ..)
            | Self::Connect(target, ..)
            | Self::Remove(target, _)
            | Self::Drop(target, ..)
            | Self::Await(target, ..)
            | Self::Exec(target, _) => ("Container", &target.name),
            Self::Settle(_) => return None,
        })
    }

    /// What is happening and what has happened, in docker compose's words: `("Creating", "Created")`.
    pub const fn words(&self) -> (&'static str, &'static str) {
        match self {
            Self::Resolve(_) => ("Resolving", "Resolved"),
            Self::Verify(_) => ("Verifying", "Verified"),
            Self::Pull(_) => ("Pulling", "Pulled"),
            Self::Build(_) => ("Building", "Built"),
            Self::CreateNetwork(_) | Self::CreateVolume(_) | Self::Create(..) => {
                ("Creating", "Created")
            }
            Self::RemoveNetwork(_)
            | Self::DropNetwork(_)
            | Self::RemoveVolume(_)
            | Self::Remove(..)
            | Self::Drop(..) => ("Removing", "Removed"),
            Self::Disconnect(..) => ("Disconnecting", "Disconnected"),
            Self::Connect(..) => ("Connecting", "Connected"),
            Self::Start(_) => ("Starting", "Started"),
            Self::Stop(..) => ("Stopping", "Stopped"),
            Self::Kill(..) => ("Killing", "Killed"),
            Self::Pause(_, true) => ("Pausing", "Paused"),
            Self::Pause(_, false) => ("Unpausing", "Unpaused"),
            Self::Rename(..) => ("Renaming", "Renamed"),
            Self::Await(_, Condition::Started, _) => ("Waiting", "Started"),
            Self::Await(_, Condition::Healthy, _) => ("Waiting", "Healthy"),
            Self::Await(_, Condition::Completed, _) => ("Waiting", "Exited"),
            Self::Exec(..) => ("Running hook", "Hook done"),
            Self::Settle(_) => ("Settling", "Settled"),
        }
    }
}

impl<V> fmt::Display for Action<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resolve(gated) => write!(f, "resolve {}", gated.reference),
            Self::Verify(gated) => write!(f, "verify {}", gated.reference),
            Self::Pull(image) => write!(f, "pull {}", image.reference),
            Self::Build(spec) => {
                write!(f, "build {}", spec.tags.first().map_or(&spec.context, |tag| tag))
            }
            Self::CreateNetwork(spec) => write!(f, "create network {}", spec.name),
            Self::RemoveNetwork(name) => write!(f, "remove network {name}"),
            Self::DropNetwork(spec) => write!(f, "remove network {}", spec.name),
            Self::Disconnect(target, network, _) => {
                write!(f, "disconnect {} from {network}", target.name)
            }
            Self::Connect(target, network, _) => write!(f, "connect {} to {network}", target.name),
            Self::CreateVolume(spec) => write!(f, "create volume {}", spec.name),
            Self::RemoveVolume(name) => write!(f, "remove volume {name}"),
            Self::Create(unit, spec) => match &spec.name {
                Some(name) => write!(f, "create {name}"),
                None => write!(f, "create {unit}"),
            },
            Self::Start(target) => write!(f, "start {}", target.name),
            Self::Stop(target, _) => write!(f, "stop {}", target.name),
            Self::Kill(target, signal) => write!(f, "kill {} with {signal}", target.name),
            Self::Pause(target, true) => write!(f, "pause {}", target.name),
            Self::Pause(target, false) => write!(f, "unpause {}", target.name),
            Self::Rename(target, to) => write!(f, "rename {} to {to}", target.name),
            Self::Remove(target, _) => write!(f, "remove {}", target.name),
            Self::Drop(target, ..) => write!(f, "stop and remove {}", target.name),
            Self::Await(target, condition, _) => write!(f, "await {} {condition}", target.name),
            Self::Exec(target, hook) => {
                write!(
                    f,
                    "exec {} in {}",
                    hook.command.first().map_or("", String::as_str),
                    target.name
                )
            }
            Self::Settle(pause) => write!(f, "settle {} ms", pause.as_millis()),
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Started => "started",
            Self::Healthy => "healthy",
            Self::Completed => "completed",
        })
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => write!(f, "missing"),
            Self::Stopped => write!(f, "stopped"),
            Self::Changed(path) => write!(f, "{path} changed"),
            Self::NewImage => write!(f, "its image is newer"),
            Self::Requested => write!(f, "requested"),
            Self::Uses(unit) => write!(f, "uses {unit}, which is new"),
            Self::DependsOn(unit) => write!(f, "{unit} depends on it"),
            Self::RestartsWith(unit) => write!(f, "restarts with {unit}"),
            Self::Replaced => write!(f, "replaced"),
            Self::Leftover => write!(f, "left by an earlier run"),
            Self::Surplus => write!(f, "more than wanted"),
            Self::Orphan => write!(f, "orphan"),
            Self::Settled => write!(f, "until all is well"),
            Self::Ended(policy) => write!(f, "ended; restart: {policy}"),
        }
    }
}
