//! The number of requests to the engine is a cost: counted on docker's socket.

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

/// Requests of one command.
fn calls(project: &Project, args: &[&str]) -> u64 {
    let proxy = Proxy::start("/var/run/docker.sock").unwrap();
    let mut command = project.command(args);
    command.env("DOCKER_HOST", proxy.address());
    perry_container_lab_tests::run(command, std::time::Duration::from_secs(60)).ok();
    proxy.calls()
}

/// Must hold 5: what only looks costs the same for one service and for eight.
#[test]
fn looking_costs_the_same_whatever_the_number_of_services() {
    Lane::DockerSocket.test("looking_costs_the_same_whatever_the_number_of_services", |project| {
        let mut seen = vec![];
        for services in [1, 8] {
            project.file("compose.yaml", &stack(services));
            project.compose(&["up", "-d"]).ok();
            seen.push((calls(project, &["ps"]), calls(project, &["up", "-d"])));
        }
        assert_eq!(seen[0], seen[1], "requests of (ps, second up) with one service and with eight");
        assert!(seen[0].0 > 0, "nothing went through the counting socket");
    });
}
