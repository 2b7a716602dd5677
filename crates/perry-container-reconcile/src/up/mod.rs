//! Brings a project up. Every order is an edge; what is already so makes no node.
//!
//! The phases, in this order: what stands (networks, volumes, images), what leaves (old containers stop and are renamed,
//! dependents first), what comes (create, start, await in dependency order), and behind the commit point what cannot
//! be brought back (removing the old). Reversed, that is the undo.

mod bring;
mod choose;
mod gate;
mod images;
mod inquire;
mod leave;
mod numbers;
mod stand;

pub use inquire::{inquire, pull};
pub(crate) use leave::is_set_aside;

use crate::{
    Action, Condition, Desired, Planned, ReconcileError, Unit, UpOptions, half, image_facts,
    is_oneoff, service_of, unit_of,
};
use choose::Choice;
use indexmap::{IndexMap, IndexSet};
use leave::Removing;
use perry_container_graph as graph;
use perry_container_plan::{Edge, NodeId, Plan};
use perry_container_spec::{ContainerInfo, Observed, Protocol, UnitId};
use std::net::IpAddr;

/// Plans to bring the project from what was observed to what is desired.
///
/// # Errors
/// When the wish makes no sense, or lacks something that only others can make. Nothing was done then.
pub fn up(
    desired: &Desired,
    observed: &Observed,
    options: &UpOptions,
) -> Result<Planned, ReconcileError> {
    let desired = &*numbers::as_found(desired, observed);
    let scope = Scope::new(desired, options)?;
    let mut planner = Planner::new(desired, observed, options, &scope);
    planner.check()?;
    for id in scope.levels.iter().flatten() {
        planner.choose(id)?;
    }
    planner.gate()?;
    planner.stand()?;
    planner.images()?;
    for id in scope.levels.iter().rev().flatten() {
        planner.set_aside(id);
    }
    planner.surplus();
    planner.orphans();
    planner.replace_networks();
    for (level, ids) in scope.levels.iter().enumerate() {
        for id in ids {
            planner.bring_up(level + 1, id)?;
        }
    }
    planner.settle(scope.levels.len());
    planner.remove_all();
    planner.behind_the_gate();
    Ok(planner.planned())
}

/// The units that take part, in levels.
pub(crate) struct Scope {
    pub(crate) levels: Vec<Vec<UnitId>>,
    /// The services that take part, also those with no container.
    pub(crate) services: IndexSet<String>,
}

impl Scope {
    pub(crate) fn new(desired: &Desired, options: &UpOptions) -> Result<Self, ReconcileError> {
        let deps: IndexMap<UnitId, Vec<UnitId>> = desired
            .units
            .iter()
            .map(|(id, unit)| (id.clone(), before(unit).into_iter().collect()))
            .collect();
        let levels = graph::levels(&deps)?;
        if options.named.is_empty() {
            let levels =
                levels.into_iter().map(|level| level.into_iter().cloned().collect()).collect();
            return Ok(Self { levels, services: desired.enabled.clone() });
        }
        if let Some(missing) = options.named.iter().find(|name| !desired.enabled.contains(*name)) {
            return Err(ReconcileError::NoSuchService(missing.clone()));
        }
        let named = |id: &&UnitId| options.named.contains(&id.service);
        let roots = deps.keys().filter(named);
        let chosen: IndexSet<&UnitId> =
            if options.no_deps { roots.collect() } else { graph::closure(&deps, roots) };
        let levels = (levels.into_iter())
            .map(|level| {
                level.into_iter().filter(|id| chosen.contains(*id)).cloned().collect::<Vec<_>>()
            })
            .filter(|level| !level.is_empty())
            .collect();
        let services = chosen
            .iter()
            .map(|id| id.service.clone())
            .chain(options.named.iter().cloned())
            .collect();
        Ok(Self { levels, services })
    }

    fn contains(&self, id: &UnitId) -> bool {
        self.services.contains(&id.service)
    }
}

/// What comes before a unit: what it waits for and what its late values come from.
pub(crate) fn before(unit: &Unit) -> IndexSet<UnitId> {
    unit.depends_on.keys().cloned().chain(unit.uses()).collect()
}

type Edges = Vec<(NodeId, Edge)>;

/// Who publishes a port, and at which address.
type Holder<'a> = (Option<IpAddr>, &'a UnitId);

struct Planner<'a> {
    desired: &'a Desired,
    observed: &'a Observed,
    options: &'a UpOptions,
    scope: &'a Scope,
    planned: Planned,
    /// Containers of the project by unit, as they were seen.
    found: IndexMap<UnitId, Vec<&'a ContainerInfo>>,
    choices: IndexMap<&'a UnitId, Choice<'a>>,
    /// Networks that have to be made again, by full name.
    stale_networks: IndexSet<&'a str>,
    networks: IndexMap<&'a str, NodeId>,
    volumes: IndexMap<&'a str, NodeId>,
    /// The node that brings an image, by reference and platform.
    images: IndexMap<(&'a str, Option<&'a str>), NodeId>,
    /// Every image is verified: nothing else begins before.
    gate: Option<NodeId>,
    /// All images are there: no old container is touched before.
    images_ready: Option<(NodeId, Edge)>,
    /// The stops of dependents, which a container's own stop follows.
    stops: IndexMap<UnitId, Edges>,
    asides: IndexMap<&'a UnitId, Edges>,
    /// What made a container leave a network: by network and id.
    left: IndexMap<String, IndexMap<String, NodeId>>,
    /// The node after which a unit counts as started.
    starts: IndexMap<&'a UnitId, NodeId>,
    /// The node that makes a unit.
    made: IndexMap<&'a UnitId, NodeId>,
    /// The node after which a unit's old container is not needed any more, and its level.
    ready: IndexMap<&'a UnitId, (usize, NodeId)>,
    removals: Vec<Removing<'a>>,
    /// One node per (unit, condition), however many wait for it.
    awaits: IndexMap<(&'a UnitId, Condition), NodeId>,
}

impl<'a> Planner<'a> {
    fn new(
        desired: &'a Desired,
        observed: &'a Observed,
        options: &'a UpOptions,
        scope: &'a Scope,
    ) -> Self {
        let mut found: IndexMap<UnitId, Vec<&ContainerInfo>> = IndexMap::new();
        for seen in observed.containers.values() {
            if let Some(unit) = unit_of(seen) {
                found.entry(unit).or_default().push(seen);
            }
        }
        let mut planned = Planned::default();
        for (reference, image) in &observed.images {
            planned.plan.facts.extend(image_facts(reference, image));
        }
        Self {
            desired,
            observed,
            options,
            scope,
            planned,
            found,
            choices: IndexMap::new(),
            stale_networks: IndexSet::new(),
            networks: IndexMap::new(),
            volumes: IndexMap::new(),
            images: IndexMap::new(),
            gate: None,
            images_ready: None,
            stops: IndexMap::new(),
            asides: IndexMap::new(),
            left: IndexMap::new(),
            starts: IndexMap::new(),
            made: IndexMap::new(),
            ready: IndexMap::new(),
            removals: Vec::new(),
            awaits: IndexMap::new(),
        }
    }

    fn unit(&self, id: &UnitId) -> &'a Unit {
        &self.desired.units[id]
    }

    fn plan(&mut self) -> &mut Plan<Action> {
        &mut self.planned.plan
    }

    /// What can be refused before anything is looked at: two containers on one host port.
    fn check(&self) -> Result<(), ReconcileError> {
        let mut taken: IndexMap<(u16, Protocol), Vec<Holder<'_>>> = IndexMap::new();
        for id in self.scope.levels.iter().flatten() {
            for port in &self.unit(id).template.ports {
                let Some((host, _)) = port.host.filter(|(first, last)| first == last) else {
                    continue;
                };
                let others = taken.entry((host, port.protocol)).or_default();
                let any = |ip: Option<IpAddr>| ip.is_none_or(|ip| ip.is_unspecified());
                let clash = others.iter().find(|(ip, other)| {
                    *other != id && (any(*ip) || any(port.ip) || *ip == port.ip)
                });
                if let Some((_, first)) = clash {
                    let ip = port.ip.map(|ip| format!("{ip}:")).unwrap_or_default();
                    let port = format!("{ip}{host}/{}", port.protocol);
                    return Err(ReconcileError::PortClash {
                        first: (*first).clone(),
                        second: id.clone(),
                        port,
                    });
                }
                others.push((port.ip, id));
            }
        }
        Ok(())
    }

    /// Containers that belong to no service of the project any more.
    fn orphans(&mut self) {
        let orphan = |seen: &&&ContainerInfo| {
            let known =
                service_of(seen).is_some_and(|service| self.desired.known.contains(service));
            if is_oneoff(seen) { !seen.state.is_up() } else { !known }
        };
        let orphans: Vec<&ContainerInfo> =
            self.observed.containers.values().filter(|seen| orphan(&seen)).collect();
        if self.options.remove_orphans {
            for seen in orphans {
                self.dismiss(seen, &crate::Cause::Orphan, &[]);
            }
            return;
        }
        let names: Vec<&str> =
            orphans.iter().filter(|seen| !is_oneoff(seen)).map(|seen| seen.name.as_str()).collect();
        if !names.is_empty() && !self.options.ignore_orphans {
            self.planned.notes.push(format!(
                "Found orphan containers ([{}]) for this project. If you removed or renamed this service in your compose \
                 file, you can run this command with the --remove-orphans flag to clean it up.",
                names.join(" ")
            ));
        }
    }

    fn planned(mut self) -> Planned {
        let (plan, strategy) = (std::mem::take(&mut self.planned.plan), self.options.strategy);
        self.planned.plan = if self.options.no_rollback {
            plan.arranged_without_commit(strategy)
        } else {
            plan.arranged(strategy)
        };
        let traces = half::notes(Some(self.desired), self.observed, &self.planned.plan);
        self.planned.notes.extend(traces);
        self.planned
    }
}
