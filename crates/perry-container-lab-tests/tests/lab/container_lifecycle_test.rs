//! The life of a container through the seam, under the names that the plan gives these tests (task 25.1). The image
//! is the lab's stand-in for alpine.

use std::sync::Arc;

use perry_container_backend::{BackendError, ContainerBackend, ContainerBackendExt as _};
use perry_container_lab_tests::project::{image, path};
use perry_container_lab_tests::{Lane, Project, every_lane};
use perry_container_probe::{Backends, Choice, Detector, Machine, Os, ThisMachine, Transport};
use perry_container_process::Environment;
use perry_container_spec::{ContainerSpec, ErrorKind, ExecSpec, ImagePull, State};

/// The lane's backend, and a runtime to ask it on.
pub(super) struct Seam {
    pub(super) runtime: tokio::runtime::Runtime,
    pub(super) backend: Arc<dyn ContainerBackend>,
}

impl Seam {
    pub(super) fn new(lane: Lane) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let env = ["DOCKER_HOST", "DOCKER_CONTEXT", "CONTAINER_HOST"]
            .into_iter()
            .fold(Environment::current(), Environment::without)
            .with("PATH", path());
        let machine: Arc<dyn Machine> = Arc::new(ThisMachine::new(env.clone()));
        let transport = if lane.transport() == "cli" { Transport::Cli } else { Transport::Socket };
        let choice = Choice {
            backends: Backends::One(lane.engine().name().to_owned()),
            transport: Some(transport),
            ..Choice::default()
        };
        let detector = Detector::new(machine, env, Os::current());
        let backend = runtime.block_on(detector.detect(&choice)).unwrap().backend;
        Self { runtime, backend }
    }

    fn ask<T>(&self, call: impl Future<Output = Result<T, BackendError>>) -> T {
        self.runtime.block_on(call).unwrap_or_else(|error| panic!("{:?}: {error}", error.kind))
    }
}

/// A container that the project's guard removes.
fn spec(project: &Project, command: &[&str]) -> ContainerSpec {
    let labels = [
        ("com.docker.compose.project", project.name.as_str()),
        ("com.docker.compose.service", "one"),
    ];
    ContainerSpec {
        name: Some(format!("{}-one", project.name)),
        command: Some(command.iter().map(|word| (*word).to_owned()).collect()),
        labels: labels
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        ..ContainerSpec::new(image("graceful"))
    }
}

fn run_and_remove_alpine(project: &Project) {
    let seam = Seam::new(project.lane);
    let made = seam.ask(seam.backend.run(&spec(project, &["echo", "hello"])));
    assert_eq!(seam.ask(seam.backend.wait(&made.id)), 0);
    assert_eq!(seam.ask(seam.backend.logs(&made.id, None)).stdout, "hello\n");
    seam.ask(seam.backend.remove(&made.id, false));
    assert!(project.containers().is_empty());
}

fn create_start_stop_remove(project: &Project) {
    let seam = Seam::new(project.lane);
    let made = seam.ask(seam.backend.create(&spec(project, &["idle"])));
    let state = || seam.ask(seam.backend.inspect(&made.id)).state;
    assert_eq!(state(), State::Created);
    seam.ask(seam.backend.start(&made.id));
    assert_eq!(state(), State::Running);
    seam.ask(seam.backend.stop(&made.id, Some(5)));
    assert_eq!(state(), State::Exited);
    seam.ask(seam.backend.remove(&made.id, false));
    let gone = seam.runtime.block_on(seam.backend.inspect(&made.id)).expect_err("it was removed");
    assert_eq!(gone.kind, ErrorKind::NotFound, "{gone}");
}

fn list_shows_running_container(project: &Project) {
    let seam = Seam::new(project.lane);
    let made = seam.ask(seam.backend.run(&spec(project, &["idle"])));
    let listed = |all| seam.ask(seam.backend.list(all)).iter().any(|info| info.id == made.id);
    assert!(listed(false) && listed(true));
    seam.ask(seam.backend.stop(&made.id, Some(5)));
    assert!(!listed(false), "a stopped container is not listed");
    assert!(listed(true), "but with all it is");
}

fn inspect_returns_running_status(project: &Project) {
    let seam = Seam::new(project.lane);
    let made = seam.ask(seam.backend.run(&spec(project, &["idle"])));
    let info = seam.ask(seam.backend.inspect(&made.id));
    assert_eq!(info.state, State::Running);
    assert_eq!(info.name, format!("{}-one", project.name));
    assert_eq!(info.image, image("graceful"));
}

fn logs_captures_stdout(project: &Project) {
    let seam = Seam::new(project.lane);
    let text = "i=1; while [ $i -le 500 ]; do echo line $i; i=$((i+1)); done; echo problem >&2";
    let made = seam.ask(seam.backend.run(&spec(project, &["sh", "-c", text])));
    assert_eq!(seam.ask(seam.backend.wait(&made.id)), 0);
    let all = seam.ask(seam.backend.logs(&made.id, None));
    let wanted: String = (1..=500).map(|number| format!("line {number}\n")).collect();
    assert_eq!((all.stdout, all.stderr.as_str()), (wanted, "problem\n"));
}

fn exec_runs_command_in_container(project: &Project) {
    let seam = Seam::new(project.lane);
    let made = seam.ask(seam.backend.run(&spec(project, &["idle"])));
    let (logs, code) = seam.ask(
        seam.backend.exec(&made.id, &ExecSpec::new(["sh", "-c", "echo test; echo no >&2; exit 3"])),
    );
    assert_eq!((logs.stdout.as_str(), logs.stderr.as_str(), code), ("test\n", "no\n", 3));
}

fn pull_image_succeeds(project: &Project) {
    let seam = Seam::new(project.lane);
    let what = |name| ImagePull { reference: image(name), platform: None };
    seam.ask(seam.backend.pull_image(&what("chatty")));
    let missing = seam.runtime.block_on(seam.backend.pull_image(&what("nosuchimage")));
    let missing = missing.expect_err("there is no such image");
    assert_eq!(missing.kind, ErrorKind::ImageMissing, "{missing}");
}

fn list_images_shows_pulled_image(project: &Project) {
    let seam = Seam::new(project.lane);
    seam.ask(seam.backend.pull_image(&ImagePull { reference: image("chatty"), platform: None }));
    let images = seam.ask(seam.backend.list_images());
    let repository = image("chatty").trim_end_matches(":1").to_owned();
    let found = images.iter().find(|image| image.repository == repository && image.tag == "1");
    let found = found.unwrap_or_else(|| panic!("{repository} is not listed"));
    assert!(found.size > 1_000_000 && found.id.starts_with("sha256:"), "{found:?}");
}

every_lane!(
    run_and_remove_alpine,
    create_start_stop_remove,
    list_shows_running_container,
    inspect_returns_running_status,
    logs_captures_stdout,
    exec_runs_command_in_container,
    pull_image_succeeds,
    list_images_shows_pulled_image
);
