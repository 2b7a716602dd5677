//! Whatever single call fails: either the commit point was passed, or the world is as it was; and the next `up` mends
//! all.

use crate::world::{Runtime, over, project, runtime, s, up, with};
use perry_container_engine::{EngineError, Report};
use perry_container_reconcile::Desired;
use perry_container_testkit::{Fault, Sim};
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::time::sleep;

/// Somebody else's things lie on it.
async fn with_others() -> Runtime {
    use perry_container_backend::{ContainerBackend as _, ContainerBackendExt as _};
    use perry_container_spec::{ContainerSpec, ImagePull, NetworkSpec};
    let runtime = runtime();
    let sim = runtime.inner();
    sim.create_network(&NetworkSpec { name: "office".to_owned(), ..NetworkSpec::default() })
        .await
        .unwrap();
    sim.pull_image(&ImagePull { reference: "wiki:1".to_owned(), platform: None }).await.unwrap();
    let wiki =
        ContainerSpec { name: Some("wiki".to_owned()), ..ContainerSpec::new("wiki:1".to_owned()) };
    sim.create(&wiki).await.unwrap();
    runtime
}

fn old() -> Desired {
    with(
        json!({
            "db": {
                "image": "db:1",
                "healthcheck": {"test": ["CMD", "true"], "interval": "1s"},
                "volumes": [{"type": "volume", "source": "data", "target": "/data"}],
            },
            "web": {"image": "web:1", "depends_on": {"db": {"condition": "service_healthy"}}},
        }),
        &json!({"data": {}}),
    )
}

fn new() -> Desired {
    with(
        json!({
            "db": {
                "image": "db:2",
                "healthcheck": {"test": ["CMD", "true"], "interval": "1s"},
                "volumes": [{"type": "volume", "source": "data", "target": "/data"}],
            },
            "web": {
                "image": "web:1",
                "environment": {"A": "1"},
                "depends_on": {"db": {"condition": "service_healthy"}},
            },
        }),
        &json!({"data": {}}),
    )
}

fn committed(result: &Result<Report, EngineError>) -> bool {
    match result {
        Ok(_) => true,
        Err(EngineError::Failed(failure)) => failure.report.run.committed(),
        Err(_) => false,
    }
}

/// Fails the nth call; whether there was one.
async fn one(first: Option<&Desired>, then: &Desired, n: usize, fault: &Fault) -> bool {
    let runtime = with_others().await;
    let others = runtime.inner().text();
    if let Some(first) = first {
        up(&runtime, first).await.unwrap();
    }
    let before = runtime.inner().text();
    runtime.clear();
    runtime.fail_nth(n, fault.clone());
    let result = up(&runtime, then).await;
    let failed = runtime.calls().get(n).map(ToString::to_string);
    sleep(s(60)).await; // whatever is still under way
    let after = runtime.inner().text();
    let Some(failed) = failed else {
        assert!(result.is_ok());
        return false;
    };
    if !committed(&result) {
        assert_eq!(after, before, "{fault:?} {failed}");
    }
    runtime.heal();
    let next = up(&runtime, then).await;
    assert!(next.is_ok(), "the next up after {fault:?} {failed}: {}", next.unwrap_err());
    let third = up(&runtime, then).await.unwrap();
    assert_eq!(third.run.plan.to_string(), "", "{fault:?} {failed}");
    let world = runtime.inner().text();
    assert!(others.lines().all(|line| world.contains(line)), "{fault:?} {failed}");
    assert_eq!(world.lines().count(), others.lines().count() + 4, "{fault:?} {failed}: {world}");
    true
}

#[tokio::test(start_paused = true)]
async fn every_single_call_of_an_up_may_fail() {
    for fault in [Fault::refused(), Fault::CutBefore, Fault::CutAfter] {
        for first in [None, Some(old())] {
            let mut n = 0;
            while one(first.as_ref(), &new(), n, &fault).await {
                n += 1;
            }
            assert!(n > 10, "only {n} calls");
        }
    }
}

/// Small projects: services that depend on earlier ones.
fn projects() -> impl Strategy<Value = Desired> {
    let service = (
        prop::collection::vec((any::<prop::sample::Index>(), 0..2u8), 0..3),
        0..3u8,
        any::<bool>(),
    );
    prop::collection::vec(service, 1..4).prop_map(|services| {
        let mut all = serde_json::Map::new();
        for (n, (deps, image, checked)) in services.iter().enumerate() {
            let mut service = json!({"image": format!("app:{image}")});
            if *checked {
                service["healthcheck"] = json!({"test": ["CMD", "true"], "interval": "1s"});
            }
            let depends: serde_json::Map<String, Value> = deps
                .iter()
                .filter(|_| n > 0)
                .map(|(on, kind)| {
                    let on = on.index(n.max(1));
                    let healthy = *kind == 1 && services[on].2;
                    let condition = if healthy { "service_healthy" } else { "service_started" };
                    (format!("s{on}"), json!({"condition": condition}))
                })
                .collect();
            if !depends.is_empty() {
                service["depends_on"] = Value::Object(depends);
            }
            all.insert(format!("s{n}"), service);
        }
        project(Value::Object(all))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn whichever_call_fails_the_world_is_as_it_was(
        first in prop::option::of(projects()),
        then in projects(),
        n in any::<prop::sample::Index>(),
        kind in 0..3u8,
    ) {
        let rt = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        rt.block_on(async {
            let runtime = over(Sim::new().with_any_image());
            if let Some(first) = &first {
                up(&runtime, first).await.unwrap();
            }
            // How many calls there are without a fault, to aim at one of them.
            let probe = over(Sim::new().with_any_image());
            if let Some(first) = &first {
                up(&probe, first).await.unwrap();
            }
            probe.clear();
            up(&probe, &then).await.unwrap();
            let n = n.index(probe.count(""));
            let before = runtime.inner().text();
            runtime.clear();
            let fault = match kind { 0 => Fault::refused(), 1 => Fault::CutBefore, _ => Fault::CutAfter };
            runtime.fail_nth(n, fault);
            let result = up(&runtime, &then).await;
            sleep(s(60)).await;
            if !committed(&result) {
                assert_eq!(runtime.inner().text(), before, "{:?}", runtime.calls().get(n));
            }
            runtime.heal();
            up(&runtime, &then).await.unwrap();
            assert_eq!(up(&runtime, &then).await.unwrap().run.plan.to_string(), "");
        });
    }
}
