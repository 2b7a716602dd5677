//! The number of requests to the engine is a cost: counted on the engines' sockets.

use std::fmt::Write as _;

use perry_container_lab_tests::{Lane, Project, Proxy};

fn stack(services: usize) -> String {
    let mut text = "services:\n".to_owned();
    for number in 0..services {
        let _ = write!(
            text,
            "  s{number}:\n    image: @graceful@\n    command: [idle]\n    stop_grace_period: 1s\n"
        );
    }
    text
}

/// Requests of one command, to docker's socket or podman's.
fn calls(project: &Project, lane: Lane, args: &[&str]) -> u64 {
    let (socket, variable) = match lane {
        Lane::PodmanSocket => ("/run/podman/podman.sock", "CONTAINER_HOST"),
        _ => ("/var/run/docker.sock", "DOCKER_HOST"),
    };
    let proxy = Proxy::start(socket).unwrap();
    let mut command = project.command(args);
    command.env(variable, proxy.address());
    perry_container_lab_tests::run(command, std::time::Duration::from_secs(60)).ok();
    proxy.calls()
}

fn looking_costs_the_same(project: &Project, lane: Lane) {
    let mut seen = vec![];
    for services in [1, 8] {
        project.file("compose.yaml", &stack(services));
        project.compose(&["up", "-d"]).ok();
        seen.push((calls(project, lane, &["ps"]), calls(project, lane, &["up", "-d"])));
    }
    assert_eq!(seen[0], seen[1], "requests of (ps, second up) with one service and with eight");
    assert!(seen[0].0 > 0, "nothing went through the counting socket");
}

/// Must hold 5: what only looks costs the same for one service and for eight.
#[test]
fn looking_costs_the_same_whatever_the_number_of_services() {
    Lane::DockerSocket.test("looking_costs_the_same_whatever_the_number_of_services", |project| {
        looking_costs_the_same(project, Lane::DockerSocket);
    });
}

/// podman's list leaves out what a container runs; our containers tell it themselves.
#[test]
fn looking_costs_the_same_on_podmans_socket() {
    Lane::PodmanSocket.test("looking_costs_the_same_on_podmans_socket", |project| {
        looking_costs_the_same(project, Lane::PodmanSocket);
    });
}
