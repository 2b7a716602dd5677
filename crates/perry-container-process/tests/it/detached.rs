//! What goes on when its starter ends.

use perry_container_process::{Detached, Environment, start_detached};
use rustix::{
    fs::{FlockOperation, flock},
    process::{Pid, Signal, kill_process, test_kill_process},
};
use snapbox::{assert_data_eq, str};
use std::{fs::File, path::Path, time::Duration};

fn start(dir: &Path, script: &str) -> i32 {
    let input = File::create_new(dir.join("post")).unwrap();
    flock(&input, FlockOperation::NonBlockingLockExclusive).unwrap();
    let output = File::create_new(dir.join("log")).unwrap();
    let (program, args) = ("/bin/sh".into(), ["-c", script].map(Into::into).to_vec());
    let env = [("WORD", "hello")].into_iter().collect::<Environment>();
    let pid = start_detached(Detached { program, args, env, input, output }).unwrap();
    pid.try_into().unwrap()
}

fn until(mut holds: impl FnMut() -> bool) {
    for _ in 0..500 {
        if holds() {
            return;
        }
        std::thread::park_timeout(Duration::from_millis(10));
    }
    panic!("not so within five seconds");
}

/// A session, a directory, three descriptors and an environment of its own.
#[test]
fn it_has_nothing_of_its_starter() {
    let dir = tempfile::tempdir().unwrap();
    let leaks = File::create_new(dir.path().join("leaks")).unwrap();
    rustix::io::fcntl_setfd(&leaks, rustix::io::FdFlags::empty()).unwrap();
    let script = "set -- $(cat /proc/$$/stat); [ $6 = $$ ] && echo leads; pwd; echo $WORD $HOME; ls /proc/$$/fd; true";
    let pid = start(dir.path(), script);
    let pid = Pid::from_raw(pid).unwrap();
    until(|| test_kill_process(pid).is_err()); // it is reaped, too
    assert_data_eq!(
        std::fs::read_to_string(dir.path().join("log")).unwrap(),
        str![[r#"
leads
/
hello
0
1
2

"#]]
    );
}

/// The lock goes along, and is free when it ends, however it ends.
#[test]
fn it_holds_the_lock_of_its_input_as_long_as_it_lives() {
    let dir = tempfile::tempdir().unwrap();
    let pid = start(dir.path(), "sleep 30; exit");
    let free = || {
        let other = File::open(dir.path().join("post")).unwrap();
        flock(&other, FlockOperation::NonBlockingLockShared).is_ok()
    };
    assert!(!free());
    rustix::process::kill_process_group(Pid::from_raw(pid).unwrap(), Signal::KILL).unwrap();
    until(free);
    let _gone = kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL);
}
