//! Signals to what runs, and freezing it. Nothing is lost by doing it twice: what is so already makes no node.

use crate::{
    Action, Cause, Desired, KillOptions, LifeOptions, Planned, ReconcileError, Target, is_oneoff,
    life::{known, taken},
    order::{Order, follow},
    service_of,
};
use indexmap::IndexMap;
use perry_container_plan::{Edge, NodeId};
use perry_container_spec::{ContainerInfo, Observed, State};

/// Sends a signal to what runs, to all at once. Containers that `run` made are left alone unless
/// [`KillOptions::remove_orphans`] asks for them, too.
///
/// # Errors
/// [`ReconcileError::NoSuchService`].
pub fn kill(
    desired: Option<&Desired>,
    observed: &Observed,
    options: &KillOptions,
) -> Result<Planned, ReconcileError> {
    known(desired, &options.named)?;
    let take = |seen: &ContainerInfo| {
        let service = service_of(seen).unwrap_or_default();
        match desired {
            _ if is_oneoff(seen) && !options.remove_orphans => false,
            _ if !options.named.is_empty() => options.named.contains(service),
            None => true,
            Some(_) if is_oneoff(seen) => true,
            Some(desired) if desired.enabled.contains(service) => true,
            Some(desired) => options.remove_orphans && !desired.known.contains(service),
        }
    };
    let order = Order::new(desired, observed, &|seen| take(seen) && seen.state.is_up());
    let mut planned = Planned::default();
    for (level, seen) in order.backwards() {
        let mut after = Vec::new();
        if options.thaw && seen.state == State::Paused && kills(&options.signal) {
            let action = Action::Pause(Target::of(seen), false);
            after.push((planned.plan.act(level, action, Cause::Requested, &[]), Edge::Follows));
        }
        let action = Action::Kill(Target::of(seen), options.signal.clone());
        planned.plan.act(level, action, Cause::Requested, &after);
    }
    if planned.plan.is_empty() {
        planned.notes.push("no container to kill".to_owned());
    }
    Ok(planned)
}

/// Whether nothing survives the signal.
pub(crate) fn kills(signal: &str) -> bool {
    matches!(signal, "SIGKILL" | "KILL" | "9")
}

/// Freezes what runs, dependents first.
///
/// # Errors
/// [`ReconcileError::NoSuchService`].
pub fn pause(
    desired: Option<&Desired>,
    observed: &Observed,
    options: &LifeOptions,
) -> Result<Planned, ReconcileError> {
    freeze(desired, observed, options, true)
}

/// Lets what is frozen go on, dependencies first.
///
/// # Errors
/// [`ReconcileError::NoSuchService`].
pub fn unpause(
    desired: Option<&Desired>,
    observed: &Observed,
    options: &LifeOptions,
) -> Result<Planned, ReconcileError> {
    freeze(desired, observed, options, false)
}

/// Both ways: what is so already is kept, the rest comes in its order.
fn freeze(
    desired: Option<&Desired>,
    observed: &Observed,
    options: &LifeOptions,
    pause: bool,
) -> Result<Planned, ReconcileError> {
    let take = taken(desired, options)?;
    let order = Order::new(desired, observed, &|seen| take(seen) && seen.state.is_up());
    let (already, verb) = if pause { ("Paused", "pause") } else { ("Running", "unpause") };
    let all: Vec<_> = if pause { order.backwards().collect() } else { order.forwards().collect() };
    let mut planned = Planned::default();
    let mut nodes: IndexMap<&str, NodeId> = IndexMap::new();
    for (level, seen) in all {
        if (seen.state == State::Paused) == pause {
            planned.kept.insert(seen.name.clone(), already);
            continue;
        }
        let after = if pause {
            follow(&nodes, order.dependents(seen))
        } else {
            follow(&nodes, order.dependencies(seen))
        };
        let action = Action::Pause(Target::of(seen), pause);
        nodes.insert(&seen.id, planned.plan.act(level, action, Cause::Requested, &after));
    }
    if planned.plan.is_empty() && planned.kept.is_empty() {
        planned.notes.push(format!("no container to {verb}"));
    }
    Ok(planned)
}
