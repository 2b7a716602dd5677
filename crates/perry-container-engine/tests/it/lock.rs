//! One writer per project.

use crate::world::{Runtime, runtime, s, stack};
use perry_container_engine::{EngineError, Lock, Progress, Session, SessionOptions, runtime_dir};
use perry_container_executor::Brakes;
use perry_container_reconcile::UpOptions;
use perry_container_spec::EngineId;
use std::path::Path;

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
    assert_eq!(runtime_dir(Some(dir.path()), 4711, Path::new("/tmp")), dir.path());
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
    std::os::unix::fs::symlink(dir.path().join("elsewhere"), &path).unwrap();
    let refused = Lock::take(dir.path(), &engine, "demo", "x", s(0), &mut |_| ()).await;
    assert!(matches!(refused, Err(EngineError::Lock { .. })), "{refused:?}");
}
