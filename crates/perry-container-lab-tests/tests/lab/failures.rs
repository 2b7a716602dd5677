//! An `up` that fails names service, cause and last words, and takes back what it made.

use std::net::TcpListener;

use perry_container_lab_tests::{Done, Project, lanes};

fn up_fails(project: &Project) -> Done {
    let done = project.compose(&["up", "-d", "--wait"]).failed();
    project.assert_gone();
    done
}

/// Must hold 4.
fn missing_image_is_named(project: &Project) {
    let image = perry_container_lab_tests::project::image("nosuchimage");
    project.file(
        "compose.yaml",
        &format!(
            "
services:
  db:
    image: @graceful@
    command: [idle]
  web:
    image: {image}
    depends_on: [db]
"
        ),
    );
    up_fails(project).says(&["web", &image]);
}

/// Must hold 4.
fn taken_port_is_named(project: &Project) {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    project.file(
        "compose.yaml",
        &format!(
            "
services:
  db:
    image: @graceful@
    command: [idle]
  web:
    image: @httpd@
    ports: [\"127.0.0.1:{port}:8080\"]
    depends_on: [db]
"
        ),
    );
    up_fails(project).says(&["web", &port]);
}

/// Must hold 4.
fn death_before_health_shows_the_last_words(project: &Project) {
    project.file(
        "compose.yaml",
        "
services:
  db:
    image: @graceful@
    command: [sh, -c, \"echo reading the ledger; sleep 1; echo the ledger is gone >&2; exit 3\"]
    healthcheck:
      test: [CMD, test, -e, /never]
      interval: 1s
      retries: 60
  web:
    image: @graceful@
    command: [idle]
    depends_on:
      db: {condition: service_healthy}
",
    );
    up_fails(project).says(&["db", "3", "reading the ledger", "the ledger is gone"]);
}

/// Must hold 4: the health check is run by us where the engine does not run it.
fn unhealthy_service_is_named(project: &Project) {
    project.file(
        "compose.yaml",
        "
services:
  web:
    image: @sick@
    environment: {BODY: sick}
  watcher:
    image: @graceful@
    command: [idle]
    depends_on:
      web: {condition: service_healthy}
",
    );
    up_fails(project).says(&["web", "unhealthy", "web: listening on 8080"]);
}

/// A one-shot that others wait for fails: they never start.
fn failed_one_shot_stops_its_dependents(project: &Project) {
    project.file(
        "compose.yaml",
        "
services:
  migrate:
    image: @graceful@
    command: [sh, -c, \"echo column is missing; exit 4\"]
  web:
    image: @graceful@
    command: [idle]
    depends_on:
      migrate: {condition: service_completed_successfully}
",
    );
    up_fails(project).says(&["migrate", "4", "column is missing"]);
}

lanes!(
    missing_image_is_named,
    taken_port_is_named,
    death_before_health_shows_the_last_words,
    unhealthy_service_is_named,
    failed_one_shot_stops_its_dependents
);
