//! One writer per project.

use crate::world::{Runtime, runtime, s, stack};
use perry_container_backend::ContainerBackend as _;
use perry_container_engine::{EngineError, Lock, Progress, Session, SessionOptions, runtime_dir};
use perry_container_executor::Brakes;
use perry_container_reconcile::UpOptions;
use perry_container_spec::{EngineId, State};
use serde_json::json;
use std::{
    os::unix::fs::{PermissionsExt as _, chown, lchown, symlink},
    path::Path,
};

fn session(runtime: &Runtime, dir: &Path, patience: u64) -> Session {
    let options = SessionOptions {
        lock_dir: Some(dir.to_owned()),
        lock_timeout: s(patience),
        command: "perry-compose up".to_owned(),
        ..SessionOptions::default()
    };
    Session::new(std::sync::Arc::<perry_container_testkit::Tap<_>>::clone(runtime), options)
}

#[tokio::test(start_paused = true)]
async fn a_second_up_waits_or_says_who_holds_the_project() {
    let dir = tempfile::tempdir().unwrap();
    let (runtime, brakes) = (runtime(), Brakes::default());
    let engine = EngineId("sim".to_owned());
    let held =
        Lock::take(dir.path(), &engine, "demo", "other tool", s(0), &mut |_| ()).await.unwrap();
    let mut told = Vec::new();
    let mut tell = |progress| told.push(progress);
    let options = UpOptions::default();
    let late = session(&runtime, dir.path(), 2).up(&stack(), &options, &brakes, &mut tell).await;
    let Err(EngineError::Locked { holder, .. }) = &late else { panic!("{late:?}") };
    assert_eq!((holder.pid, holder.command.as_str()), (std::process::id(), "other tool"));
    let text = late.as_ref().unwrap_err().to_string();
    assert!(
        text.starts_with("project \"demo\" is being changed by other tool (process "),
        "{text}"
    );
    assert!(matches!(&told[..], [Progress::Waiting { .. }]));
    assert_eq!(runtime.count(""), 0);

    let other = Lock::take(dir.path(), &engine, "other", "x", s(0), &mut |_| ()).await;
    assert!(other.is_ok(), "another project is another lock");
    let waits = session(&runtime, dir.path(), 60);
    let waiting = tokio::spawn(async move {
        waits.up(&stack(), &UpOptions::default(), &Brakes::default(), &mut |_| ()).await
    });
    tokio::time::sleep(s(5)).await;
    drop(held);
    waiting.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_signal_ends_the_waiting() {
    let dir = tempfile::tempdir().unwrap();
    let engine = EngineId("sim".to_owned());
    let _held = Lock::take(dir.path(), &engine, "demo", "other", s(0), &mut |_| ()).await.unwrap();
    let brakes = Brakes::default();
    brakes.pull();
    let runtime = runtime();
    let session = session(&runtime, dir.path(), 60);
    let late = session.up(&stack(), &UpOptions::default(), &brakes, &mut |_| ()).await;
    assert!(matches!(late, Err(EngineError::Interrupted { .. })));
}

#[test]
fn where_locks_lie() {
    let dir = tempfile::tempdir().unwrap();
    let own = rustix::process::getuid().as_raw();
    assert_eq!(runtime_dir(Some(dir.path()), own, Path::new("/tmp")), dir.path());
    // What `sudo -E` leaves of another user's environment.
    let other = runtime_dir(Some(dir.path()), 4711, Path::new("/tmp"));
    assert_eq!(other, Path::new("/tmp/perry-4711"));
    let none = runtime_dir(Some(Path::new("/does/not/exist")), 4711, Path::new("/tmp"));
    assert_eq!(none, Path::new("/tmp/perry-4711"));
}

#[tokio::test(start_paused = true)]
async fn a_link_in_the_place_of_the_file_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let engine = EngineId("sim".to_owned());
    let held = Lock::take(dir.path(), &engine, "demo", "x", s(0), &mut |_| ()).await.unwrap();
    let path = held.path().to_owned();
    drop(held);
    std::fs::remove_file(&path).unwrap();
    symlink(dir.path().join("elsewhere"), &path).unwrap();
    let refused = Lock::take(dir.path(), &engine, "demo", "x", s(0), &mut |_| ()).await;
    assert!(matches!(refused, Err(EngineError::Lock { .. })), "{refused:?}");
}

async fn refusal(dir: &Path) -> String {
    let engine = EngineId("sim".to_owned());
    let refused = Lock::take(dir, &engine, "demo", "x", s(0), &mut |_| ()).await.unwrap_err();
    assert!(refused.hint().unwrap().contains("XDG_RUNTIME_DIR"), "{refused}");
    refused.to_string().replace(&dir.display().to_string(), "DIR")
}

/// Whoever can remove or replace the file could let two processes work at once.
#[tokio::test(start_paused = true)]
async fn a_directory_that_others_can_write_to_is_refused() {
    let outer = tempfile::tempdir().unwrap();
    let dir = outer.path().join("locks");
    std::fs::create_dir(&dir).unwrap();
    std::fs::set_permissions(&dir, std::fs::Permissions::from_mode(0o777)).unwrap();
    let text = refusal(&dir).await;
    assert!(
        text.starts_with("could not lock the project with DIR/perry-compose-sim-demo-"),
        "{text}"
    );
    assert!(text.ends_with(".lock: DIR can be written to by other users"), "{text}");
    std::fs::set_permissions(&dir, std::fs::Permissions::from_mode(0o700)).unwrap();
    let link = outer.path().join("link");
    symlink(&dir, &link).unwrap();
    let engine = EngineId("sim".to_owned());
    let held = Lock::take(&link, &engine, "demo", "x", s(0), &mut |_| ()).await;
    assert!(held.is_ok(), "a link of one's own is no danger: {held:?}");
    drop(held);
    if !rustix::process::geteuid().is_root() {
        return; // only root can give files away
    }
    lchown(&link, Some(65534), None).unwrap();
    let text = refusal(&link).await;
    assert!(text.ends_with(".lock: DIR belongs to another user"), "{text}");
    chown(&dir, Some(65534), None).unwrap();
    let text = refusal(&dir).await;
    assert!(text.ends_with(".lock: DIR belongs to another user"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_pipe_in_the_place_of_the_file_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let engine = EngineId("sim".to_owned());
    let held = Lock::take(dir.path(), &engine, "demo", "x", s(0), &mut |_| ()).await.unwrap();
    let path = held.path().to_owned();
    drop(held);
    std::fs::remove_file(&path).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, &path, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR)
        .unwrap();
    let text = refusal(dir.path()).await;
    assert!(text.ends_with("DIR holds something else under the lock's name"), "{text}");
}

/// What the file says counts only while somebody holds the lock, and only of a process that is there.
#[tokio::test(start_paused = true)]
async fn what_a_killed_process_wrote_is_not_believed() {
    let dir = tempfile::tempdir().unwrap();
    let engine = EngineId("sim".to_owned());
    let take = || async {
        Lock::take(dir.path(), &engine, "demo", "perry-compose up", s(0), &mut |_| ()).await
    };
    let held = take().await.unwrap();
    let path = held.path().to_owned();
    drop(held);
    // No process has this number: the kernel's limit is 4194304.
    let stale =
        r#"{"pid":4194305,"command":"perry-compose down","started":"2026-01-01T00:00:00Z"}"#;
    std::fs::write(&path, stale).unwrap();
    let held = take().await.unwrap();
    let told = take().await.unwrap_err().to_string();
    let pid = std::process::id();
    assert!(told.contains(&format!("by perry-compose up (process {pid}, since 20")), "{told}");
    for stale in [stale, "", "no JSON", "{\"pid\":0,\"command\":\"\",\"started\":\"\"}"] {
        std::fs::write(&path, stale).unwrap();
        let told = take().await.unwrap_err().to_string();
        assert_eq!(told, "project \"demo\" is being changed by another process; waited 0 s for it");
    }
    drop(held);
    take().await.unwrap();
}

/// The file of a process that is gone and had begun this.
fn killed(dir: &Path, doing: &serde_json::Value) {
    let file = std::fs::read_dir(dir).unwrap().next().unwrap().unwrap().path();
    let holder =
        json!({"pid": 4194305, "command": "perry-compose down", "started": "then", "doing": doing});
    std::fs::write(file, holder.to_string() + "\n").unwrap();
}

fn stop_of_db(seconds: i64) -> serde_json::Value {
    let until = jiff::Timestamp::now().as_millisecond() + seconds * 1000;
    json!([{"text": "stop demo-db-1", "kind": "Container", "name": "demo-db-1", "toward": "stopped", "until": until}])
}

/// Found by killing: docker stops a container although the client that asked for it is gone. A look meanwhile sees it
/// running, and an `up` that believes that leaves a container that ends a moment later.
#[tokio::test(start_paused = true)]
async fn what_the_engine_still_does_for_a_killed_command_is_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    let (runtime, brakes, options) = (runtime(), Brakes::default(), UpOptions::default());
    let session = session(&runtime, dir.path(), 2);
    session.up(&stack(), &options, &brakes, &mut |_| ()).await.unwrap();
    for (late, at_least, at_most) in [(Some(3), 3.0, 6.0), (None, 7.0, 10.0)] {
        killed(dir.path(), &stop_of_db(8));
        let engine = std::sync::Arc::clone(&runtime);
        tokio::spawn(async move {
            if let Some(seconds) = late {
                tokio::time::sleep(s(seconds)).await;
                let id = engine.inner().peek("demo-db-1").unwrap().id;
                engine.inner().stop(&id, None).await.unwrap();
            }
        });
        let (mut told, begin) = (Vec::new(), tokio::time::Instant::now());
        let mut tell = |progress| told.push(progress);
        session.up(&stack(), &options, &brakes, &mut tell).await.unwrap();
        let took = begin.elapsed().as_secs_f64();
        assert!((at_least..at_most).contains(&took), "{late:?}: {took}");
        let note = "perry-compose down (process 4194305, since then) was ended during: stop demo-db-1; waiting for it";
        assert_eq!(told[0], Progress::Note { text: note.to_owned() });
        assert_eq!(runtime.inner().peek("demo-db-1").unwrap().state, State::Running);
        let begin = tokio::time::Instant::now();
        session.up(&stack(), &options, &brakes, &mut |_| ()).await.unwrap();
        assert!(begin.elapsed() < s(1), "once is enough");
    }
    // What was under way long ago is over.
    killed(dir.path(), &stop_of_db(-1));
    let begin = tokio::time::Instant::now();
    session
        .up(&stack(), &options, &brakes, &mut |progress| {
            assert!(!matches!(progress, Progress::Note { .. }), "{progress:?}");
        })
        .await
        .unwrap();
    assert!(begin.elapsed() < s(1));
}

/// Two signals give calls up whose effect may still come: the next command knows.
#[tokio::test(start_paused = true)]
async fn what_was_given_up_is_written_down() {
    let dir = tempfile::tempdir().unwrap();
    let (runtime, brakes) = (runtime(), Brakes::default());
    runtime.delay("create demo-web-1", s(20));
    let killing = brakes.clone();
    tokio::spawn(async move {
        tokio::time::sleep(s(10)).await;
        (0..2).for_each(|_| killing.pull());
    });
    let session = session(&runtime, dir.path(), 2);
    let ended = session.up(&stack(), &UpOptions::default(), &brakes, &mut |_| ()).await;
    assert!(matches!(ended, Err(EngineError::Interrupted { .. })));
    let engine = runtime.engine_id().clone();
    let lock = Lock::take(dir.path(), &engine, "demo", "x", s(0), &mut |_| ()).await.unwrap();
    let doing: Vec<&str> =
        lock.before().unwrap().doing.iter().map(|begun| begun.text.as_str()).collect();
    assert_eq!(doing, ["create demo-web-1"]);
}
