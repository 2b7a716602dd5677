//! What holds for every project.

use crate::world::made;
use indexmap::IndexMap;
use perry_container_model::ComposeSpec;
use perry_container_plan::{Node, Outcome, Plan, Step, Strategy as Order, undo};
use perry_container_reconcile::{
    Action, Context, Desired, DownOptions, LifeOptions, UpOptions, down, lint, lower, restart,
    stop, up,
};
use perry_container_spec::{Observed, Ref, UnitId};
use proptest::prelude::*;
use std::fmt::Write as _;

/// Services `s0..`, each depending on earlier ones.
fn project() -> impl Strategy<Value = Desired> {
    let service = (
        prop::collection::vec((any::<prop::sample::Index>(), 0..3_u8, any::<bool>()), 0..4),
        0..3_u32,
    );
    prop::collection::vec(service, 1..12).prop_map(|services| {
        let mut json = String::new();
        for (n, (deps, scale)) in services.iter().enumerate() {
            let deps: IndexMap<usize, String> = (deps.iter())
                .filter(|_| n > 0)
                .map(|(on, condition, required)| {
                    let condition = ["service_started", "service_healthy", "service_completed_successfully"][*condition as usize];
                    (on.index(n), format!(r#"{{"condition": "{condition}", "required": {required}}}"#))
                })
                .collect();
            let deps: Vec<String> = deps.iter().map(|(on, how)| format!(r#""s{on}": {how}"#)).collect();
            let _ = write!(
 json,
                r#"{}"s{n}": {{"image": "i{}", "scale": {scale}, "networks": {{"default": null}}, "healthcheck": {{"test": ["CMD", "x"]}}, "depends_on": {{{}}}}}"#,
                if n == 0 { "" } else { ", " },
                n % 3,
                deps.join(", ")
            );
        }
        lowered(&format!(r#"{{"services": {{{json}}}, "networks": {{"default": {{}}}}}}"#))
    })
}

fn lowered(json: &str) -> Desired {
    let spec: ComposeSpec = serde_json::from_str(json).unwrap();
    lower(&spec, &Context { project: "p".to_owned(), ..Context::default() }).unwrap().0
}

fn place(plan: &Plan<Action>, text: &str) -> Option<usize> {
    plan.actions().find(|(_, action)| action.to_string() == text).map(|(id, _)| id)
}

/// Everything that a node comes after, directly or not.
fn reaches(plan: &Plan<Action>, from: usize, to: usize) -> bool {
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

/// Everything up to the commit point.
fn done(plan: &Plan<Action>) -> Vec<Outcome<Action, ()>> {
    let commit = plan.nodes.iter().position(|node| matches!(node.step, Step::Commit));
    let until = commit.unwrap_or(plan.nodes.len());
    let facts = |node: &Step<Action>| match node {
        Step::Act(Action::Create(unit, _)) => {
            [(Ref::ContainerId(unit.clone()), unit.to_string())].into()
        }
        _ => [].into(),
    };
    let outcome = |(n, node): (usize, &Node<Action>)| {
        if n < until { Outcome::Done(facts(&node.step)) } else { Outcome::Skipped }
    };
    plan.nodes.iter().enumerate().map(outcome).collect()
}

fn order() -> impl Strategy<Value = Order> {
    let pause = std::time::Duration::from_millis(500);
    prop_oneof![
        Just(Order::MaxParallel),
        Just(Order::DependencyAware),
        Just(Order::Sequential),
        Just(Order::ParallelSafe(pause)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_second_up_has_nothing_to_do(desired in project()) {
        let planned = up(&desired, &made(&desired), &UpOptions::default()).unwrap();
        // A finished one-shot is not finished in this world, so somebody may wait for it.
        prop_assert!(planned.plan.actions().all(|(_, action)| action.to_string().ends_with(" completed")), "{}", planned.plan);
    }

    #[test]
    fn every_plan_is_sound(
        before in project(), after in project(), strategy in order(), no_rollback: bool, remove_orphans: bool,
    ) {
        let seen = made(&before);
        let options = UpOptions { strategy, no_rollback, remove_orphans, ..UpOptions::default() };
        let mut plans = vec![up(&after, &Observed::default(), &options).unwrap().plan];
        plans.push(up(&after, &seen, &options).unwrap().plan);
        plans.push(undo(&plans[1], &done(&plans[1])));
        for known in [Some(&after), None] {
            let named = LifeOptions::default();
            plans.push(down("p", known, &seen, &DownOptions::default()).unwrap().plan);
            plans.push(restart(known, &seen, &named).unwrap().plan);
            plans.push(stop(known, &seen, &named).unwrap().plan);
        }
        for plan in plans {
            prop_assert_eq!(lint(&plan), Vec::<String>::new(), "{}", plan);
        }
    }

    #[test]
    fn every_unit_comes_after_what_it_depends_on(desired in project(), strategy in order()) {
        let options = UpOptions { strategy, ..UpOptions::default() };
        let plan = up(&desired, &Observed::default(), &options).unwrap().plan;
        let create = |id: &UnitId| place(&plan, &format!("create p-{id}")).unwrap();
        for (id, unit) in &desired.units {
            for on in unit.depends_on.keys() {
                prop_assert!(reaches(&plan, create(id), create(on)), "{id} does not come after {on}:\n{plan}");
            }
            prop_assert!(reaches(&plan, create(id), place(&plan, "create network p_default").unwrap()));
        }
    }

    #[test]
    fn undo_of_any_prefix_takes_back_exactly_what_was_done(desired in project(), cut in any::<prop::sample::Index>()) {
        let plan = up(&desired, &Observed::default(), &UpOptions::default()).unwrap().plan;
        let cut = cut.index(plan.nodes.len() + 1);
        let outcome = |n| if n < cut { Outcome::<Action, ()>::Done([].into()) } else { Outcome::Skipped };
        let outcomes: Vec<_> = (0..plan.nodes.len()).map(outcome).collect();
        let back = undo(&plan, &outcomes);
        let count = |plan: &Plan<Action>, nodes: usize, word: &str| {
            plan.nodes[..nodes].iter().filter(|n| matches!(&n.step, Step::Act(a) if a.to_string().starts_with(word))).count()
        };
        for (done, inverse) in [("create p-", "remove p-"), ("start ", "stop "), ("create network", "remove network")] {
            prop_assert_eq!(count(&plan, cut, done), count(&back, back.nodes.len(), inverse));
        }
    }

    #[test]
    fn down_takes_everything_down_dependents_first(desired in project()) {
        let seen = made(&desired);
        for known in [Some(&desired), None] {
            let plan = down("p", known, &seen, &DownOptions::default()).unwrap().plan;
            let remove = |id: &UnitId| place(&plan, &format!("remove p-{id}")).unwrap();
            for (id, unit) in &desired.units {
                for on in unit.depends_on.keys() {
                    prop_assert!(reaches(&plan, remove(on), remove(id)));
                }
            }
        }
    }
}

#[test]
fn plans_of_large_projects_stay_linear() {
    let service = |n: usize| {
        let deps: Vec<String> = (n.saturating_sub(10)..n)
            .map(|on| format!(r#""s{on}": {{"condition": "service_started", "required": true}}"#))
            .collect();
        format!(
            r#""s{n}": {{"image": "i", "networks": {{"default": null}}, "depends_on": {{{}}}}}"#,
            deps.join(", ")
        )
    };
    let services: Vec<String> = (0..3_000).map(service).collect();
    let desired = lowered(&format!(
        r#"{{"services": {{{}}}, "networks": {{"default": {{}}}}}}"#,
        services.join(", ")
    ));
    for strategy in [Order::MaxParallel, Order::DependencyAware, Order::Sequential] {
        let options = UpOptions { strategy, ..UpOptions::default() };
        let plan = up(&desired, &Observed::default(), &options).unwrap().plan;
        // Two nodes and twelve edges each, and what the strategy adds.
        assert!(
            plan.nodes.len() < 3_000 * 4 && plan.edges() < 3_000 * 20,
            "{} {}",
            plan.nodes.len(),
            plan.edges()
        );
    }
}
