//! The first signal takes back, the second leaves what any next `up` mends.

use crate::world::{line, runtime, s, session, stack, up};
use perry_container_engine::EngineError;
use perry_container_executor::Brakes;
use perry_container_reconcile::UpOptions;
use perry_container_testkit::{Fault, Script};
use snapbox::{assert_data_eq, str};
use std::time::Duration;
use tokio::time::sleep;

fn pull_at(ms: &[u64]) -> Brakes {
    let brakes = Brakes::default();
    for ms in ms {
        let (brakes, ms) = (brakes.clone(), *ms);
        tokio::spawn(async move {
            sleep(Duration::from_millis(ms)).await;
            brakes.pull();
        });
    }
    brakes
}

#[tokio::test(start_paused = true)]
async fn the_first_signal_ends_the_wait_and_the_undo_still_runs() {
    let runtime = runtime();
    runtime.inner().publish("db:1", Script::new().healthy_after(s(100)));
    let (brakes, mut lines) = (pull_at(&[1500]), Vec::new());
    let mut tell = |progress| lines.push(line(&progress) + "\n");
    let error = session(&runtime)
        .up(&stack(), &UpOptions::default(), &brakes, &mut tell)
        .await
        .unwrap_err();
    assert!(matches!(&error, EngineError::Interrupted { left } if left.is_empty()), "{error}");
    assert_eq!((error.to_string().as_str(), error.code()), ("interrupted", 130));
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
 1480 Container demo-db-1 Skipped
 1480 Container demo-web-1 Skipped
 1480 Container demo-web-1 Skipped
Undo: 5 actions
    0 Container demo-cache-1 Stopping
    0 Container demo-db-1 Stopping
   50 Container demo-cache-1 Stopped
   50 Container demo-cache-1 Removing
   50 Container demo-db-1 Stopped
   50 Container demo-db-1 Removing
  100 Container demo-cache-1 Removed
  100 Container demo-db-1 Removed
  100 Network demo_default Removing
  110 Network demo_default Removed

"#]]
    );
    assert_eq!(runtime.inner().text(), "");
}

#[tokio::test(start_paused = true)]
async fn the_second_signal_leaves_what_it_must_and_says_so() {
    let runtime = runtime();
    runtime.inner().publish("db:1", Script::new().healthy_after(s(100)));
    runtime.delay("stop", s(30));
    let brakes = pull_at(&[1500, 2500]);
    let error = session(&runtime)
        .up(&stack(), &UpOptions::default(), &brakes, &mut |_| ())
        .await
        .unwrap_err();
    assert_data_eq!(
        error.to_string(),
        str![
            "interrupted; could not take back: stop demo-cache-1, remove demo-cache-1, stop demo-db-1, remove demo-db-1, remove network demo_default (the next `up` or `down` mends it)"
        ]
    );
}

/// Any mixture may stay, and any next `up` picks it up.
#[tokio::test(start_paused = true)]
async fn a_kill_at_any_moment_is_mended_by_the_next_up() {
    for ms in (0..4_000).step_by(70) {
        let runtime = runtime();
        let brakes = Brakes::default();
        let kill = brakes.kill.clone();
        tokio::spawn(async move {
            sleep(Duration::from_millis(ms)).await;
            kill.cancel();
        });
        drop(session(&runtime).up(&stack(), &UpOptions::default(), &brakes, &mut |_| ()).await);
        sleep(s(60)).await;
        up(&runtime, &stack()).await.unwrap();
        let last = up(&runtime, &stack()).await.unwrap();
        assert_eq!(last.run.plan.to_string(), "", "killed after {ms} ms");
        assert_eq!(runtime.inner().text().lines().count(), 4, "killed after {ms} ms");
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_without_an_answer_is_a_doubt_and_is_cleared() {
    let runtime = runtime();
    runtime.fail_matching("create demo-db-1", Fault::Hangs);
    let error = up(&runtime, &stack()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "service `db`: could not create `demo-db-1`: no answer within 300 s"
    );
    assert_eq!(runtime.inner().text(), "");
}

/// An engine that does not answer must not keep anybody from leaving.
#[tokio::test(start_paused = true)]
async fn a_signal_ends_the_first_look_and_two_end_everything() {
    let runtime = runtime();
    runtime.fail_matching("observe", Fault::Hangs);
    let begin = tokio::time::Instant::now();
    let brakes = pull_at(&[1_000]);
    let options = UpOptions::default();
    let error = session(&runtime).up(&stack(), &options, &brakes, &mut |_| ()).await.unwrap_err();
    assert!(matches!(error, EngineError::Interrupted { .. }), "{error}");
    assert_eq!(begin.elapsed().as_secs(), 1);
    runtime.heal();

    runtime.inner().publish("db:1", Script::new().never_healthy().complains(s(1), "no"));
    runtime.fail_matching("open_logs", Fault::Hangs);
    runtime.fail_matching("stop", Fault::Hangs);
    let begin = tokio::time::Instant::now();
    let brakes = pull_at(&[8_000, 9_000]);
    let error = session(&runtime).up(&stack(), &options, &brakes, &mut |_| ()).await.unwrap_err();
    assert!(error.to_string().contains("could not take back: stop demo-"), "{error}");
    assert!(begin.elapsed() < s(10), "{:?}", begin.elapsed());
}
