//! Taking back what was done.

use crate::{Act, Edge, Node, NodeId, Outcome, Plan, Step, Undo, Why, committed};

/// The inverse of what was done, as a plan: rollback has no code path of its own. Its edges only order, because taking
/// back should get as far as it can. Empty once the run was committed. Outcomes in doubt count as not done: clear
/// them first by looking.
pub fn undo<A: Act, E>(plan: &Plan<A>, outcomes: &[Outcome<A, E>]) -> Plan<A> {
    let mut back = Plan::default();
    if committed(plan, outcomes) {
        return back;
    }
    let mut before: Vec<Vec<(NodeId, Edge)>> = vec![Vec::new(); plan.nodes.len()];
    back.facts = plan.facts.clone();
    for (id, (node, outcome)) in plan.nodes.iter().zip(outcomes).enumerate().rev() {
        let mut after = std::mem::take(&mut before[id]);
        after.sort_unstable();
        after.dedup();
        let inverse = match (&node.step, outcome) {
            (Step::Act(action), Outcome::Done(facts)) => {
                back.facts.extend(facts.clone());
                match action.undo() {
                    Undo::By(inverse) => Some((Step::Act(inverse), Why::Undoes(id))),
                    Undo::Nothing | Undo::Final => None,
                }
            }
            _ => None,
        };
        // Without an inverse its neighbours are joined: n * m edges, no more than the n + m they replace when one side
        // has at most one. Else a barrier keeps it linear.
        let inverse = inverse.or_else(|| {
            (after.len() > 1 && node.after.len() > 1).then_some((Step::Barrier, Why::Order))
        });
        if let Some((step, why)) = inverse {
            after = vec![(back.add(Node { step, why, level: node.level, after }), Edge::Follows)];
        }
        for (earlier, _) in &node.after {
            before[*earlier].extend(&after);
        }
    }
    while back.nodes.pop_if(|last| matches!(last.step, Step::Barrier)).is_some() {}
    back
}
