//! The real engines of this machine, where they answer. In CI they have to.

use perry_container_socket::{Flavour, Options, SocketBackend};
use perry_container_testkit::contract::{Ground, TRANSCRIPT, run};
use snapbox::assert_data_eq;

const DOCKER: &str = "unix:///var/run/docker.sock";
const PODMAN: &str = "unix:///run/podman/podman.sock";

#[expect(clippy::print_stderr, reason = "a check that is skipped says so")]
async fn engine(endpoint: &str, flavour: Flavour) -> Option<SocketBackend> {
    match SocketBackend::connect(endpoint, Some(flavour), &Options::default()).await {
        Ok(backend) => Some(backend),
        Err(error) => {
            assert!(std::env::var_os("CI").is_none(), "{error}");
            eprintln!("SKIPPED, no engine: {error}");
            None
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn docker_keeps_the_contract() {
    if let Some(backend) = engine(DOCKER, Flavour::Docker).await {
        let said = run(&backend, &Ground::new("so-docker", "lab/base:1")).await;
        assert_data_eq!(said, TRANSCRIPT);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn podman_keeps_the_contract() {
    if let Some(backend) = engine(PODMAN, Flavour::Podman).await {
        let said = run(&backend, &Ground::new("so-podman", "lab/base:1")).await;
        assert_data_eq!(said, TRANSCRIPT);
    }
}
