#![doc = include_str!("../README.md")]

mod act;
mod arrange;
mod event;
mod lint;
mod outcome;
mod text;
mod undo;

pub use act::{Act, Interrupt, Lane, Undo};
pub use arrange::Strategy;
pub use event::Event;
pub use lint::lint;
pub use outcome::{Outcome, committed, succeeded};
pub use undo::undo;

use std::collections::BTreeMap;

/// The place of a node in its plan.
pub type NodeId = usize;

/// What nodes found out (`web-1` has id `8f3c`): late values are bound from it.
pub type Facts<A> = BTreeMap<<A as Act>::Ref, String>;

/// An order between two nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Edge {
    /// Skipped when the other did not succeed.
    Needs,
    /// After the other, however it ended.
    Follows,
}

/// What a node is.
#[derive(Debug, Clone)]
pub enum Step<A> {
    /// Something to do.
    Act(A),
    /// One node between two groups, so that n before and m after cost n + m edges.
    Barrier,
    /// Once passed, nothing is undone any more.
    Commit,
}

/// Why a node is there.
#[derive(Debug, Clone)]
pub enum Why<C> {
    /// For this reason.
    Cause(C),
    /// To take back that node of the plan that is undone.
    Undoes(NodeId),
    /// For order alone.
    Order,
}

/// One node of a plan.
#[derive(Debug, Clone)]
pub struct Node<A: Act> {
    /// What it is.
    pub step: Step<A>,
    /// Why it is there.
    pub why: Why<A::Cause>,
    /// Its level, counted from 1; 0 is what units stand on (networks, pulls), exempt from level barriers.
    pub level: usize,
    /// What it comes after, sorted, each other node once.
    pub after: Vec<(NodeId, Edge)>,
}

impl<A: Act> Node<A> {
    /// What limits how many like it run at once.
    pub fn lane(&self) -> Lane {
        if let Step::Act(action) = &self.step { action.lane() } else { Lane::Order }
    }

    /// What an interrupt does to it.
    pub fn interrupt(&self) -> Interrupt {
        if let Step::Act(action) = &self.step { action.interrupt() } else { Interrupt::AtOnce }
    }

    /// Whether nothing brings back what it did.
    pub fn is_final(&self) -> bool {
        matches!(&self.step, Step::Act(action) if matches!(action.undo(), Undo::Final))
    }
}

/// Nodes in an order in which they could run one by one. `Display` is what dry runs and tests show.
#[derive(Debug, Clone)]
pub struct Plan<A: Act> {
    /// Every node's edges go to earlier ones.
    pub nodes: Vec<Node<A>>,
    /// Known before the first node runs.
    pub facts: Facts<A>,
}

impl<A: Act> Default for Plan<A> {
    fn default() -> Self {
        Self { nodes: Vec::new(), facts: Facts::<A>::new() }
    }
}

impl<A: Act> Plan<A> {
    /// Adds a node behind all others. Of several edges to one node the stronger stays.
    ///
    /// # Panics
    /// When an edge goes to a node that is not there yet: a bug of the planner.
    pub fn add(&mut self, mut node: Node<A>) -> NodeId {
        let id = self.nodes.len();
        node.after.sort_unstable();
        node.after.dedup_by_key(|(id, _)| *id); // Needs sorts first, so the stronger edge stays
        assert!(
            node.after.last().is_none_or(|(last, _)| *last < id),
            "an edge of #{id} goes forward"
        );
        self.nodes.push(node);
        id
    }

    /// Adds an action.
    pub fn act(
        &mut self,
        level: usize,
        action: A,
        cause: A::Cause,
        after: &[(NodeId, Edge)],
    ) -> NodeId {
        let (step, why) = (Step::Act(action), Why::Cause(cause));
        self.add(Node { step, why, level, after: after.to_vec() })
    }

    /// Adds a barrier.
    pub fn barrier(&mut self, level: usize, after: Vec<(NodeId, Edge)>) -> NodeId {
        self.add(Node { step: Step::Barrier, why: Why::Order, level, after })
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        !self.nodes.iter().any(|node| matches!(node.step, Step::Act(_)))
    }

    /// How many edges it has: the cost of planning.
    pub fn edges(&self) -> usize {
        self.nodes.iter().map(|node| node.after.len()).sum()
    }

    /// The actions and their places, in order.
    pub fn actions(&self) -> impl Iterator<Item = (NodeId, &A)> {
        self.nodes.iter().enumerate().filter_map(|(id, node)| match &node.step {
            Step::Act(action) => Some((id, action)),
            Step::Barrier | Step::Commit => None,
        })
    }

    /// The nodes whose failure fails the run: those with an effect, and those that another needs. A wait that others
    /// only follow (`required: false`) may fail.
    pub fn vital(&self) -> Vec<bool> {
        let effect =
            |n: &Node<A>| matches!(&n.step, Step::Act(a) if !matches!(a.undo(), Undo::Nothing));
        let mut vital: Vec<bool> = self.nodes.iter().map(effect).collect();
        for (before, edge) in self.nodes.iter().flat_map(|node| &node.after) {
            vital[*before] |= *edge == Edge::Needs;
        }
        vital
    }
}
