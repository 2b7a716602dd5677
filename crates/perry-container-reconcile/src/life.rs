//! Stops, starts and restarts what is there.

use crate::{
    Action, Cause, Condition, Desired, Hook, LifeOptions, Planned, ReconcileError, Target, Unit,
    is_oneoff, labels,
    order::{Order, follow},
    service_of, unit_of,
};
use indexmap::{IndexMap, IndexSet};
use perry_container_plan::{Edge, NodeId, Plan};
use perry_container_spec::{ContainerInfo, Health, Observed, State};

/// What a container should be. One beyond the scale is as the others of its service, so that its hooks run.
pub(crate) fn unit<'a>(desired: Option<&'a Desired>, seen: &ContainerInfo) -> Option<&'a Unit> {
    let (units, id) = (&desired?.units, unit_of(seen)?);
    units.get(&id).or_else(|| units.get(&perry_container_spec::UnitId::new(id.service, 1)))
}

/// Services that are named must be the project's, where its files are known.
pub(crate) fn known(
    desired: Option<&Desired>,
    named: &IndexSet<String>,
) -> Result<(), ReconcileError> {
    if let Some(desired) = desired
        && let Some(missing) = named.iter().find(|name| !desired.known.contains(*name))
    {
        return Err(ReconcileError::NoSuchService(missing.clone()));
    }
    Ok(())
}

/// The containers of the services that were named, or of the project.
pub(crate) fn taken<'a>(
    desired: Option<&'a Desired>,
    options: &'a LifeOptions,
) -> Result<impl Fn(&ContainerInfo) -> bool + use<'a>, ReconcileError> {
    known(desired, &options.named)?;
    Ok(move |seen: &ContainerInfo| {
        let service = service_of(seen).unwrap_or_default();
        let named = options.named.is_empty() || options.named.contains(service);
        named
            && !is_oneoff(seen)
            && desired.is_none_or(|d| !options.named.is_empty() || d.enabled.contains(service))
    })
}

/// Stops what runs, dependents first.
///
/// # Errors
/// [`ReconcileError::NoSuchService`].
pub fn stop(
    desired: Option<&Desired>,
    observed: &Observed,
    options: &LifeOptions,
) -> Result<Planned, ReconcileError> {
    let take = taken(desired, options)?;
    let order = Order::new(desired, observed, &|seen| take(seen) && seen.state.is_up());
    let mut planned = Planned::default();
    let mut stops: IndexMap<&str, NodeId> = IndexMap::new();
    for (level, seen) in order.backwards() {
        let after = follow(&stops, order.dependents(seen));
        let hooks = pre_stop(unit(desired, seen));
        let (plan, timeout) = (&mut planned.plan, options.timeout);
        let node = stop_one(plan, level, seen, hooks, timeout, &Cause::Requested, &after);
        stops.insert(&seen.id, node);
    }
    Ok(planned)
}

/// The hooks that come before a unit's stop.
pub(crate) fn pre_stop(unit: Option<&Unit>) -> &[Hook] {
    unit.map_or(&[], |unit| &unit.pre_stop)
}

/// Runs the hooks that come before a stop, and stops.
pub(crate) fn stop_one(
    plan: &mut Plan<Action>,
    level: usize,
    seen: &ContainerInfo,
    hooks: &[Hook],
    timeout: Option<u32>,
    cause: &Cause,
    after: &[(NodeId, Edge)],
) -> NodeId {
    let after = before_stop(plan, level, seen, hooks, cause, after);
    plan.act(level, Action::Stop(Target::of(seen), timeout), cause.clone(), &after)
}

/// The hooks that come before a stop; what the stop comes after.
pub(crate) fn before_stop(
    plan: &mut Plan<Action>,
    level: usize,
    seen: &ContainerInfo,
    hooks: &[Hook],
    cause: &Cause,
    after: &[(NodeId, Edge)],
) -> Vec<(NodeId, Edge)> {
    let mut after = after.to_vec();
    for hook in hooks.iter().filter(|_| seen.state == State::Running) {
        let action = Action::Exec(Target::of(seen), Box::new(hook.clone()));
        after = vec![(plan.act(level, action, cause.clone(), &after), Edge::Follows)];
    }
    after
}

/// The hooks that come after a unit's start.
pub(crate) fn post_start(unit: Option<&Unit>) -> &[Hook] {
    unit.map_or(&[], |unit| &unit.post_start)
}

/// Starts (or lets go on), and runs the hooks that come after a start; the last node of it.
pub(crate) fn start_one(
    plan: &mut Plan<Action>,
    level: usize,
    start: Action,
    target: &Target,
    hooks: &[Hook],
    cause: &Cause,
    after: &[(NodeId, Edge)],
) -> NodeId {
    let mut last = plan.act(level, start, cause.clone(), after);
    for hook in hooks {
        let action = Action::Exec(target.clone(), Box::new(hook.clone()));
        last = plan.act(level, action, cause.clone(), &[(last, Edge::Needs)]);
    }
    last
}

/// Starts what is stopped, dependencies first, each when what it waits for is ready.
///
/// # Errors
/// [`ReconcileError::NoSuchService`]; [`ReconcileError::NoContainer`] for a named service without one.
pub fn start(
    desired: Option<&Desired>,
    observed: &Observed,
    options: &LifeOptions,
) -> Result<Planned, ReconcileError> {
    let take = taken(desired, options)?;
    let order = Order::new(desired, observed, &|seen| take(seen));
    if let Some(missing) = options.named.iter().find(|service| !order.has(service)) {
        return Err(ReconcileError::NoContainer(missing.clone()));
    }
    if let Some(desired) = desired
        && options.named.is_empty()
        && let Some(missing) = desired.units.keys().find(|id| !order.has(&id.service))
    {
        return Err(ReconcileError::NoContainer(missing.service.clone()));
    }
    let mut starting =
        Starting { order: &order, desired, starts: IndexMap::new(), awaits: IndexMap::new() };
    let mut planned = Planned::default();
    for (level, seen) in order
        .forwards()
        .filter(|(_, seen)| !matches!(seen.state, State::Running | State::Restarting))
    {
        let after = if options.no_deps {
            Vec::new()
        } else {
            starting.before(&mut planned.plan, level, seen)
        };
        starting.start(&mut planned.plan, level, seen, &after);
    }
    if options.wait {
        let mut awaits = Vec::new();
        for (level, seen) in order.forwards() {
            let condition = match unit(desired, seen) {
                Some(unit) if unit.completes => Condition::Completed,
                _ => Condition::Healthy,
            };
            let node = starting.awaited(
                &mut planned.plan,
                level,
                seen,
                condition,
                Cause::Settled,
                options.wait_timeout,
            );
            awaits.extend(node.map(|node| (node, Edge::Needs)));
        }
        if !awaits.is_empty() {
            planned.plan.barrier(0, awaits);
        }
    }
    Ok(planned)
}

struct Starting<'a, 'b> {
    order: &'b Order<'a>,
    desired: Option<&'a Desired>,
    starts: IndexMap<&'a str, NodeId>,
    awaits: IndexMap<(&'a str, Condition), NodeId>,
}

impl<'a> Starting<'a, '_> {
    fn start(
        &mut self,
        plan: &mut Plan<Action>,
        level: usize,
        seen: &'a ContainerInfo,
        after: &[(NodeId, Edge)],
    ) {
        let action = if seen.state == State::Paused {
            Action::Pause(Target::of(seen), false)
        } else {
            Action::Start(Target::of(seen))
        };
        let (hooks, target) = (post_start(unit(self.desired, seen)), Target::of(seen));
        let node = start_one(plan, level, action, &target, hooks, &Cause::Requested, after);
        self.starts.insert(&seen.id, node);
    }

    /// What a container waits for, by the model or else by its labels.
    fn before(
        &mut self,
        plan: &mut Plan<Action>,
        level: usize,
        seen: &'a ContainerInfo,
    ) -> Vec<(NodeId, Edge)> {
        let waited: IndexMap<String, (Condition, bool)> = match unit(self.desired, seen) {
            Some(unit) => (unit.depends_on.iter())
                .map(|(on, how)| (on.service.clone(), (how.condition, how.required)))
                .collect(),
            None => (labels::depends_on(seen).into_iter())
                .map(|(on, condition, _)| {
                    let condition = match condition {
                        "service_healthy" => Condition::Healthy,
                        "service_completed_successfully" => Condition::Completed,
                        _ => Condition::Started,
                    };
                    (on.to_owned(), (condition, true))
                })
                .collect(),
        };
        let mut before = Vec::new();
        for other in self.order.dependencies(seen).collect::<Vec<_>>() {
            let Some((wanted, required)) =
                waited.get(service_of(other).unwrap_or_default()).copied()
            else {
                continue;
            };
            let unit = unit_of(seen).expect("only units are taken");
            let node =
                self.awaited(plan, level.max(2) - 1, other, wanted, Cause::DependsOn(unit), None);
            before.extend(
                node.map(|node| (node, if required { Edge::Needs } else { Edge::Follows })),
            );
        }
        before
    }

    /// The node after which the condition is met; none when it is met.
    fn awaited(
        &mut self,
        plan: &mut Plan<Action>,
        level: usize,
        seen: &'a ContainerInfo,
        wanted: Condition,
        cause: Cause,
        timeout: Option<std::time::Duration>,
    ) -> Option<NodeId> {
        let start = self.starts.get(seen.id.as_str()).copied();
        let met = match wanted {
            Condition::Started => seen.state == State::Running,
            Condition::Healthy => {
                seen.state == State::Running && seen.health.is_none_or(|h| h == Health::Healthy)
            }
            Condition::Completed => seen.completed(),
        };
        match start {
            Some(start) if wanted == Condition::Started => return Some(start),
            None if met => return None,
            _ => {}
        }
        Some(*self.awaits.entry((&seen.id, wanted)).or_insert_with(|| {
            let after: Vec<_> = start.map(|node| (node, Edge::Needs)).into_iter().collect();
            plan.act(level, Action::Await(Target::of(seen), wanted, timeout), cause, &after)
        }))
    }
}

/// Stops and starts again, each container for itself, dependencies first. What depends on a restarted one with
/// `restart: true` goes along unless [`LifeOptions::no_deps`].
///
/// # Errors
/// As [`start`].
pub fn restart(
    desired: Option<&Desired>,
    observed: &Observed,
    options: &LifeOptions,
) -> Result<Planned, ReconcileError> {
    let take = taken(desired, options)?;
    let mut services: IndexSet<&str> =
        observed.containers.values().filter(|seen| take(seen)).filter_map(service_of).collect();
    if let Some(missing) = options.named.iter().find(|service| !services.contains(service.as_str()))
    {
        return Err(ReconcileError::NoContainer(missing.clone()));
    }
    let mut along: IndexMap<&str, &str> = IndexMap::new();
    if !options.no_deps && !options.named.is_empty() {
        // Each round adds a service or is the last.
        while let Some((service, with)) = (observed.containers.values())
            .filter(|seen| !is_oneoff(seen))
            .filter_map(|seen| Some((service_of(seen)?, goes_along(desired, seen, &services)?)))
            .find(|(service, _)| !services.contains(service))
        {
            services.insert(service);
            along.insert(service, with);
        }
    }
    let order = Order::new(desired, observed, &|seen| {
        !is_oneoff(seen) && service_of(seen).is_some_and(|service| services.contains(service))
    });
    let mut planned = Planned::default();
    let mut starts: IndexMap<&str, NodeId> = IndexMap::new();
    for (level, seen) in order.forwards() {
        let cause = match along.get(service_of(seen).unwrap_or_default()) {
            Some(with) => Cause::RestartsWith(perry_container_spec::UnitId::new(*with, 1)),
            None => Cause::Requested,
        };
        let mut after = follow(&starts, order.dependencies(seen));
        let plan = &mut planned.plan;
        if seen.state.is_up() {
            let (hooks, timeout) = (pre_stop(unit(desired, seen)), options.timeout);
            let stop = stop_one(plan, level, seen, hooks, timeout, &Cause::Requested, &after);
            after = vec![(stop, Edge::Needs)];
        }
        let (hooks, target) = (post_start(unit(desired, seen)), Target::of(seen));
        let start = Action::Start(target.clone());
        starts.insert(&seen.id, start_one(plan, level, start, &target, hooks, &cause, &after));
    }
    Ok(planned)
}

/// The restarted service that a container asked to be restarted with.
fn goes_along<'a>(
    desired: Option<&Desired>,
    seen: &ContainerInfo,
    services: &IndexSet<&'a str>,
) -> Option<&'a str> {
    let asked: IndexSet<String> = match unit(desired, seen) {
        Some(unit) => unit
            .depends_on
            .iter()
            .filter(|(_, how)| how.restart)
            .map(|(on, _)| on.service.clone())
            .collect(),
        None => labels::depends_on(seen)
            .into_iter()
            .filter(|(.., r)| *r)
            .map(|(on, ..)| on.to_owned())
            .collect(),
    };
    services.iter().find(|service| asked.contains(**service)).copied()
}
