//! How long it takes to plan and to run a project of so many services, each with ten edges, on a runtime in memory:
//! `cargo run --release -p perry-container-engine --example scale -- 10000 [started|healthy]`. Prints one JSON object;
//! times are in seconds. The runtime's own time is simulated, so what is measured is what we add to it.

use perry_container_engine::{Session, SessionOptions};
use perry_container_executor::Brakes;
use perry_container_model::ComposeSpec;
use perry_container_reconcile::{Context, DownOptions, UpOptions, lower, up};
use perry_container_spec::{Observed, Parts};
use perry_container_testkit::{Sim, Tap};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Dependencies of each service.
const EDGES: usize = 10;

#[expect(clippy::print_stdout, reason = "its result")]
fn main() {
    let mut args = std::env::args().skip(1);
    let services: usize = args.next().and_then(|n| n.parse().ok()).unwrap_or(10_000);
    let healthy = args.next().is_some_and(|condition| condition == "healthy");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime of this thread alone");
    println!("{}", runtime.block_on(measure(services, healthy)));
}

async fn measure(services: usize, healthy: bool) -> Value {
    let spec = serde_json::from_value(project(services, healthy)).expect("a valid project");
    let context = Context { project: "scale".to_owned(), ..Context::default() };
    let options = UpOptions::default();

    let begin = now();
    let (desired, _) = lower(&spec, &context).expect("it can be lowered");
    drop::<ComposeSpec>(spec);
    let planned = up(&desired, &Observed::default(), &options).expect("it can be planned");
    let plan_seconds = begin.elapsed().as_secs_f64();
    let (nodes, edges) = (planned.plan.nodes.len(), planned.plan.edges());
    drop(planned);

    let tap = Arc::new(Tap::new(Sim::new().with_any_image()));
    let session = Session::new(Arc::<Tap<Sim>>::clone(&tap), SessionOptions::default());
    let begin = now();
    let brakes = Brakes::default();
    let report = session.up(&desired, &options, &brakes, &mut |_| ()).await.expect("it comes up");
    let up_seconds = begin.elapsed().as_secs_f64();
    drop(report);
    let up_peak_bytes = peak();
    let calls = tap.count("");
    tap.clear();

    let begin = now();
    let again = session.up(&desired, &options, &brakes, &mut |_| ()).await.expect("it is up");
    let noop_seconds = begin.elapsed().as_secs_f64();
    assert!(again.run.plan.is_empty(), "a second up has something to do");
    drop(again);

    let begin = now();
    let options = DownOptions::default();
    let down = session.down("scale", Some(&desired), &options, &brakes, &mut |_| ()).await;
    down.expect("it goes down");
    let down_seconds = begin.elapsed().as_secs_f64();
    let left = session.observe("scale", None, Parts::ALL).await.expect("it can be seen");
    assert!(left.containers.is_empty(), "{} containers are left", left.containers.len());

    json!({
        "services": services,
        "nodes": nodes,
        "edges": edges,
        "calls": calls,
        "plan_seconds": plan_seconds,
        "up_seconds": up_seconds,
        "up_peak_bytes": up_peak_bytes,
        "noop_seconds": noop_seconds,
        "down_seconds": down_seconds,
    })
}

/// The largest resident set so far, where the system tells.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
}

/// What a service depends on. Started ones may be in long chains: those before it that are one, two, four, ... places away.
/// Who waits for health is in one of ten layers, and depends on ten of the layer before; else the simulated time would be
/// that of a chain of 10,000 health checks.
fn before(n: usize, services: usize, healthy: bool) -> Vec<usize> {
    if !healthy {
        return (0..EDGES).filter_map(|edge| n.checked_sub(1 << edge)).collect();
    }
    let layer = services.div_ceil(10).max(1);
    let Some(first) = (n / layer).checked_sub(1).map(|before| before * layer) else {
        return vec![];
    };
    (0..EDGES.min(layer)).map(|edge| first + (n + edge) % layer).collect()
}

fn project(services: usize, healthy: bool) -> Value {
    let condition = if healthy { "service_healthy" } else { "service_started" };
    let mut all = Map::new();
    for n in 0..services {
        let depends: Map<String, Value> = (before(n, services, healthy).into_iter())
            .map(|n| (name(n), json!({"condition": condition})))
            .collect();
        let mut service = json!({
            "image": "app:1",
            "command": ["serve"],
            "environment": {"ROLE": name(n)},
            "networks": {"default": null},
            "depends_on": depends,
        });
        if healthy {
            service["healthcheck"] = json!({"test": ["CMD", "true"], "interval": "1s"});
        }
        all.insert(name(n), service);
    }
    json!({"name": "scale", "services": all, "networks": {"default": {"name": "scale_default"}}})
}

fn name(n: usize) -> String {
    format!("s{n}")
}

#[expect(clippy::disallowed_methods, reason = "the real clock is what is measured here")]
fn now() -> std::time::Instant {
    std::time::Instant::now()
}
