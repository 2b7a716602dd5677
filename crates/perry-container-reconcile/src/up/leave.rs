//! What leaves.

use super::{Planner, choose::Choice, stand::names};
use crate::{Action, Cause, Target, service_of};
use perry_container_plan::Edge;
use perry_container_spec::{ContainerInfo, Late, Removal, State, UnitId};

/// The name of a container that is set aside: the first 12 digits of its id and its own, as docker compose does.
fn aside_name(seen: &ContainerInfo) -> String {
    let short: String = seen.id.chars().take(12).collect();
    let name = seen.name.strip_prefix(&format!("{short}_")).unwrap_or(&seen.name);
    format!("{short}_{name}")
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
            let how = Removal { force: true, volumes: self.options.renew_anon_volumes };
            let why = if *cause == Cause::Leftover { Cause::Leftover } else { Cause::Replaced };
            self.plan().act(0, Action::Remove(gone, how), why, &[]);
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
        hooks: &[crate::Hook],
    ) -> usize {
        let mut after = after.to_vec();
        for hook in hooks.iter().filter(|_| old.state == State::Running) {
            let node = self.plan().act(
                0,
                Action::Exec(Target::of(old), Box::new(hook.clone())),
                cause.clone(),
                &after,
            );
            after = vec![(node, Edge::Follows)];
        }
        let timeout = self.options.timeout;
        self.plan().act(0, Action::Stop(Target::of(old), timeout), cause.clone(), &after)
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
    pub(super) fn dismiss(&mut self, seen: &ContainerInfo, cause: &Cause, hooks: &[crate::Hook]) {
        let mut after: Vec<_> = self.images_ready.into_iter().collect();
        if seen.state.is_up() {
            let stop = self.stop(seen, cause, &after, hooks);
            after = vec![(stop, Edge::Needs)];
        }
        self.leave_networks(seen, &Target::of(seen), cause, &after);
        let how = Removal { force: true, volumes: false };
        self.plan().act(0, Action::Remove(Target::of(seen), how), cause.clone(), &[]);
    }
}
