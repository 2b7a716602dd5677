//! What a run in doubt really did: the plan and the world before and now, nothing else, tell.

use crate::{Action, labels};
use indexmap::IndexMap;
use perry_container_plan::{Facts, Outcome, Plan, Step};
use perry_container_spec::{ContainerSpec, Id, NetworkInfo, NetworkSpec, Observed, Ref, State};

/// Replaces every doubt by what the world shows, so that undo takes back exactly what happened. What was there `before`
/// the run is not the run's doing, nor is a container with another run's label.
pub fn clear_doubts<E>(
    plan: &Plan<Action>,
    outcomes: &mut [Outcome<Action, E>],
    before: &Observed,
    now: &Observed,
) {
    judge(plan, outcomes, before, now, |outcome| matches!(outcome, Outcome::InDoubt(_)));
}

/// What is still to be taken back after an undo that may have failed in part, or been overtaken by a call that had its
/// effect late: every step that was done, or nobody knew, and whose effect the world still shows.
pub fn still_there<E>(
    plan: &Plan<Action>,
    outcomes: &mut [Outcome<Action, E>],
    before: &Observed,
    now: &Observed,
) {
    judge(plan, outcomes, before, now, |outcome| {
        matches!(outcome, Outcome::InDoubt(_) | Outcome::Done(_))
    });
}

fn judge<E>(
    plan: &Plan<Action>,
    outcomes: &mut [Outcome<Action, E>],
    before: &Observed,
    now: &Observed,
    open: impl Fn(&Outcome<Action, E>) -> bool,
) {
    let mut facts = plan.facts.clone();
    for (node, outcome) in plan.nodes.iter().zip(outcomes) {
        if let Outcome::Done(found) = outcome {
            facts.extend(found.clone());
        }
        if let Step::Act(action) = &node.step
            && open(outcome)
        {
            let call = action.bind(&facts).ok();
            let happened = call.and_then(|call| happened(&call, &facts, before, now));
            *outcome = happened.map_or(Outcome::Skipped, Outcome::Done);
        }
        if let Outcome::Done(found) = outcome {
            facts.extend(found.clone());
        }
    }
}

fn happened(
    call: &Action<Id>,
    facts: &Facts<Action>,
    before: &Observed,
    now: &Observed,
) -> Option<Facts<Action>> {
    let find = |id: &Id| now.containers.get(id);
    let was_up = |id: &Id| before.containers.get(id).is_some_and(|seen| seen.state.is_up());
    // A network that a run made again is another one under the same name.
    let as_before = |name: &String| match (before.networks.get(name), now.networks.get(name)) {
        (Some(old), Some(found)) => has_all(found, &old.labels),
        _ => false,
    };
    let yes = match call {
        Action::Create(unit, spec) => {
            let of = Ref::ContainerId(unit.clone());
            let known = facts.get(&of).filter(|id| now.containers.contains_key(*id));
            let id = known.cloned().or_else(|| created(spec, before, now))?;
            return Some([(of, id)].into());
        }
        Action::CreateNetwork(spec) => now.networks.get(&spec.name).is_some_and(|found| {
            made_from(found, spec)
                && before.networks.get(&spec.name).is_none_or(|old| old.id != found.id)
        }),
        // Taken back when one like it is there, whatever its id.
        Action::DropNetwork(spec) => {
            !now.networks.get(&spec.name).is_some_and(|found| made_from(found, spec))
        }
        Action::RemoveNetwork(name) => !now.networks.contains_key(name),
        Action::CreateVolume(spec) => {
            now.volumes.contains_key(&spec.name) && !before.volumes.contains_key(&spec.name)
        }
        Action::RemoveVolume(name) => !now.volumes.contains_key(name),
        // One that ran before runs again: nothing to take back.
        Action::Start(target) => find(&target.id)?.state.is_up() && !was_up(&target.id),
        Action::Stop(target, _) | Action::Kill(target, _) => {
            find(&target.id).is_none_or(|c| !c.state.is_up())
        }
        Action::Pause(target, paused) => (find(&target.id)?.state == State::Paused) == *paused,
        Action::Rename(target, to) => find(&target.id)?.name == *to,
        Action::Disconnect(target, network, _) => {
            !(find(&target.id)?.networks.contains_key(network) && as_before(network))
        }
        Action::Connect(target, network, _) => {
            let was = before.containers.get(&target.id);
            let was = was.is_some_and(|seen| seen.networks.contains_key(network));
            find(&target.id)?.networks.contains_key(network) && !(was && as_before(network))
        }
        Action::Remove(target, _) | Action::Drop(target, ..) => find(&target.id).is_none(),
        Action::Await(..)
        | Action::Resolve(_)
        | Action::Verify(_)
        | Action::Pull(_)
        | Action::Build(_)
        | Action::Exec(..)
        | Action::Settle(_) => false,
    };
    yes.then(Facts::<Action>::new)
}

/// The container that the call made, if it did.
fn created(spec: &ContainerSpec<Id>, before: &Observed, now: &Observed) -> Option<Id> {
    let run = spec.labels.get(labels::RUN);
    let ours = now.containers.values().find(|seen| {
        Some(&seen.name) == spec.name.as_ref()
            && !before.containers.contains_key(&seen.id)
            && seen.labels.get(labels::RUN) == run
    });
    ours.map(|seen| seen.id.clone())
}

/// Whether a network is like the one that this would make: its labels tell, by the hash of its spec among them.
fn made_from(found: &NetworkInfo, spec: &NetworkSpec) -> bool {
    has_all(found, &spec.labels)
}

fn has_all(found: &NetworkInfo, labels: &IndexMap<String, String>) -> bool {
    labels.iter().all(|(key, value)| found.labels.get(key) == Some(value))
}
