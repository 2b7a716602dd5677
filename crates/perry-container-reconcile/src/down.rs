//! Takes a project down: containers in reverse order, then networks, then volumes where that was asked for. Nothing of it
//! is undone; every order only follows, so that it gets as far as it can.

use crate::{
    Action, Cause, Desired, DownOptions, Planned, ReconcileError, Target, half, is_oneoff, labels,
    life::{pre_stop, stop_one, unit},
    order::{Order, follow},
    service_of,
};
use indexmap::IndexMap;
use perry_container_plan::{Edge, Plan};
use perry_container_spec::{ContainerInfo, Observed, Removal};

/// Plans to take a project down. Without `desired` (only the project's name is known) everything that carries its label
/// goes.
///
/// # Errors
/// [`ReconcileError::NoSuchService`].
pub fn down(
    project: &str,
    desired: Option<&Desired>,
    observed: &Observed,
    options: &DownOptions,
) -> Result<Planned, ReconcileError> {
    let mut planned = Planned::default();
    let going = |seen: &ContainerInfo| {
        if is_oneoff(seen) {
            return options.remove_orphans || desired.is_none();
        }
        let service = service_of(seen).unwrap_or_default();
        match desired {
            _ if !options.named.is_empty() => options.named.contains(service),
            None => true,
            Some(desired) if desired.enabled.contains(service) => true,
            Some(desired) => options.remove_orphans && !desired.known.contains(service),
        }
    };
    if let Some(desired) = desired
        && let Some(missing) = options.named.iter().find(|name| !desired.enabled.contains(*name))
    {
        return Err(ReconcileError::NoSuchService(missing.clone()));
    }
    let plan = &mut planned.plan;
    let order = Order::new(desired, observed, &going);
    let mut removed: IndexMap<&str, usize> = IndexMap::new();
    for (level, seen) in order.backwards() {
        let after = follow(&removed, order.dependents(seen));
        let node = dismiss(plan, level, seen, desired, options, &after);
        removed.insert(&seen.id, node);
    }
    let all_gone = || removed.values().map(|node| (*node, Edge::Follows)).collect::<Vec<_>>();
    let staying =
        || observed.containers.values().filter(|seen| !removed.contains_key(seen.id.as_str()));
    let mut after = Vec::new();
    let networks: Vec<&String> = (observed.networks.iter())
        .filter(|(_, network)| {
            network.labels.get(labels::PROJECT).is_some_and(|owner| owner == project)
        })
        .map(|(name, _)| name)
        .collect();
    let used = |name: &String| staying().any(|seen| seen.networks.contains_key(name));
    let volumes: Vec<&String> = (observed.volumes.iter())
        .filter(|(name, volume)| {
            let ours = volume.labels.get(labels::PROJECT).is_some_and(|owner| owner == project);
            let wanted = desired
                .is_none_or(|desired| desired.volumes.get(*name).is_some_and(|v| !v.external));
            options.volumes && ours && wanted
        })
        .map(|(name, _)| name)
        .collect();
    let mounted = |name: &String| {
        staying().any(|seen| seen.mounts.iter().any(|mount| mount.name.as_ref() == Some(name)))
    };
    if !(networks.is_empty() && volumes.is_empty()) && removed.len() > 1 {
        after = vec![(plan.barrier(0, all_gone()), Edge::Follows)];
    } else {
        after.extend(all_gone());
    }
    for name in networks {
        if used(name) {
            planned.notes.push(format!("network {name} is still in use and stays"));
        } else {
            plan.act(0, Action::RemoveNetwork(name.clone()), Cause::Requested, &after);
        }
    }
    for name in volumes {
        if mounted(name) {
            planned.notes.push(format!("volume {name} is still in use and stays"));
        } else {
            plan.act(0, Action::RemoveVolume(name.clone()), Cause::Requested, &after);
        }
    }
    if planned.plan.is_empty() && planned.notes.is_empty() {
        planned.notes.push(format!("No resource found to remove for project \"{project}\"."));
    }
    planned.notes.extend(half::notes(desired, observed, &planned.plan));
    Ok(planned)
}

fn dismiss(
    plan: &mut Plan<Action>,
    level: usize,
    seen: &ContainerInfo,
    desired: Option<&Desired>,
    options: &DownOptions,
    after: &[(usize, Edge)],
) -> usize {
    let mut after = after.to_vec();
    if seen.state.is_up() {
        let hooks = pre_stop(unit(desired, seen));
        let stop = stop_one(plan, level, seen, hooks, options.timeout, &Cause::Requested, &after);
        after = vec![(stop, Edge::Follows)];
    }
    let how = Removal { force: true, volumes: options.volumes };
    plan.act(level, Action::Remove(Target::of(seen), how), Cause::Requested, &after)
}
