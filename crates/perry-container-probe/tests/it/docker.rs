//! Where docker is looked for, and who is taken for it.

use crate::{DOCKER_VERSION, Scripted, with_docker};
use perry_container_probe::Os;
use perry_container_process::Answer;
use snapbox::{assert_data_eq, str};

const SOCK: &str = "unix:///var/run/docker.sock";

fn docker(machine: Scripted) -> Scripted {
    machine.env("PERRY_CONTAINER_BACKEND", "docker")
}

#[tokio::test(start_paused = true)]
async fn a_socket_that_answers_is_preferred() {
    assert_data_eq!(
        docker(with_docker(Scripted::new()).socket(SOCK, Ok("docker"))).tell().await,
        str![[r#"
dial unix:///var/run/docker.sock
docker 28.5.2 "/usr/bin/docker" Local unix:///var/run/docker.sock

"#]]
    );
    // Without a client, too.
    assert_data_eq!(
        docker(Scripted::new().socket(SOCK, Ok("docker"))).tell().await,
        str![[r#"
dial unix:///var/run/docker.sock
docker 28.5.2 "-" Local unix:///var/run/docker.sock

"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn a_transport_can_be_demanded() {
    let both = || docker(with_docker(Scripted::new()).socket(SOCK, Ok("docker")));
    assert_data_eq!(
        both().env("PERRY_CONTAINER_TRANSPORT", "cli").tell().await,
        str![[r#"
$ docker --host=unix:///var/run/docker.sock version '--format={{json .}}'
docker 28.5.2+dfsg4 "/usr/bin/docker" Local unix:///var/run/docker.sock

"#]]
    );
    assert_data_eq!(
        both().env("PERRY_CONTAINER_TRANSPORT", "socket").tell().await,
        str![[r#"
dial unix:///var/run/docker.sock
docker 28.5.2 "/usr/bin/docker" Local unix:///var/run/docker.sock

"#]]
    );
    let refused = docker(with_docker(Scripted::new()).socket(SOCK, Err("permission denied")));
    assert_data_eq!(
        refused.env("PERRY_CONTAINER_TRANSPORT", "socket").tell().await,
        str![[r#"
dial unix:///var/run/docker.sock
the container backend `docker` cannot be used: permission denied (503)
hint: `systemctl start docker` starts its engine; or unset PERRY_CONTAINER_BACKEND to take whatever answers

"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn two_ways_to_one_engine_have_one_id() {
    let machine = docker(with_docker(Scripted::new()).socket(SOCK, Ok("docker")))
        .link("/var/run/docker.sock", "/run/docker.sock");
    let socket = machine.clone().detect().await.unwrap();
    let cli = machine.clone().env("PERRY_CONTAINER_TRANSPORT", "cli").detect().await.unwrap();
    let other_path = machine
        .env("DOCKER_HOST", "unix:///run/docker.sock")
        .socket("unix:///run/docker.sock", Ok("docker"))
        .detect()
        .await
        .unwrap();
    assert_eq!(socket.backend.engine_id().0, "unix:///run/docker.sock");
    assert_eq!(socket.backend.engine_id(), cli.backend.engine_id());
    assert_eq!(socket.backend.engine_id(), other_path.backend.engine_id());
}

#[tokio::test(start_paused = true)]
async fn the_users_own_daemon_is_found_where_there_is_no_other() {
    let machine =
        docker(Scripted::user()).socket("unix:///run/user/1000/docker.sock", Ok("docker"));
    assert_data_eq!(
        machine.tell().await,
        str![[r#"
dial unix:///run/user/1000/docker.sock
docker 28.5.2 "-" Local unix:///run/user/1000/docker.sock

"#]]
    );
    let refused = docker(Scripted::user())
        .socket(SOCK, Err("permission denied"))
        .socket("unix:///run/user/1000/docker.sock", Ok("docker"));
    assert_data_eq!(
        refused.tell().await,
        str![[r#"
dial unix:///var/run/docker.sock
dial unix:///run/user/1000/docker.sock
docker 28.5.2 "-" Local unix:///run/user/1000/docker.sock

"#]]
    );
    let desktop = docker(Scripted::new().env("HOME", "/Users/me").on(Os::MacOs))
        .socket("unix:///Users/me/.docker/run/docker.sock", Ok("docker"));
    assert_data_eq!(
        desktop.tell().await,
        str![[r#"
dial unix:///Users/me/.docker/run/docker.sock
docker 28.5.2 "-" Local unix:///Users/me/.docker/run/docker.sock

"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn docker_host_decides() {
    let at = |host| docker(Scripted::new()).env("DOCKER_HOST", host).program("docker");
    assert_data_eq!(
        at("Far.Example").socket("tcp://Far.Example", Ok("docker")).tell().await,
        str![[r#"
dial tcp://Far.Example
docker 28.5.2 "/usr/bin/docker" Remote tcp://far.example:2375

"#]]
    );
    // ssh and TLS are the client's.
    let call = "docker --host=ssh://me@far version '--format={{json .}}'";
    assert_data_eq!(
        at("ssh://me@far").answer(call, Answer::prints(DOCKER_VERSION)).tell().await,
        str![[r#"
$ docker --host=ssh://me@far version '--format={{json .}}'
docker 28.5.2+dfsg4 "/usr/bin/docker" Remote ssh://me@far

"#]]
    );
    let call = "docker --host=tcp://far:4000 version '--format={{json .}}'";
    let tls = at("tcp://far:4000").env("DOCKER_TLS_VERIFY", "1");
    assert_data_eq!(
        tls.answer(call, Answer::prints(DOCKER_VERSION)).tell().await,
        str![[r#"
$ docker --host=tcp://far:4000 version '--format={{json .}}'
docker 28.5.2+dfsg4 "/usr/bin/docker" Remote tcp://far:4000

"#]]
    );
    assert_data_eq!(
        at("ssh://me@far").env("PERRY_CONTAINER_TRANSPORT", "socket").tell().await,
        str![[r#"
the container backend `docker` cannot be used: ssh://me@far is reached by the command line only (503)
hint: unset PERRY_CONTAINER_BACKEND to take whatever answers

"#]]
    );
}

/// Where docker keeps the context `far`.
fn far() -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest("far").iter().map(|byte| format!("{byte:02x}")).collect()
}

fn context(machine: Scripted, host: &str) -> Scripted {
    let meta = format!(
        r#"{{"Name":"far","Metadata":{{}},"Endpoints":{{"docker":{{"Host":"{host}","SkipTLSVerify":false}}}}}}"#
    );
    docker(machine)
        .program("docker")
        .file("/root/.docker/config.json", r#"{"auths":{},"currentContext":"far"}"#)
        .file(&format!("/root/.docker/contexts/meta/{}/meta.json", far()), &meta)
        .file(&format!("/root/.docker/contexts/tls/{}/docker/other", far()), "")
}

#[tokio::test(start_paused = true)]
async fn the_current_context_decides_where_docker_host_does_not() {
    let machine =
        context(Scripted::new(), "unix:///far.sock").socket("unix:///far.sock", Ok("docker"));
    assert_data_eq!(
        machine.clone().tell().await,
        str![[r#"
dial unix:///far.sock
docker 28.5.2 "/usr/bin/docker" Local unix:///far.sock

"#]]
    );
    let dialled = machine.dialled.lock().unwrap()[0].credentials.clone();
    assert_eq!(dialled.unwrap(), std::path::Path::new("/root/.docker/config.json"));
    let named = machine.clone().env("DOCKER_CONTEXT", "default").socket(SOCK, Ok("docker"));
    assert_eq!(named.detect().await.unwrap().backend.engine_id().0, SOCK);
    let host = machine.clone().env("DOCKER_HOST", SOCK).socket(SOCK, Ok("docker"));
    assert_eq!(host.detect().await.unwrap().backend.engine_id().0, SOCK);
    assert_data_eq!(
        context(Scripted::new(), "")
            .env("DOCKER_CONTEXT", "gone")
            .env("DOCKER_HOST", "")
            .tell()
            .await,
        str![[r#"
the container backend `docker` cannot be used: docker's context `gone` does not exist (503)
hint: `systemctl start docker` starts its engine; or unset PERRY_CONTAINER_BACKEND to take whatever answers

"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn a_context_with_certificates_is_the_clients() {
    let call = "docker --context=far version '--format={{json .}}'";
    let machine = context(Scripted::new(), "tcp://far:4000")
        .file(&format!("/root/.docker/contexts/tls/{}/docker/ca.pem", far()), "x")
        .answer(call, Answer::prints(DOCKER_VERSION));
    assert_data_eq!(
        machine.tell().await,
        str![[r#"
$ docker --context=far version '--format={{json .}}'
docker 28.5.2+dfsg4 "/usr/bin/docker" Remote tcp://far:4000

"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn broken_configuration_is_said_or_ignored_as_the_client_does() {
    let machine = docker(Scripted::new()).socket(SOCK, Ok("docker"));
    let broken = machine.clone().file("/root/.docker/config.json", "{");
    assert_eq!(broken.detect().await.unwrap().backend.engine_id().0, SOCK);
    let meta = context(Scripted::new(), "").tell().await;
    assert_data_eq!(
        meta,
        str![[r#"
the container backend `docker` cannot be used: docker's context `far` cannot be used: it names no docker endpoint (503)
hint: `systemctl start docker` starts its engine; or unset PERRY_CONTAINER_BACKEND to take whatever answers

"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn podman_is_not_taken_for_docker() {
    let call = "docker --host=unix:///var/run/docker.sock version '--format={{json .}}'";
    let socket = docker(Scripted::new()).socket(SOCK, Ok("podman"));
    let engine = DOCKER_VERSION.replace(r#""Name":"Engine""#, r#""Name":"Podman Engine""#);
    let behind = docker(Scripted::new()).program("docker").answer(call, Answer::prints(engine));
    let shim = docker(Scripted::new())
        .program("docker")
        .answer(call, Answer::fails(125, "Error: unknown flag: --host\nSee 'podman --help'\n"));
    let nobody = docker(Scripted::new())
        .program("docker")
        .answer(call, Answer::prints(r#"{"Client":{"Version":"28.2.2"},"Server":null}"#));
    let mut text = String::new();
    for machine in [socket, behind, shim, nobody] {
        text += machine.tell().await.lines().rev().nth(1).unwrap();
        text += "\n";
    }
    assert_data_eq!(
        text,
        str![[r#"
the container backend `docker` cannot be used: podman answers at unix:///var/run/docker.sock, not docker; not installed (no `docker` on the PATH) (503)
the container backend `docker` cannot be used: `Podman Engine` answers at unix:///var/run/docker.sock, not docker (503)
the container backend `docker` cannot be used: /usr/bin/docker is podman under docker's name (503)
the container backend `docker` cannot be used: nobody answers at unix:///var/run/docker.sock (503)

"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn a_forwarded_socket_is_told_by_its_kernel() {
    let machine = docker(with_docker(Scripted::new())).env("PERRY_CONTAINER_TRANSPORT", "cli");
    let kernel = "/proc/sys/kernel/osrelease";
    let mode = async |machine: Scripted| format!("{:?}", machine.detect().await.unwrap().mode);
    assert_eq!(mode(machine.clone().file(kernel, "6.18.0\n")).await, "Local");
    assert_eq!(mode(machine.clone().file(kernel, "6.1.0-31-amd64\n")).await, "Remote");
    assert_eq!(mode(machine).await, "Local");
}
