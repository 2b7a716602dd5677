//! The life of a stack, under the names that the plan gives these tests (task 25.2).

use perry_container_lab_tests::{Project, every_lane};

const STACK: &str = "
services:
  db:
    image: @graceful@
    command: [sh, -c, \"echo db speaks; exec idle\"]
    volumes: [data:/data]
  web:
    image: @graceful@
    command: [sh, -c, \"echo web speaks; echo and complains >&2; exec idle\"]
    depends_on: [db]
volumes:
  data:
";

fn up(project: &Project) {
    project.file("compose.yaml", STACK);
    project.compose(&["up", "-d"]).ok();
}

fn compose_up_two_services(project: &Project) {
    up(project);
    let containers = project.containers();
    let name = &project.name;
    assert_eq!(containers["db"].name, format!("{name}-db-1"));
    assert_eq!(containers["web"].name, format!("{name}-web-1"));
    assert!(containers.values().all(|live| live.status == "running"), "{containers:?}");
    assert!(
        containers["db"].started <= containers["web"].started,
        "web started before db: {containers:?}"
    );
    assert_eq!(project.networks(), [format!("{name}_default")]);
}

fn compose_down_removes_all(project: &Project) {
    up(project);
    project.compose(&["down"]).ok();
    assert!(project.containers().is_empty());
    assert!(project.networks().is_empty());
    assert_eq!(project.volumes(), [format!("{}_data", project.name)]);
}

fn compose_ps_shows_services(project: &Project) {
    up(project);
    let rows = project.ps(&[]);
    let services: Vec<(&str, &str)> = rows
        .iter()
        .map(|row| (row["Service"].as_str().unwrap(), row["State"].as_str().unwrap()))
        .collect();
    assert_eq!(services, [("db", "running"), ("web", "running")]);

    let table = project.compose(&["ps"]).checked().stdout;
    let head: Vec<&str> = table.lines().next().unwrap().split_whitespace().collect();
    assert_eq!(head, ["NAME", "IMAGE", "COMMAND", "SERVICE", "CREATED", "STATUS", "PORTS"]);
    assert_eq!(table.lines().count(), 3, "{table}");

    project.compose(&["stop", "-t", "2", "web"]).ok();
    assert_eq!(project.ps(&[]).len(), 1, "ps shows what runs");
    assert_eq!(project.ps(&["-a"]).len(), 2, "ps -a shows all");
}

fn compose_logs_returns_output(project: &Project) {
    up(project);
    let all = project.compose(&["logs", "--no-color"]).checked().stdout;
    for line in ["db-1 ", "db speaks", "web-1 ", "web speaks", "and complains"] {
        assert!(all.contains(line), "no {line:?} in {all}");
    }
    let one = project
        .compose(&["logs", "--no-color", "--no-log-prefix", "--tail", "1", "db"])
        .checked()
        .stdout;
    assert_eq!(one, "idle: up\n");
}

fn compose_exec_runs_in_service(project: &Project) {
    up(project);
    let done =
        project.compose(&["exec", "-T", "web", "sh", "-c", "echo out; echo err >&2"]).checked();
    assert_eq!((done.stdout.as_str(), done.stderr.as_str()), ("out\n", "err\n"));
    let done = project.compose(&[
        "exec",
        "-T",
        "-e",
        "WORD=fish",
        "-w",
        "/tmp",
        "web",
        "sh",
        "-c",
        "echo $WORD in $PWD; exit 7",
    ]);
    assert_eq!((done.stdout.as_str(), done.code), ("fish in /tmp\n", 7), "{done}");
}

fn compose_down_volumes_removes_named_volumes(project: &Project) {
    up(project);
    project.compose(&["down", "--volumes"]).ok();
    project.assert_gone();
}

fn compose_stop_start_restart(project: &Project) {
    up(project);
    let before = project.containers();
    project.compose(&["stop", "-t", "2"]).ok();
    assert!(project.containers().values().all(|live| live.status == "exited"));
    project.compose(&["start"]).ok();
    let started = project.containers();
    assert!(started.values().all(|live| live.status == "running"));
    project.compose(&["restart", "-t", "2", "web"]).ok();
    let after = project.containers();
    assert_eq!(after["db"], started["db"], "restart web touched db");
    assert_eq!(after["web"].id, before["web"].id);
    assert_ne!(after["web"].started, started["web"].started);
}

every_lane!(
    compose_up_two_services,
    compose_down_removes_all,
    compose_ps_shows_services,
    compose_logs_returns_output,
    compose_exec_runs_in_service,
    compose_down_volumes_removes_named_volumes,
    compose_stop_start_restart
);
