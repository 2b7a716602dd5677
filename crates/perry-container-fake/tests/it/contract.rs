//! Our backend on apple's tool, as far as it can be known without it.

use crate::common::bench;
use perry_container_apple::AppleContainerProtocol;
use perry_container_backend::{ContainerBackend as _, ContainerBackendExt as _};
use perry_container_fake::Bench;
use perry_container_process::{CliBackend, Environment, Limits, Program, SystemHost};
use perry_container_spec::{ContainerSpec, EngineId, ErrorKind, LogOptions, Parts, Selector};
use perry_container_support::{Capabilities, Feature, Level};
use perry_container_testkit::{
    contract::{Ground, TRANSCRIPT, run},
    long,
};
use snapbox::{assert_data_eq, str};
use std::{sync::Arc, time::Duration};

pub(crate) fn backend(bench: &Bench, more: &[(&str, &str)]) -> CliBackend<AppleContainerProtocol> {
    let mut env: Vec<(String, String)> = bench.env().into();
    env.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let host = Arc::new(SystemHost::new(env.into_iter().collect::<Environment>()));
    let program = Program::new(bench.bin().join("container"));
    CliBackend::new(
        AppleContainerProtocol::new(),
        host,
        program,
        EngineId("apple".to_owned()),
        Capabilities::apple("1.2.2"),
    )
}

/// Which feature a step of the contract needs: the first whose case and beginning fit.
const NEEDS: &[(&str, &str, Feature)] = &[
    ("A container", "pause", Feature::Pause),
    ("A container", "exec in what is paused", Feature::Pause),
    ("A container", "wait", Feature::ExitStatus),
    ("A container", "is", Feature::ExitStatus),
    ("A container", "", Feature::Rename),
    ("Its output", "each with its time", Feature::LogTimes),
    ("Its output", "since", Feature::LogTimes),
    ("Its output", "attach", Feature::Attach),
    ("Its output", "wait", Feature::ExitStatus),
    ("Its output", "is", Feature::ExitStatus),
    ("Its output", "", Feature::LogStreams),
    ("Commands", "its directory and its name", Feature::Hostname),
    ("Commands", "its processes", Feature::Top),
    ("What is there", "", Feature::ExitStatus),
    ("Containers meet", "connect", Feature::ConnectNetwork),
    ("Containers meet", "now it does", Feature::ConnectNetwork),
    ("Containers meet", "disconnect", Feature::ConnectNetwork),
    ("Containers meet", "is left in", Feature::ConnectNetwork),
    ("Containers meet", "", Feature::NetworkAlias),
    ("Ports", "", Feature::RandomPorts),
    ("Volumes", "", Feature::ExitStatus),
    ("Files", "", Feature::CopyFiles),
    ("Health", "", Feature::Health),
    ("Images", "", Feature::Commit),
    ("What happens", "", Feature::Events),
];

/// Cases with their steps.
fn steps(transcript: &str) -> Vec<(&str, &str)> {
    let mut case = "";
    let mut all = Vec::new();
    for line in transcript.lines().filter(|line| !line.is_empty()) {
        match line.strip_prefix("  ") {
            None => case = line,
            // how it was set up and cleared is no step; a step that depends on it says so
            Some(step) if step.starts_with("setting up") || step.starts_with("clearing") => {}
            Some(step) => all.push((case, step)),
        }
    }
    all
}

/// What is skipped is what the table says: every step that says something else needs a feature that is not native.
#[tokio::test]
async fn the_contract_but_for_what_the_table_says() {
    let bench = bench();
    let backend = backend(&bench, &[]);
    let said = run(&backend, &Ground::new("apple-contract", "lab/base:1")).await;
    let (said, kept) = (steps(&said), steps(TRANSCRIPT));
    assert_eq!(said.len(), kept.len());
    let mut text = String::new();
    for ((case, said), (_, kept)) in said.into_iter().zip(kept).filter(|(a, b)| a != b) {
        let fits =
            |(of, step, _): &&(&str, &str, Feature)| case.starts_with(of) && kept.starts_with(step);
        let (_, _, feature) = NEEDS.iter().find(fits).unwrap_or_else(|| panic!("{case}: {said}"));
        let level = backend.capabilities().level(*feature);
        assert_ne!(level, Level::Native, "{case}: {said}");
        text.extend([&format!("{feature} ({level}): {said}\n")[..]]);
    }
    assert_data_eq!(
        text.clone(),
        str![[r#"
pause (unsupported): pause: error: not supported
exit_status (unsupported): is: running
pause (unsupported): exec in what is paused: ||0
exit_status (unsupported): is: exited
exit_status (unsupported): wait for what has ended: error: not supported
exit_status (unsupported): wait: error: not supported
exit_status (unsupported): is: exited
rename (unsupported): rename: error: not supported
rename (unsupported): inspect the old name: <p>-a
rename (unsupported): inspect the new name: error: not found
rename (unsupported): start: error: not found
rename (unsupported): create under a name that is taken: made
rename (unsupported): remove what runs: done
rename (unsupported): remove <p>-b by force: error: not found
log_streams (unsupported): follow to the end: one⏎two⏎three⏎|
exit_status (unsupported): wait: error: not supported
exit_status (unsupported): is: exited
log_streams (unsupported): logs: one⏎two⏎three⏎|
log_times (unsupported): each with its time: false ["one", "three", "two"]
log_times (unsupported): since a later time: error: not supported
attach (unsupported): attach while it waits for input: error: not supported
hostname (unsupported): its directory and its name: /tmp⏎<p>-exec⏎||0
top (unsupported): its processes are listed: false
exit_status (unsupported): all of the ground: ["<p>-a exited", "<p>-one running", "<p>-three created", "<p>-two exited"] ["<p>-seen"] ["<p>-seen"]
exit_status (unsupported): with a value that is hard to write: ["<p>-one running", "<p>-two exited"] [] []
exit_status (unsupported): with a key, whatever its value: ["<p>-one running", "<p>-two exited"] [] []
exit_status (unsupported): the list and the single look agree: [true, true, true, true]
network_alias (unsupported): both at creation: ["<p>-net1 alias false address true", "<p>-net2 alias false address true"]
network_alias (unsupported): one finds the other by its alias: lost
network_alias (unsupported): by its name: lost
connect_network (unsupported): connect: error: not supported
connect_network (unsupported): now it does: lost
connect_network (unsupported): disconnect: error: not supported
random_ports (unsupported): any free port: []
random_ports (unsupported): is in the list: false
random_ports (unsupported): the same one again: error: not supported
exit_status (unsupported): write: error: not supported
exit_status (unsupported): write where it is read only: error: not supported
exit_status (unsupported): read: kept⏎sh: can't create /data/file: Read-only file system⏎
copy_files (partial): are there before it starts: error: not found
copy_files (partial): and can be read: error: not found
copy_files (partial): copy in: error: not found
copy_files (partial): it is there: error: not found
copy_files (partial): copy out: error: not found
healthcheck_native (emulated): at first: running
healthcheck_native (emulated): the list tells its health: false
commit (unsupported): commit: error: not supported
commit (unsupported): run what was made: error: not found
commit (unsupported): remove: error: image missing
events (unsupported): a short life: error: not supported

"#]]
    );
    // what is skipped is missing, and not only allowed to be
    for (_, _, feature) in NEEDS {
        assert!(text.contains(&format!("{feature} (")), "{feature} is not seen to be missing");
    }
}

/// Children of this process, those that have ended and were not waited for too.
fn children() -> usize {
    let me = std::process::id().to_string();
    let mine = |entry: std::io::Result<std::fs::DirEntry>| {
        let stat = std::fs::read_to_string(entry.ok()?.path().join("stat")).ok()?;
        // Behind the name, which may hold anything: the state, then the parent.
        (stat.rsplit_once(')')?.1.split_whitespace().nth(1)? == me).then_some(())
    };
    std::fs::read_dir("/proc").unwrap().filter_map(mine).count()
}

/// Neither a child nor a descriptor is left by many operations, be they answered or not.
#[tokio::test]
async fn many_operations_leave_nothing_behind() {
    const ALONE: &str = "PERRY_TEST_ALONE";
    const NAME: &str = "contract::many_operations_leave_nothing_behind";
    if std::env::var_os(ALONE).is_none() {
        // Other tests of this process have children and descriptors of their own.
        let mut alone = std::process::Command::new(std::env::current_exe().unwrap());
        let ran = alone.args(["--exact", NAME]).env(ALONE, "1").output().unwrap();
        let said = String::from_utf8_lossy(&ran.stdout);
        assert!(ran.status.success() && said.contains("1 passed"), "{said}");
        return;
    }
    let count = || (std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count), children());
    let mut one = std::process::Command::new("true").spawn().unwrap();
    assert_eq!(children(), 1, "a child is seen");
    one.wait().unwrap();
    let bench = bench();
    let (good, bad) = (backend(&bench, &[]), backend(&bench, &[("FAKE_SERVICE", "down")]));
    let hangs = backend(&bench, &[("FAKE_HANG", "list")]);
    let limits = Limits { call: Some(Duration::from_millis(50)), ..Limits::default() };
    let hangs = hangs.with_limits(limits);
    let all = if long() { 1000 } else { 100 };
    let mut before = (0, 0);
    for n in 0..all {
        if n == 8 {
            // what is made once and kept is there by now
            tokio::time::sleep(Duration::from_millis(300)).await;
            before = count();
        }
        match n % 4 {
            0 => drop(good.observe(&Selector::default(), Parts::ALL).await.unwrap()),
            1 => drop(bad.check_available().await.unwrap_err()),
            2 => drop(
                good.open_logs("none", &LogOptions { follow: true, ..LogOptions::default() }).await,
            ),
            _ => assert_eq!(hangs.inspect("a").await.unwrap_err().kind, ErrorKind::Cut),
        }
    }
    for _ in 0..50 {
        if count() == before {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(count(), before);
}

/// What goes wrong is of a kind, with the tool's words and what could help.
#[tokio::test]
async fn faults_are_told_apart() {
    let bench = bench();
    backend(&bench, &[]).create(&spec("one")).await.unwrap();
    let mut text = String::new();
    for switch in [
        ("FAKE_SERVICE", "down"),
        ("FAKE_GARBAGE", "list"),
        ("FAKE_BIG", "list"),
        ("FAKE_KILL", "list"),
        ("FAKE_HANG", "list"),
        ("FAKE_NOISE", "1"),
    ] {
        let limits = Limits {
            call: Some(Duration::from_secs(if switch.0 == "FAKE_HANG" { 1 } else { 60 })),
            ..Limits::default()
        };
        let said = backend(&bench, &[switch]).with_limits(limits).inspect("one").await;
        let said = match said {
            Ok(info) => format!("{} {}", info.name, info.state),
            Err(error) => format!("{} ({}): {error}; {:?}", error.kind, error.code(), error.hint),
        };
        text.extend([switch.0, ": ", &said, "\n"]);
    }
    assert_data_eq!(
        text,
        str![[r#"
FAKE_SERVICE: engine down (503): could not inspect `one`: internalError: "XPC connection error: Connection invalid" Ensure container system service has been started with `container system start`.; Some("start the engine; `container system status` shows whether it answers")
FAKE_GARBAGE: answer not understood (500): could not inspect `one`: could not understand the tool's answer: EOF while parsing a value at line 1 column 532; None
FAKE_BIG: answer not understood (500): could not inspect `one`: could not understand the tool's answer: expected ident at line 1 column 2; None
FAKE_KILL: failed (137): could not inspect `one`: container failed and said nothing about it; None
FAKE_HANG: no answer (500): could not inspect `one`: `container` gave no answer within 1 s; Some("PERRY_CONTAINER_OP_TIMEOUT_SECS gives calls more time")
FAKE_NOISE: one created

"#]]
    );
}

fn spec(name: &str) -> ContainerSpec {
    let mut spec = ContainerSpec::new("waits".to_owned());
    spec.name = Some(name.to_owned());
    spec
}
