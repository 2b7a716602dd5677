//! What holds for every plan.

use crate::{Act, NodeId, Plan, Step, Undo};

/// So many edges a node has at most on average, once a plan is large enough for that to tell something: barriers keep
/// plans linear.
const EDGES: usize = 32;

/// What is wrong with a plan, one sentence each.
///
/// - Edges go to earlier nodes, each to another one, in order: a plan has no cycle and could run line by line.
/// - There is one commit point at most. What nothing brings back lies behind it, and nothing else does.
/// - Barriers and the commit point order something.
/// - Edges are linear in nodes.
///
/// A plan that is not undone (`down`) has no commit point, and nothing is said of what it cannot bring back.
pub fn lint<A: Act>(plan: &Plan<A>) -> Vec<String> {
    let mut wrong = Vec::new();
    let commits: Vec<NodeId> = (plan.nodes.iter().enumerate())
        .filter(|(_, node)| matches!(node.step, Step::Commit))
        .map(|(id, _)| id)
        .collect();
    if commits.len() > 1 {
        wrong.push(format!("{} commit points", commits.len()));
    }
    // Whether a node is reached only through the commit point.
    let mut behind = vec![false; plan.nodes.len()];
    for (id, node) in plan.nodes.iter().enumerate() {
        if node.after.iter().any(|(before, _)| *before >= id) {
            wrong.push(format!("#{id} comes after a later one"));
            continue;
        }
        if !node.after.is_sorted_by(|(a, _), (b, _)| a < b) {
            wrong.push(format!("#{id} names what it comes after twice or out of order"));
        }
        behind[id] = node.after.iter().any(|(n, _)| behind[*n] || commits.contains(n));
        match &node.step {
            Step::Barrier | Step::Commit if node.after.is_empty() => {
                wrong.push(format!("#{id} orders nothing"));
            }
            Step::Act(action) if !commits.is_empty() => {
                match action.undo() {
                    Undo::Final if !behind[id] => {
                        wrong.push(format!("#{id} {action}: nothing brings it back, and it does not wait for the commit point"));
                    }
                    Undo::By(_) if behind[id] => {
                        wrong.push(format!("#{id} {action}: it could be taken back, and lies behind the commit point"));
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
    if plan.nodes.len() > 100 && plan.edges() > EDGES * plan.nodes.len() {
        wrong.push(format!("{} edges between {} nodes", plan.edges(), plan.nodes.len()));
    }
    wrong
}
