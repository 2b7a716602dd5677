//! Orders, cycles, reach.
#![cfg(test)]

use indexmap::IndexMap;
use perry_container_graph::{GraphError, closure, dependents, levels, order};
use proptest::prelude::*;

fn graph(text: &str) -> IndexMap<String, Vec<String>> {
    text.split(';')
        .map(|node| {
            let (name, deps) = node.split_once(':').unwrap();
            (name.trim().to_owned(), deps.split_whitespace().map(str::to_owned).collect())
        })
        .collect()
}

#[test]
fn levels_keep_the_order_of_declaration() {
    let deps = graph("proxy: web api; web: db cache; api: db; db:; cache:");
    let text: Vec<_> = levels(&deps)
        .unwrap()
        .iter()
        .map(|l| l.iter().map(|n| n.as_str()).collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(text, ["db cache", "web api", "proxy"]);
}

#[test]
fn an_undefined_node_is_named_with_its_dependent() {
    let error = order(&graph("web: db")).unwrap_err();
    assert_eq!(error.to_string(), "`web` depends on `db`, which is not defined");
}

#[test]
fn reach_goes_both_ways_and_ends_in_cycles() {
    let deps = graph("web: api; api: db; db:; other: db; loop: loop");
    assert_eq!(
        closure(&deps, [&"web".to_owned()]).into_iter().collect::<Vec<_>>(),
        ["web", "api", "db"]
    );
    assert_eq!(
        dependents(&deps, [&"api".to_owned()]).into_iter().collect::<Vec<_>>(),
        ["web", "api"]
    );
    assert_eq!(dependents(&deps, [&"loop".to_owned()]).len(), 1);
}

#[test]
fn ten_thousand_nodes_with_ten_edges_each_are_ordered() {
    let deps: IndexMap<u32, Vec<u32>> = (0..10_000)
        .map(|n: u32| {
            (n, (0..10_u32).map(|e| n.saturating_sub(e + 1)).filter(|m| *m < n).collect())
        })
        .collect();
    assert_eq!(order(&deps).unwrap().len(), 10_000);
}

/// Edges to earlier nodes only: no cycle. The declaration order is shuffled by `turn`.
fn dag() -> impl Strategy<Value = IndexMap<u32, Vec<u32>>> {
    (1..30_u32).prop_flat_map(|size| {
        (
            prop::collection::vec(prop::collection::vec(0..size, 0..4), size as usize),
            Just(size),
            0..size,
        )
            .prop_map(|(edges, size, turn)| {
                let mut nodes: Vec<(u32, Vec<u32>)> = (0..size)
                    .map(|n| (n, edges[n as usize].iter().copied().filter(|to| *to < n).collect()))
                    .collect();
                nodes.rotate_left(turn as usize);
                nodes.into_iter().collect()
            })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn every_node_comes_once_and_after_what_it_needs(deps in dag()) {
        let order = order(&deps).unwrap();
        prop_assert_eq!(order.len(), deps.len());
        let place = |node: &u32| order.iter().position(|n| *n == node).unwrap();
        for (node, tos) in &deps {
            for to in tos {
                prop_assert!(place(to) < place(node));
            }
        }
    }

    #[test]
    fn a_cycle_is_a_path_of_edges_that_comes_round(deps in dag(), from in any::<prop::sample::Index>()) {
        let mut deps = deps;
        let (low, high) = (*from.get(&deps.keys().copied().collect::<Vec<_>>()), deps.len() as u32);
        deps.insert(high, vec![low]);
        deps[&low].push(high);
        let Err(GraphError::Cycle(path)) = order(&deps) else { panic!("no cycle found") };
        prop_assert!(path.len() > 1);
        prop_assert_eq!(path.first(), path.last());
        for pair in path.windows(2) {
            let (from, to): (u32, u32) = (pair[0].parse().unwrap(), pair[1].parse().unwrap());
            prop_assert!(deps[&from].contains(&to));
        }
    }
}
