//! Edges, lanes and failures.

use crate::work::{Comes, Work, Worker, plan, timeline};
use perry_container_executor::{Brakes, Limits, OnFailure, run};
use perry_container_plan::{Edge, Event, Lane, Outcome, Plan, Step};
use proptest::prelude::*;
use snapbox::{assert_data_eq, str};

#[tokio::test(start_paused = true)]
async fn what_is_free_runs_at_once_and_the_rest_when_its_edges_allow() {
    let plan = plan(
        "net call 10
         image image 300
         db call 50 well after net
         web call 50 well after net image db",
    );
    let (text, _) = timeline(&plan, &Limits::new(), &Brakes::default(), OnFailure::Halt).await;
    assert_data_eq!(
        text,
        str![[r#"
  0 image
  0 net
 10 net done
 10 db
 60 db done
300 image done
300 web
350 web done

"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn a_lane_lets_as_many_run_as_its_limit_says() {
    let plan = plan("a image 10\n b image 10\n c image 10\n d call 10");
    let limits = Limits::from([(Lane::Image, 2), (Lane::Container, 0)]);
    let (text, _) = timeline(&plan, &limits, &Brakes::default(), OnFailure::Halt).await;
    assert_data_eq!(
        text,
        str![[r#"
  0 a
  0 b
  0 d
 10 a done
 10 c
 10 b done
 10 d done
 20 c done

"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn a_failure_halts_the_run_and_ends_waits() {
    let plan = plan(
        "slow call 100
         wait wait 900
         bad call 10 badly
         next call 10 well after bad
         later call 10 well after slow",
    );
    let (text, _) = timeline(&plan, &Limits::new(), &Brakes::default(), OnFailure::Halt).await;
    assert_data_eq!(
        text,
        str![[r#"
  0 slow
  0 bad
  0 wait
 10 bad failed: bad went wrong
 10 next skipped
 10 wait skipped
100 slow done
100 later skipped

"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn with_continue_only_what_needs_the_failed_one_is_skipped() {
    let plan = plan(
        "bad call 10 badly
         needs call 10 well after bad
         deeper call 10 well after needs
         follows call 10 well after bad?
         other call 30",
    );
    let (text, _) = timeline(&plan, &Limits::new(), &Brakes::default(), OnFailure::Continue).await;
    assert_data_eq!(
        text,
        str![[r#"
  0 bad
  0 other
 10 bad failed: bad went wrong
 10 needs skipped
 10 deeper skipped
 10 follows
 20 follows done
 30 other done

"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_nobody_needs_may_fail() {
    let plan = plan("soft wait 10 badly\n next call 10 well after soft?");
    let (text, _) = timeline(&plan, &Limits::new(), &Brakes::default(), OnFailure::Halt).await;
    assert_data_eq!(
        text,
        str![[r#"
  0 soft
 10 soft failed: soft went wrong
 10 next
 20 next done

"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_a_doubt_and_takes_nothing_down() {
    let plan = plan(
        "bug call 10 panics
         unbound call 0 panics-binding
         other call 20
         next call 10 well after other
         needs call 10 well after bug",
    );
    let (text, outcomes) =
        timeline(&plan, &Limits::new(), &Brakes::default(), OnFailure::Continue).await;
    assert_data_eq!(
        text,
        str![[r#"
  0 bug
  0 unbound
  0 unbound in doubt: panicked: no such value
  0 other
 10 bug in doubt: panicked: bug is a bug
 10 needs skipped
 20 other done
 20 next
 30 next done

"#]]
    );
    assert_eq!(outcomes[0].error().map(String::as_str), Some("bug is a bug"));
}

#[tokio::test(start_paused = true)]
async fn facts_reach_what_comes_after() {
    let mut plan = plan("a call 10\n b call 10 well after a");
    plan.facts.insert("known".to_owned(), "x".to_owned());
    let (_, outcomes) = timeline(&plan, &Limits::new(), &Brakes::default(), OnFailure::Halt).await;
    let known = |n: usize| match &outcomes[n] {
        Outcome::Done(facts) => facts.values().next().cloned(),
        _ => None,
    };
    assert_eq!((known(0).as_deref(), known(1).as_deref()), (Some("1"), Some("2")));
}

#[tokio::test(start_paused = true)]
async fn barriers_and_the_commit_point_pass_without_a_begin() {
    let mut plan = plan("a call 10\n b call 20");
    let gate = plan.barrier(0, vec![(0, Edge::Follows), (1, Edge::Follows)]);
    plan.add(perry_container_plan::Node {
        step: Step::Commit,
        why: perry_container_plan::Why::Order,
        level: 0,
        after: vec![(gate, Edge::Needs)],
    });
    let (text, _) = timeline(&plan, &Limits::new(), &Brakes::default(), OnFailure::Halt).await;
    assert_data_eq!(
        text,
        str![[r#"
  0 a
  0 b
 10 a done
 20 b done
 20 barrier done
 20 commit done

"#]]
    );
}

/// Every node and every edge is looked at once: a quadratic loop would take minutes here.
#[tokio::test(start_paused = true)]
async fn twenty_thousand_nodes_with_ten_edges_each() {
    let mut plan = Plan::default();
    for n in 0..20_000usize {
        let takes = (n % 7) as u64;
        let work = Work { name: format!("n{n}"), takes, comes: Comes::Well, lane: Lane::Container };
        let after: Vec<_> =
            (1..=10).filter_map(|d| Some((n.checked_sub(d * 7)?, Edge::Needs))).collect();
        plan.act(1, work, "test", &after);
    }
    let limits = Limits::from([(Lane::Container, 8)]);
    let outcomes =
        run(&plan, &Worker, &limits, &Brakes::default(), OnFailure::Halt, &mut |_| ()).await;
    assert!(outcomes.iter().all(Outcome::is_done));
}

fn plans() -> impl Strategy<Value = Plan<Work>> {
    let node = (
        0..30u64,
        prop_oneof![
            12 => Just(Comes::Well),
            1 => Just(Comes::Badly),
            1 => Just(Comes::InDoubt),
            1 => Just(Comes::Panics),
        ],
        prop::sample::select(vec![Lane::Image, Lane::Build, Lane::Container, Lane::Wait]),
        prop::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 0..4),
    );
    prop::collection::vec(node, 1..40).prop_map(|nodes| {
        let mut plan = Plan::default();
        for (id, (takes, comes, lane, edges)) in nodes.into_iter().enumerate() {
            let edge = |needs| if needs { Edge::Needs } else { Edge::Follows };
            let after: Vec<_> = edges
                .iter()
                .filter(|_| id > 0)
                .map(|(before, needs)| (before.index(id.max(1)), edge(*needs)))
                .collect();
            plan.act(1, Work { name: format!("n{id}"), takes, comes, lane }, "test", &after);
        }
        plan
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn every_begin_respects_every_edge_and_every_limit(plan in plans(), limit in 1..4usize, halt: bool) {
        let rt = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        let limits = Limits::from([(Lane::Image, limit), (Lane::Container, limit)]);
        let on_failure = if halt { OnFailure::Halt } else { OnFailure::Continue };
        let mut events = Vec::new();
        let outcomes = rt.block_on(run(
            &plan, &Worker, &limits, &Brakes::default(), on_failure, &mut |event| events.push(event),
        ));
        let mut ended = vec![None; plan.nodes.len()];
        let mut running = std::collections::BTreeMap::<Lane, usize>::new();
        let mut failed = false;
        let vital = plan.vital();
        for event in &events {
            match event {
                Event::Begun { node, .. } => {
                    prop_assert!(ended[*node].is_none());
                    prop_assert!(!(halt && failed), "#{node} began after a failure");
                    for (before, edge) in &plan.nodes[*node].after {
                        let how = ended[*before];
                        prop_assert!(how.is_some(), "#{node} began before #{before} ended");
                        prop_assert!(*edge == Edge::Follows || how == Some("done"));
                    }
                    let lane = plan.nodes[*node].lane();
                    let now = running.entry(lane).or_default();
                    *now += 1;
                    prop_assert!(*now <= limits.get(&lane).copied().unwrap_or(usize::MAX));
                }
                Event::Ended { node, how, .. } => {
                    prop_assert!(ended[*node].replace(*how).is_none(), "#{node} ended twice");
                    let begun = events.iter().any(|e| matches!(e, Event::Begun { node: n, .. } if n == node));
                    if begun {
                        *running.entry(plan.nodes[*node].lane()).or_default() -= 1;
                    }
                    failed |= vital[*node] && matches!(*how, "failed" | "in doubt");
                }
            }
        }
        prop_assert!(ended.iter().all(Option::is_some), "a node never ended");
        prop_assert!(outcomes.iter().zip(&ended).all(|(o, how)| Some(o.word()) == *how));
        if on_failure == OnFailure::Continue {
            for (id, node) in plan.nodes.iter().enumerate() {
                let needed = node.after.iter().all(|(b, e)| *e == Edge::Follows || outcomes[*b].is_done());
                prop_assert_eq!(matches!(outcomes[id], Outcome::Skipped), !needed, "#{}", id);
            }
        }
    }
}
