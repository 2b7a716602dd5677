//! What leaves.

use super::{Edges, Planner, choose::Choice, stand::names};
use crate::{
    Action, Cause, Hook, Target,
    life::{before_stop, stop_one},
    service_of,
};
use perry_container_plan::{Edge, NodeId};
use perry_container_spec::{ContainerInfo, Late, Removal, UnitId};

/// What will be removed.
pub(super) struct Removing<'a> {
    target: Target,
    how: Removal,
    why: Cause,
    /// Whose successor has to be up first.
    unit: Option<&'a UnitId>,
    /// The last that is done to it before.
    after: Option<NodeId>,
}

/// What the name of a container that is set aside begins with: the first 12 digits of its id, as docker compose does.
fn aside_prefix(seen: &ContainerInfo) -> String {
    let short: String = seen.id.chars().take(12).collect();
    format!("{short}_")
}

/// Its whole name.
fn aside_name(seen: &ContainerInfo) -> String {
    let prefix = aside_prefix(seen);
    let name = seen.name.strip_prefix(&prefix).unwrap_or(&seen.name);
    format!("{prefix}{name}")
}

/// Whether it has such a name.
pub(crate) fn is_set_aside(seen: &ContainerInfo) -> bool {
    seen.name.starts_with(&aside_prefix(seen))
}

impl<'a> Planner<'a> {
    /// What leaves makes room now and stays whole until the commit point. Dependents stop first; undo reverses that, so
    /// they come back last. A kept unit that restarts with a dependency stops too.
    pub(super) fn set_aside(&mut self, id: &'a UnitId) {
        let unit = self.unit(id);
        let stops = self.stops.swap_remove(id).unwrap_or_default();
        let Choice { away, cause, current, fresh } = &self.choices[id];
        let (away, current, fresh) = (away.clone(), *current, *fresh);
        if let (Some(cause @ Cause::RestartsWith(_)), Some(kept), false) =
            (cause.clone(), current, fresh)
        {
            let after: Vec<_> = stops.iter().copied().chain(self.images_ready).collect();
            let stop = self.stop(kept, &cause, &after, &unit.pre_stop.clone());
            self.asides.entry(id).or_default().push((stop, Edge::Needs));
            self.told_to_stop_first(id, stop);
        }
        for (old, cause) in &away {
            let aside = if old.name == unit.name() { aside_name(old) } else { old.name.clone() };
            let gone = Target { name: aside, id: Late::known(&old.id) };
            let mut after: Vec<_> = stops.iter().copied().chain(self.images_ready).collect();
            let how = Removal { force: true, volumes: self.options.renew_anon_volumes };
            let hooks = unit.pre_stop.clone();
            if let Some(dropped) = self.drop_first(old, unit.name(), how, cause, &after, &hooks) {
                self.told_to_stop_first(id, dropped);
                self.asides.entry(id).or_default().push((dropped, Edge::Needs));
                continue;
            }
            let mut made = None;
            if old.state.is_up() {
                let stop = self.stop(old, cause, &after, &unit.pre_stop.clone());
                self.told_to_stop_first(id, stop);
                (after, made) = (vec![(stop, Edge::Needs)], Some(stop));
            }
            if old.name == unit.name() {
                let rename = Action::Rename(Target::of(old), aside_name(old));
                made = Some(self.plan().act(0, rename, cause.clone(), &after));
                after = made.iter().map(|node| (*node, Edge::Needs)).collect();
            }
            if let Some(left) = self.leave_networks(old, &gone, cause, &after) {
                made = Some(left);
            }
            self.asides.entry(id).or_default().extend(made.map(|node| (node, Edge::Needs)));
            let why = if *cause == Cause::Leftover { Cause::Leftover } else { Cause::Replaced };
            let removal = Removing { target: gone, how, why, unit: Some(id), after: made };
            self.removals.push(removal);
        }
    }

    /// Where a container cannot be set aside, because the runtime renames nothing or takes nothing off a network, it is
    /// removed before its successor comes, and no undo brings it back.
    fn drop_first(
        &mut self,
        old: &ContainerInfo,
        name: &str,
        how: Removal,
        cause: &Cause,
        after: &[(usize, Edge)],
        hooks: &[Hook],
    ) -> Option<usize> {
        let named = self.options.no_rename && old.name == name;
        let stale: Vec<&str> = (self.stale_networks.iter().copied())
            .filter(|name| self.options.no_disconnect && old.networks.contains_key(*name))
            .collect();
        if !named && stale.is_empty() {
            return None;
        }
        let timeout = self.options.timeout;
        let after = before_stop(self.plan(), 0, old, hooks, cause, after);
        let drop = Action::Drop(Target::of(old), timeout, how);
        let node = self.plan().act(0, drop, cause.clone(), &after);
        for name in stale {
            self.left.entry(name.to_owned()).or_default().insert(old.id.clone(), node);
        }
        if named {
            self.planned.notes.push(format!(
                "{} cannot be set aside on this runtime: it is removed before its successor starts, and does not come \
                 back if that fails",
                old.name
            ));
        }
        Some(node)
    }

    /// What was set aside or is not wanted any more is removed: behind the commit point, or, where there is none, as
    /// soon as its successor is up.
    pub(super) fn remove_all(&mut self) {
        for Removing { target, how, why, unit, after } in std::mem::take(&mut self.removals) {
            let (mut level, mut needs) = (0, Edges::new());
            if self.options.no_rollback {
                needs.extend(after.map(|node| (node, Edge::Needs)));
                if let Some((at, ready)) = unit.and_then(|unit| self.ready.get(unit)) {
                    level = *at;
                    needs.push((*ready, Edge::Needs));
                }
            }
            self.plan().act(level, Action::Remove(target, how), why, &needs);
        }
    }

    /// What `id` depends on stops after it.
    fn told_to_stop_first(&mut self, id: &UnitId, stop: usize) {
        for other in super::before(self.unit(id)) {
            self.stops.entry(other).or_default().push((stop, Edge::Follows));
        }
    }

    fn stop(
        &mut self,
        old: &ContainerInfo,
        cause: &Cause,
        after: &[(usize, Edge)],
        hooks: &[Hook],
    ) -> usize {
        let timeout = self.options.timeout;
        stop_one(self.plan(), 0, old, hooks, timeout, cause, after)
    }

    /// A set-aside container must not hold a network that is made again.
    fn leave_networks(
        &mut self,
        old: &ContainerInfo,
        as_named: &Target,
        cause: &Cause,
        after: &[(usize, Edge)],
    ) -> Option<usize> {
        let mut last = None;
        for name in self.stale_networks.clone() {
            if old.networks.contains_key(name) {
                let action =
                    Action::Disconnect(as_named.clone(), name.to_owned(), names(old, name));
                let node = self.plan().act(0, action, cause.clone(), after);
                self.left.entry(name.to_owned()).or_default().insert(old.id.clone(), node);
                last = Some(node);
            }
        }
        last
    }

    /// Containers beyond the scale of a service that takes part.
    pub(super) fn surplus(&mut self) {
        let surplus = |(id, _): &(&UnitId, _)| {
            self.scope.contains(id) && !self.desired.units.contains_key(*id)
        };
        let all: Vec<&ContainerInfo> =
            self.found.iter().filter(surplus).flat_map(|(_, seen)| seen.iter().copied()).collect();
        for seen in all {
            // Those of its service that stay know its hooks.
            let one = service_of(seen).map(|service| UnitId::new(service, 1));
            let unit = one.and_then(|id| self.desired.units.get(&id));
            let hooks = unit.map(|unit| unit.pre_stop.clone()).unwrap_or_default();
            self.dismiss(seen, &Cause::Surplus, &hooks);
        }
    }

    /// Stopped now, removed behind the commit point.
    pub(super) fn dismiss(&mut self, seen: &ContainerInfo, cause: &Cause, hooks: &[Hook]) {
        let mut after: Vec<_> = self.images_ready.into_iter().collect();
        let how = Removal { force: true, volumes: false };
        if self.drop_first(seen, "", how, cause, &after, hooks).is_some() {
            return;
        }
        let mut last = None;
        if seen.state.is_up() {
            let stop = self.stop(seen, cause, &after, hooks);
            (after, last) = (vec![(stop, Edge::Needs)], Some(stop));
        }
        last = self.leave_networks(seen, &Target::of(seen), cause, &after).or(last);
        let (target, why) = (Target::of(seen), cause.clone());
        self.removals.push(Removing { target, how, why, unit: None, after: last });
    }
}
