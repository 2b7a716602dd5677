//! Must hold 8: bad input gives one clear message with its place, and nothing is created.

use perry_container_lab_tests::{Done, Lane, Project};

/// What `up` says to a bad file. Any lane would do: no engine is asked.
fn up(test: &str, text: &str, check: impl FnOnce(&Done)) {
    Lane::DockerCli.test(test, |project| {
        project.file("compose.yaml", text);
        let done = project.compose(&["up", "-d"]).failed();
        one_message(&done);
        check(&done);
        project.assert_gone();
    });
}

/// One message: one line that begins like an error, nothing on standard output.
fn one_message(done: &Done) {
    assert_eq!(done.stdout, "", "{done}");
    let errors =
        done.stderr.lines().filter(|line| line.to_lowercase().starts_with("error")).count();
    assert!(errors <= 1 && !done.stderr.trim().is_empty(), "expected one message: {done}");
}

#[test]
fn a_cycle_is_shown_as_a_path() {
    let text = "
services:
  a: {image: @graceful@, depends_on: [b]}
  b: {image: @graceful@, depends_on: [c]}
  c: {image: @graceful@, depends_on: [a]}
  d: {image: @graceful@}
";
    up("a_cycle_is_shown_as_a_path", text, |done| {
        let paths = ["a -> b -> c -> a", "b -> c -> a -> b", "c -> a -> b -> c"];
        assert!(paths.iter().any(|path| done.stderr.contains(path)), "no path: {done}");
    });
}

#[test]
fn an_unknown_property_names_its_place_and_the_nearest() {
    let text = "services:\n  web:\n    imagee: @graceful@\n";
    up("an_unknown_property_names_its_place_and_the_nearest", text, |done| {
        done.says(&["compose.yaml:3:5", "imagee", "`image`"]);
    });
}

#[test]
fn an_undefined_network_is_named() {
    let text = "services:\n  web:\n    image: @graceful@\n    networks: [nowhere]\n";
    up("an_undefined_network_is_named", text, |done| {
        done.says(&["compose.yaml:4:", "web", "nowhere"]);
    });
}

#[test]
fn an_undefined_volume_is_named() {
    let text = "services:\n  web:\n    image: @graceful@\n    volumes: [nothing:/data]\n";
    up("an_undefined_volume_is_named", text, |done| {
        done.says(&["compose.yaml:4:", "web", "nothing"]);
    });
}

#[test]
fn an_undefined_dependency_is_named() {
    let text = "services:\n  web:\n    image: @graceful@\n    depends_on: [nobody]\n";
    up("an_undefined_dependency_is_named", text, |done| {
        done.says(&["compose.yaml:4:", "web", "nobody"]);
    });
}

#[test]
fn a_bad_port_is_named() {
    let text = "services:\n  web:\n    image: @graceful@\n    ports: [\"80:99999\"]\n";
    up("a_bad_port_is_named", text, |done| done.says(&["compose.yaml:4:", "99999"]));
}

#[test]
fn broken_yaml_names_its_place() {
    let text = "services:\n  web:\n    image: [unclosed\n";
    up("broken_yaml_names_its_place", text, |done| done.says(&["compose.yaml:"]));
}

#[test]
fn a_required_variable_is_named_with_its_message() {
    let text = "services:\n  web:\n    image: ${PLT_IMAGE:?which image, please}\n";
    up("a_required_variable_is_named_with_its_message", text, |done| {
        done.says(&["compose.yaml:3:", "PLT_IMAGE", "which image, please"]);
    });
}

#[test]
fn a_missing_file_is_named() {
    Lane::DockerCli.test("a_missing_file_is_named", |project| {
        let done = project.compose(&["-f", "nowhere.yaml", "up", "-d"]).failed();
        one_message(&done);
        done.says(&["nowhere.yaml"]);
    });
}

#[test]
fn no_file_at_all_is_said() {
    Lane::DockerCli.test("no_file_at_all_is_said", |project| {
        let done = project.compose(&["up", "-d"]).failed();
        one_message(&done);
        done.says(&["compose.yaml"]);
    });
}

/// An engine that is asked for and does not answer.
#[test]
fn a_missing_runtime_is_named() {
    Lane::DockerCli.test("a_missing_runtime_is_named", |project: &Project| {
        project.file("compose.yaml", "services:\n  web:\n    image: @graceful@\n");
        let mut command = project.command(&["up", "-d"]);
        command.env("PATH", project.dir()).env("DOCKER_HOST", "unix:///nonexistent/docker.sock");
        command.env_remove("PERRY_CONTAINER_TRANSPORT");
        let done =
            perry_container_lab_tests::run(command, std::time::Duration::from_secs(30)).failed();
        one_message(&done);
        done.says(&["docker"]);
        project.assert_gone();
    });
}
