//! `stop`, `start`, `restart`, `down` of what labels alone tell.

use crate::world::{down, line, over, project, runtime, s, session, stack, up};
use perry_container_executor::Brakes;
use perry_container_reconcile::{DownOptions, LifeOptions};
use perry_container_spec::State;
use perry_container_testkit::{Fault, Script, Sim};
use serde_json::json;
use snapbox::{assert_data_eq, str};

#[tokio::test(start_paused = true)]
async fn what_is_told_while_an_up_runs() {
    let (runtime, mut lines) = (runtime(), Vec::new());
    for _ in 0..2 {
        let mut tell = |progress| lines.push(line(&progress) + "\n");
        session(&runtime)
            .up(&stack(), &Default::default(), &Brakes::default(), &mut tell)
            .await
            .unwrap();
    }
    assert_data_eq!(
        lines.concat(),
        str![[r#"
Run: 11 actions
    0 Image db:1 Pulling
    0 Image cache:1 Pulling
    0 Image web:1 Pulling
    0 Network demo_default Creating
      db:1 Downloading 40/100
      cache:1 Downloading 40/100
      web:1 Downloading 40/100
   10 Network demo_default Created
      db:1 Pulled db:1 100/100
      cache:1 Pulled cache:1 100/100
      web:1 Pulled web:1 100/100
  420 Image db:1 Pulled
  420 Container demo-db-1 Creating
  420 Image cache:1 Pulled
  420 Container demo-cache-1 Creating
  420 Image web:1 Pulled
  520 Container demo-db-1 Created
  520 Container demo-db-1 Starting
  520 Container demo-cache-1 Created
  520 Container demo-cache-1 Starting
  570 Container demo-db-1 Started
  570 Container demo-db-1 Waiting
  570 Container demo-cache-1 Started
 1565 Container demo-db-1 Healthy
 1565 Container demo-web-1 Creating
 1665 Container demo-web-1 Created
 1665 Container demo-web-1 Starting
 1715 Container demo-web-1 Started
Container demo-db-1 Running
Container demo-cache-1 Running
Container demo-web-1 Running

"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn stop_start_restart() {
    let runtime = runtime();
    up(&runtime, &stack()).await.unwrap();
    let (session, brakes, options) = (session(&runtime), Brakes::default(), LifeOptions::default());
    let state = |name: &str| runtime.inner().peek(name).unwrap().state;
    runtime.clear();
    session.stop("demo", None, &options, &brakes, &mut |_| ()).await.unwrap();
    assert_eq!(state("demo-db-1"), State::Exited);
    session.start("demo", None, &options, &brakes, &mut |_| ()).await.unwrap();
    assert_eq!(state("demo-web-1"), State::Running);
    session.restart("demo", Some(&stack()), &options, &brakes, &mut |_| ()).await.unwrap();
    assert_data_eq!(
        runtime.text(),
        str![[r#"
observe C
stop demo-web-1@3
stop demo-cache-1@2
stop demo-db-1@1
observe C
start demo-cache-1@2
start demo-db-1@1
events
observe C
observe C
observe C
start demo-web-1@3
observe C
stop demo-cache-1@2
stop demo-db-1@1
start demo-cache-1@2
start demo-db-1@1
stop demo-web-1@3
start demo-web-1@3

"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn down_gets_as_far_as_it_can() {
    let runtime = runtime();
    up(&runtime, &stack()).await.unwrap();
    runtime.fail_matching("remove_each demo-cache-1", Fault::refused());
    let error = down(&runtime, None, &DownOptions::default()).await.unwrap_err();
    assert_data_eq!(
        error.to_string(),
        str!["service `cache`: could not remove_each `demo-cache-1`: injected"]
    );
    assert_data_eq!(
        runtime.inner().text(),
        str![[r#"
container demo-cache-1@2 demo-cache-1 cache:1 exited
network demo_default

"#]]
    );
    runtime.heal();
    down(&runtime, None, &DownOptions::default()).await.unwrap();
    assert_eq!(runtime.inner().text(), "");
    let nothing = down(&runtime, None, &DownOptions::default()).await.unwrap();
    assert_eq!(nothing.notes, ["No resource found to remove for project \"demo\"."]);
}

#[tokio::test(start_paused = true)]
async fn another_process_may_take_away_what_is_being_taken_down() {
    let runtime = over(Sim::new().with_any_image().with_registry("db:1", Script::new()));
    up(&runtime, &stack()).await.unwrap();
    runtime.delay("stop", s(2));
    let options = DownOptions::default();
    let (first, second) =
        tokio::join!(down(&runtime, None, &options), down(&runtime, None, &options));
    first.unwrap();
    second.unwrap();
    assert_eq!(runtime.inner().text(), "");
}

/// What a face writes as lines of JSON.
#[tokio::test(start_paused = true)]
async fn progress_as_json() {
    let (runtime, mut lines) = (runtime(), Vec::new());
    let mut tell = |progress| lines.push(serde_json::to_string(&progress).unwrap() + "\n");
    let desired = crate::world::many(1);
    let (brakes, options) = (Brakes::default(), Default::default());
    session(&runtime).up(&desired, &options, &brakes, &mut tell).await.unwrap();
    session(&runtime).up(&desired, &options, &brakes, &mut tell).await.unwrap();
    assert_data_eq!(
        lines.concat(),
        str![[r#"
{"event":"planned","phase":"run","actions":4}
{"event":"begun","phase":"run","node":1,"at":0,"object":{"kind":"Image","name":"app:1"},"text":"Pulling"}
{"event":"begun","phase":"run","node":0,"at":0,"object":{"kind":"Network","name":"demo_default"},"text":"Creating"}
{"event":"pull","reference":"app:1","text":"Downloading","current":40,"total":100}
{"event":"ended","phase":"run","node":0,"at":10,"object":{"kind":"Network","name":"demo_default"},"how":"done","text":"Created"}
{"event":"pull","reference":"app:1","text":"Pulled app:1","current":100,"total":100}
{"event":"ended","phase":"run","node":1,"at":420,"object":{"kind":"Image","name":"app:1"},"how":"done","text":"Pulled"}
{"event":"begun","phase":"run","node":2,"at":420,"object":{"kind":"Container","name":"demo-s0-1"},"text":"Creating"}
{"event":"ended","phase":"run","node":2,"at":520,"object":{"kind":"Container","name":"demo-s0-1"},"how":"done","text":"Created"}
{"event":"begun","phase":"run","node":3,"at":520,"object":{"kind":"Container","name":"demo-s0-1"},"text":"Starting"}
{"event":"ended","phase":"run","node":3,"at":570,"object":{"kind":"Container","name":"demo-s0-1"},"how":"done","text":"Started"}
{"event":"kept","object":{"kind":"Container","name":"demo-s0-1"},"text":"Running"}

"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn a_limit_holds_pulls_and_builds() {
    use perry_container_engine::{Session, SessionOptions};
    let begin = |n| async move {
        let runtime = runtime();
        let options = SessionOptions::default().with_parallel(n);
        let session = Session::new(
            std::sync::Arc::<perry_container_testkit::Tap<Sim>>::clone(&runtime),
            options,
        );
        let begin = tokio::time::Instant::now();
        let services = json!({"a": {"image": "a:1"}, "b": {"image": "b:1"}, "c": {"image": "c:1"}});
        let desired = project(services);
        session.up(&desired, &Default::default(), &Brakes::default(), &mut |_| ()).await.unwrap();
        begin.elapsed()
    };
    let (one, all) = (begin(Some(1)).await, begin(None).await);
    assert!(one >= all + s(1) / 2, "{one:?} {all:?}");
}
