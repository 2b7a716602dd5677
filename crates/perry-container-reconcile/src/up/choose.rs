//! Which container is a unit, and whether it stays.

use super::Planner;
use crate::{Cause, ReconcileError, Recreate, Unit, hash, labels};
use perry_container_spec::{ContainerInfo, MountKind, Ref, State, UnitId};

pub(super) struct Choice<'a> {
    /// The container that is the unit now.
    pub(super) current: Option<&'a ContainerInfo>,
    /// A new container is made, so whoever refers to the old one is made again too.
    pub(super) fresh: bool,
    /// Why something is to be done at all.
    pub(super) cause: Option<Cause>,
    /// What must leave: the container that is replaced, and leftovers.
    pub(super) away: Vec<(&'a ContainerInfo, Cause)>,
}

impl<'a> Planner<'a> {
    /// Called in dependency order: whether what a unit refers to is made anew is known already.
    pub(super) fn choose(&mut self, id: &'a UnitId) -> Result<(), ReconcileError> {
        let unit = self.unit(id);
        let found = self.found.get(id).cloned().unwrap_or_default();
        let named = |c: &ContainerInfo| c.name == unit.name();
        let current = match found[..] {
            [] => None,
            [only] => Some(only),
            // A killed run can leave several: one that is as it should be stays, and of those the one that runs, else the
            // well-named one, else the newest.
            _ => found.iter().copied().max_by_key(|c| {
                let right = self.drift(unit, c).is_none();
                (right, c.state.is_up(), named(c), c.state != State::Created, c.created.clone())
            }),
        };
        let named_service =
            self.options.named.is_empty() || self.options.named.contains(&id.service);
        let mode = if named_service { self.options.recreate } else { self.options.recreate_deps };
        let drift = match (current, mode) {
            (None, _) | (Some(_), Recreate::Never) => None,
            (Some(_), Recreate::Force) => Some(Cause::Requested),
            (Some(current), Recreate::Diverged) => self.drift(unit, current),
        };
        let gone = current.is_some_and(|c| matches!(c.state, State::Dead | State::Removing));
        let fresh = current.is_none() || drift.is_some() || gone;
        let restarts = || {
            let with =
                unit.depends_on.iter().find(|(other, how)| how.restart && self.replaced(other));
            with.map(|(other, _)| Cause::RestartsWith(other.clone()))
        };
        let cause = match current {
            None => Some(Cause::Missing),
            Some(_) if drift.is_some() => drift,
            Some(_) if gone => Some(Cause::Stopped),
            Some(c) if !named(c) => Some(Cause::Leftover),
            // What cannot be started again now is not stopped either.
            Some(_) if self.options.no_start => None,
            Some(c) if matches!(c.state, State::Running | State::Restarting) => restarts(),
            Some(_) => Some(Cause::Stopped),
        };
        if let Some(kept) = current.filter(|_| !fresh) {
            self.plan().facts.insert(Ref::ContainerId(id.clone()), kept.id.clone());
            if cause.is_none() {
                let word = if kept.state.is_up() { "Running" } else { "Created" };
                self.planned.kept.insert(kept.name.clone(), word);
            }
        }
        let replaced = current.filter(|_| fresh).zip(cause.clone());
        let left = found.iter().filter(|c| current.is_some_and(|current| current.id != c.id));
        let away = replaced.into_iter().chain(left.map(|c| (*c, Cause::Leftover))).collect();
        self.choices.insert(id, Choice { current, fresh, cause, away });
        Ok(())
    }

    /// Whether a unit that was there is made anew.
    fn replaced(&self, id: &UnitId) -> bool {
        self.choices.get(id).is_some_and(|choice| choice.fresh && choice.current.is_some())
    }

    fn drift(&self, unit: &Unit, current: &ContainerInfo) -> Option<Cause> {
        if let Some(cause) = changed(unit, current) {
            return Some(cause);
        }
        if let Some(image) = self.observed.images.get(&unit.image.reference)
            && !current.image_id.is_empty()
            && image.id != current.image_id
            && current.labels.get(labels::IMAGE) != Some(&image.id)
        {
            return Some(Cause::NewImage);
        }
        let attachments = unit.template.network.attachments();
        if let Some(stale) = attachments.iter().find(|a| self.stale_network(&a.network)) {
            let key = self
                .desired
                .networks
                .get(&stale.network)
                .map_or(stale.network.as_str(), |n| n.key.as_str());
            return Some(Cause::Changed(format!("networks.{key}")));
        }
        // Of stopped ones, too: an interrupted run takes old containers off a network that it makes again.
        if let Some(missing) =
            attachments.iter().find(|a| !current.networks.contains_key(&a.network))
        {
            return Some(Cause::Changed(format!(
                "networks of its container: it is not in {}",
                missing.network
            )));
        }
        let mounted = |name: &str| current.mounts.iter().any(|m| m.name.as_deref() == Some(name));
        let volumes = unit.template.mounts.iter().filter(|m| m.kind == MountKind::Volume);
        if let Some(missing) =
            volumes.filter_map(|m| m.source.as_deref()).find(|name| !mounted(name))
        {
            return Some(Cause::Changed(format!(
                "volumes of its container: {missing} is not mounted"
            )));
        }
        // The same spec may have been made with the id of a container that is not the other unit any more.
        let made_with: Option<Vec<&str>> =
            current.labels.get(labels::USES).map(|ids| ids.split(',').collect());
        let by_id = unit.uses_by_id();
        let outdated = |other: &UnitId| {
            self.choices.get(other).is_some_and(|choice| {
                choice.fresh
                    || by_id.contains(other)
                        && (made_with.as_ref().zip(choice.current))
                            .is_some_and(|(ids, kept)| !ids.contains(&kept.id.as_str()))
            })
        };
        unit.uses().into_iter().find(outdated).map(Cause::Uses)
    }

    /// Whether a network of the project is there but not as it is wanted.
    fn stale_network(&self, name: &str) -> bool {
        let Some(wanted) = self.desired.networks.get(name).filter(|network| !network.external)
        else {
            return false;
        };
        let Some(found) = self.observed.networks.get(name) else { return false };
        let label = |key| found.labels.get(key);
        match (label(labels::NETWORK_SPEC_HASH), label(labels::CONFIG_HASH)) {
            (Some(hash), _) => wanted.spec.labels.get(labels::NETWORK_SPEC_HASH) != Some(hash),
            (None, Some(hash)) => wanted.spec.labels.get(labels::CONFIG_HASH) != Some(hash),
            (None, None) => false, // made by others, and used as it is
        }
    }

    /// None when nothing may be made anew.
    pub(super) fn find_stale_networks(&mut self) {
        if self.options.recreate == Recreate::Never {
            return;
        }
        let desired = self.desired;
        self.stale_networks = desired
            .networks
            .keys()
            .map(String::as_str)
            .filter(|name| self.stale_network(name))
            .collect();
    }
}

/// The property that differs from what the container's labels say it was made from. A container of docker compose has
/// only its hash of the whole.
fn changed(unit: &Unit, current: &ContainerInfo) -> Option<Cause> {
    let (wanted, found) = (&unit.template.labels, &current.labels);
    let service = labels::SERVICE;
    let path = |property: &str| {
        let name = wanted.get(service).map_or("", String::as_str);
        Some(Cause::Changed(format!("services.{name}{property}")))
    };
    let Some(own) = found.get(labels::SPEC_HASH) else {
        let differs = found.get(labels::CONFIG_HASH) != wanted.get(labels::CONFIG_HASH);
        return if differs { path("") } else { None };
    };
    if wanted.get(labels::SPEC_HASH) == Some(own) {
        return None;
    }
    let text = |labels: &'_ indexmap::IndexMap<String, String>| {
        labels.get(labels::SPEC_HASHES).cloned().unwrap_or_default()
    };
    let (wanted, found) = (text(wanted), text(found));
    let (wanted, found) = (hash::split(&wanted), hash::split(&found));
    let property = (wanted.iter().find(|(key, hash)| found.get(*key) != Some(*hash)))
        .map(|(key, _)| *key)
        .or_else(|| found.keys().find(|key| !wanted.contains_key(*key)).copied());
    path(&property.map(|property| format!(".{}", compose_name(property))).unwrap_or_default())
}

/// A property of the container as a Compose file calls it.
fn compose_name(property: &str) -> &str {
    match property {
        "cmd" => "command",
        "env" => "environment",
        "workdir" => "working_dir",
        "network" => "networks",
        "files" => "configs and secrets",
        "userns" => "userns_mode",
        "cgroupns" => "cgroup",
        "stop_timeout" => "stop_grace_period",
        "device_requests" => "gpus",
        other => other,
    }
}
