//! What comes: create, start, await.

use super::{Edges, Planner, choose::Choice};
use crate::{Action, Cause, Condition, ReconcileError, Target, Unit, labels, life::start_one};
use perry_container_plan::{Edge, NodeId};
use perry_container_spec::{
    ContainerInfo, ContainerSpec, Late, Mount, MountKind, Network, State, UnitId,
};

fn target(id: &UnitId, name: &str) -> Target {
    Target { name: name.to_owned(), id: Late::container(id) }
}

impl<'a> Planner<'a> {
    pub(super) fn bring_up(&mut self, level: usize, id: &'a UnitId) -> Result<(), ReconcileError> {
        let Choice { current, fresh, cause: Some(cause), .. } = &self.choices[id] else {
            return Ok(());
        };
        let (current, fresh, cause) = (*current, *fresh, cause.clone());
        let unit = self.unit(id);
        let mut after = self.before(level, id)?;
        let name = unit.name();
        let plan = &mut self.planned.plan;
        let mut then = |action| {
            let node = plan.act(level, action, cause.clone(), &after);
            after = vec![(node, Edge::Needs)];
            node
        };
        let mut last = None;
        if fresh {
            let mut template = carried_over(unit, current, self.options.renew_anon_volumes);
            let run = self.options.run.iter();
            template.labels.extend(run.map(|run| (labels::RUN.to_owned(), run.clone())));
            let made = then(Action::Create(id.clone(), Box::new(template)));
            self.made.insert(id, made);
            last = Some(made);
        } else if let Some(aside) = current.filter(|c| c.name != name) {
            last = Some(then(Action::Rename(target(id, &aside.name), name.to_owned())));
        }
        let kept = current.filter(|_| !fresh);
        let start = match kept.map(|kept| kept.state) {
            _ if self.options.no_start => None,
            Some(State::Running | State::Restarting)
                if !matches!(cause, Cause::RestartsWith(_)) =>
            {
                None
            }
            Some(State::Paused) => Some((Action::Pause(target(id, name), false), &[][..])),
            _ => Some((Action::Start(target(id, name)), &unit.post_start[..])),
        };
        if let Some((start, hooks)) = start {
            let target = target(id, name);
            let started = start_one(plan, level, start, &target, hooks, &cause, &after);
            if !hooks.is_empty() {
                self.vital(level, vec![started]); // a hook that fails fails the run
            }
            self.starts.insert(id, started);
            last = Some(started);
        }
        if !self.options.no_start && fresh && current.is_some() && self.checked(unit) == Some(true)
        {
            let node = self.awaited(level, id, Condition::Healthy, cause);
            self.vital(level, vec![node]);
            last = Some(node);
        }
        self.ready.extend(last.map(|node| (id, (level, node))));
        Ok(())
    }

    /// Makes the run depend on nodes that leave nothing behind.
    fn vital(&mut self, level: usize, nodes: Vec<NodeId>) {
        let after = nodes.into_iter().map(|node| (node, Edge::Needs)).collect();
        self.plan().barrier(level, after);
    }

    /// `--wait`: everything has to be running, healthy where there is a check, completed where somebody waits for that.
    pub(super) fn settle(&mut self, levels: usize) {
        if !self.options.wait || self.options.no_start {
            return;
        }
        let mut nodes = Vec::new();
        for (level, ids) in self.scope.levels.iter().enumerate() {
            for id in ids {
                let unit = self.unit(id);
                let condition = if unit.completes {
                    Condition::Completed
                } else if self.checked(unit) == Some(false) {
                    Condition::Started
                } else {
                    Condition::Healthy
                };
                if !self.met(id, condition) {
                    nodes.push(self.awaited(level + 1, id, condition, Cause::Settled));
                }
            }
        }
        if !nodes.is_empty() {
            self.vital(levels, nodes);
        }
    }

    /// Whether a unit has a health check, as far as the spec and its image tell.
    fn checked(&self, unit: &Unit) -> Option<bool> {
        unit.has_healthcheck().or_else(|| {
            let image = self.observed.images.get(&unit.image.reference)?;
            image.has_healthcheck
        })
    }

    /// What must be ready before a unit is created or started.
    fn before(&mut self, level: usize, id: &'a UnitId) -> Result<Edges, ReconcileError> {
        let unit = self.unit(id);
        let mut before = Edges::new();
        for (other, dependency) in &unit.depends_on {
            let Some((other, _)) = self.choices.get_key_value(other).map(|(other, _)| (*other, ()))
            else {
                continue; // not selected
            };
            if self.options.no_start {
                continue;
            }
            let wanted = dependency.condition;
            if wanted == Condition::Healthy
                && self.checked(self.unit(other)) == Some(false)
                && dependency.required
            {
                let (waiter, service) = (id.service.clone(), other.service.clone());
                return Err(ReconcileError::NoHealthcheck { waiter, service });
            }
            let edge = if dependency.required { Edge::Needs } else { Edge::Follows };
            let node = match self.starts.get(other) {
                Some(start) if wanted == Condition::Started => *start,
                None if self.met(other, wanted) => continue,
                _ => self.awaited(level - 1, other, wanted, Cause::DependsOn(id.clone())),
            };
            before.push((node, edge));
        }
        if self.choices[id].fresh {
            let image = (unit.image.reference.as_str(), unit.image.platform.as_deref());
            let mut needed: Vec<NodeId> = self.images.get(&image).copied().into_iter().collect();
            if let Network::Attached(all) = &unit.template.network {
                needed.extend(all.iter().filter_map(|a| self.networks.get(a.network.as_str())));
            }
            let mounts = unit.template.mounts.iter().filter(|m| m.kind == MountKind::Volume);
            needed.extend(mounts.filter_map(|m| self.volumes.get(m.source.as_deref()?)));
            // A namespace or volumes can be shared only with one that was started; without a start, that was made.
            let there = |other| self.starts.get(other).or_else(|| self.made.get(other));
            needed.extend(unit.uses().iter().filter_map(there));
            before.extend(needed.into_iter().map(|node| (node, Edge::Needs)));
        }
        before.extend(self.asides.get(id).into_iter().flatten());
        Ok(before)
    }

    /// Whether a kept container meets the condition already.
    fn met(&self, id: &UnitId, wanted: Condition) -> bool {
        if self.starts.contains_key(id) {
            return false;
        }
        let Some(kept) = self.choices.get(id).and_then(|choice| choice.current) else {
            return false;
        };
        match wanted {
            Condition::Started => kept.state == State::Running,
            Condition::Healthy => kept.health == Some(perry_container_spec::Health::Healthy),
            Condition::Completed => kept.completed(),
        }
    }

    fn awaited(&mut self, level: usize, id: &'a UnitId, wanted: Condition, cause: Cause) -> NodeId {
        if let Some(node) = self.awaits.get(&(id, wanted)) {
            return *node;
        }
        let start: Edges =
            self.starts.get(id).map(|node| (*node, Edge::Needs)).into_iter().collect();
        let timeout = self.options.wait_timeout;
        let action = Action::Await(target(id, self.unit(id).name()), wanted, timeout);
        let node = self.plan().act(level, action, cause, &start);
        self.awaits.insert((id, wanted), node);
        node
    }
}

/// Anonymous volumes of the old container stay with the unit: Compose file and image name their places, not they
/// themselves.
fn carried_over(unit: &Unit, old: Option<&ContainerInfo>, renew: bool) -> ContainerSpec<Late> {
    let mut template = unit.template.clone();
    let Some(old) = old.filter(|_| !renew) else { return template };
    for volume in old.mounts.iter().filter(|mount| mount.kind == "volume") {
        let Some(name) = volume.name.as_deref().filter(|name| anonymous(name)) else { continue };
        match template.mounts.iter_mut().find(|mount| mount.target == volume.target) {
            None => {
                let mut mount =
                    Mount::new(MountKind::Volume, Some(name.to_owned()), &volume.target);
                mount.read_only = !volume.writable;
                template.mounts.push(mount);
            }
            Some(mount) if mount.kind == MountKind::Volume && mount.source.is_none() => {
                mount.source = Some(name.to_owned());
            }
            Some(_) => {} // something else is there now
        }
    }
    template
}

/// The engines name anonymous volumes with 64 hexadecimal digits.
fn anonymous(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}
