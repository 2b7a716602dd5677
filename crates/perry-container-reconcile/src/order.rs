//! The order of containers that exist, from the model where there is one, else from their labels.

use crate::{Desired, labels, service_of, unit_of, up::before};
use indexmap::{IndexMap, IndexSet};
use perry_container_graph as graph;
use perry_container_plan::{Edge, NodeId};
use perry_container_spec::{ContainerInfo, Observed};

pub(crate) struct Order<'a> {
    /// By level, dependencies first; within a level by name and number.
    levels: Vec<Vec<&'a ContainerInfo>>,
    /// Services that depend directly on a service.
    dependents: IndexMap<String, IndexSet<String>>,
    by_service: IndexMap<&'a str, Vec<&'a ContainerInfo>>,
    deps: IndexMap<String, Vec<String>>,
}

impl<'a> Order<'a> {
    /// The containers for which `take` says so. A cycle in labels (they are hostile) leaves the order of names.
    pub(crate) fn new(
        desired: Option<&Desired>,
        observed: &'a Observed,
        take: &dyn Fn(&ContainerInfo) -> bool,
    ) -> Self {
        let mut by_service: IndexMap<&str, Vec<&ContainerInfo>> = IndexMap::new();
        for seen in observed.containers.values().filter(|seen| take(seen)) {
            by_service.entry(service_of(seen).unwrap_or_default()).or_default().push(seen);
        }
        by_service.sort_keys();
        for all in by_service.values_mut() {
            all.sort_by_key(|seen| {
                (unit_of(seen).map_or(u32::MAX, |unit| unit.number), seen.name.clone())
            });
        }
        let mut wanted: IndexMap<&str, IndexSet<String>> = IndexMap::new();
        for (id, unit) in desired.into_iter().flat_map(|desired| &desired.units) {
            let on = wanted.entry(&id.service).or_default();
            on.extend(before(unit).into_iter().map(|unit| unit.service));
        }
        let mut deps: IndexMap<String, Vec<String>> = IndexMap::new();
        for (service, all) in &by_service {
            let mut on = wanted.swap_remove(*service).unwrap_or_else(|| {
                let labels = all.iter().flat_map(|seen| labels::depends_on(seen));
                labels.map(|(on, ..)| on.to_owned()).collect()
            });
            on.retain(|other| other != service && by_service.contains_key(other.as_str()));
            deps.insert((*service).to_owned(), on.into_iter().collect());
        }
        let mut dependents: IndexMap<String, IndexSet<String>> = IndexMap::new();
        for (service, on) in &deps {
            for other in on {
                dependents.entry(other.clone()).or_default().insert(service.clone());
            }
        }
        let levels: Vec<Vec<String>> = match graph::levels(&deps) {
            Ok(levels) => {
                levels.into_iter().map(|level| level.into_iter().cloned().collect()).collect()
            }
            Err(_) => {
                dependents.clear();
                vec![deps.keys().cloned().collect()]
            }
        };
        let levels = (levels.iter())
            .map(|level| {
                level
                    .iter()
                    .flat_map(|service| by_service[service.as_str()].iter().copied())
                    .collect()
            })
            .collect();
        Self { levels, dependents, by_service, deps }
    }

    /// Dependencies first, with their level from 1.
    pub(crate) fn forwards(&self) -> impl Iterator<Item = (usize, &'a ContainerInfo)> {
        self.levels
            .iter()
            .enumerate()
            .flat_map(|(level, all)| all.iter().map(move |seen| (level + 1, *seen)))
    }

    /// Dependents first; the level counts from there.
    pub(crate) fn backwards(&self) -> impl Iterator<Item = (usize, &'a ContainerInfo)> {
        self.levels
            .iter()
            .rev()
            .enumerate()
            .flat_map(|(level, all)| all.iter().map(move |seen| (level + 1, *seen)))
    }

    /// The containers of the services that depend directly on this one's.
    pub(crate) fn dependents(
        &self,
        seen: &ContainerInfo,
    ) -> impl Iterator<Item = &'a ContainerInfo> {
        let services = self.dependents.get(service_of(seen).unwrap_or_default());
        self.containers(services.into_iter().flatten())
    }

    /// The containers of the services that this one's depends on directly.
    pub(crate) fn dependencies(
        &self,
        seen: &ContainerInfo,
    ) -> impl Iterator<Item = &'a ContainerInfo> {
        let services = self.deps.get(service_of(seen).unwrap_or_default());
        self.containers(services.into_iter().flatten())
    }

    fn containers<'s>(
        &self,
        services: impl Iterator<Item = &'s String>,
    ) -> impl Iterator<Item = &'a ContainerInfo> {
        services.filter_map(|s| self.by_service.get(s.as_str())).flatten().copied()
    }

    /// Whether there is a container of this service.
    pub(crate) fn has(&self, service: &str) -> bool {
        self.by_service.contains_key(service)
    }
}

/// After the nodes of these containers, however they end.
pub(crate) fn follow<'a>(
    nodes: &IndexMap<&str, NodeId>,
    containers: impl Iterator<Item = &'a ContainerInfo>,
) -> Vec<(NodeId, Edge)> {
    containers.filter_map(|other| Some((*nodes.get(other.id.as_str())?, Edge::Follows))).collect()
}
