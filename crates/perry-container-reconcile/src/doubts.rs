//! What a run in doubt really did.

use crate::{Action, Condition};
use perry_container_plan::{Facts, Outcome, Plan, Step};
use perry_container_spec::{Id, Observed, Ref};

/// Replaces every doubt by what the world shows, so that undo takes back exactly what happened.
pub fn clear_doubts<E>(
    plan: &Plan<Action>,
    outcomes: &mut [Outcome<Action, E>],
    observed: &Observed,
) {
    let mut facts = plan.facts.clone();
    for (node, outcome) in plan.nodes.iter().zip(outcomes) {
        if let (Step::Act(action), Outcome::InDoubt(_)) = (&node.step, &outcome) {
            let happened = action.bind(&facts).ok().and_then(|call| happened(&call, observed));
            *outcome = happened.map_or(Outcome::Skipped, Outcome::Done);
        }
        if let Outcome::Done(found) = outcome {
            facts.extend(found.clone());
        }
    }
}

fn happened(call: &Action<Id>, observed: &Observed) -> Option<Facts<Action>> {
    let find = |id: &Id| observed.containers.get(id);
    let yes = match call {
        Action::Create(unit, spec) => {
            let made =
                observed.containers.values().find(|c| Some(&c.name) == spec.name.as_ref())?;
            return Some([(Ref::ContainerId(unit.clone()), made.id.clone())].into());
        }
        Action::CreateNetwork(spec) => observed.networks.contains_key(&spec.name),
        Action::RemoveNetwork(name) => !observed.networks.contains_key(name),
        Action::DropNetwork(spec) => !observed.networks.contains_key(&spec.name),
        Action::CreateVolume(spec) => observed.volumes.contains_key(&spec.name),
        Action::RemoveVolume(name) => !observed.volumes.contains_key(name),
        Action::Start(target) | Action::Pause(target, false) => find(&target.id)?.state.is_up(),
        Action::Stop(target, _) | Action::Kill(target, _) => {
            find(&target.id).is_none_or(|c| !c.state.is_up())
        }
        Action::Pause(target, true) => {
            find(&target.id)?.state == perry_container_spec::State::Paused
        }
        Action::Rename(target, to) => find(&target.id)?.name == *to,
        Action::Disconnect(target, network, _) => !find(&target.id)?.networks.contains_key(network),
        Action::Connect(target, network, _) => find(&target.id)?.networks.contains_key(network),
        Action::Remove(target, _) => find(&target.id).is_none(),
        Action::Await(_, Condition::Started | Condition::Healthy | Condition::Completed, _)
        | Action::Pull(_)
        | Action::Build(_)
        | Action::Exec(..)
        | Action::Settle(_) => false,
    };
    yes.then(Facts::<Action>::new)
}
