//! Which candidates are looked at, in which order, how often.

use crate::{
    Scripted, choice, with_broken_podman, with_dead_docker, with_dead_nerdctl, with_docker,
    with_podman,
};
use perry_container_probe::{
    BackendCell, BackendDriver, Candidate, Os, PROBE_LIMIT, ProbeError, platform_candidates,
};
use perry_container_process::Answer;
use perry_container_spec::{BackendInfo, IsolationLevel};
use snapbox::{assert_data_eq, str};
use std::time::Duration;
use tokio::time::Instant;

#[test]
fn every_platform_has_its_order() {
    let names = |os| platform_candidates(os).iter().map(|one| one.name()).collect::<Vec<_>>();
    assert_eq!(
        names(Os::MacOs),
        [
            "apple/container",
            "orbstack",
            "colima",
            "rancher-desktop",
            "lima",
            "podman",
            "nerdctl",
            "docker"
        ]
    );
    assert_eq!(names(Os::Linux), ["podman", "nerdctl", "docker"]);
    assert_eq!(names(Os::Windows), ["podman", "nerdctl", "docker"]);
}

#[test]
fn a_driver_has_its_candidates_name_program_and_isolation() {
    for candidate in Candidate::ALL {
        let driver = BackendDriver::new(candidate, Some("/bin/x".into()));
        assert_eq!(driver.candidate(), candidate);
        assert_eq!(Candidate::named(driver.name()), Some(candidate));
        assert_eq!(driver.bin().unwrap(), std::path::Path::new("/bin/x"));
        let micro_vm = candidate == Candidate::AppleContainer;
        assert_eq!(candidate.isolation_level() == IsolationLevel::MicroVm, micro_vm);
    }
}

#[tokio::test(start_paused = true)]
async fn detect_backend_returns_first_available() {
    let machine = with_docker(with_broken_podman(Scripted::new()));
    let found = machine.detect().await.unwrap();
    assert_eq!(found.driver, BackendDriver::Docker { bin: Some("/usr/bin/docker".into()) });
    let both = with_docker(with_podman(Scripted::new()));
    assert_eq!(both.detect().await.unwrap().driver.name(), "podman");
    assert!(both.host.calls().iter().all(|call| call.starts_with("podman")), "docker was asked");
}

#[tokio::test(start_paused = true)]
async fn detect_backend_env_override_skips_probing() {
    let machine =
        with_docker(with_podman(Scripted::new())).env("PERRY_CONTAINER_BACKEND", "podman");
    assert_data_eq!(
        machine.tell().await,
        str![[r#"
$ podman ps -q
$ podman version --format=json
podman 4.3.1 "/usr/bin/podman" Local /var/lib/containers/storage

"#]]
    );
    let machine =
        with_docker(with_podman(Scripted::new())).env("PERRY_CONTAINER_BACKEND", "docker");
    assert_eq!(machine.detect().await.unwrap().driver.name(), "docker");
    assert!(machine.host.calls().iter().all(|call| call.starts_with("docker")));
}

#[tokio::test(start_paused = true)]
async fn detect_backend_all_unavailable_returns_error() {
    let machine = with_dead_nerdctl(with_dead_docker(with_broken_podman(Scripted::new())));
    let error = machine.detect().await.unwrap_err();
    let ProbeError::NoBackendFound { probed, .. } = &error else { panic!("{error}") };
    let names: Vec<_> = probed.iter().map(|info| &*info.name).collect();
    assert_eq!(names, ["podman", "nerdctl", "docker"]);
    assert!(probed.iter().all(|info| !info.available && info.reason.is_some()));
    assert_data_eq!(
        error.to_string(),
        str![[
            r#"no container runtime was found: podman: database is locked; nerdctl: cannot access containerd socket "/run/containerd/containerd.sock": no such file or directory; docker: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"#
        ]]
    );
    assert_eq!(error.code(), 503);
    assert_eq!(error.hint().as_deref(), Some("`podman info` shows what is wrong with it"));
}

#[tokio::test(start_paused = true)]
async fn a_bare_machine_says_what_was_looked_for() {
    assert_data_eq!(
        Scripted::new().tell().await,
        str![[r#"
no container runtime was found: podman: not installed (no `podman` on the PATH); nerdctl: not installed (no `nerdctl` on the PATH); docker: there is no socket /var/run/docker.sock; not installed (no `docker` on the PATH) (503)
hint: install podman for Linux, see https://podman.io/docs/installation

"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn detect_backend_caches_result() {
    let machine = with_docker(Scripted::new());
    let (cell, detector) = (BackendCell::new(), machine.detector());
    let first = cell.get(&detector).await.unwrap();
    let calls = machine.host.calls();
    let second = cell.get(&detector).await.unwrap();
    assert_eq!(machine.host.calls(), calls);
    assert_eq!(first.driver, second.driver);
    assert!(std::sync::Arc::ptr_eq(&first.backend, &second.backend));
}

#[tokio::test(start_paused = true)]
async fn many_at_once_look_once() {
    let machine = with_docker(Scripted::new());
    let (cell, detector) = (BackendCell::new(), machine.detector());
    let ask = || async { cell.get(&detector).await.unwrap().driver };
    let (a, b, c) = tokio::join!(ask(), ask(), ask());
    assert!(a == b && b == c);
    assert_eq!(machine.host.calls().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_not_cached() {
    let cell = BackendCell::new();
    assert!(cell.get(&Scripted::new().detector()).await.is_err());
    assert!(cell.known().is_none());
    let found = cell.get(&with_docker(Scripted::new()).detector()).await.unwrap();
    assert_eq!(found.driver.name(), "docker");
}

#[tokio::test(start_paused = true)]
async fn a_list_is_tried_in_order() {
    let machine = with_docker(with_podman(Scripted::new()));
    let list = machine.clone().env("PERRY_CONTAINER_BACKEND", " docker , podman");
    assert_eq!(list.detect().await.unwrap().driver.name(), "docker");
    let list = machine.clone().env("PERRY_CONTAINER_BACKEND", "colima,podman");
    assert_eq!(list.detect().await.unwrap().driver.name(), "podman");
    let list = Scripted::new().env("PERRY_CONTAINER_BACKEND", "lxc,podman,colima");
    assert_data_eq!(
        list.tell().await,
        str![[r#"
no container runtime was found: lxc: there is no such backend; known are apple/container, orbstack, colima, rancher-desktop, lima, podman, nerdctl, docker; podman: not installed (no `podman` on the PATH); colima: not installed (no `colima` on the PATH) (503)
hint: install podman for Linux, see https://podman.io/docs/installation

"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn one_name_that_cannot_be_used_is_an_error_of_its_own() {
    let mut text = String::new();
    for name in ["lxc", "nerdctl", "docker"] {
        let machine = with_dead_nerdctl(with_dead_docker(with_podman(Scripted::new())));
        text += &machine.env("PERRY_CONTAINER_BACKEND", name).tell().await;
    }
    assert_data_eq!(
        text,
        str![[r#"
the container backend `lxc` cannot be used: there is no such backend; known are apple/container, orbstack, colima, rancher-desktop, lima, podman, nerdctl, docker (503)
$ nerdctl version --format=json
the container backend `nerdctl` cannot be used: cannot access containerd socket "/run/containerd/containerd.sock": no such file or directory (503)
hint: `systemctl start containerd` starts its engine; or unset PERRY_CONTAINER_BACKEND to take whatever answers
$ docker --host=unix:///var/run/docker.sock version '--format={{json .}}'
the container backend `docker` cannot be used: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running? (503)
hint: `systemctl start docker` starts its engine; or unset PERRY_CONTAINER_BACKEND to take whatever answers

"#]]
    );
}

#[test]
fn what_means_nothing_is_refused() {
    let mut text = String::new();
    for (name, value) in
        [("PERRY_CONTAINER_MODE", "cloud-first"), ("PERRY_CONTAINER_TRANSPORT", "http")]
    {
        let error = Scripted::new().env(name, value).detector().choice().unwrap_err();
        text.extend([&error.to_string(), "\n"]);
        assert_eq!(error.code(), 400);
    }
    assert_data_eq!(
        text,
        str![[r#"
PERRY_CONTAINER_MODE is `cloud-first`, but only `local-first` and `server-first` mean something
PERRY_CONTAINER_TRANSPORT is `http`, but only `cli` and `socket` mean something

"#]]
    );
    let empty =
        Scripted::new().env("PERRY_CONTAINER_MODE", "").env("PERRY_CONTAINER_BACKEND", " ,");
    assert_eq!(choice(&empty), Default::default());
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_long_for_one_that_does_not_answer() {
    let machine = with_docker(Scripted::new())
        .program("podman")
        .answer("podman ps -q", Answer::Hangs(Vec::new()))
        .answer("podman version --format=json", Answer::Hangs(Vec::new()));
    let began = Instant::now();
    assert_eq!(machine.detect().await.unwrap().driver.name(), "docker");
    assert_eq!(began.elapsed(), PROBE_LIMIT, "docker was asked while podman was waited for");
    assert_eq!(machine.host.running(), 0);
    let all = machine.detector().probe_all().await.unwrap();
    assert_eq!(all[0].reason.as_deref(), Some("no answer within 2 s"));
}

#[tokio::test(start_paused = true)]
async fn eight_that_hang_cost_two_seconds_in_all() {
    let mut machine = Scripted::new().on(Os::MacOs);
    for candidate in Candidate::ALL {
        let program = candidate.program();
        machine = machine.program(program);
        machine = machine.answer(&format!("{program} *"), Answer::Hangs(Vec::new()));
    }
    let began = Instant::now();
    let error = machine.detect().await.unwrap_err();
    assert!(began.elapsed() < PROBE_LIMIT + Duration::from_millis(300), "{:?}", began.elapsed());
    let ProbeError::NoBackendFound { probed, .. } = &error else { panic!("{error}") };
    assert_eq!(probed.len(), 8);
    assert_eq!(machine.host.running(), 0);
    for mode in ["local-first", "server-first"] {
        let began = Instant::now();
        machine.clone().env("PERRY_CONTAINER_MODE", mode).detector().probe_all().await.unwrap();
        assert_eq!(began.elapsed(), PROBE_LIMIT);
    }
}

/// What is worth nothing to the answer is not asked: no process of docker where podman answers at once.
#[tokio::test(start_paused = true)]
async fn the_first_one_has_a_head_start() {
    let machine = with_docker(with_podman(Scripted::new())).program("nerdctl");
    machine.detect().await.unwrap();
    assert!(machine.host.calls().iter().all(|call| call.starts_with("podman")));
}

#[tokio::test(start_paused = true)]
async fn server_first_prefers_other_machines() {
    let machine = with_podman(Scripted::new())
        .env("DOCKER_HOST", "tcp://far:2375")
        .socket("tcp://far:2375", Ok("docker"));
    assert_eq!(machine.detect().await.unwrap().driver.name(), "podman");
    let machine = machine.env("PERRY_CONTAINER_MODE", "server-first");
    let found = machine.detect().await.unwrap();
    assert_eq!(
        (found.driver.name(), found.backend.engine_id().0.as_str()),
        ("docker", "tcp://far:2375")
    );
    let only_here =
        with_docker(with_podman(Scripted::new())).env("PERRY_CONTAINER_MODE", "server-first");
    assert_eq!(only_here.detect().await.unwrap().driver.name(), "podman");
}

#[tokio::test(start_paused = true)]
async fn all_candidates_are_told_with_what_is_known() {
    let machine = with_docker(Scripted::new()).on(Os::MacOs).program("container").program("colima");
    let all: Vec<BackendInfo> = machine.detector().probe_all().await.unwrap();
    let text: String = all.iter().map(|info| serde_json::to_string(info).unwrap() + "\n").collect();
    assert_data_eq!(
        text,
        str![[r#"
{"name":"apple/container","available":false,"reason":"the script has no answer to `container system status --format=json`","mode":"local","isolationLevel":"micro-vm"}
{"name":"orbstack","available":false,"reason":"not installed (no `orb` on the PATH)","mode":"local","isolationLevel":"container"}
{"name":"colima","available":false,"reason":"the script has no answer to `colima status --json`","mode":"local","isolationLevel":"container"}
{"name":"rancher-desktop","available":false,"reason":"not installed (no `rdctl` on the PATH)","mode":"local","isolationLevel":"container"}
{"name":"lima","available":false,"reason":"not installed (no `limactl` on the PATH)","mode":"local","isolationLevel":"container"}
{"name":"podman","available":false,"reason":"not installed (no `podman` on the PATH)","mode":"local","isolationLevel":"container"}
{"name":"nerdctl","available":false,"reason":"not installed (no `nerdctl` on the PATH)","mode":"local","isolationLevel":"container"}
{"name":"docker","available":true,"version":"28.5.2+dfsg4","mode":"local","isolationLevel":"container"}

"#]]
    );
}
