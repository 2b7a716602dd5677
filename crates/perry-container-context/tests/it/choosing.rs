//! One backend, looked for once, and who may choose another one until when.

use crate::{DOCKER, PODMAN, Sockets};
use futures_util::future::join_all;
use perry_container_context::{ContainerContext, ContainerError};
use perry_container_probe::Candidate;
use snapbox::{assert_data_eq, str};
use std::sync::Arc;
use tokio::time::Instant;

fn both() -> Sockets {
    Sockets::with(&[(DOCKER, Candidate::Docker), (PODMAN, Candidate::Podman)])
}

fn told(error: &ContainerError) -> String {
    format!("{} {error}", error.code())
}

#[tokio::test(start_paused = true)]
async fn all_first_calls_share_one_look() {
    let machine = both();
    let context = Arc::new(machine.context());
    let began = Instant::now();
    let calls = (0..100).map(|_| {
        let context = Arc::clone(&context);
        tokio::spawn(async move { context.backend_name().await })
    });
    let names: Vec<_> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(names, ["podman"; 100]);
    assert_eq!((machine.dials(), began.elapsed().as_millis()), (1, 100));
    context.detected().await.unwrap();
    assert_eq!(machine.dials(), 1);
}

/// Who waited for a look takes what came of it, also when it found nobody; who comes later looks again.
#[tokio::test(start_paused = true)]
async fn a_failure_is_shared_and_not_kept() {
    let machine = Sockets::default().env("PERRY_CONTAINER_BACKEND", "podman");
    machine.engines.lock().unwrap().insert(PODMAN, None);
    let context = machine.context();
    let began = Instant::now();
    let calls = join_all((0..10).map(|_| context.detected())).await;
    let errors: Vec<_> = calls.into_iter().map(|call| told(&call.unwrap_err())).collect();
    assert_eq!(errors.iter().filter(|error| **error == errors[0]).count(), 10);
    assert_eq!((machine.dials(), began.elapsed().as_millis()), (1, 100));
    assert!(errors[0].starts_with("503 "), "{}", errors[0]);
    machine.engines.lock().unwrap().insert(PODMAN, Some(Candidate::Podman));
    assert_eq!(context.backend_name().await, "podman");
    assert_eq!(machine.dials(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_backend_is_chosen_before_the_first_operation() {
    let context = both().context();
    assert_eq!(context.set_backend("docker").await.unwrap(), "docker");
    assert_eq!(context.backend_name().await, "docker");
    let late = context.set_backend("podman").await.unwrap_err();
    let later = context.set_backends(&["podman"]).await.unwrap_err();
    assert_data_eq!(
        format!("{}\n{}", told(&late), told(&later)),
        str![[r#"
400 backend already initialised; setBackend must be called before any other container op
400 backend already initialised; setBackends must be called before any other container op
"#]]
    );
    assert_eq!(context.backend_name().await, "docker");

    let context = both().context();
    context.backend().await.unwrap();
    assert!(matches!(
        context.set_backend("docker").await,
        Err(ContainerError::AlreadyInitialised { call: "setBackend" })
    ));
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_chosen_changes_nothing() {
    let context = Sockets::with(&[(DOCKER, Candidate::Docker)]).context();
    let none: [&str; 0] = [];
    let errors = [
        context.set_backend("dokcer").await.unwrap_err(),
        context.set_backends(&["docker", "dokcer"]).await.unwrap_err(),
        context.set_backends(&none).await.unwrap_err(),
        context.set_backend("podman").await.unwrap_err(),
        context.set_backends(&["podman", "podman"]).await.unwrap_err(),
    ];
    let text: Vec<_> = errors.iter().map(told).collect();
    assert_data_eq!(
        text.join("\n"),
        str![[r#"
400 unknown backend: 'dokcer'. Valid: ["apple/container", "orbstack", "colima", "rancher-desktop", "lima", "podman", "nerdctl", "docker"]
400 unknown backend: 'dokcer'. Valid: ["apple/container", "orbstack", "colima", "rancher-desktop", "lima", "podman", "nerdctl", "docker"]
400 setBackends requires a non-empty array
503 backend probe failed: no socket of podman is there; `podman system service` makes one
503 none of the requested backends could be probed: podman: no socket of podman is there; `podman system service` makes one; podman: no socket of podman is there; `podman system service` makes one
"#]]
    );
    assert!(context.known().is_none());
    assert_eq!(context.set_backends(&["podman", "docker"]).await.unwrap(), "docker");
}

/// The environment is overruled by the program.
#[tokio::test(start_paused = true)]
async fn the_program_is_stronger_than_the_environment() {
    let context = both().env("PERRY_CONTAINER_BACKEND", "podman").context();
    assert_eq!(context.set_backends(&["docker"]).await.unwrap(), "docker");
}

#[tokio::test(start_paused = true)]
async fn to_look_ahead_decides_nothing() {
    let machine = both();
    let context = machine.context();
    context.warm().await.unwrap();
    assert_eq!(context.known().unwrap().driver.name(), "podman");
    assert_eq!(context.set_backend("docker").await.unwrap(), "docker");
    assert_eq!(context.backend_name().await, "docker");

    let machine = both();
    let context = machine.context();
    let (ahead, first) = tokio::join!(context.warm(), context.detected());
    ahead.unwrap();
    first.unwrap();
    assert_eq!(machine.dials(), 1);
    context.set_backend("docker").await.unwrap_err();
}

#[tokio::test(start_paused = true)]
async fn the_list_of_what_is_there_fixes_nothing() {
    let context = Sockets::with(&[(DOCKER, Candidate::Docker)]).context();
    assert_eq!(context.backend_priority(), ["podman", "nerdctl", "docker"]);
    let all = context.available_backends().await.unwrap();
    let names: Vec<_> = all.iter().map(|info| (info.name.as_str(), info.available)).collect();
    assert_eq!(names, [("podman", false), ("nerdctl", false), ("docker", true)]);
    assert!(all.iter().all(|info| info.available != info.reason.is_some()));
    assert!(context.known().is_none());
    assert_eq!(context.set_backend("docker").await.unwrap(), "docker");
}

#[tokio::test(start_paused = true)]
async fn nobody_is_unknown() {
    let context: ContainerContext = Sockets::default().context();
    assert_eq!(context.backend_name().await, "unknown");
}
