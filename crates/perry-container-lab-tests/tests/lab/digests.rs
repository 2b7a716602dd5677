//! `config` with the digests that registries have.

use perry_container_lab_tests::{Engine, Project, docker_lanes, lanes, project::image};

const STACK: &str = "\
services:
  a: {image: @graceful@, environment: {A: \"1\"}}
  b: {image: \"@graceful@@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}
  c: {build: .}
x-top: 1
";

/// A registry is asked where the runtime can; elsewhere the image that is here tells, and a warning says so.
fn digests_are_locked(project: &Project) {
    project.file("compose.yaml", STACK);
    let done = project.compose(&["config", "--lock-image-digests"]);
    let done = done.checked();
    let (text, said) = (&done.stdout, &done.stderr);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 6, "{text}");
    let digest = lines[2].strip_prefix(&format!("    image: {}@sha256:", image("graceful")));
    assert_eq!(digest.map(str::len), Some(64), "{text}");
    let repository = image("graceful").trim_end_matches(":1").to_owned();
    assert_eq!(lines[4], format!("    image: {repository}@sha256:{}", "a".repeat(64)));
    assert_eq!((lines[3], lines[5]), ("  b:", "  c: {}"));
    let podman = project.engine() == Engine::Podman;
    assert_eq!(said.contains("is that of the image which is here"), podman, "{said}");
}

/// To the letter what docker compose prints.
fn digests_as_docker_compose_prints_them(project: &Project) {
    project.file("compose.yaml", STACK);
    for flags in [
        &["--resolve-image-digests"][..],
        &["--lock-image-digests"],
        &["--lock-image-digests", "a"],
        &["--lock-image-digests", "--format", "json"],
        &["--resolve-image-digests", "--no-interpolate"],
        &["--lock-image-digests", "--no-interpolate"],
        &["--lock-image-digests", "-q"],
    ] {
        let args = [&["config"], flags].concat();
        let ours = project.compose(&args).checked().stdout;
        let theirs = project.docker_compose(&args).checked().stdout;
        assert_eq!(ours.trim_end(), theirs.trim_end(), "{flags:?}");
    }
    project.compose(&["config", "--lock-image-digests", "-o", "lock.yaml"]).ok();
    let lock = std::fs::read_to_string(project.dir().join("lock.yaml")).unwrap();
    assert!(lock.starts_with("services:\n  a:\n    image: "), "{lock}");
}

/// What no registry has is named, with the runtime's own words.
fn no_digest(project: &Project) {
    project.file("compose.yaml", "services: {a: {image: \"127.0.0.1:5000/lab/nothing:1\"}}\n");
    let done = project.compose(&["config", "--resolve-image-digests"]).failed();
    let start = "error: failed to resolve digest for 127.0.0.1:5000/lab/nothing:1: ";
    assert!(
        done.stderr.starts_with(start) && done.stderr.len() > start.len() + 5,
        "{}",
        done.stderr
    );
}

lanes!(digests_are_locked, no_digest);
docker_lanes!(digests_as_docker_compose_prints_them);
