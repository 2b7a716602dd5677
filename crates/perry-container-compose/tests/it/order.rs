use perry_container_compose::{
    ComposeError, compute_topological_levels,
    model::{ComposeDependsOn, ComposeService, ComposeSpec, strategies},
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

/// Takes back what the generator may do with dependencies that are not there.
fn known(spec: &ComposeSpec) -> bool {
    let there = |on: &String| spec.services.contains_key(on);
    spec.services.values().all(|service| service.depends_on.keys().all(there))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    // Feature: perry-container, Property 7: for any spec without a cycle the order holds every service exactly once, each
    // after all it depends on.
    #[test]
    fn property_07_every_service_comes_after_what_it_depends_on(
        spec in strategies::compose_spec_of(8).prop_filter("known", known),
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
    fn property_08_every_cycle_is_found((spec, _) in strategies::cyclic_spec()) {
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
