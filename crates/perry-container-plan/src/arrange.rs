//! Strategies: transformations that add nodes and edges.

use crate::{Act, Edge, Node, NodeId, Plan, Step, Why};
use std::{collections::BTreeSet, mem, time::Duration};

/// How much order is added to the true edges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Strategy {
    /// None: a unit goes on as soon as its own dependencies are ready. What docker compose does.
    #[default]
    MaxParallel,
    /// One barrier between two levels.
    DependencyAware,
    /// One node after the other.
    Sequential,
    /// Barriers with a pause of so long.
    ParallelSafe(Duration),
}

impl<A: Act> Plan<A> {
    /// Moves what undo cannot reach behind one commit point, and adds the strategy's own nodes.
    #[must_use]
    pub fn arranged(self, strategy: Strategy) -> Self {
        self.in_order(strategy, true)
    }

    /// Without a commit point: what undo cannot reach is done as soon as its own edges allow. Such a plan is not to be
    /// undone.
    #[must_use]
    pub fn arranged_without_commit(self, strategy: Strategy) -> Self {
        self.in_order(strategy, false)
    }

    fn in_order(self, strategy: Strategy, commit: bool) -> Self {
        let phase = |n: &Node<A>| if commit && n.is_final() { usize::MAX } else { n.level };
        let mut order: Vec<NodeId> = (0..self.nodes.len()).collect();
        order.sort_by_key(|&n| phase(&self.nodes[n]));
        let mut plan = Self { nodes: Vec::with_capacity(order.len()), facts: self.facts };
        let mut place = vec![0; order.len()];
        // Nodes that no other waits for yet. Level 0 is what units stand on (networks, pulls): its true edges are
        // enough, so a pull overlaps the levels that do not need it.
        let (mut base, mut open) = (BTreeSet::new(), BTreeSet::new());
        let (mut now, mut gate) = (None, None);
        for old in order {
            let mut node = self.nodes[old].clone();
            let next = phase(&node);
            let last = now.replace(next).filter(|last| *last != next);
            if last.is_some() && next == usize::MAX {
                base.append(&mut open);
                gate = Some((
                    plan.gate(Step::Commit, Why::Order, &mut base, Edge::Needs),
                    Edge::Needs,
                ));
            } else if last.is_some_and(|last| last > 0) {
                gate = match strategy {
                    Strategy::MaxParallel | Strategy::Sequential => gate,
                    Strategy::DependencyAware => Some((
                        plan.gate(Step::Barrier, Why::Order, &mut open, Edge::Follows),
                        Edge::Follows,
                    )),
                    Strategy::ParallelSafe(pause) => {
                        let step = A::settle(pause).map_or(Step::Barrier, Step::Act);
                        Some((plan.gate(step, Why::Order, &mut open, Edge::Follows), Edge::Follows))
                    }
                };
            }
            for (before, _) in &mut node.after {
                *before = place[*before];
                let _ = base.remove(before) || open.remove(before);
            }
            // An edge from inside the phase already lies behind the gate.
            if let Some((gate, edge)) = gate.filter(|(g, _)| node.after.iter().all(|(n, _)| n < g))
            {
                node.after.push((gate, edge));
            }
            if strategy == Strategy::Sequential && !plan.nodes.is_empty() {
                node.after.push((plan.nodes.len() - 1, Edge::Follows));
            }
            place[old] = plan.add(node);
            if next == 0 { &mut base } else { &mut open }.insert(place[old]);
        }
        plan
    }

    fn gate(
        &mut self,
        step: Step<A>,
        why: Why<A::Cause>,
        open: &mut BTreeSet<NodeId>,
        edge: Edge,
    ) -> NodeId {
        let after = mem::take(open).into_iter().map(|node| (node, edge)).collect();
        self.add(Node { step, why, level: 0, after })
    }
}
