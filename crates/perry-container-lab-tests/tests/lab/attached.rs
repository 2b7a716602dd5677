//! `up` without `-d`: shows what the services say until it is told to stop.

use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::process::Stdio;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use perry_container_lab_tests::{Project, lanes};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

const STACK: &str = "
services:
  db:
    image: @graceful@
    command: [sh, -c, \"echo db speaks; exec graceful\"]
  web:
    image: @graceful@
    command: [sh, -c, \"echo web speaks; exec graceful\"]
    depends_on: [db]
";

/// As docker compose: the first interrupt stops the containers, keeps them, and the code is 130.
fn interrupted_up_stops_and_keeps_the_containers(project: &Project) {
    project.file("compose.yaml", STACK);
    let mut command = project.command(&["up"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let mut child = command.spawn().unwrap();
    let pid = Pid::from_child(&child);

    let (to, lines) = mpsc::channel();
    let reader = BufReader::new(child.stdout.take().unwrap());
    std::thread::spawn(move || {
        reader.lines().map_while(Result::ok).for_each(|line| drop(to.send(line)));
    });
    let mut errors = child.stderr.take().unwrap();
    std::thread::spawn(move || std::io::copy(&mut errors, &mut std::io::sink()));
    let mut seen = vec![];
    let until = Instant::now() + Duration::from_secs(40);
    while !["db speaks", "web speaks"]
        .iter()
        .all(|word| seen.iter().any(|line: &String| line.contains(word)))
    {
        match lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(line) => seen.push(line),
            Err(error) => {
                let _ = kill_process_group(pid, Signal::KILL);
                panic!("no word of both services ({error}): {seen:?}");
            }
        }
    }
    assert!(
        seen.iter().any(|line| line.starts_with("db-1 ") && line.ends_with("| db speaks")),
        "{seen:?}"
    );

    kill_process(pid, Signal::INT).unwrap();
    let until = Instant::now() + Duration::from_secs(40);
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if Instant::now() > until {
            let _ = kill_process_group(pid, Signal::KILL);
            panic!("up is still there long after the interrupt");
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(status.code(), Some(130));
    let containers = project.containers();
    assert!(
        containers.len() == 2 && containers.values().all(|live| live.status == "exited"),
        "{containers:?}"
    );
}

/// `up` ends by itself when every container has.
fn up_ends_with_its_containers(project: &Project) {
    project.file(
        "compose.yaml",
        "
services:
  once:
    image: @graceful@
    command: [sh, -c, \"echo first; echo second >&2\"]
",
    );
    let done = project.compose(&["up"]).checked();
    assert!(done.stdout.contains("once-1  | first\n"), "{done}");
    done.says(&["once-1  | second\n"]);
    assert_eq!(project.containers()["once"].status, "exited");
}

lanes!(interrupted_up_stops_and_keeps_the_containers, up_ends_with_its_containers);
