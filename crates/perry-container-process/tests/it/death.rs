//! Children end with whoever they work for.

use crate::{eventually, host, is_child, limits, lives, printed, script, sh, start};
use perry_container_process::{Environment, HostError, Limits, SystemHost, run};
use perry_container_protocol::{Deadline, Invocation};
use std::time::Duration;

fn pid(text: &str) -> u32 {
    text.trim().parse().unwrap()
}

/// Two numbers: the child's and its own child's.
fn pids(text: &str) -> (u32, u32) {
    let (one, two) = text.trim().split_once(' ').unwrap();
    (pid(one), pid(two))
}

/// A script that writes its number and that of its own child to a file, then does not end.
fn family(file: &std::path::Path) -> Invocation {
    script(&format!("sleep 60 & echo $$ $! > {0}.new; mv {0}.new {0}; wait", file.display()))
        .within(Deadline::None)
}

async fn read(file: &std::path::Path) -> (u32, u32) {
    eventually("it has started", || file.exists()).await;
    pids(&std::fs::read_to_string(file).unwrap())
}

#[tokio::test]
async fn a_dropped_future_ends_the_whole_group() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("pids");
    let call = family(&file);
    let work = tokio::spawn(async move { run(&host(), &sh(), &call, &limits()).await });
    let (child, grandchild) = read(&file).await;
    assert!(lives(child) && lives(grandchild));
    work.abort();
    eventually("both are gone", || !lives(child) && !lives(grandchild)).await;
    eventually("no zombie is left", || !is_child(child)).await;
}

#[tokio::test]
async fn a_dropped_flow_ends_the_whole_group() {
    let mut running = start("sleep 60 & echo $$ $!; wait").await;
    let (child, grandchild) = pids(&printed(&mut running).await);
    drop(running);
    eventually("both are gone", || !lives(child) && !lives(grandchild)).await;
    eventually("no zombie is left", || !is_child(child)).await;
}

#[tokio::test]
async fn a_child_may_clean_up_first() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("cleaned");
    let text = format!(
        "trap 'touch {}; exit' TERM; echo $$; while :; do sleep 0.05; done",
        file.display()
    );
    let mut running = start(&text).await;
    let child = pid(&printed(&mut running).await);
    drop(running);
    eventually("it is gone", || !is_child(child)).await;
    assert!(file.exists());
}

#[tokio::test]
async fn who_ignores_the_request_is_killed() {
    let mut running =
        start("trap '' TERM; sleep 61 & echo $$ $!; wait; while :; do sleep 1; done").await;
    let (child, grandchild) = pids(&printed(&mut running).await);
    drop(running);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(lives(child), "it has its grace");
    eventually("both are gone", || !lives(child) && !lives(grandchild)).await;
    eventually("no zombie is left", || !is_child(child)).await;
}

#[tokio::test]
async fn a_call_out_of_time_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("pids");
    let call = family(&file).within(Deadline::Call);
    let limits = Limits::default().within(Duration::from_millis(700));
    let error = run(&host(), &sh(), &call, &limits).await.unwrap_err();
    assert!(matches!(error, HostError::TimedOut { .. }), "{error}");
    let (child, grandchild) = read(&file).await;
    eventually("both are gone", || !lives(child) && !lives(grandchild)).await;
    eventually("no zombie is left", || !is_child(child)).await;
}

#[test]
fn the_end_of_the_runtime_is_the_end_of_its_children() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let inner = runtime();
    let (child, grandchild) = inner.block_on(async {
        let mut running = start("trap '' TERM; sleep 60 & echo $$ $!; wait; sleep 60").await;
        let both = pids(&printed(&mut running).await);
        drop(running); // and no time to wait for its end
        both
    });
    drop(inner);
    runtime().block_on(async {
        eventually("both are gone", || !lives(child) && !lives(grandchild)).await;
        eventually("no zombie is left", || !is_child(child)).await;
    });
}

#[test]
fn the_end_of_a_thread_is_not_the_end_of_its_children() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let handle = runtime.handle().clone();
    let other = std::thread::spawn(move || handle.block_on(start("sleep 0.5; echo done")));
    let mut running = other.join().unwrap();
    assert_eq!(runtime.block_on(printed(&mut running)), "done\n");
}

/// Not a test of its own: the process that `a_killed_process_takes_its_children_along` kills.
#[tokio::test]
async fn helper_that_waits_for_a_child() {
    let env = Environment::current();
    let Some(file) = env.get("PERRY_TEST_CHILD_FILE") else { return };
    let call = Invocation::new([
        "-c",
        &format!("echo $$ 0 > {file}.new; mv {file}.new {file}; exec sleep 60"),
    ]);
    drop(run(&SystemHost::new(env.clone()), &sh(), &call, &Limits::default()).await);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_killed_process_takes_its_children_along() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("pids");
    let program = perry_container_process::Program::new(std::env::current_exe().unwrap())
        .set("PERRY_TEST_CHILD_FILE", file.display().to_string());
    let call = Invocation::new(["--exact", "death::helper_that_waits_for_a_child", "--nocapture"]);
    let work = tokio::spawn(async move { run(&host(), &program, &call, &limits()).await });
    let (grandchild, _) = read(&file).await;
    let (_, parent) = crate::status(grandchild).unwrap();
    assert!(is_child(parent) && lives(grandchild));
    // Its child leads another session: no signal of ours can reach it.
    let parent = rustix::process::Pid::from_raw(i32::try_from(parent).unwrap()).unwrap();
    rustix::process::kill_process(parent, rustix::process::Signal::KILL).unwrap();
    assert_eq!(work.await.unwrap().unwrap().code, 128 + 9);
    eventually("the grandchild is gone", || !lives(grandchild)).await;
}
