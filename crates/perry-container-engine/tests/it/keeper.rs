//! Who keeps a project after the command, and who does not.

use crate::world::{Runtime, over, project, stack, up};
use perry_container_engine::{
    Keeper, KeeperStart, Keeping, LaunchKeeper, Post, Session, SessionOptions, Standing,
};
use perry_container_support::{Capabilities, Feature, Level};
use perry_container_testkit::Sim;
use rustix::fs::{FlockOperation, flock};
use serde_json::json;
use snapbox::{assert_data_eq, str};
use std::{
    fs::{self, File},
    io,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

/// Starts keepers that are this process.
#[derive(Debug, Default)]
struct Here(Mutex<Vec<Post>>);

impl LaunchKeeper for Here {
    fn launch(&self, start: KeeperStart<'_>) -> io::Result<u32> {
        assert_eq!(start.project, "demo");
        let mut post = Post::adopt(start.post)?;
        post.sign("a test")?;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(post);
        Ok(std::process::id())
    }
}

/// It runs no health checks, and starts nothing again.
fn bare() -> Runtime {
    let table = Capabilities::all("sim")
        .with(Feature::Health, Level::Emulated, "sim runs no health checks")
        .with(Feature::Restart, Level::Emulated, "sim restarts nothing");
    over(Sim::new().with_any_image().with_capabilities(table))
}

fn session(runtime: &Runtime, dir: Option<&Path>, keeper: Keeper) -> Session {
    let lock_dir = dir.map(Path::to_path_buf);
    let options = SessionOptions { lock_dir, keeper, ..SessionOptions::default() };
    Session::new(Arc::<perry_container_testkit::Tap<_>>::clone(runtime), options)
}

#[tokio::test(start_paused = true)]
async fn one_is_begun_kept_and_mourned_once() {
    let (dir, runtime, here) = (tempfile::tempdir().unwrap(), bare(), Arc::new(Here::default()));
    up(&runtime, &stack()).await.unwrap();
    let launcher: Arc<dyn LaunchKeeper> = Arc::<Here>::clone(&here);
    let session = session(&runtime, Some(dir.path()), Keeper::By(launcher));
    assert_eq!(session.keeper("demo"), Standing::None);
    let pid = std::process::id();
    assert_eq!(session.keep("demo", None).await.unwrap(), Keeping::Begun { pid });
    let Standing::Alive(info) = session.keeper("demo") else { panic!() };
    assert_eq!((info.pid, info.command.as_str()), (pid, "a test"));
    assert_eq!(session.keep("demo", None).await.unwrap(), Keeping::Kept(info.clone()));
    assert_eq!(session.mourn_keeper("demo"), None, "it lives");

    // Its process ends without a word: the kernel closes the file.
    here.0.lock().unwrap().clear();
    assert_eq!(session.keeper("demo"), Standing::Dead(info.clone()));
    let text = session.mourn_keeper("demo").unwrap();
    assert_eq!(text, format!("the keeper of demo ({info}) has died"));
    assert_eq!((session.mourn_keeper("demo"), session.keeper("demo")), (None, Standing::None));

    assert_eq!(session.keep("demo", None).await.unwrap(), Keeping::Begun { pid });
    here.0.lock().unwrap().pop().unwrap().leave();
    assert_eq!(session.keeper("demo"), Standing::None, "it ended by itself");
}

#[tokio::test(start_paused = true)]
async fn who_keeps_nothing_says_what_nobody_does() {
    let dir = tempfile::tempdir().unwrap();
    let runtime = bare();
    let desired = project(json!({
        "db": {"image": "db:1", "restart": "always", "healthcheck": {"test": ["CMD", "true"]}},
        "web": {"image": "web:1", "restart": "no"},
    }));
    up(&runtime, &desired).await.unwrap();
    let here = || Keeper::By(Arc::new(Here::default()));
    let ways =
        [(Some(dir.path()), Keeper::None), (Some(dir.path()), Keeper::Refused), (None, here())];
    let mut text = String::new();
    for (dir, keeper) in ways {
        let keeping = session(&runtime, dir, keeper).keep("demo", None).await.unwrap();
        let Keeping::Nobody { note } = keeping else { panic!("{keeping:?}") };
        text.push_str(&note);
        text.push('\n');
    }
    assert_data_eq!(
        text,
        str![[r#"
sim runs no health checks; those of db run only while perry-compose waits or is attached; sim restarts nothing; nobody restarts db
sim runs no health checks; those of db run only while perry-compose waits or is attached; sim restarts nothing; nobody restarts db (no keeper was wanted)
sim runs no health checks; those of db run only while perry-compose waits or is attached; sim restarts nothing; nobody restarts db (there is no directory for a keeper's files)

"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn what_needs_nobody_has_no_keeper() {
    let dir = tempfile::tempdir().unwrap();
    let here = || Keeper::By(Arc::new(Here::default()));
    let docker = over(Sim::new().with_any_image());
    up(&docker, &stack()).await.unwrap();
    docker.clear();
    let session_of = |runtime| session(runtime, Some(dir.path()), here());
    assert_eq!(session_of(&docker).keep("demo", None).await.unwrap(), Keeping::NotNeeded);
    assert_eq!(docker.count(""), 0, "it is known without asking");
    let plain = bare();
    up(&plain, &project(json!({"web": {"image": "web:1"}}))).await.unwrap();
    assert_eq!(session_of(&plain).keep("demo", None).await.unwrap(), Keeping::NotNeeded);
    let empty = session_of(&bare()).keep("demo", None).await.unwrap();
    assert_eq!(empty, Keeping::NotNeeded);
}

/// The number of a keeper's process may be another's by now: nobody who did not sign is ended.
#[tokio::test(start_paused = true)]
async fn a_process_that_did_not_sign_is_left_alone() {
    let (dir, runtime, here) = (tempfile::tempdir().unwrap(), bare(), Arc::new(Here::default()));
    up(&runtime, &stack()).await.unwrap();
    let launcher: Arc<dyn LaunchKeeper> = Arc::<Here>::clone(&here);
    let session = session(&runtime, Some(dir.path()), Keeper::By(launcher));
    session.keep("demo", None).await.unwrap();
    here.0.lock().unwrap().pop().unwrap().leave();
    let mut files = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path());
    let post = files.find(|path| path.extension().is_some_and(|it| it == "keeper")).unwrap();
    let info = json!({
        "pid": std::process::id(), "born": 1, "command": "x", "since": "y", "version": "0"
    });
    fs::write(&post, info.to_string()).unwrap();
    let held = File::open(&post).unwrap();
    flock(&held, FlockOperation::NonBlockingLockShared).unwrap();
    // A shared lock of somebody who looks does not make a keeper.
    assert!(matches!(session.keeper("demo"), Standing::Dead(_)));
    drop(held);
    let held = File::options().write(true).open(&post).unwrap();
    flock(&held, FlockOperation::NonBlockingLockExclusive).unwrap();
    let error = session.dismiss_keeper("demo").await.unwrap_err().to_string();
    assert!(error.contains("does not end"), "{error}");
}
