//! What an interrupted run can leave: one table of rules over what was seen.

use crate::{Action, Desired, labels, service_of, unit_of, up::is_set_aside};
use indexmap::{IndexMap, IndexSet};
use perry_container_plan::Plan;
use perry_container_spec::{ContainerInfo, Late, Network, Observed, State, UnitId};
use std::fmt;

/// Something that is neither as it was before a run nor as it is after one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Half {
    /// `container`, `network`, `volume`.
    pub object: &'static str,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: HalfMade,
    /// What the next plan does with it.
    pub next: Next,
}

/// The kinds of half-made things.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum HalfMade {
    /// A container that was made and never started.
    NeverStarted(UnitId),
    /// A container that was stopped and not started again, or not removed yet.
    Stopped(UnitId),
    /// The old container of a unit, under another name, and none in its place.
    SetAside(UnitId),
    /// The old container of a unit, under another name, whose successor is there.
    Replaced(UnitId),
    /// One of several containers of a unit.
    Twin(UnitId),
    /// A container that the runtime did not finish to remove.
    HalfRemoved(UnitId),
    /// A container that is not in this network, in which it should be.
    Unconnected(UnitId, String),
    /// A container of a service that the project does not have, whatever state it was left in.
    Orphan(String),
    /// A network of the project without a container.
    EmptyNetwork,
    /// A volume of the project that no container mounts.
    UnusedVolume,
}

/// What the next plan does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// It is removed.
    Removed,
    /// It is made again.
    MadeAgain,
    /// It gets its own name back.
    TakenBack,
    /// It is started.
    Started,
    /// It is connected.
    Connected,
    /// It stays as it is, and is used where it is wanted.
    Kept,
}

impl HalfMade {
    /// Whether it is a trace that only an interrupted run leaves, so that a person should be told: containers are also
    /// stopped, created without a start, and networks and volumes without members, because somebody wanted that.
    pub const fn is_trace(&self) -> bool {
        matches!(self, Self::SetAside(_) | Self::Replaced(_) | Self::Twin(_) | Self::HalfRemoved(_))
    }
}

/// Everything half-made that was seen, containers first, and what `next` does with it.
pub fn half_made(desired: Option<&Desired>, observed: &Observed, next: &Plan<Action>) -> Vec<Half> {
    let next = Fates::of(next);
    let mut by_unit: IndexMap<UnitId, Vec<&ContainerInfo>> = IndexMap::new();
    for seen in observed.containers.values() {
        if let Some(unit) = unit_of(seen) {
            by_unit.entry(unit).or_default().push(seen);
        }
    }
    let mut all = Vec::new();
    for (unit, found) in &by_unit {
        for seen in found {
            if let Some(kind) = of_container(unit, seen, found, desired) {
                let next = next.of_container(&seen.id);
                all.push(Half { object: "container", name: seen.name.clone(), kind, next });
            }
        }
    }
    let seen = || observed.containers.values();
    let used: IndexSet<&String> = seen().flat_map(|seen| seen.networks.keys()).collect();
    let ours = |found: &IndexMap<String, String>| {
        let project = desired.map(|desired| &desired.project);
        let owner = found.get(labels::PROJECT);
        owner.is_some() && (project.is_none() || owner == project)
    };
    for (name, network) in &observed.networks {
        if ours(&network.labels) && !used.contains(name) {
            let (kind, next) = (HalfMade::EmptyNetwork, next.of_network(name));
            all.push(Half { object: "network", name: name.clone(), kind, next });
        }
    }
    let mounts = seen().flat_map(|seen| &seen.mounts);
    let mounted: IndexSet<&String> = mounts.filter_map(|mount| mount.name.as_ref()).collect();
    for (name, volume) in &observed.volumes {
        if ours(&volume.labels) && !mounted.contains(name) {
            let (kind, next) = (HalfMade::UnusedVolume, next.of_volume(name));
            all.push(Half { object: "volume", name: name.clone(), kind, next });
        }
    }
    all
}

/// The rules for one container, the telling ones first.
fn of_container(
    unit: &UnitId,
    seen: &ContainerInfo,
    found: &[&ContainerInfo],
    desired: Option<&Desired>,
) -> Option<HalfMade> {
    let wanted = desired.and_then(|desired| desired.units.get(unit));
    if matches!(seen.state, State::Dead | State::Removing) {
        return Some(HalfMade::HalfRemoved(unit.clone()));
    }
    if is_set_aside(seen) {
        let successor = found.iter().any(|other| !is_set_aside(other));
        let kind = if successor { HalfMade::Replaced } else { HalfMade::SetAside };
        return Some(kind(unit.clone()));
    }
    if found.iter().filter(|other| !is_set_aside(other)).count() > 1 {
        return Some(HalfMade::Twin(unit.clone()));
    }
    if desired.is_some_and(|desired| !desired.known.contains(&unit.service)) {
        return Some(HalfMade::Orphan(unit.service.clone()));
    }
    if let Some(Network::Attached(all)) = wanted.map(|unit| &unit.template.network)
        && let Some(missing) = all.iter().find(|a| !seen.networks.contains_key(&a.network))
    {
        return Some(HalfMade::Unconnected(unit.clone(), missing.network.clone()));
    }
    let ended = wanted.is_some_and(|unit| unit.completes) && seen.completed();
    match seen.state {
        State::Created => Some(HalfMade::NeverStarted(unit.clone())),
        State::Exited if !ended => Some(HalfMade::Stopped(unit.clone())),
        _ => None,
    }
}

/// What a plan does with things that are there, in one look at it.
#[derive(Default)]
struct Fates<'a> {
    containers: IndexMap<&'a str, Next>,
    networks: IndexMap<&'a str, Next>,
    volumes: IndexMap<&'a str, Next>,
}

impl<'a> Fates<'a> {
    fn of(plan: &'a Plan<Action>) -> Self {
        let mut fates = Self::default();
        let id = |late: &'a Late| match late {
            Late::Known(id) => Some(id.as_str()),
            Late::Ref(of) => plan.facts.get(of).map(String::as_str),
        };
        for (_, action) in plan.actions() {
            let (target, fate) = match action {
                Action::Remove(target, _) | Action::Drop(target, ..) => (target, Next::Removed),
                Action::Start(target) | Action::Pause(target, false) => (target, Next::Started),
                Action::Rename(target, _) => (target, Next::TakenBack),
                Action::Connect(target, ..) => (target, Next::Connected),
                Action::RemoveNetwork(name) => {
                    fates.networks.insert(name, Next::Removed);
                    continue;
                }
                Action::DropNetwork(spec) => {
                    fates.networks.insert(&spec.name, Next::MadeAgain);
                    continue;
                }
                Action::RemoveVolume(name) => {
                    fates.volumes.insert(name, Next::Removed);
                    continue;
                }
                _ => continue,
            };
            if let Some(id) = id(&target.id) {
                // What is set aside on its way out is renamed as well: the removal counts. What is taken back may be
                // started, too: the name counts.
                let known = fates.containers.entry(id).or_insert(fate);
                if fate == Next::Removed || *known == Next::Connected {
                    *known = fate;
                }
            }
        }
        fates
    }

    fn of_container(&self, id: &str) -> Next {
        self.containers.get(id).copied().unwrap_or(Next::Kept)
    }

    fn of_network(&self, name: &str) -> Next {
        self.networks.get(name).copied().unwrap_or(Next::Kept)
    }

    fn of_volume(&self, name: &str) -> Next {
        self.volumes.get(name).copied().unwrap_or(Next::Kept)
    }
}

/// What a command that changes nothing can tell of the traces of interrupted runs.
pub fn traces(observed: &Observed) -> Vec<String> {
    let all = half_made(None, observed, &Plan::default());
    let all = all.into_iter().filter(|half| half.kind.is_trace());
    all.map(|Half { object, name, kind, .. }| {
        format!("{object} {name} {kind} (the next `up` or `down` mends it)")
    })
    .collect()
}

/// The sentences for a person: only of traces.
pub(crate) fn notes(
    desired: Option<&Desired>,
    observed: &Observed,
    next: &Plan<Action>,
) -> Vec<String> {
    // Nearly always there is nothing: then the plan is not looked at.
    let mut units = IndexSet::new();
    let odd = observed.containers.values().any(|seen| {
        is_set_aside(seen)
            || matches!(seen.state, State::Dead | State::Removing)
            || unit_of(seen).is_some_and(|unit| service_of(seen).is_some() && !units.insert(unit))
    });
    if !odd {
        return Vec::new();
    }
    let all = half_made(desired, observed, next);
    all.into_iter().filter(|half| half.kind.is_trace()).map(|half| half.to_string()).collect()
}

/// `container 0123_p-db-1 is the old one of db-1, left by a run that was interrupted: it is removed`.
impl fmt::Display for Half {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}: it {}", self.object, self.name, self.kind, self.next)
    }
}

impl fmt::Display for HalfMade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NeverStarted(unit) => write!(f, "of {unit} was never started"),
            Self::Stopped(unit) => write!(f, "of {unit} does not run"),
            Self::SetAside(unit) => {
                write!(f, "is the old one of {unit}, which an interrupted run did not replace")
            }
            Self::Replaced(unit) => {
                write!(f, "is the old one of {unit}, which an interrupted run replaced")
            }
            Self::Twin(unit) => write!(f, "is one of several of {unit}"),
            Self::HalfRemoved(unit) => write!(f, "of {unit} was not removed in full"),
            Self::Unconnected(unit, network) => write!(f, "of {unit} is not in {network}"),
            Self::Orphan(service) => write!(f, "of {service} belongs to no service of the project"),
            Self::EmptyNetwork => write!(f, "has no container in it"),
            Self::UnusedVolume => write!(f, "is mounted by no container"),
        }
    }
}

impl fmt::Display for Next {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Removed => "is removed",
            Self::MadeAgain => "is made again",
            Self::TakenBack => "gets its name back",
            Self::Started => "is started",
            Self::Connected => "is connected",
            Self::Kept => "stays",
        })
    }
}
