//! One stack, the same through every lane; and docker compose sees it as one of its own.

use std::collections::BTreeMap;
use std::path::PathBuf;

use perry_container_lab_tests::{Lane, Project, docker_lanes};
use serde_json::{Value, json};

fn demo() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/demo/compose.yaml")
        .canonicalize()
        .unwrap()
}

/// The id of the run that made a container.
const RUN: &str = "perry.compose.run";

/// A row of `ps` without what differs from run to run: ids, times, and how long ago they were.
fn timeless(mut row: Value) -> Value {
    let fields = row.as_object_mut().unwrap();
    for field in ["ID", "CreatedAt", "RunningFor"] {
        fields.remove(field);
    }
    let status = fields["Status"].as_str().unwrap_or_default();
    let words: Vec<&str> = status.split_whitespace().collect();
    assert!(
        words.first() == Some(&"Up") && words.last() == Some(&"(healthy)"),
        "status {status:?}"
    );
    fields.insert("Status".to_owned(), json!("Up (healthy)"));
    let labels = fields["Labels"].as_str().unwrap_or_default();
    let (run, others): (Vec<&str>, Vec<&str>) =
        labels.split(',').partition(|label| label.starts_with(&format!("{RUN}=")));
    assert_eq!(run.len(), 1, "one label tells the run: {labels}");
    let others = others.join(",");
    fields.insert("Labels".to_owned(), json!(others));
    row
}

/// Our labels and docker compose's; an engine adds some of its own, and containerd keeps none without a value.
fn labels(object: &Value) -> BTreeMap<String, Value> {
    let ours = |name: &str| name.starts_with("com.docker.compose.") || name.starts_with("perry.");
    let all = object.as_object().cloned().unwrap_or_default();
    let kept = |name: &str, value: &Value| ours(name) && name != RUN && value != "";
    all.into_iter().filter(|(name, value)| kept(name, value)).collect()
}

/// Everything that must not depend on the lane.
fn seen(project: &Project) -> Value {
    // Sorted: engines list in any order.
    let containers: BTreeMap<String, Value> = project
        .inspect()
        .iter()
        .map(|container| {
            let name = container["Name"].as_str().unwrap().trim_start_matches('/').to_owned();
            (name, json!(labels(&container["Config"]["Labels"])))
        })
        .collect();
    let others = |kind| -> Value {
        project
            .inspect_all(kind)
            .into_iter()
            .map(|(name, all)| (name, json!(labels(&all))))
            .collect()
    };
    json!({
        "ps": project.ps(&["-a"]).into_iter().map(timeless).collect::<Vec<_>>(),
        "containers": containers,
        "networks": others("network"),
        "volumes": others("volume"),
    })
}

/// Must hold 2: the demo through docker's command line, docker's socket, podman's command line and podman's socket.
#[test]
fn the_demo_is_the_same_in_every_lane() {
    let file = demo();
    let file = file.to_str().unwrap();
    let mut first: Option<(Lane, Value)> = None;
    // One after the other under one name: the name is part of what is compared.
    let name = format!("plt{}-demo", std::process::id());
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
        .to_string();
    for lane in Lane::ALL {
        if let Err(reason) = lane.engine().available() {
            lane.skip("the_demo_is_the_same_in_every_lane", &reason);
            continue;
        }
        let project = Project::named(lane, &name);
        let mut up = project.command(&["-f", file, "up", "-d", "--wait"]);
        up.env("DEMO_PORT", &port);
        perry_container_lab_tests::run(up, std::time::Duration::from_secs(120)).ok();
        let seen = seen(&project);
        project.compose(&["down", "-v"]).ok();
        project.assert_gone();
        match &first {
            None => {
                let rows = seen["ps"].as_array().unwrap();
                let services: Vec<&str> =
                    rows.iter().map(|row| row["Service"].as_str().unwrap()).collect();
                assert_eq!(services, ["cache", "db", "web"]);
                first = Some((lane, seen));
            }
            Some((other, wanted)) => {
                let pretty = |value: &Value| serde_json::to_string_pretty(value).unwrap();
                let (got, wanted) = (pretty(&seen), pretty(wanted));
                let differences: Vec<String> = wanted
                    .lines()
                    .zip(got.lines())
                    .filter(|(wanted, got)| wanted != got)
                    .map(|(wanted, got)| {
                        format!("{}: {wanted}\n{}: {got}", other.name(), lane.name())
                    })
                    .collect();
                assert!(got == wanted, "{}\n{got}", differences.join("\n"));
            }
        }
    }
}

const TWO: &str = "
services:
  db:
    image: @graceful@
    command: [idle]
    volumes: [data:/data]
  web:
    image: @graceful@
    command: [idle]
    depends_on: [db]
volumes:
  data:
";

fn docker_compose_sees_our_stack_and_takes_it_down(project: &Project) {
    project.file("compose.yaml", TWO);
    project.compose(&["up", "-d"]).ok();

    let stacks = perry_container_lab_tests::engine::values(
        &project.docker_compose(&["ls", "--format", "json"]).checked().stdout,
    );
    let ours = stacks.iter().find(|stack| stack["Name"] == project.name.as_str());
    let ours = ours
        .unwrap_or_else(|| panic!("docker compose ls does not show {}: {stacks:?}", project.name));
    assert_eq!(ours["Status"], "running(2)");
    let file = project.dir().canonicalize().unwrap().join("compose.yaml");
    assert_eq!(ours["ConfigFiles"], file.to_str().unwrap());

    let rows = project.docker_compose(&["ps", "--format", "json"]).checked().stdout;
    let mut names: Vec<String> = perry_container_lab_tests::engine::values(&rows)
        .iter()
        .map(|row| {
            format!(
                "{} {} {}",
                row["Name"].as_str().unwrap(),
                row["Service"].as_str().unwrap(),
                row["State"].as_str().unwrap()
            )
        })
        .collect();
    names.sort();
    let name = &project.name;
    assert_eq!(names, [format!("{name}-db-1 db running"), format!("{name}-web-1 web running")]);

    project.docker_compose(&["down", "-v"]).ok();
    project.assert_gone();
}

fn we_see_the_stack_of_docker_compose_and_take_it_down(project: &Project) {
    project.file("compose.yaml", TWO);
    project.docker_compose(&["up", "-d"]).ok();

    let services: Vec<Value> =
        project.ps(&[]).into_iter().map(|row| json!([row["Service"], row["State"]])).collect();
    assert_eq!(services, [json!(["db", "running"]), json!(["web", "running"])]);
    // Without its file, from the labels alone.
    std::fs::remove_file(project.dir().join("compose.yaml")).unwrap();
    project.compose(&["down", "-v"]).ok();
    project.assert_gone();
}

docker_lanes!(
    docker_compose_sees_our_stack_and_takes_it_down,
    we_see_the_stack_of_docker_compose_and_take_it_down
);
