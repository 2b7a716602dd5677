//! `ls`, `images`, `port`, `top`, `wait` and `events` beside docker compose, on one stack that docker compose made: on
//! podman's lanes through podman's socket. What the two say on purpose otherwise is in docs/differences.md.

use std::collections::BTreeSet;
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use perry_container_lab_tests::engine::values;
use perry_container_lab_tests::run::Done;
use perry_container_lab_tests::{Engine, Project, lanes, run};
use serde_json::Value;

const LIMIT: Duration = Duration::from_secs(60);

/// docker compose on the lane's engine.
fn theirs(project: &Project, args: &[&str]) -> Command {
    let mut command = Engine::Docker.command();
    command.args(["compose", "-p", &project.name]).args(args).current_dir(project.dir());
    if project.engine() == Engine::Podman {
        let format = ["info", "--format", "{{.Host.RemoteSocket.Path}}"];
        let path = Engine::Podman.call(&format).checked().stdout;
        command.env("DOCKER_HOST", format!("unix://{}", path.trim().trim_start_matches("unix://")));
    }
    command
}

/// A command of docker compose and the same of ours.
fn both(project: &Project, args: &[&str]) -> (Done, Done) {
    (run(theirs(project, args), LIMIT), project.compose(args))
}

/// The same code, the same text on standard output.
fn same(project: &Project, args: &[&str]) {
    let (wanted, found) = both(project, args);
    assert_eq!(
        (wanted.code, wanted.stdout.as_str()),
        (found.code, found.stdout.as_str()),
        "{wanted}\n{found}"
    );
}

const STACK: &str = "
services:
  web:
    image: @graceful@
    command: [idle]
    stop_grace_period: 1s
    scale: 2
    ports: ['127.0.0.1::8080', '127.0.0.1::81/udp']
    expose: ['9000']
  job:
    image: @base@
    command: [sh, -c, 'exit 3']
";

fn up(project: &Project, stack: &str) {
    project.file("compose.yaml", stack);
    run(theirs(project, &["up", "-d"]), LIMIT).ok();
}

/// Waits until no container of a service runs.
fn ended(project: &Project, service: &str) {
    for _ in 0..100 {
        if project.compose(&["ps", "-q", service]).stdout.is_empty() {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("{service} does not end");
}

fn lists_are_docker_composes(project: &Project) {
    up(project, STACK);
    ended(project, "job");
    let filter = format!("name=^{}$", project.name);
    for more in [&[][..], &["-a"], &["-q"], &["--format", "json"], &["-a", "--format", "json"]] {
        same(project, &[&["ls", "--filter", &filter], more].concat());
    }
    same(project, &["ls", "--filter", "name=("]);
    same(project, &["ls", "--filter", "name=^no-such$", "--format", "json"]);

    // docker compose lists in any order here.
    let sorted = |done: &Done| {
        let mut rows = values(&done.stdout);
        rows.sort_by_key(|row| row["ContainerName"].as_str().unwrap_or_default().to_owned());
        rows
    };
    let (wanted, found) = both(project, &["images", "--format", "json"]);
    assert_eq!(sorted(&wanted), sorted(&found), "{wanted}\n{found}");
    assert_eq!(sorted(&found).len(), 3);
    let lines = |done: &Done| done.stdout.lines().map(str::to_owned).collect::<BTreeSet<_>>();
    let (wanted, found) = both(project, &["images", "-q"]);
    assert_eq!(lines(&wanted), lines(&found));
    let (wanted, found) = both(project, &["images", "web"]);
    // How long ago differs: by a second, and on podman docker compose knows nothing.
    let ageless = |done: &Done| -> Vec<String> {
        let age = done.stdout.find("CREATED").unwrap_or_default();
        done.stdout.lines().map(|line| line.chars().take(age).collect()).collect()
    };
    assert_eq!(ageless(&wanted), ageless(&found), "{wanted}\n{found}");
    same(project, &["images", "--format", "json", "nosuch"]);
    same(project, &["images", "nosuch"]);
}

fn ports_and_processes_are_docker_composes(project: &Project) {
    up(project, &STACK.replace("@graceful@", "@base@").replace("[idle]", "sleep 300"));
    for args in [
        &["port", "web", "8080"][..],
        &["port", "--index", "2", "web", "8080"],
        &["port", "--protocol", "udp", "web", "81"],
        &["port", "web", "81"],
        &["port", "--index", "3", "web", "8080"],
        &["port", "nosuch", "80"],
        &["port", "web", "x"],
        &["top", "nosuch"],
    ] {
        same(project, args);
    }
    let exposed = project.compose(&["port", "web", "9000"]).failed();
    exposed.says(&["no port 9000/tcp for container", "->8080/tcp"]);

    let (wanted, found) = both(project, &["top"]);
    let cells = |done: &Done, names: &[&str]| -> BTreeSet<Vec<String>> {
        let mut lines = done.stdout.lines().map(|line| line.split("  ").map(str::trim));
        let titles: Vec<&str> = match lines.next() {
            Some(titles) => titles.filter(|title| !title.is_empty()).collect(),
            None => vec![],
        };
        let rows = lines.map(|row| row.filter(|cell| !cell.is_empty()).collect::<Vec<&str>>());
        rows.map(|row| {
            let at = |name: &&str| titles.iter().position(|title| title == name);
            let cell = |name| at(name).and_then(|at| row.get(at)).map_or("", |cell| *cell);
            names.iter().map(|name| cell(name).to_owned()).collect()
        })
        .collect()
    };
    // podman's compatible API tells one title for all columns, so that docker compose shows no more than these two.
    let names = match project.engine() {
        Engine::Docker => &["SERVICE", "#", "UID", "PID", "PPID", "CMD"][..],
        _ => &["SERVICE", "#"],
    };
    assert_eq!(cells(&wanted, names), cells(&found, names), "{wanted}\n{found}");
    assert_eq!(cells(&found, &["SERVICE", "#"]).len(), 2, "{found}");
}

const SHORT: &str = "
services:
  one: {image: @base@, command: [sh, -c, 'sleep 4; exit 3']}
  two: {image: @base@, command: [sh, -c, 'sleep 6; exit 4']}
";

fn wait_is_docker_composes(project: &Project) {
    up(project, SHORT);
    let args = ["wait", "two", "one"];
    let (wanted, found) = std::thread::scope(|scope| {
        let wanted = scope.spawn(|| run(theirs(project, &args), LIMIT));
        let found = project.compose(&args);
        (wanted.join().unwrap(), found)
    });
    assert_eq!((wanted.code, &wanted.stdout), (4, &found.stdout), "{wanted}\n{found}");
    assert_eq!(found.code, 4, "{found}");
    let (wanted, found) = both(project, &["wait", "one"]);
    assert_eq!(wanted.code, found.code, "{wanted}\n{found}");
    assert!(found.stderr.ends_with(&wanted.stderr), "{wanted}\n{found}");

    run(theirs(project, &["start"]), LIMIT).ok();
    let down = project.compose(&["wait", "--down-project", "one"]);
    assert_eq!(down.code, 3, "{down}");
    project.assert_gone();
}

fn events_are_docker_composes(project: &Project) {
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let since = now().to_string();
    up(project, "services: {web: {image: @graceful@, command: [idle], stop_grace_period: 1s}}\n");
    run(theirs(project, &["kill", "-s", "USR1", "web"]), LIMIT).ok();
    run(theirs(project, &["stop", "web"]), LIMIT).ok();
    run(theirs(project, &["rm", "-f", "web"]), LIMIT).ok();
    std::thread::sleep(Duration::from_secs(2)); // whole seconds: the last event's must be over
    let until = now().to_string();
    let told = |done: &Done| -> Vec<Value> {
        let mut rows = values(&done.stdout);
        for row in &mut rows {
            let attributes = row["attributes"].as_object_mut().unwrap();
            // podman's own words.
            for word in ["containerExitCode", "podId", "exitCode", "execDuration"] {
                attributes.remove(word);
            }
        }
        rows.retain(|row| row["action"] != "cleanup" && row["action"] != "init");
        rows
    };
    let args = ["events", "--json", "--since", &since, "--until", &until];
    let (wanted, found) = both(project, &args);
    // It ends with `EOF` and code 1.
    assert_eq!((wanted.code, found.code), (1, 0), "{wanted}\n{found}");
    let (wanted_rows, found_rows) = (told(&wanted), told(&found));
    let actions: Vec<&str> =
        found_rows.iter().map(|row| row["action"].as_str().unwrap_or_default()).collect();
    for action in ["create", "start", "kill", "die", "destroy"] {
        assert!(actions.contains(&action), "no {action} in {actions:?}");
    }
    if project.engine() == Engine::Docker {
        assert_eq!(wanted_rows, found_rows, "{wanted}\n{found}");
    } else {
        // podman's compatible API forgets which project events of its past belong to.
        assert!(wanted_rows.is_empty(), "{wanted}");
    }
    let text = project.compose(&["events", "--since", &since, "--until", &until, "web"]);
    let lines: Vec<&str> = text.stdout.lines().filter(|line| !line.is_empty()).collect();
    assert!(lines.len() >= found_rows.len(), "{text}");
    assert!(lines.iter().all(|line| line.contains(" container ") && line.ends_with(')')), "{text}");
    assert_eq!(project.compose(&["events", "--since", &since, "--until", &until, "no"]).stdout, "");
}

/// Until a signal, with the signal's code.
fn events_end_with_a_signal(project: &Project) {
    up(project, "services: {web: {image: @graceful@, command: [idle], stop_grace_period: 1s}}\n");
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let mut command = Command::new("timeout");
        let ours = project.command(&["events", "--json"]);
        command.args(["--preserve-status", "-s", signal, "4"]).arg(ours.get_program());
        command.args(ours.get_args()).current_dir(project.dir());
        for (name, value) in ours.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let told = std::thread::scope(|scope| {
            let told = scope.spawn(|| run(command, LIMIT));
            std::thread::sleep(Duration::from_millis(1500));
            project.compose(&["restart", "-t", "0", "web"]).ok();
            told.join().unwrap()
        });
        assert_eq!(told.code, code, "{told}");
        let actions: Vec<Value> =
            values(&told.stdout).into_iter().map(|row| row["action"].clone()).collect();
        assert!(actions.contains(&"die".into()) && actions.contains(&"start".into()), "{told}");
    }
}

lanes!(
    lists_are_docker_composes,
    ports_and_processes_are_docker_composes,
    wait_is_docker_composes,
    events_are_docker_composes,
    events_end_with_a_signal,
);
