//! Plans, strategies and their undo, as text.
#![cfg(test)]

use perry_container_plan::{
    Act, Edge, Event, Interrupt, Lane, NodeId, Outcome, Plan, Step, Strategy, Undo, committed,
    succeeded, undo,
};
use proptest::{prelude::*, strategy::Strategy as _};
use snapbox::{assert_data_eq, str};
use std::{fmt, time::Duration};

/// `put x`, `take x`, `look x` (leaves nothing), `burn x` (nothing brings it back).
#[derive(Debug, Clone, PartialEq)]
struct Do(&'static str, String);

impl fmt::Display for Do {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0, self.1)
    }
}

impl Act for Do {
    type Cause = &'static str;
    type Ref = String;

    fn undo(&self) -> Undo<Self> {
        match self.0 {
            "put" => Undo::By(Self("take", self.1.clone())),
            "take" => Undo::By(Self("put", self.1.clone())),
            "look" | "settle" => Undo::Nothing,
            _ => Undo::Final,
        }
    }

    fn lane(&self) -> Lane {
        if self.0 == "look" { Lane::Wait } else { Lane::Container }
    }

    fn interrupt(&self) -> Interrupt {
        Interrupt::LetFinish
    }

    fn settle(pause: Duration) -> Option<Self> {
        Some(Self("settle", format!("{} ms", pause.as_millis())))
    }
}

/// One node a line: `level verb object`, then edges as `n<place>` (needs) and `f<place>` (follows).
fn plan(text: &str) -> Plan<Do> {
    let mut plan = Plan::default();
    for line in text.trim().lines() {
        let mut words = line.split_whitespace();
        let level = words.next().unwrap().parse().unwrap();
        let verb = match words.next().unwrap() {
            "put" => "put",
            "take" => "take",
            "look" => "look",
            "burn" => "burn",
            other => panic!("{other}"),
        };
        let object = words.next().unwrap().to_owned();
        let edges: Vec<(NodeId, Edge)> = words
            .map(|edge| {
                let kind = if edge.starts_with('n') { Edge::Needs } else { Edge::Follows };
                (edge[1..].parse().unwrap(), kind)
            })
            .collect();
        plan.act(level, Do(verb, object), "why", &edges);
    }
    plan
}

const TWO_LEVELS: &str = "
0 put net
0 burn old
1 put a n0
1 put b n0
1 look a n2
2 put c n4 f3
";

#[test]
fn what_nothing_brings_back_lies_behind_the_commit_point() {
    assert_data_eq!(
        plan(TWO_LEVELS).arranged(Strategy::MaxParallel).to_string(),
        str![[r#"
#0 put net (why)
#1 put a (why) needs 0
#2 put b (why) needs 0
#3 look a (why) needs 1
#4 put c (why) needs 3 follows 2
#5 commit needs 4
#6 burn old (why) needs 5

"#]]
    );
}

#[test]
fn barriers_lie_between_levels_but_level_0_is_exempt() {
    assert_data_eq!(
        plan(TWO_LEVELS).arranged(Strategy::DependencyAware).to_string(),
        str![[r#"
#0 put net (why)
#1 put a (why) needs 0
#2 put b (why) needs 0
#3 look a (why) needs 1
#4 barrier follows 2 3
#5 put c (why) needs 3 follows 2 4
#6 commit needs 5
#7 burn old (why) needs 6

"#]]
    );
}

#[test]
fn a_pause_stands_in_place_of_each_barrier() {
    let pause = Strategy::ParallelSafe(Duration::from_millis(500));
    assert_data_eq!(
        plan(TWO_LEVELS).arranged(pause).to_string(),
        str![[r#"
#0 put net (why)
#1 put a (why) needs 0
#2 put b (why) needs 0
#3 look a (why) needs 1
#4 settle 500 ms follows 2 3
#5 put c (why) needs 3 follows 2 4
#6 commit needs 5
#7 burn old (why) needs 6

"#]]
    );
}

#[test]
fn one_after_the_other() {
    assert_data_eq!(
        plan(TWO_LEVELS).arranged(Strategy::Sequential).to_string(),
        str![[r#"
#0 put net (why)
#1 put a (why) needs 0
#2 put b (why) needs 0 follows 1
#3 look a (why) needs 1 follows 2
#4 put c (why) needs 3 follows 2
#5 commit needs 4
#6 burn old (why) needs 5

"#]]
    );
}

#[test]
fn of_two_edges_to_one_node_the_stronger_stays() {
    let plan = plan("0 put a\n1 put b f0 n0");
    assert_eq!(plan.nodes[1].after, [(0, Edge::Needs)]);
}

#[test]
#[should_panic(expected = "an edge of #0 goes forward")]
fn an_edge_cannot_go_forward() {
    plan("0 put a n5");
}

fn done(plan: &Plan<Do>, failed: usize) -> Vec<Outcome<Do, &'static str>> {
    (0..plan.nodes.len())
        .map(|n| match n.cmp(&failed) {
            std::cmp::Ordering::Less => Outcome::Done([].into()),
            std::cmp::Ordering::Equal => Outcome::Failed("no"),
            std::cmp::Ordering::Greater => Outcome::Skipped,
        })
        .collect()
}

#[test]
fn undo_reverses_what_was_done_and_joins_over_what_was_not() {
    let plan = plan(TWO_LEVELS).arranged(Strategy::MaxParallel);
    assert_data_eq!(
        undo(&plan, &done(&plan, 4)).to_string(),
        str![[r#"
#0 take b (undoes #2)
#1 take a (undoes #1)
#2 take net (undoes #0) follows 0 1

"#]]
    );
    let all = done(&plan, plan.nodes.len());
    assert!(committed(&plan, &all) && succeeded(&plan, &all));
    assert_eq!(undo(&plan, &all).to_string(), "");
}

#[test]
fn a_wait_that_others_only_follow_may_fail() {
    let plan = plan("1 put a\n1 look a n0\n2 put b f1\n2 look b n2");
    let mut outcomes = done(&plan, 9);
    outcomes[1] = Outcome::Failed("unhealthy");
    assert!(succeeded(&plan, &outcomes));
    outcomes[2] = Outcome::Failed("no");
    assert!(!succeeded(&plan, &outcomes));
}

#[test]
fn events_are_lines_of_json_for_whoever_watches() {
    let at = Duration::from_millis(1500);
    let ended = Event::Ended { node: 3, at, how: "failed", error: Some("port in use".to_owned()) };
    assert_data_eq!(
        serde_json::to_string(&ended).unwrap(),
        str![[
            r#"{"event":"ended","node":3,"at":{"secs":1,"nanos":500000000},"how":"failed","error":"port in use"}"#
        ]]
    );
}

/// A random plan: every node may come after any earlier one.
fn any_plan() -> impl proptest::strategy::Strategy<Value = Plan<Do>> {
    let node = (
        0..4_usize,
        0..4_u8,
        prop::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 0..4),
    );
    prop::collection::vec(node, 1..25).prop_map(|nodes| {
        let mut plan = Plan::default();
        for (n, (level, verb, edges)) in nodes.into_iter().enumerate() {
            let edges: Vec<_> = (edges.into_iter())
                .filter(|_| n > 0)
                .map(|(to, needs)| (to.index(n), if needs { Edge::Needs } else { Edge::Follows }))
                // What is final waits behind the commit point: nothing but the final may come after it.
                .filter(|(to, _): &(NodeId, Edge)| verb == 3 || !plan_is_final(&plan, *to))
                .collect();
            let below = edges.iter().map(|(to, _)| plan_level(&plan, *to)).max().unwrap_or(0);
            let verb = ["put", "take", "look", "burn"][verb as usize];
            plan.act(level.max(below), Do(verb, n.to_string()), "why", &edges);
        }
        plan
    })
}

fn plan_is_final(plan: &Plan<Do>, node: NodeId) -> bool {
    plan.nodes[node].is_final()
}

fn plan_level(plan: &Plan<Do>, node: NodeId) -> usize {
    plan.nodes[node].level
}

fn strategy() -> impl proptest::strategy::Strategy<Value = Strategy> {
    prop_oneof![
        Just(Strategy::MaxParallel),
        Just(Strategy::DependencyAware),
        Just(Strategy::Sequential),
        Just(Strategy::ParallelSafe(Duration::from_millis(1)))
    ]
}

/// Whether `from` comes after `to`.
fn after(plan: &Plan<Do>, from: NodeId, to: NodeId) -> bool {
    let (mut stack, mut seen) = (vec![from], vec![false; plan.nodes.len()]);
    while let Some(node) = stack.pop() {
        if node == to {
            return true;
        }
        if !std::mem::replace(&mut seen[node], true) {
            stack.extend(plan.nodes[node].after.iter().map(|(before, _)| *before));
        }
    }
    false
}

fn find(plan: &Plan<Do>, object: &str) -> NodeId {
    plan.actions().find(|(_, action)| action.1 == object).unwrap().0
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_strategy_keeps_every_edge_and_adds_few(plan in any_plan(), strategy in strategy()) {
        let arranged = plan.clone().arranged(strategy);
        for (id, node) in plan.nodes.iter().enumerate() {
            let here = find(&arranged, &id.to_string());
            for (before, edge) in &node.after {
                let there = find(&arranged, &before.to_string());
                prop_assert!(arranged.nodes[here].after.iter().any(|(n, e)| *n == there && e <= edge));
            }
        }
        let added = arranged.nodes.len() - plan.nodes.len();
        prop_assert!(added <= 5, "one node a level and one commit point");
        prop_assert!(arranged.edges() <= plan.edges() + 3 * arranged.nodes.len());
    }

    #[test]
    fn what_is_final_comes_after_everything_that_can_be_undone(plan in any_plan(), strategy in strategy()) {
        let arranged = plan.arranged(strategy);
        let undoable = |id: NodeId| !arranged.nodes[id].is_final();
        for (id, _) in arranged.actions().filter(|(id, _)| !undoable(*id)) {
            for (other, _) in arranged.actions().filter(|(id, _)| undoable(*id)) {
                prop_assert!(after(&arranged, id, other), "#{id} does not come after #{other}:\n{arranged}");
            }
        }
    }

    #[test]
    fn undo_takes_back_what_was_done_in_reverse(plan in any_plan(), cut in any::<prop::sample::Index>()) {
        let plan = plan.arranged(Strategy::MaxParallel);
        let outcomes = done(&plan, cut.index(plan.nodes.len()));
        let back = undo(&plan, &outcomes);
        if committed(&plan, &outcomes) {
            prop_assert!(back.nodes.is_empty());
            return Ok(());
        }
        let inverted: Vec<NodeId> = (plan.actions())
            .filter(|(id, action)| outcomes[*id].is_done() && matches!(action.undo(), Undo::By(_)))
            .map(|(id, _)| id)
            .collect();
        prop_assert_eq!(back.actions().count(), inverted.len());
        for (n, id) in inverted.iter().enumerate() {
            for earlier in &inverted[..n] {
                if after(&plan, *id, *earlier) {
                    let (taken, last) = (&plan.nodes[*id], &plan.nodes[*earlier]);
                    let (Step::Act(taken), Step::Act(last)) = (&taken.step, &last.step) else { unreachable!() };
                    prop_assert!(after(&back, find(&back, &last.1), find(&back, &taken.1)), "{plan}\n{back}");
                }
            }
        }
    }
}
