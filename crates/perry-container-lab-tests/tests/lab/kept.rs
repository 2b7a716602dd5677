//! What podman accepts and does not keep is said.

use perry_container_lab_tests::project::image;
use perry_container_lab_tests::{Project, docker_lanes, podman_lanes};

fn stack() -> String {
    let image = image("base");
    format!(
        "services:\n  far:\n    image: {image}\n    platform: linux/arm64\n    command: [sleep, '100']\n    \
         stop_grace_period: 0s\n  here:\n    image: {image}\n    platform: linux/amd64\n    \
         command: [sleep, '100']\n    stop_grace_period: 0s\n"
    )
}

/// Through the socket podman runs it, its command line finds no such image; that there is one of another platform is said
/// both times, and nothing of the service that gets what it asks for.
fn a_foreign_platform_is_said(project: &Project) {
    project.file("compose.yaml", &stack());
    let done = project.compose(&["up", "-d", "far", "here"]);
    let told = |service: &str| format!("services.{service}.platform: ");
    let lines: Vec<_> = done.stderr.lines().filter(|line| line.contains(&told("far"))).collect();
    assert_eq!(lines.len(), 1, "{}", done.stderr);
    assert!(
        lines[0].contains("linux/arm64 was asked for and linux/amd64 is there"),
        "{}",
        done.stderr
    );
    assert!(!done.stderr.contains(&told("here")), "{}", done.stderr);
}

podman_lanes!(a_foreign_platform_is_said);

/// podman 4 takes a GPU and does nothing with it: it is not asked for, and that is said.
fn a_gpu_that_is_not_given_is_said(project: &Project) {
    let image = image("base");
    project.file(
        "compose.yaml",
        &format!("services:\n  a:\n    image: {image}\n    gpus: all\n    command: [sleep, '100']\n    stop_grace_period: 0s\n"),
    );
    let done = project.compose(&["up", "-d"]).checked();
    assert!(done.stderr.contains("services.a.gpus: podman 4 "), "{}", done.stderr);
    let strict = project.compose(&["--enforcement", "strict", "up", "-d"]);
    assert!(strict.code == 1, "{}", strict.stderr);
    assert!(strict.stderr.contains(": a: gpus (podman 4 "), "{}", strict.stderr);
}

podman_lanes!(a_gpu_that_is_not_given_is_said);

/// docker looks for the platform and says itself that it is not there.
fn docker_says_it_itself(project: &Project) {
    project.file("compose.yaml", &stack());
    let done = project.compose(&["up", "-d"]);
    assert!(done.code == 1, "{}", done.stderr);
    assert!(done.stderr.contains("linux/arm64"), "{}", done.stderr);
}

docker_lanes!(docker_says_it_itself);
