//! Removes containers that do not run. Nothing of it is undone; every order between containers only follows, so that it
//! gets as far as it can.

use crate::{
    Action, Cause, Desired, LifeOptions, Planned, ReconcileError, RmOptions, Target,
    life::{pre_stop, stop_one, taken, unit},
    order::{Order, follow},
};
use indexmap::IndexMap;
use perry_container_plan::{Edge, NodeId};
use perry_container_spec::{ContainerInfo, Observed, Removal, State};

/// Removes the containers of services that do not run, dependents first; with [`RmOptions::stop`] those that run, too,
/// once they have stopped. What begins to run after it was looked at stays: nothing is removed by force.
///
/// # Errors
/// [`ReconcileError::NoSuchService`].
pub fn rm(
    desired: Option<&Desired>,
    observed: &Observed,
    options: &RmOptions,
) -> Result<Planned, ReconcileError> {
    let named = LifeOptions { named: options.named.clone(), ..LifeOptions::default() };
    let take = taken(desired, &named)?;
    let going = |seen: &ContainerInfo| {
        let approved = options.approved.as_ref().is_none_or(|ids| ids.contains(&seen.id));
        let rests = !seen.state.is_up() && seen.state != State::Removing;
        approved && take(seen) && (rests || options.stop && seen.state.is_up())
    };
    let order = Order::new(desired, observed, &going);
    let mut planned = Planned::default();
    let plan = &mut planned.plan;
    let mut removed: IndexMap<&str, NodeId> = IndexMap::new();
    for (level, seen) in order.backwards() {
        let mut after = follow(&removed, order.dependents(seen));
        if seen.state.is_up() {
            let hooks = pre_stop(unit(desired, seen));
            let stop =
                stop_one(plan, level, seen, hooks, options.timeout, &Cause::Requested, &after);
            after = vec![(stop, Edge::Needs)];
        }
        let how = Removal { force: false, volumes: options.volumes };
        let node = plan.act(level, Action::Remove(Target::of(seen), how), Cause::Requested, &after);
        removed.insert(&seen.id, node);
    }
    if planned.plan.is_empty() {
        planned.notes.push("No stopped containers".to_owned());
    }
    Ok(planned)
}
