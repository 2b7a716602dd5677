//! What units stand on: networks and volumes. Level 0.

use super::{Edges, Planner};
use crate::{Action, Cause, ReconcileError, Target, labels};
use indexmap::IndexSet;
use perry_container_plan::Edge;
use perry_container_spec::{ContainerInfo, MountKind, NetworkSpec};

impl Planner<'_> {
    /// Networks and volumes of the units that take part: those of others must be there, our own are made.
    pub(super) fn stand(&mut self) -> Result<(), ReconcileError> {
        let (desired, observed) = (self.desired, self.observed);
        let templates = || self.scope.levels.iter().flatten().map(|id| &desired.units[id].template);
        let used: IndexSet<&str> =
            templates().flat_map(|t| t.network.attachments()).map(|a| a.network.as_str()).collect();
        let mounted: IndexSet<&str> = (templates().flat_map(|t| &t.mounts))
            .filter(|mount| mount.kind == MountKind::Volume)
            .filter_map(|mount| mount.source.as_deref())
            .collect();
        for (name, network) in
            desired.networks.iter().filter(|(name, _)| used.contains(name.as_str()))
        {
            let found = observed.networks.get(name);
            match found {
                None if network.external => return Err(ReconcileError::ExternalNetwork(name.clone())),
                None => {
                    let action = Action::CreateNetwork(Box::new(network.spec.clone()));
                    let node = self.plan().act(0, action, Cause::Missing, &[]);
                    self.networks.insert(name, node);
                }
                Some(_) if network.external => {}
                Some(found) => match found.labels.get(labels::NETWORK) {
                    Some(key) if *key != network.key => {
                        return Err(ReconcileError::NetworkTaken {
                            name: name.clone(),
                            found: key.clone(),
                            wanted: network.key.clone(),
                        });
                    }
                    Some(_) => {}
                    None => self.planned.notes.push(format!(
                        "a network with name {name} exists but was not created for project \"{}\". Set `external: true` \
                         to use an existing network",
                        desired.project
                    )),
                },
            }
        }
        for (name, volume) in
            desired.volumes.iter().filter(|(name, _)| mounted.contains(name.as_str()))
        {
            match observed.volumes.get(name) {
                None if volume.external => {
                    return Err(ReconcileError::ExternalVolume(name.clone()));
                }
                None => {
                    let action = Action::CreateVolume(Box::new(volume.spec.clone()));
                    let node = self.plan().act(0, action, Cause::Missing, &[]);
                    self.volumes.insert(name, node);
                }
                Some(_) if volume.external => {}
                Some(found) => {
                    let owner = found.labels.get(labels::PROJECT);
                    let hash = found.labels.get(labels::CONFIG_HASH);
                    if owner != Some(&desired.project) {
                        self.planned.notes.push(format!(
                            "volume \"{name}\" already exists but was {}. Use `external: true` to use an existing volume",
                            owner.map_or_else(
                                || "not created by Docker Compose".to_owned(),
                                |owner| format!("created for project \"{owner}\" (expected \"{}\")", desired.project)
                            )
                        ));
                    } else if hash.is_some() && hash != volume.spec.labels.get(labels::CONFIG_HASH)
                    {
                        self.planned.notes.push(format!(
                            "volume \"{name}\" exists but doesn't match configuration in compose file; it is kept as it \
                             is, with its data"
                        ));
                    }
                }
            }
        }
        self.find_stale_networks();
        self.stale_networks.retain(|name| used.contains(name));
        Ok(())
    }

    /// A network that differs is made again between the old containers' stop and the new ones' creation. What was in it
    /// leaves first, what stays comes back into the new one, and all of it can be taken back.
    pub(super) fn replace_networks(&mut self) {
        for name in std::mem::take(&mut self.stale_networks) {
            let (network, found) = (&self.desired.networks[name], &self.observed.networks[name]);
            let cause = Cause::Changed(format!("networks.{}", network.key));
            let left = self.left.swap_remove(name).unwrap_or_default();
            let mut after: Edges = left.values().map(|node| (*node, Edge::Needs)).collect();
            after.extend(self.images_ready);
            let staying = |seen: &&ContainerInfo| {
                !left.contains_key(&seen.id) && seen.networks.contains_key(name)
            };
            let staying: Vec<&ContainerInfo> =
                self.observed.containers.values().filter(staying).collect();
            for seen in &staying {
                let action =
                    Action::Disconnect(Target::of(seen), name.to_owned(), names(seen, name));
                let ready: Edges = self.images_ready.into_iter().collect();
                after.push((self.plan().act(0, action, cause.clone(), &ready), Edge::Needs));
            }
            let old = NetworkSpec {
                name: name.to_owned(),
                driver: Some(found.driver.clone()).filter(|driver| !driver.is_empty()),
                internal: found.internal,
                pools: found.pools.clone(),
                labels: found.labels.clone(),
                ..NetworkSpec::default()
            };
            let dropped =
                self.plan().act(0, Action::DropNetwork(Box::new(old)), cause.clone(), &after);
            let action = Action::CreateNetwork(Box::new(network.spec.clone()));
            let made = self.plan().act(0, action, cause.clone(), &[(dropped, Edge::Needs)]);
            for seen in staying {
                let action = Action::Connect(Target::of(seen), name.to_owned(), names(seen, name));
                self.plan().act(0, action, cause.clone(), &[(made, Edge::Needs)]);
            }
            self.networks.insert(name, made);
        }
    }
}

/// The names of a container in a network, without the one that runtimes add themselves.
pub(super) fn names(seen: &ContainerInfo, network: &str) -> Vec<String> {
    let all = seen.networks.get(network).into_iter().flat_map(|endpoint| &endpoint.aliases);
    all.filter(|name| !seen.id.starts_with(*name)).cloned().collect()
}
