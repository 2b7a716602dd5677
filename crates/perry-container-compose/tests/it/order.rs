use perry_container_compose::{
    ComposeError, compute_topological_levels,
    model::{ComposeDependsOn, ComposeService, ComposeSpec},
    resolve_startup_order,
};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// `a: b c, b: c, c:`.
fn spec(text: &str) -> ComposeSpec {
    let mut spec = ComposeSpec::default();
    for part in text.split(',').filter(|part| !part.trim().is_empty()) {
        let (name, on) = part.split_once(':').expect("a colon");
        let mut service = ComposeService::default();
        for on in on.split_whitespace() {
            service.depends_on.insert(on.to_owned(), ComposeDependsOn::started());
        }
        spec.services.insert(name.trim().to_owned(), service);
    }
    spec
}

#[test]
fn resolve_startup_order_examples() {
    let order = |text: &str| resolve_startup_order(&spec(text)).unwrap().join(" ");
    assert_eq!(order(""), "");
    assert_eq!(order("a:"), "a");
    assert_eq!(order("c: b, b: a, a:"), "a b c");
    assert_eq!(order("d: b c, b: a, c: a, a:"), "a b c d");
}

#[test]
fn compute_topological_levels_diamond() {
    let levels = compute_topological_levels(&spec("d: b c, b: a, c: a, a:")).unwrap();
    assert_eq!(levels, [vec!["a"], vec!["b", "c"], vec!["d"]]);
}

#[test]
fn cycles_and_strangers() {
    let refused = |text: &str| resolve_startup_order(&spec(text)).unwrap_err().to_string();
    assert_eq!(refused("a: a"), "dependency cycle: a -> a");
    assert_eq!(refused("a: b, b: a"), "dependency cycle: a -> b -> a");
    assert_eq!(refused("a: z"), "`a` depends on `z`, which is not defined");
    let mut optional = spec("a: z");
    optional.services["a"].depends_on["z"].required = false;
    assert_eq!(resolve_startup_order(&optional).unwrap(), ["a"]);
}

/// A project of up to 24 services in any order; `links` are pairs of a service and one of those before it.
fn linked(names: &[usize], links: &[(usize, usize)]) -> ComposeSpec {
    let mut spec = ComposeSpec::default();
    for name in names {
        spec.services.insert(format!("s{name}"), ComposeService::default());
    }
    for (from, to) in links {
        let service = &mut spec.services[&format!("s{from}")];
        service.depends_on.insert(format!("s{to}"), ComposeDependsOn::started());
    }
    spec
}

/// Without a cycle: every link goes to a smaller number.
fn acyclic() -> impl Strategy<Value = ComposeSpec> {
    (0_usize..24).prop_flat_map(|count| {
        let links = prop::collection::vec((0..count.max(1), 0..count.max(1)), 0..=count * 3);
        let names = Just((0..count).collect::<Vec<_>>()).prop_shuffle();
        (names, links).prop_map(|(names, links)| {
            let down = |(a, b): (usize, usize)| (a != b).then_some((a.max(b), a.min(b)));
            linked(&names, &links.into_iter().filter_map(down).collect::<Vec<_>>())
        })
    })
}

/// With at least one: a ring through some of the services, and any links besides.
fn cyclic() -> impl Strategy<Value = ComposeSpec> {
    (1_usize..24).prop_flat_map(|count| {
        let links = prop::collection::vec((0..count, 0..count), 0..=count * 2);
        let names = Just((0..count).collect::<Vec<_>>()).prop_shuffle();
        (names, links, 1..=count).prop_map(|(names, mut links, ring)| {
            links.extend((0..ring).map(|n| (names[n], names[(n + 1) % ring])));
            linked(&names, &links)
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    // Feature: perry-container, Property 7: for any spec without a cycle the order holds every service exactly once, each
    // after all it depends on.
    #[test]
    fn property_07_every_service_comes_after_what_it_depends_on(
        spec in acyclic(),
    ) {
        let order = resolve_startup_order(&spec).unwrap();
        let unique: BTreeSet<&String> = order.iter().collect();
        prop_assert_eq!(unique.len(), order.len());
        prop_assert_eq!(order.len(), spec.services.len());
        for (at, name) in order.iter().enumerate() {
            for on in spec.services[name].depends_on.keys() {
                prop_assert!(order[..at].contains(on), "{} before {} in {:?}", name, on, order);
            }
        }
        let levels = compute_topological_levels(&spec).unwrap();
        prop_assert_eq!(levels.concat(), order);
    }

    // Feature: perry-container, Property 8: for any spec with a cycle the answer is DependencyCycle and names services that
    // form one.
    #[test]
    fn property_08_every_cycle_is_found(spec in cyclic()) {
        match resolve_startup_order(&spec) {
            Err(ComposeError::DependencyCycle { cycle }) => {
                prop_assert!(cycle.len() > 1 && cycle.first() == cycle.last(), "{:?}", cycle);
                for pair in cycle.windows(2) {
                    prop_assert!(spec.services[&pair[0]].depends_on.contains_key(&pair[1]), "{:?}", cycle);
                }
            }
            other => prop_assert!(false, "{:?}", other),
        }
    }
}
