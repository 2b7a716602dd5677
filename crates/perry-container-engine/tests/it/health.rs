//! Where the runtime runs no health checks, the Watcher does.

use crate::world::{Runtime, over, project, s, session, stack, up, up_with};
use perry_container_engine::Progress;
use perry_container_executor::Brakes;
use perry_container_reconcile::UpOptions;
use perry_container_support::{Capabilities, Feature, Level};
use perry_container_testkit::{Script, Sim};
use serde_json::json;
use tokio::time::Instant;

fn podman_like(script: Script) -> Runtime {
    let table = Capabilities::all("sim")
        .with(Feature::Health, Level::Emulated, "sim runs no health checks")
        .with(Feature::Events, Level::Unsupported, "");
    over(Sim::new().with_any_image().with_registry("db:1", script).with_capabilities(table))
}

#[tokio::test(start_paused = true)]
async fn a_driven_check_decides() {
    let runtime = podman_like(Script::new().healthy_after(s(3)));
    let begin = Instant::now();
    up(&runtime, &stack()).await.unwrap();
    assert_eq!(begin.elapsed().as_secs(), 3, "an interval is a second");
    assert!((3..=5).contains(&runtime.count("probe_health")), "{}", runtime.count("probe_health"));
}

#[tokio::test(start_paused = true)]
async fn a_driven_check_fails_after_its_retries() {
    let runtime = podman_like(Script::new().never_healthy());
    let error = up(&runtime, &stack()).await.unwrap_err();
    assert_eq!(error.to_string(), "service `db` is unhealthy: not yet");
    assert_eq!(runtime.count("probe_health"), 3);
    assert_eq!(runtime.inner().text(), "");
}

#[tokio::test(start_paused = true)]
async fn failures_in_the_start_period_do_not_count() {
    let runtime = podman_like(Script::new().healthy_after(s(20)));
    let check = json!({"test": ["CMD", "true"], "interval": "2s", "retries": 2, "start_period": "30s", "start_interval": "1s"});
    let desired = project(json!({"db": {"image": "db:1", "healthcheck": check}}));
    let options = UpOptions { wait: true, ..UpOptions::default() };
    up_with(&runtime, &desired, &options).await.unwrap();
    assert!(runtime.count("probe_health") >= 20);
}

/// Its times are the image's, which podman shows to nobody: the first success is seen soon, failures count slowly.
#[tokio::test(start_paused = true)]
async fn an_inherited_check_is_asked_for() {
    let wait = UpOptions { wait: true, ..UpOptions::default() };
    let desired = project(json!({"db": {"image": "db:1"}}));
    let runtime = podman_like(Script::new());
    up_with(&runtime, &desired, &wait).await.unwrap();
    assert_eq!(runtime.count("probe_health"), 1, "the first answer is that there is none");

    let runtime = podman_like(Script::new().with_healthcheck().healthy_after(s(40)));
    let begin = Instant::now();
    up_with(&runtime, &desired, &wait).await.unwrap();
    assert!(begin.elapsed() < s(43), "{:?}", begin.elapsed());

    let runtime = podman_like(Script::new().with_healthcheck().never_healthy());
    let begin = Instant::now();
    up_with(&runtime, &desired, &wait).await.unwrap_err();
    assert_eq!(begin.elapsed().as_secs() / 10, 9, "three times thirty seconds");
}

#[tokio::test(start_paused = true)]
async fn who_goes_says_that_nobody_drives_them() {
    let runtime = podman_like(Script::new());
    let mut notes = Vec::new();
    let mut tell = |progress| {
        if let Progress::Note { text } = progress {
            notes.push(text);
        }
    };
    let options = UpOptions::default();
    session(&runtime).up(&stack(), &options, &Brakes::default(), &mut tell).await.unwrap();
    assert_eq!(
        notes,
        [
            "sim runs no health checks; those of db run only while perry-compose waits or is attached"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_one_shot_and_a_restart_policy_are_waited_for() {
    let flaky = Script::new().exits_after(s(1), 0);
    let runtime = over(Sim::new().with_any_image().with_registry("job:1", flaky));
    let desired = project(json!({
        "job": {"image": "job:1"},
        "web": {"image": "web:1", "depends_on": {"job": {"condition": "service_completed_successfully"}}},
    }));
    let begin = Instant::now();
    up(&runtime, &desired).await.unwrap();
    assert!(begin.elapsed() < s(3), "events tell at once: {:?}", begin.elapsed());
}

#[tokio::test(start_paused = true)]
async fn who_is_attached_drives_them_on() {
    use perry_container_engine::AttachOptions;
    let runtime = podman_like(Script::new());
    let report = up(&runtime, &stack()).await.unwrap();
    runtime.clear();
    let brakes = Brakes::default();
    let stop = brakes.clone();
    tokio::spawn(async move {
        tokio::time::sleep(s(20)).await;
        stop.pull();
    });
    let options = AttachOptions::default();
    session(&runtime).attach(&stack(), &report, &options, &brakes, &mut |_| ()).await.unwrap();
    let probes = runtime.count("probe_health");
    assert!((15..=25).contains(&probes), "{probes} probes of one check in 20 s");
    runtime.clear();
    tokio::time::sleep(s(20)).await;
    assert_eq!(runtime.count("probe_health"), 0, "nobody is attached any more");
}
