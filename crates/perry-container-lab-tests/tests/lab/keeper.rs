//! What stays after `up -d` where the engine runs no health checks: a keeper, and only there.

use std::fs;
use std::time::{Duration, Instant};

use perry_container_lab_tests::{Engine, Project, docker_lanes, podman_lanes};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

const STACK: &str = "
services:
  db:
    image: @base@
    command: [sleep, '1000']
    restart: always
    stop_grace_period: 1s
    environment: {DB_PASSWORD: hunter2}
    healthcheck: {test: [CMD, test, -e, /etc/hostname], interval: 4s, retries: 2}
  plain:
    image: @base@
    command: [sleep, '1000']
    stop_grace_period: 1s
";

/// The keeper that `ps` names, and the file of its log.
fn keeper(project: &Project) -> Option<(i32, String)> {
    let said = project.compose(&["ps"]).checked().stderr;
    let line = said.lines().find(|line| line.starts_with("kept by perry-compose keeper"))?;
    let pid = line.split("(process ").nth(1)?.split(',').next()?.parse().ok()?;
    Some((pid, line.split("which writes to ").nth(1)?.to_owned()))
}

/// Whether it is there and no zombie.
fn lives(pid: i32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with('Z'))
}

fn until(what: &str, limit: u64, mut holds: impl FnMut() -> bool) -> Duration {
    let (begun, limit) = (Instant::now(), Duration::from_secs(limit));
    while !holds() {
        assert!(begun.elapsed() < limit, "not so within {} s: {what}", limit.as_secs());
        std::thread::sleep(Duration::from_millis(100));
    }
    begun.elapsed()
}

/// As podman's own client shows it, so that everyone sees it.
fn health(project: &Project) -> String {
    let seen = project.inspect();
    let db =
        seen.iter().find(|seen| seen["Config"]["Labels"]["com.docker.compose.service"] == "db");
    db.and_then(|db| db["State"]["Health"]["Status"].as_str()).unwrap_or_default().to_owned()
}

fn number(project: &Project, path: &str) -> i32 {
    let seen = project.inspect();
    let db =
        seen.iter().find(|seen| seen["Config"]["Labels"]["com.docker.compose.service"] == "db");
    let value = db.and_then(|db| db["State"][path].as_i64()).unwrap_or_default();
    i32::try_from(value).unwrap()
}

fn healthy_within_the_interval_and_again_after_a_kill(project: &Project) {
    project.file("compose.yaml", STACK);
    drop(project.compose(&["up", "-d"]).checked());
    until("healthy within the interval", 4, || health(project) == "healthy");
    let (pid, log) = keeper(project).expect("a keeper");
    let rows = project.ps(&[]);
    let db = rows.iter().find(|row| row["Service"] == "db").unwrap();
    assert_eq!(db["Health"], "healthy", "{db}");

    // It holds no secret: neither in its arguments nor in its environment, nor does its log.
    for file in [format!("/proc/{pid}/cmdline"), format!("/proc/{pid}/environ"), log.clone()] {
        let bytes = fs::read(&file).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains("hunter2"), "{file}");
    }

    // podman's monitor starts it again, and says `starting` for as long as nobody runs the check.
    let first = number(project, "Pid");
    kill_process(Pid::from_raw(first).unwrap(), Signal::KILL).unwrap();
    let back = || ![0, first].contains(&number(project, "Pid")) && health(project) == "healthy";
    until("back and healthy", 20, back);
    assert!(lives(pid));

    // When its monitor is killed with it, podman calls it running for ever. Only the keeper tells.
    for path in ["ConmonPid", "Pid"] {
        let pid = number(project, path);
        kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL).unwrap();
        std::thread::sleep(Duration::from_millis(200));
    }
    let said = || fs::read_to_string(&log).unwrap();
    until("told", 30, || said().contains("its process is gone"));
    assert_eq!(number(project, "Pid").signum(), 1, "podman does not know");
    drop(project.compose(&["up", "-d", "--force-recreate", "db"]).checked());
    until("healthy again", 20, || health(project) == "healthy");

    drop(project.compose(&["down", "-t", "1"]).checked());
    assert!(!lives(pid), "`down` waits for the keeper's end");
    project.assert_gone();
    assert!(fs::read_to_string(&log).unwrap().trim_end().ends_with("told to end"));
}

fn a_keeper_that_was_killed_is_noticed_by_the_next_command(project: &Project) {
    project.file("compose.yaml", STACK);
    drop(project.compose(&["up", "-d"]).checked());
    let (pid, _) = keeper(project).expect("a keeper");
    // A second one is not needed.
    drop(project.compose(&["up", "-d"]).checked());
    assert_eq!(keeper(project).map(|(pid, _)| pid), Some(pid));

    kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL).unwrap();
    until("its end", 5, || !lives(pid));
    let said = project.compose(&["ps"]).checked().stderr;
    assert!(said.contains("the keeper of ") && said.contains(" has died"), "{said}");
    let (next, _) = keeper(project).expect("another keeper");
    assert_ne!(next, pid);

    kill_process(Pid::from_raw(next).unwrap(), Signal::KILL).unwrap();
    until("its end", 5, || !lives(next));
    let said = project.compose(&["up", "-d"]).checked().stderr;
    assert!(said.contains(" has died"), "{said}");
    let (last, _) = keeper(project).expect("another keeper");

    drop(project.compose(&["stop", "-t", "1"]).checked());
    assert!(!lives(last), "nothing runs any more");
    assert_eq!(keeper(project), None);
    drop(project.compose(&["start"]).checked());
    assert!(keeper(project).is_some());
    let said = project.compose(&["--no-keeper", "up", "-d"]).checked().stderr;
    assert!(said.contains("those of db run only while"), "{said}");
    assert_eq!(keeper(project), None, "it was refused");
}

/// A keeper of its own accord ends when somebody else removed everything.
fn a_keeper_does_not_outlive_its_containers(project: &Project) {
    project.file("compose.yaml", STACK);
    drop(project.compose(&["up", "-d"]).checked());
    let (pid, _) = keeper(project).expect("a keeper");
    let names: Vec<String> = project.containers().into_values().map(|live| live.name).collect();
    for name in names {
        drop(project.engine().call(&["rm", "-f", &name]).checked());
    }
    until("its end", 20, || !lives(pid));
}

fn supervise_does_the_same_in_the_foreground(project: &Project) {
    project.file("compose.yaml", STACK);
    drop(project.compose(&["--no-keeper", "up", "-d"]).checked());
    let mut command = project.command(&["supervise"]);
    command.stdout(std::process::Stdio::piped());
    let child = command.spawn().unwrap();
    until("healthy", 20, || health(project) == "healthy");
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let done = child.wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(130));
    let text = String::from_utf8(done.stdout).unwrap();
    assert!(text.contains("db-1: health check"), "{text}");
    assert!(text.trim_end().ends_with("db-1 is healthy"), "{text}");
}

/// docker runs its checks and restarts by itself.
fn docker_needs_no_keeper(project: &Project) {
    assert_eq!(project.engine(), Engine::Docker);
    project.file("compose.yaml", STACK);
    let up = project.compose(&["up", "-d"]).checked();
    assert!(!up.stderr.contains("Keeper"), "{}", up.stderr);
    assert_eq!(keeper(project), None);
    let done = project.compose(&["supervise"]).checked();
    assert!(done.stdout.ends_with("needs to be looked after\n"), "{}", done.stdout);
    let seen: Vec<Value> = project.inspect();
    assert_eq!(seen.len(), 2);
}

podman_lanes!(
    healthy_within_the_interval_and_again_after_a_kill,
    a_keeper_that_was_killed_is_noticed_by_the_next_command,
    a_keeper_does_not_outlive_its_containers,
    supervise_does_the_same_in_the_foreground,
);
docker_lanes!(docker_needs_no_keeper);
