//! `kill`, `rm`, `pause`, `unpause`, `create`, `scale`.

use perry_container_lab_tests::{Project, docker_lanes, lanes};
use std::{collections::BTreeMap, time::Duration};

const STACK: &str = "
services:
  db:
    image: @graceful@
    stop_grace_period: 2s
  web:
    image: @graceful@
    depends_on: [db]
    stop_grace_period: 2s
  tools:
    image: @graceful@
    profiles: [tools]
";

fn up(project: &Project) {
    project.file("compose.yaml", STACK);
    project.compose(&["up", "-d"]).ok();
}

/// `web-1=running web-2=exited`.
fn states(project: &Project) -> String {
    let mut states: Vec<String> = (project.inspect().iter())
        .map(|container| {
            let name = container["Name"].as_str().unwrap().trim_start_matches('/').to_owned();
            let short = name.strip_prefix(&format!("{}-", project.name)).unwrap_or(&name);
            format!("{short}={}", container["State"]["Status"].as_str().unwrap())
        })
        .collect();
    states.sort();
    states.join(" ")
}

fn ids(project: &Project) -> BTreeMap<String, String> {
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    project.inspect().iter().map(|c| (text(&c["Name"]), text(&c["Id"]))).collect()
}

/// As the engine's own client sees them, whatever it calls what never ran.
fn rests(states: &str) -> String {
    states.replace("initialized", "created").replace("stopped", "exited")
}

fn kill_then_rm(project: &Project) {
    up(project);
    project.compose(&["kill", "-s", "USR1", "db"]).ok();
    let alive = states(project);
    assert!(alive.contains("web-1=running"), "{alive}");
    project.compose(&["kill", "web"]).ok();
    // With a name alone docker compose, and we, go by labels; with a file we know who is who.
    project.compose(&["kill", "nobody"]).checked().says(&["no container to kill"]);
    let known = ["-f", "compose.yaml", "kill", "nobody"];
    project.compose(&known).failed().says(&["no such service: nobody"]);
    let killed = states(project);
    assert!(killed.contains("web-1=exited"), "{killed}");
    let none = project.compose(&["kill", "web"]).checked();
    none.says(&["no container to kill"]);
    project.compose(&["start", "db"]).ok();
    project.compose(&["kill", "-s", "NOSUCH", "db"]).failed().says(&["service `db`"]);

    // Nobody answers: nothing is removed, what runs never is.
    let asked = project.compose(&["rm"]).checked();
    assert_eq!(
        asked.stdout,
        format!("Going to remove {}-web-1\nAre you sure? [yN] \n", project.name)
    );
    asked.says(&["nothing was removed"]);
    assert_eq!(states(project), "db-1=running web-1=exited");
    project.compose(&["rm", "-f"]).ok();
    assert_eq!(states(project), "db-1=running");
    project.compose(&["rm", "-f"]).checked().says(&["No stopped containers"]);
    project.compose(&["rm", "-fsv"]).ok();
    assert_eq!(states(project), "");
    assert_eq!(project.networks(), [format!("{}_default", project.name)]);
    project.compose(&["kill"]).checked().says(&["no container to kill"]);
}

/// The volume without a name goes with `-v`, and only then.
fn rm_with_volumes(project: &Project) {
    let db = "services: {db: {image: '@graceful@', volumes: [/anonymous]}}";
    project.file("compose.yaml", db);
    project.compose(&["up", "-d"]).ok();
    let volume = |project: &Project| {
        let all = project.inspect();
        all[0]["Mounts"][0]["Name"].as_str().unwrap().to_owned()
    };
    let there = |volume: &str| project.engine().call(&["volume", "inspect", volume]).code == 0;
    let first = volume(project);
    project.compose(&["rm", "-fs"]).ok();
    assert!(there(&first));
    drop(project.engine().call(&["volume", "rm", &first]));
    project.compose(&["up", "-d"]).ok();
    let second = volume(project);
    assert_ne!(first, second);
    project.compose(&["rm", "-fsv"]).ok();
    assert!(!there(&second));
}

/// docker compose fails at the first container that is paused already, and leaves the others.
fn pause_and_unpause(project: &Project) {
    up(project);
    let before = ids(project);
    project.compose(&["pause", "web"]).ok();
    assert_eq!(states(project), "db-1=running web-1=paused");
    for _ in 0..2 {
        project.compose(&["pause"]).ok();
        assert_eq!(states(project), "db-1=paused web-1=paused");
    }
    project.compose(&["unpause", "db"]).ok();
    assert_eq!(states(project), "db-1=running web-1=paused");
    for _ in 0..2 {
        project.compose(&["unpause"]).ok();
        assert_eq!(states(project), "db-1=running web-1=running");
    }
    assert_eq!(ids(project), before);
}

/// What is paused is no obstacle to any other command.
fn paused_and_then(project: &Project) {
    project.file("compose.yaml", STACK);
    for (command, after) in [
        (&["up", "-d"][..], "db-1=running web-1=running"),
        (&["scale", "web=2"], "db-1=running web-1=running web-2=running"),
        (&["start"], "db-1=running web-1=running web-2=running"),
        (&["restart", "-t", "1"], "db-1=running web-1=running web-2=running"),
        (&["stop", "-t", "1"], "db-1=exited web-1=exited web-2=exited"),
        (&["kill"], "db-1=exited web-1=exited"),
        (&["rm", "-fs"], ""),
        (&["down", "-t", "1"], ""),
    ] {
        if !states(project).contains("web-1=running") {
            project.compose(&["up", "-d"]).ok();
        }
        project.compose(&["pause"]).ok();
        assert!(!states(project).contains("running"));
        project.compose(command).ok();
        assert_eq!(rests(&states(project)), after, "{command:?}");
    }
}

fn create_starts_nothing(project: &Project) {
    project.file("compose.yaml", STACK);
    let plan = project.compose(&["create", "--dry-run"]).checked().stdout;
    assert!(plan.contains("-db-1 (missing)") && !plan.contains(" start "), "{plan}");
    assert_eq!(states(project), "");
    for _ in 0..2 {
        project.compose(&["create", "--scale", "web=2"]).ok();
        assert_eq!(rests(&states(project)), "db-1=created web-1=created web-2=created");
    }
    let made = ids(project);
    project.compose(&["create", "tools"]).ok();
    project.compose(&["start"]).ok();
    assert_eq!(rests(&states(project)), "db-1=running tools-1=running web-1=running web-2=running");
    assert!(made.iter().all(|(name, id)| ids(project).get(name) == Some(id)));
    project.compose(&["create", "--force-recreate", "web"]).ok();
    assert_eq!(
        rests(&states(project)),
        "db-1=running tools-1=running web-1=created",
        "as docker compose: what is made anew is not started"
    );
    project.compose(&["create", "--build", "--no-build"]).failed().says(&["incompatible"]);
    project.compose(&["create", "nobody"]).failed().says(&["no such service: nobody"]);
}

/// A port that is taken shows at the start only; an image that is not there, at once, and then nothing is left.
fn create_that_fails_leaves_nothing(project: &Project) {
    project.file(
        "compose.yaml",
        "
services:
  a:
    image: @graceful@
    volumes: [data:/data]
  b:
    image: perry.invalid/none:1
    pull_policy: never
    depends_on: [a]
volumes:
  data:
",
    );
    project.compose(&["create"]).failed().says(&["perry.invalid/none:1"]);
    project.assert_gone();
    project.file(
        "compose.yaml",
        "
services:
  a:
    image: @graceful@
    volumes: [data:/data]
  b:
    image: @graceful@
    depends_on: [a]
    cap_add: [NO_SUCH_CAPABILITY]
volumes:
  data:
",
    );
    drop(project.compose(&["create"]).failed());
    project.assert_gone();
}

fn scale_up_and_down(project: &Project) {
    up(project);
    let before = ids(project);
    project.compose(&["scale", "web=3"]).ok();
    assert_eq!(states(project), "db-1=running web-1=running web-2=running web-3=running");
    // As with docker compose what is there counts, whatever its number.
    let gone = format!("{}-web-2", project.name);
    drop(project.engine().call(&["rm", "-f", &gone]).checked());
    let there = ids(project);
    project.compose(&["scale", "web=2", "db=2"]).ok();
    assert_eq!(states(project), "db-1=running db-2=running web-1=running web-3=running");
    assert!(there.iter().all(|(name, id)| ids(project).get(name) == Some(id)));
    project.compose(&["scale", "--no-deps", "web=1"]).ok();
    assert_eq!(states(project), "db-1=running db-2=running web-1=running");
    assert!(before.iter().all(|(name, id)| ids(project).get(name) == Some(id)));
    project.compose(&["scale", "web=0"]).ok();
    assert_eq!(states(project), "db-1=running");
    project.compose(&["scale", "tools=1"]).ok();
    assert_eq!(states(project), "db-1=running tools-1=running");
    for (word, says) in [
        ("nobody=1", "no such service: nobody"),
        ("web=-1", "can't parse replica value"),
        ("web", "invalid scale specifier: web"),
    ] {
        project.compose(&["scale", word]).failed().says(&[says]);
    }
    assert_eq!(states(project), "db-1=running tools-1=running");
}

/// By `-p` and labels alone.
fn without_a_file(project: &Project) {
    up(project);
    std::fs::remove_file(project.dir().join("compose.yaml")).unwrap();
    project.compose(&["pause"]).ok();
    assert_eq!(states(project), "db-1=paused web-1=paused");
    project.compose(&["unpause", "web"]).ok();
    assert_eq!(states(project), "db-1=paused web-1=running");
    project.compose(&["unpause"]).ok();
    project.compose(&["kill", "web"]).ok();
    assert_eq!(states(project), "db-1=running web-1=exited");
    project.compose(&["rm", "-f"]).ok();
    assert_eq!(states(project), "db-1=running");
    for command in [&["create"][..], &["scale", "web=1"]] {
        project.compose(command).failed().says(&["no configuration file provided"]);
    }
}

/// The same commands, one half by docker compose: the same exit codes, and the same containers afterwards.
fn as_docker_compose(project: &Project) {
    let steps: [&[&str]; 20] = [
        &["kill"],
        &["rm", "-f"],
        &["pause"],
        &["create"],
        &["kill"],
        &["create", "--scale", "web=3", "--no-recreate"],
        &["start"],
        &["pause", "web"],
        &["kill", "web"],
        &["rm", "-f", "db"],
        &["rm", "-f"],
        &["scale", "web=2"],
        &["scale", "web=1", "db=3"],
        &["scale", "web=2", "--no-deps"],
        &["create", "--force-recreate", "--scale", "web=2", "web"],
        &["rm", "-f"],
        &["kill", "-s", "NOSUCH"],
        &["scale", "web=x"],
        &["rm", "-fs"],
        &["rm", "-f"],
    ];
    project.file("compose.yaml", STACK);
    let run = |ours: bool| -> Vec<String> {
        let mut seen = vec![];
        for words in &steps {
            let done = if ours { project.compose(words) } else { project.docker_compose(words) };
            seen.push(format!("{} -> {} {}", words.join(" "), done.code, states(project)));
        }
        project.compose(&["down", "-t", "1"]).ok();
        seen
    };
    let (theirs, ours) = (run(false), run(true));
    assert_eq!(ours, theirs);
}

/// A person is asked: Ctrl-C is an answer, too, and the terminal is left as it was.
fn rm_asks_a_person(project: &Project) {
    let Some(mut terminal) = crate::ctrl_c::terminal(project, "rm_asks_a_person", &[]) else {
        return;
    };
    up(project);
    project.compose(&["kill", "web"]).ok();
    let soon = Duration::from_secs(30);
    for (key, status, after) in [
        ("C-c", 130, "db-1=running web-1=exited"),
        ("C-d", 0, "db-1=running web-1=exited"),
        ("n", 0, "db-1=running web-1=exited"),
        ("y", 0, "db-1=running"),
    ] {
        terminal.line("perry-compose rm");
        terminal.wait_for("the question", soon, |screen| screen.contains("Are you sure?"));
        terminal.press(key);
        if key.len() == 1 {
            terminal.press("Enter");
        }
        terminal.ends(soon);
        assert_eq!(terminal.status(), status, "{key}: {}", terminal.recording());
        terminal.sane();
        assert_eq!(states(project), after, "{key}: {}", terminal.recording());
    }
}

lanes!(
    kill_then_rm,
    rm_with_volumes,
    pause_and_unpause,
    paused_and_then,
    create_starts_nothing,
    create_that_fails_leaves_nothing,
    scale_up_and_down,
    without_a_file,
);
docker_lanes!(as_docker_compose, rm_asks_a_person);
