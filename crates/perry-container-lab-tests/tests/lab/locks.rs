//! Many processes, one project: each waits or says who works on it, and nothing is the worse for it.

use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::Command;
use std::time::{Duration, Instant};

use perry_container_lab_tests::{Done, Lane, Project, Running, Seed, lanes, long, run, tell};
use rustix::process::Signal;

/// Longer than ten processes take that wait for each other.
const LIMIT: Duration = Duration::from_secs(240);
const PROCESSES: usize = 10;
const SOON: Duration = Duration::from_secs(40);
const WAITING: &str = "waiting for perry-compose up (process ";

fn stack(level: &str) -> String {
    format!(
        "
services:
  db:
    image: @graceful@
    command: [idle]
    environment: {{LEVEL: \"{level}\"}}
    volumes: [data:/data]
    stop_grace_period: 2s
  web:
    image: @graceful@
    command: [idle]
    stop_grace_period: 2s
    depends_on: [db]
volumes:
  data:
"
    )
}

const COMMANDS: [&[&str]; 9] = [
    &["up", "-d"],
    &["-f", "drift.yaml", "up", "-d"],
    &["up", "-d", "--scale", "web=2"],
    &["down"],
    &["restart"],
    &["stop"],
    &["start"],
    &["ps", "-a"],
    &["up", "-d", "--dry-run"],
];

/// As it should be: done, or refused because of another that is named, or nothing there to start.
fn is_orderly(done: &Done) -> bool {
    let locked = done.stderr.contains(" is being changed by perry-compose ")
        && done.stderr.contains(" (process ")
        && done.stderr.contains(", since 20");
    let nothing = done.text.contains(" start")
        && (done.stderr.contains("no container") || done.stderr.contains("has no container"));
    done.code == 0 || (done.code == 1 && (locked || nothing))
}

/// Must hold 6 of step 2.
fn ten_processes_on_one_project(project: &Project) {
    let seed = Seed::of_this_run();
    let first = seed.first;
    let each = if long() { 10 } else { 2 };
    project.file("compose.yaml", &stack("1"));
    project.file("drift.yaml", &stack("2"));
    let begin = Instant::now();
    let one = |process: usize| -> Vec<Done> {
        let mut seed = seed.clone();
        for _ in 0..process * 97 {
            let _ = seed.next();
        }
        let mut next = || {
            let mut words = seed.pick(&COMMANDS).to_vec();
            let patience = *seed.pick(&["0", "1", "120"]);
            words.extend(["--lock-timeout", patience]);
            run(project.command(&words), LIMIT)
        };
        (0..each).map(|_| next()).collect()
    };
    let all: Vec<Done> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..PROCESSES).map(|n| scope.spawn(move || one(n))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let lane = project.lane.name();
    let (done, refused): (Vec<&Done>, Vec<&Done>) = all.iter().partition(|done| done.code == 0);
    tell(&format!(
        "{lane}: PERRY_LAB_SEED={first}, {} commands of {PROCESSES} processes in {:.1?}: {} done, {} refused",
        all.len(),
        begin.elapsed(),
        done.len(),
        refused.len()
    ));
    let bad: Vec<&Done> = all.iter().filter(|done| !is_orderly(done)).collect();
    assert!(bad.is_empty(), "PERRY_LAB_SEED={first}: {}", bad[0]);
    assert_eq!(all.len(), PROCESSES * each);

    project.compose(&["up", "-d", "--wait"]).ok();
    let plan = project.compose(&["up", "-d", "--dry-run"]).checked();
    assert_eq!(plan.stdout, "nothing to do\n", "PERRY_LAB_SEED={first}");
    assert_eq!(project.containers().len(), 2);
    project.compose(&["down", "-v"]).ok();
    project.assert_gone();
}

const WAITS: &str = "
services:
  db:
    image: @graceful@
    command: [idle]
    stop_grace_period: 2s
    healthcheck: {test: [CMD, test, -e, /never], interval: 1s, retries: 600}
  web: {image: @graceful@, depends_on: {db: {condition: service_healthy}}}
";

/// An `up` that holds the project until it is told to end.
fn holder(project: &Project) -> Running {
    project.file("compose.yaml", WAITS);
    let running = Running::start(project.command(&["up", "-d"]));
    let until = Instant::now() + Duration::from_secs(40);
    while !project.containers().values().any(|live| live.status == "running") {
        assert!(Instant::now() < until, "the holder does not come up");
        std::thread::sleep(Duration::from_millis(50));
    }
    running
}

/// Who holds the project is named; its death, however it comes, frees the project.
fn a_killed_holder_holds_nothing(project: &Project) {
    let mut holds = holder(project);
    let refused = project.compose(&["down", "--lock-timeout", "0"]).failed();
    assert!(refused.took < SOON, "{refused}");
    assert!(is_orderly(&refused), "{refused}");
    refused.says(&[&project.name, "perry-compose up (process "]);
    // Readers wait for nobody.
    assert_eq!(project.ps(&[]).len(), 1);

    let mut waits = Running::start(project.command(&["down"]));
    waits.says(WAITING, SOON);
    holds.signal(Signal::KILL);
    assert_eq!(holds.finish(Duration::from_secs(60)).code, 137);
    waits.finish(Duration::from_secs(60)).ok();
    project.assert_gone();
}

/// A signal ends the waiting and says so; SIGTERM ends an `up` as Ctrl-C does, with a status of its own.
fn signals_end_the_waiting_and_the_holding(project: &Project) {
    let mut holds = holder(project);
    for (signal, status) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        let mut waits = Running::start(project.command(&["down"]));
        waits.says(WAITING, SOON);
        waits.signal(signal);
        let done = waits.finish(SOON);
        assert_eq!(done.code, status, "{done}");
        done.says(&["error: interrupted\n"]);
    }
    holds.signal(Signal::TERM);
    let done = holds.finish(Duration::from_secs(60));
    assert_eq!(done.code, 143, "{done}");
    done.says(&["taking back what was done", "error: interrupted\n"]);
    project.assert_gone();

    let mut holds = holder(project);
    holds.signal(Signal::HUP);
    let done = holds.finish(Duration::from_secs(60));
    assert_eq!(done.code, 129, "{done}");
    project.assert_gone();
}

lanes!(
    ten_processes_on_one_project,
    a_killed_holder_holds_nothing,
    signals_end_the_waiting_and_the_holding
);

/// The engine's command line and its socket lead to one project, another engine to another.
#[test]
fn a_lock_is_of_an_engine_and_a_project() {
    for (lane, other) in
        [(Lane::DockerCli, Lane::PodmanSocket), (Lane::PodmanCli, Lane::DockerSocket)]
    {
        lane.test("a_lock_is_of_an_engine_and_a_project", |project| {
            let mut holds = holder(project);
            let mut socket = project.command(&["down", "--lock-timeout", "0"]);
            socket.env("PERRY_CONTAINER_TRANSPORT", "socket");
            let refused = run(socket, Duration::from_secs(30)).failed();
            assert!(is_orderly(&refused), "{refused}");
            if other.engine().available().is_ok() {
                let other = Project::named(other, &project.name);
                other.file("compose.yaml", &stack("1"));
                other.compose(&["up", "-d", "--lock-timeout", "0"]).ok();
                other.compose(&["down", "-v", "--lock-timeout", "0"]).ok();
                other.assert_gone();
            }
            holds.signal(Signal::INT);
            assert_eq!(holds.finish(Duration::from_secs(60)).code, 130);
            project.assert_gone();
        });
    }
}

/// A lock that others could take away is none.
#[test]
fn a_place_for_locks_that_others_can_write_to_is_refused() {
    Lane::DockerSocket.test("a_place_for_locks_that_others_can_write_to_is_refused", |project| {
        project.file("compose.yaml", &stack("1"));
        let folder = project.dir().join("locks");
        std::fs::create_dir(&folder).unwrap();
        let up = || -> Command {
            let mut command = project.command(&["up", "-d"]);
            command.env("XDG_RUNTIME_DIR", &folder);
            command
        };
        let refused = |words: &[&str]| {
            let done = run(up(), Duration::from_secs(30)).failed();
            done.says(&["error: could not lock the project with "]);
            done.says(&["hint: set XDG_RUNTIME_DIR to a directory that is yours alone"]);
            done.says(words);
            project.assert_gone();
        };
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o777)).unwrap();
        refused(&["locks can be written to by other users"]);

        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700)).unwrap();
        run(up(), Duration::from_secs(60)).ok();
        let file = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "", "whoever is done says nothing");
        project.compose(&["down", "-v"]).ok();
        std::fs::remove_file(&file).unwrap();
        symlink(project.dir().join("elsewhere"), &file).unwrap();
        refused(&["symbolic link"]);
        assert!(!project.dir().join("elsewhere").exists());

        // What a killed process left is not believed.
        std::fs::remove_file(&file).unwrap();
        let stale = r#"{"pid":1,"command":"perry-compose up","started":"2020-01-01T00:00:00Z"}"#;
        std::fs::write(&file, stale).unwrap();
        run(up(), Duration::from_secs(60)).ok();
        project.compose(&["down", "-v"]).ok();
    });
}
