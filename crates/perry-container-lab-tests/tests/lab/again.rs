//! What a second `up` does, and what `down` leaves.

use perry_container_lab_tests::{Project, lanes};

fn three(level_of_cache: &str) -> String {
    format!(
        "
services:
  db:
    image: @graceful@
    command: [idle]
  cache:
    image: @graceful@
    command: [idle]
    environment:
      LEVEL: \"{level_of_cache}\"
  web:
    image: @httpd@
    depends_on: [db, cache]
"
    )
}

/// Must hold 3.
fn second_up_touches_nothing(project: &Project) {
    project.file("compose.yaml", &three("1"));
    project.compose(&["up", "-d"]).ok();
    let before = project.containers();
    assert_eq!(before.len(), 3);
    assert!(before.values().all(|live| live.status == "running"), "{before:?}");

    let plan = project.compose(&["up", "-d", "--dry-run"]).checked();
    project.compose(&["up", "-d", "--wait"]).ok();
    assert_eq!(project.containers(), before, "the plan was\n{plan}");
}

/// Must hold 3.
fn changed_environment_recreates_one_service(project: &Project) {
    project.file("compose.yaml", &three("1"));
    project.compose(&["up", "-d"]).ok();
    let before = project.containers();

    project.file("compose.yaml", &three("2"));
    project.compose(&["up", "-d"]).ok();
    let after = project.containers();
    for service in ["db", "web"] {
        assert_eq!(after[service], before[service], "{service} was touched");
    }
    assert_ne!(after["cache"].id, before["cache"].id, "cache was not recreated");
    assert_eq!(after["cache"].name, before["cache"].name);
    assert_eq!(after["cache"].status, "running");
    let level = project.compose(&["exec", "-T", "cache", "sh", "-c", "echo $LEVEL"]).checked();
    assert_eq!(level.stdout, "2\n");
}

/// Stopped and unchanged: started again, not made anew.
fn up_starts_what_was_stopped(project: &Project) {
    project.file("compose.yaml", &three("1"));
    project.compose(&["up", "-d"]).ok();
    let before = project.containers();
    project.compose(&["stop", "-t", "2", "cache"]).ok();
    assert_eq!(project.containers()["cache"].status, "exited");
    project.compose(&["up", "-d"]).ok();
    let after = project.containers();
    assert_eq!(after["cache"].id, before["cache"].id);
    assert_eq!(after["cache"].status, "running");
    assert_eq!(after["db"], before["db"]);
}

/// Must hold 3: from another folder, without the file; named volumes stay unless asked for, external ones always.
fn down_from_elsewhere_leaves_nothing(project: &Project) {
    let engine = project.engine();
    let outside = External::new(project);
    let name = &outside.name;
    project.file(
        "compose.yaml",
        &format!(
            "
services:
  one:
    image: @graceful@
    command: [idle]
    volumes: [data:/data, outside:/outside]
    networks: [inner, outside]
networks:
  inner:
  outside: {{name: {name}, external: true}}
volumes:
  data:
  outside: {{name: {name}, external: true}}
"
        ),
    );
    let volume = format!("{}_data", project.name);
    let elsewhere = tempfile::tempdir().unwrap();
    let down = |args: &[&str]| {
        let mut command = project.command(&[&["down"], args].concat());
        command.current_dir(elsewhere.path());
        perry_container_lab_tests::run(command, std::time::Duration::from_secs(60)).ok();
    };

    project.compose(&["up", "-d"]).ok();
    assert_eq!(project.volumes(), [volume.as_str()]);
    down(&[]);
    assert!(project.containers().is_empty() && project.networks().is_empty());
    assert_eq!(project.volumes(), [volume.as_str()]);

    project.compose(&["up", "-d"]).ok();
    down(&["-v"]);
    project.assert_gone();
    engine.call(&["network", "inspect", name]).ok();
    engine.call(&["volume", "inspect", name]).ok();
}

/// A network and a volume that somebody else made.
struct External {
    engine: perry_container_lab_tests::Engine,
    name: String,
}

impl External {
    fn new(project: &Project) -> Self {
        let this = Self { engine: project.engine(), name: format!("{}-outside", project.name) };
        this.engine.call(&["network", "create", &this.name]).ok();
        this.engine.call(&["volume", "create", &this.name]).ok();
        this
    }
}

impl Drop for External {
    fn drop(&mut self) {
        // A container that a failed test left would hold them.
        let filter = format!("volume={}", self.name);
        let holders = self.engine.call(&["ps", "-aq", "--filter", &filter]);
        for id in holders.stdout.lines() {
            drop(self.engine.call(&["rm", "-f", id]));
        }
        drop(self.engine.call(&["network", "rm", &self.name]));
        drop(self.engine.call(&["volume", "rm", &self.name]));
    }
}

lanes!(
    second_up_touches_nothing,
    changed_environment_recreates_one_service,
    up_starts_what_was_stopped,
    down_from_elsewhere_leaves_nothing
);
