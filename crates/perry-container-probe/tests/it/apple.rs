//! apple's `container`: its service has to answer, not the program.

use crate::Scripted;
use perry_container_probe::Os;
use perry_container_process::Answer;
use snapbox::{assert_data_eq, str};

fn mac() -> Scripted {
    let mac = Scripted::user().on(Os::MacOs).env("PERRY_CONTAINER_BACKEND", "apple/container");
    mac.program("container")
}

/// It prints this and fails.
fn ends(stdout: &str) -> Answer {
    match Answer::prints(stdout) {
        Answer::Ends(pieces, _) => Answer::Ends(pieces, 1),
        other => other,
    }
}

const STATUS: &str = "container system status --format=json";

#[tokio::test(start_paused = true)]
async fn it_is_there_when_its_service_answers() {
    let new = r#"{"apiServerVersion":"container-apiserver version 1.2.2 (build: release, commit: abc1234)","status":"running"}"#;
    let mut text = mac().answer(STATUS, Answer::prints(new)).tell().await;
    // before there was a format
    let old = mac().answer(STATUS, Answer::fails(64, "Error: Unknown option '--format'\n"));
    let old = old.answer("container system status", Answer::prints("apiserver is running\n"));
    text += &old.tell().await;
    assert_data_eq!(
        text,
        str![[r#"
$ container system status --format=json
apple/container 1.2.2 "/usr/bin/container" Local apple/container
$ container system status --format=json
$ container system status
apple/container ? "/usr/bin/container" Local apple/container

"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn it_is_not_when_it_does_not() {
    let mut text = String::new();
    for said in [
        ends(r#"{"status":"unregistered"}"#),
        ends(r#"{"status":"not running"}"#),
        Answer::fails(1, "Error: XPC connection error: Connection invalid\n"),
        ends("{\"sta"),
    ] {
        text += &mac().answer(STATUS, said).tell().await;
    }
    text += &mac().env("PERRY_CONTAINER_TRANSPORT", "socket").tell().await;
    assert_data_eq!(
        text,
        str![[r#"
$ container system status --format=json
the container backend `apple/container` cannot be used: its service is unregistered; `container system start` starts it (503)
hint: `container system start` starts it; or unset PERRY_CONTAINER_BACKEND to take whatever answers
$ container system status --format=json
the container backend `apple/container` cannot be used: its service is not running; `container system start` starts it (503)
hint: `container system start` starts it; or unset PERRY_CONTAINER_BACKEND to take whatever answers
$ container system status --format=json
the container backend `apple/container` cannot be used: XPC connection error: Connection invalid (503)
hint: `container system start` starts it; or unset PERRY_CONTAINER_BACKEND to take whatever answers
$ container system status --format=json
the container backend `apple/container` cannot be used: could not understand the tool's answer: EOF while parsing a string at line 1 column 5 (503)
hint: make sure that `container` is apple/container's own; or unset PERRY_CONTAINER_BACKEND to take whatever answers
the container backend `apple/container` cannot be used: it has no socket of the Engine API; its command line is driven (503)
hint: unset PERRY_CONTAINER_BACKEND to take whatever answers

"#]]
    );
}
