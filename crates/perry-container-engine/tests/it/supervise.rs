//! What the runtime does not do by itself, done in its place.

use crate::world::{Runtime, over, project, s, session, up};
use perry_container_engine::{
    AttachOptions, Session, SessionOptions, SuperviseEvent, SuperviseOptions, Supervised,
};
use perry_container_executor::Brakes;
use perry_container_reconcile::{Desired, DownOptions, LifeOptions};
use perry_container_support::{Capabilities, Feature, Level};
use perry_container_testkit::{Fault, Script, Sim};
use serde_json::json;
use snapbox::{assert_data_eq, str};
use std::{
    fmt::Write as _,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep},
};

/// A runtime that leaves health checks and restarts to others.
fn bare(script: Script, events: Level) -> Runtime {
    let table = Capabilities::all("sim")
        .with(Feature::Health, Level::Emulated, "sim runs no health checks")
        .with(Feature::Restart, Level::Emulated, "sim restarts nothing")
        .with(Feature::Events, events, "");
    over(Sim::new().with_any_image().with_registry("app:1", script).with_capabilities(table))
}

fn stack(restart: &str) -> Desired {
    let check = json!({"test": ["CMD", "true"], "interval": "2s", "retries": 2});
    project(json!({
        "app": {"image": "app:1", "restart": restart, "healthcheck": check},
        "plain": {"image": "plain:1"},
    }))
}

struct Watching {
    text: Arc<Mutex<String>>,
    brakes: Brakes,
    task: JoinHandle<Supervised>,
}

impl Watching {
    fn new(session: Session) -> Self {
        let (text, brakes) = (Arc::new(Mutex::new(String::new())), Brakes::default());
        let (write, stop) = (Arc::clone(&text), brakes.clone());
        let since = Some("2026-01-01T00:00:00Z".to_owned());
        let options = SuperviseOptions { since, ..SuperviseOptions::default() };
        let task = tokio::spawn(async move {
            let begun = Instant::now();
            let mut tell = |event: SuperviseEvent| {
                let at = (begun.elapsed().as_millis() + 50) / 100;
                let mut text = write.lock().unwrap();
                writeln!(text, "{:>4}.{} s {event}", at / 10, at % 10).unwrap();
            };
            session.supervise("demo", &options, &stop, &mut tell).await.unwrap()
        });
        Self { text, brakes, task }
    }

    async fn end(self) -> (Supervised, String) {
        self.brakes.pull();
        let ended = self.task.await.unwrap();
        (ended, self.text.lock().unwrap().clone())
    }
}

#[tokio::test(start_paused = true)]
async fn what_ends_is_started_again_and_probed() {
    let runtime = bare(Script::new().exits_after(s(5), 1), Level::Native);
    up(&runtime, &stack("on-failure:2")).await.unwrap();
    let watching = Watching::new(session(&runtime));
    sleep(s(60)).await;
    let (ended, text) = watching.end().await;
    assert_eq!(ended, Supervised::Stopped);
    assert_data_eq!(
        text,
        str![[r#"
   0.1 s tends demo-app-1: health check, restart: on-failure:2
   0.1 s demo-app-1 is healthy
   5.2 s start demo-app-1 (ended; restart: on-failure:2)
   7.2 s demo-app-1 is healthy
  10.4 s start demo-app-1 (ended; restart: on-failure:2)
  12.4 s demo-app-1 is healthy
  15.4 s demo-app-1 failed again after 2 restarts and is left

"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn a_sick_one_is_told_of_and_left_running() {
    let runtime = bare(Script::new().never_healthy(), Level::Native);
    up(&runtime, &stack("always")).await.unwrap();
    let watching = Watching::new(session(&runtime));
    sleep(s(60)).await;
    assert_data_eq!(
        watching.end().await.1,
        str![[r#"
   0.1 s tends demo-app-1: health check, restart: always
   4.2 s demo-app-1 is unhealthy: not yet

"#]]
    );
    assert!(runtime.inner().text().contains("demo-app-1 app:1 running"));
}

/// By events, and where there are none by what our own stop writes down.
#[tokio::test(start_paused = true)]
async fn what_a_person_stops_stays_stopped() {
    for events in [Level::Native, Level::Unsupported] {
        let dir = tempfile::tempdir().unwrap();
        let runtime = bare(Script::new().exits_after(s(60), 0), events);
        up(&runtime, &stack("always")).await.unwrap();
        let watching = Watching::new(locking(&runtime, dir.path()));
        sleep(s(20)).await;
        let (options, brakes) = (LifeOptions::default(), Brakes::default());
        let named = LifeOptions { named: ["app".to_owned()].into(), ..options.clone() };
        let own = locking(&runtime, dir.path());
        own.stop("demo", None, &named, &brakes, &mut |_| ()).await.unwrap();
        sleep(s(200)).await;
        assert!(runtime.inner().text().contains("demo-app-1 app:1 exited"), "{events:?}");
        // Started again, it is tended again.
        own.start("demo", None, &named, &brakes, &mut |_| ()).await.unwrap();
        own.restart("demo", None, &named, &brakes, &mut |_| ()).await.unwrap();
        sleep(s(90)).await;
        let text = watching.end().await.1;
        assert!(text.contains("start demo-app-1 (ended; restart: always)"), "{events:?}: {text}");
    }
}

fn locking(runtime: &Runtime, dir: &Path) -> Session {
    let options = SessionOptions { lock_dir: Some(dir.to_owned()), ..SessionOptions::default() };
    Session::new(Arc::<perry_container_testkit::Tap<_>>::clone(runtime), options)
}

#[tokio::test(start_paused = true)]
async fn it_ends_when_there_is_nothing_to_do() {
    let runtime = bare(Script::new(), Level::Native);
    up(&runtime, &stack("always")).await.unwrap();
    let watching = Watching::new(session(&runtime));
    sleep(s(20)).await;
    let (options, brakes) = (DownOptions::default(), Brakes::default());
    session(&runtime).down("demo", None, &options, &brakes, &mut |_| ()).await.unwrap();
    let ended = tokio::time::timeout(s(10), watching.task).await.unwrap().unwrap();
    assert_eq!(ended, Supervised::Done);

    let docker = over(Sim::new().with_any_image());
    up(&docker, &stack("always")).await.unwrap();
    let options = SuperviseOptions { linger: Duration::ZERO, ..SuperviseOptions::default() };
    let ended = session(&docker).supervise("demo", &options, &brakes, &mut |_| ()).await.unwrap();
    assert_eq!(ended, Supervised::Done, "docker does it all");
}

#[tokio::test(start_paused = true)]
async fn it_ends_when_the_engine_has_been_gone_for_long() {
    let runtime = bare(Script::new(), Level::Native);
    up(&runtime, &stack("always")).await.unwrap();
    let watching = Watching::new(session(&runtime));
    sleep(s(20)).await;
    runtime.clear();
    runtime.fail_matching("observe", Fault::CutBefore);
    let begun = Instant::now();
    let ended = tokio::time::timeout(s(2000), watching.task).await.unwrap().unwrap();
    assert_eq!(ended, Supervised::EngineGone);
    assert!(begun.elapsed() >= s(600), "{:?}", begun.elapsed());
    assert!(runtime.count("observe") < 60, "{} looks in vain", runtime.count("observe"));
}

/// No look without a reason, a probe per interval.
#[tokio::test(start_paused = true)]
async fn an_hour_of_nothing_costs_nothing_but_probes() {
    let runtime = bare(Script::new(), Level::Native);
    up(&runtime, &stack("always")).await.unwrap();
    runtime.clear();
    let watching = Watching::new(session(&runtime));
    sleep(s(3600)).await;
    drop(watching.end().await);
    let count = |verb| runtime.count(verb);
    assert!(count("observe") <= 16, "{} looks", count("observe"));
    assert!((1700..=1801).contains(&count("probe_health")), "{}", count("probe_health"));
    assert_eq!((count("inspect_each"), count("events")), (1, 1));
}

/// An attached `up` does the same for as long as it lasts.
#[tokio::test(start_paused = true)]
async fn who_is_attached_starts_again_what_ends() {
    let runtime = bare(Script::new(), Level::Native);
    runtime.inner().script("demo-app-1", Script::new().exits_after(s(20), 1));
    let desired = stack("on-failure:1");
    let report = up(&runtime, &desired).await.unwrap();
    let (brakes, stop) = (Brakes::default(), Brakes::default());
    let pull = brakes.clone();
    drop(stop);
    tokio::spawn(async move {
        sleep(s(35)).await;
        pull.pull();
    });
    runtime.clear();
    let options = AttachOptions::default();
    session(&runtime).attach(&desired, &report, &options, &brakes, &mut |_| ()).await.unwrap();
    assert_eq!(runtime.count("start"), 1);
}
