//! The first signal takes back, the second leaves what any next `up` mends.

use crate::world::{line, project, runtime, s, session, stack, up};
use perry_container_backend::ContainerBackend as _;
use perry_container_engine::{EngineError, Lock, Session, SessionOptions};
use perry_container_executor::Brakes;
use perry_container_reconcile::{Desired, UpOptions};
use perry_container_testkit::{Fault, Script, Tap};
use serde_json::json;
use snapbox::{assert_data_eq, str};
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, sleep};

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
    assert!(matches!(&error, EngineError::Interrupted { left, .. } if left.is_empty()), "{error}");
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
 1480 Container demo-db-1 Interrupted
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
    let begin = Instant::now();
    let brakes = pull_at(&[1_000]);
    let options = UpOptions::default();
    let error = session(&runtime).up(&stack(), &options, &brakes, &mut |_| ()).await.unwrap_err();
    assert!(matches!(error, EngineError::Interrupted { .. }), "{error}");
    assert_eq!(begin.elapsed().as_secs(), 1);
    runtime.heal();

    runtime.inner().publish("db:1", Script::new().never_healthy().complains(s(1), "no"));
    runtime.fail_matching("open_logs", Fault::Hangs);
    runtime.fail_matching("stop", Fault::Hangs);
    let begin = Instant::now();
    let brakes = pull_at(&[8_000, 9_000]);
    let error = session(&runtime).up(&stack(), &options, &brakes, &mut |_| ()).await.unwrap_err();
    assert!(error.to_string().contains("could not take back: stop demo-"), "{error}");
    assert!(begin.elapsed() < s(10), "{:?}", begin.elapsed());
}

/// What an `up` is doing when the signals come.
#[derive(Debug, Clone, Copy, PartialEq)]
enum At {
    Lock,
    Look,
    Pull,
    Create,
    Start,
    Health,
    Hook,
    StopOld,
    AwaitNew,
    RemoveOld,
    Undo,
}

const DETACHED: [(At, &str); 11] = [
    (At::Lock, "another process has the lock"),
    (At::Look, "looking"),
    (At::Pull, "pulling"),
    (At::Create, "creating web"),
    (At::Start, "starting db"),
    (At::Health, "waiting for a healthy db"),
    (At::Hook, "running a hook of db"),
    (At::StopOld, "recreating: stopping the old db"),
    (At::AwaitNew, "recreating: waiting for the new db"),
    (At::RemoveOld, "recreating: removing the old db"),
    (At::Undo, "taking back a failed run"),
];

fn pair(db: &serde_json::Value) -> Desired {
    project(
        json!({"db": db, "web": {"image": "web:1", "depends_on": {"db": {"condition": "service_healthy"}}}}),
    )
}

/// Ten seconds into an `up` that does this very thing for twenty: so many signals, a second apart. When it ended after
/// the first, what it said, what was there then; and the next `up` brings all that was wanted.
async fn interrupted(at: At, signals: u64) -> String {
    let runtime = runtime();
    let check = json!({"test": ["CMD", "true"], "interval": "1s", "retries": 1000});
    let db = json!({"image": "db:1", "healthcheck": check});
    let (mut wanted, options) = (db.clone(), UpOptions::default());
    let well = Script::new().answers("warm up", "", 0);
    runtime.inner().publish("db:1", well.clone());
    let dir = tempfile::tempdir().unwrap();
    if matches!(at, At::StopOld | At::AwaitNew | At::RemoveOld) {
        up(&runtime, &pair(&db)).await.unwrap();
        wanted["environment"] = json!({"LEVEL": "2"});
    }
    match at {
        At::Look => runtime.delay("observe", s(20)),
        At::Pull => runtime.delay("pull db:1", s(20)),
        At::Create => runtime.delay("create demo-web-1", s(20)),
        At::Start => runtime.delay("start", s(20)),
        At::StopOld => runtime.delay("stop", s(20)),
        At::RemoveOld => runtime.delay("remove_each", s(20)),
        At::Hook => {
            wanted["post_start"] = json!([{"command": ["warm", "up"]}]);
            runtime.delay("open_exec", s(20));
        }
        At::Health => runtime.inner().publish("db:1", Script::new().healthy_after(s(100))),
        At::AwaitNew => {
            runtime.inner().script("demo-db-1", Script::new().healthy_after(s(100)));
        }
        At::Undo => {
            runtime.fail_matching("create demo-web-1", Fault::refused());
            runtime.delay("stop", s(20));
        }
        At::Lock => {}
    }
    let wanted = pair(&wanted);
    let mut lock = None;
    if at == At::Lock {
        let engine = runtime.engine_id().clone();
        lock = Some(Lock::take(dir.path(), &engine, "demo", "x", s(0), &mut |_| ()).await.unwrap());
    }
    let locks =
        SessionOptions { lock_dir: Some(dir.path().to_owned()), ..SessionOptions::default() };
    let session = Session::new(Arc::<Tap<_>>::clone(&runtime), locks);
    let times: Vec<u64> = (0..signals).map(|n| 10_000 + n * 1_000).collect();
    let (begin, brakes) = (Instant::now(), pull_at(&times));
    let ended = session.up(&wanted, &options, &brakes, &mut |_| ()).await;
    let said = match ended {
        Ok(_) => "done".to_owned(),
        Err(error) => format!("{} {error}", error.code()),
    };
    let after = begin.elapsed().saturating_sub(s(10));
    let left = runtime.inner().text();
    drop(lock);
    runtime.heal();
    runtime.inner().publish("db:1", well.clone());
    runtime.inner().script("demo-db-1", well);
    up(&runtime, &wanted).await.unwrap();
    let last = up(&runtime, &wanted).await.unwrap();
    assert_eq!(last.run.plan.to_string(), "", "{at:?}");
    format!("  {:.1} s: {said}\n{}", after.as_secs_f64(), shown(&left))
}

fn shown(world: &str) -> String {
    world.lines().map(|line| format!("      {line}\n")).collect()
}

/// DESIGN, section 2: the first signal ends waits, pulls and builds at once, lets short calls finish and takes back; the
/// second ends calls and the undo.
#[tokio::test(start_paused = true)]
async fn the_table_of_what_signals_do_to_a_detached_up() {
    let mut table = String::new();
    for (at, name) in DETACHED {
        for signals in [1, 2] {
            table.extend([name, &format!(", {signals} x\n"), &interrupted(at, signals).await]);
        }
    }
    assert_data_eq!(
        table,
        str![[r#"
another process has the lock, 1 x
  0.0 s: 130 interrupted
another process has the lock, 2 x
  0.0 s: 130 interrupted
looking, 1 x
  0.0 s: 130 interrupted
looking, 2 x
  0.0 s: 130 interrupted
pulling, 1 x
  0.0 s: 130 interrupted
pulling, 2 x
  0.0 s: 130 interrupted
creating web, 1 x
  11.8 s: 130 interrupted
creating web, 2 x
  1.0 s: 130 interrupted; could not take back: create demo-web-1 (which may have been done), stop demo-db-1, remove demo-db-1, remove network demo_default (the next `up` or `down` mends it)
      container demo-db-1@1 demo-db-1 db:1 running
      network demo_default
starting db, 1 x
  10.7 s: 130 interrupted
starting db, 2 x
  1.0 s: 130 interrupted; could not take back: start demo-db-1 (which may have been done), remove demo-db-1, remove network demo_default (the next `up` or `down` mends it)
      container demo-db-1@1 demo-db-1 db:1 created
      network demo_default
waiting for a healthy db, 1 x
  0.1 s: 130 interrupted
waiting for a healthy db, 2 x
  0.1 s: 130 interrupted
running a hook of db, 1 x
  0.1 s: 130 interrupted
running a hook of db, 2 x
  0.1 s: 130 interrupted
recreating: stopping the old db, 1 x
  10.1 s: 130 interrupted
      container demo-db-1@1 demo-db-1 db:1 running
      container demo-web-1@2 demo-web-1 web:1 running
      network demo_default
recreating: stopping the old db, 2 x
  1.0 s: 130 interrupted; could not take back: stop demo-db-1 (which may have been done) (the next `up` or `down` mends it)
      container demo-db-1@1 demo-db-1 db:1 running
      container demo-web-1@2 demo-web-1 web:1 running
      network demo_default
recreating: waiting for the new db, 1 x
  0.2 s: 130 interrupted
      container demo-db-1@1 demo-db-1 db:1 running
      container demo-web-1@2 demo-web-1 web:1 running
      network demo_default
recreating: waiting for the new db, 2 x
  0.2 s: 130 interrupted
      container demo-db-1@1 demo-db-1 db:1 running
      container demo-web-1@2 demo-web-1 web:1 running
      network demo_default
recreating: removing the old db, 1 x
  11.3 s: done
      container demo-db-1@3 demo-db-1 db:1 running
      container demo-web-1@2 demo-web-1 web:1 running
      network demo_default
recreating: removing the old db, 2 x
  1.0 s: 130 interrupted; not done: remove demo-db-1@1_demo-db-1
      container demo-db-1@1 demo-db-1@1_demo-db-1 db:1 exited
      container demo-db-1@3 demo-db-1 db:1 running
      container demo-web-1@2 demo-web-1 web:1 running
      network demo_default
taking back a failed run, 1 x
  11.7 s: 500 service `web`: could not create `demo-web-1`: injected
taking back a failed run, 2 x
  1.0 s: 500 service `web`: could not create `demo-web-1`: injected; could not take back: stop demo-db-1, remove demo-db-1, remove network demo_default (the next `up` or `down` mends it)
      container demo-db-1@1 demo-db-1 db:1 running
      network demo_default

"#]]
    );
}
