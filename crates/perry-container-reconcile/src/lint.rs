//! What holds for every plan of containers, whatever it is for.

use crate::Action;
use perry_container_plan::{self as plan, Edge, NodeId, Plan};
use perry_container_spec::{Late, Ref};
use std::collections::BTreeMap;

/// What is wrong with a plan; nothing is for every plan that this crate makes. Besides what [`plan::lint`] looks at:
/// late values come from a node that is needed, so that nothing is performed without them.
pub fn lint(plan: &Plan<Action>) -> Vec<String> {
    let mut wrong = plan::lint(plan);
    let mut makers: BTreeMap<Ref, NodeId> = BTreeMap::new();
    for (id, action) in plan.actions() {
        let made = match action {
            Action::Create(unit, _) => Ref::ContainerId(unit.clone()),
            Action::Resolve(gated) => Ref::Pinned(gated.reference.clone()),
            Action::Pull(image) => Ref::Digest(image.reference.clone()),
            Action::Build(spec) => Ref::Digest(spec.tags.first().cloned().unwrap_or_default()),
            _ => continue,
        };
        let again = makers.insert(made.clone(), id);
        if again.is_some() && matches!(action, Action::Create(..)) {
            wrong.push(format!("#{id} makes the {made} a second time"));
        }
    }
    for (id, action) in plan.actions() {
        for of in refs(action) {
            match makers.get(of) {
                None if plan.facts.contains_key(of) => {}
                None => wrong.push(format!("#{id} {action}: nothing finds out the {of}")),
                Some(maker) if needs(plan, id, *maker) => {}
                Some(maker) => {
                    wrong.push(format!(
                        "#{id} {action}: it uses the {of} and does not need #{maker}"
                    ));
                }
            }
        }
    }
    wrong
}

fn of(late: &Late) -> Option<&Ref> {
    if let Late::Ref(of) = late { Some(of) } else { None }
}

fn refs(action: &Action) -> Vec<&Ref> {
    match action {
        Action::Create(_, template) => template.values().filter_map(of).collect(),
        Action::Start(target)
        | Action::Stop(target, _)
        | Action::Kill(target, _)
        | Action::Pause(target, _)
        | Action::Rename(target, _)
        | Action::Disconnect(target, ..)
        | Action::Connect(target, ..)
        | Action::Remove(target, _)
        | Action::Drop(target, ..)
        | Action::Await(target, ..)
        | Action::Exec(target, _) => of(&target.id).into_iter().collect(),
        Action::Resolve(_)
        | Action::Verify(_)
        | Action::Pull(_)
        | Action::Build(_)
        | Action::CreateNetwork(_)
        | Action::RemoveNetwork(_)
        | Action::DropNetwork(_)
        | Action::CreateVolume(_)
        | Action::RemoveVolume(_)
        | Action::Settle(_) => Vec::new(),
    }
}

/// Whether a node is begun only when another was done.
fn needs(plan: &Plan<Action>, from: NodeId, to: NodeId) -> bool {
    let (mut stack, mut seen) = (vec![from], vec![false; plan.nodes.len()]);
    while let Some(node) = stack.pop() {
        if node == to {
            return true;
        }
        if node > to && !std::mem::replace(&mut seen[node], true) {
            let needed =
                |(before, edge): &(NodeId, Edge)| (*edge == Edge::Needs).then_some(*before);
            stack.extend(plan.nodes[node].after.iter().filter_map(needed));
        }
    }
    false
}
