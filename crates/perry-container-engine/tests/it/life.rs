//! `stop`, `start`, `restart`, `down` of what labels alone tell.

use crate::world::{down, line, over, runtime, s, session, stack, up};
use perry_container_executor::Brakes;
use perry_container_reconcile::{DownOptions, LifeOptions};
use perry_container_spec::State;
use perry_container_testkit::{Fault, Script, Sim};
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
