//! OrbStack, Colima, Rancher Desktop and Lima: docker's engine, podman or containerd in a machine of the product.

use crate::{DOCKER_VERSION, NERDCTL_VERSION, Scripted};
use perry_container_probe::Os;
use perry_container_process::Answer;
use snapbox::{assert_data_eq, str};

/// A Mac of this user, who wants this backend.
fn mac(backend: &str) -> Scripted {
    Scripted::user().on(Os::MacOs).env("PERRY_CONTAINER_BACKEND", backend)
}

const ORB: &str = "unix:///home/me/.orbstack/run/docker.sock";
const COLIMA: &str = "unix:///home/me/.colima/default/docker.sock";
const RANCHER: &str = "unix:///home/me/.rd/docker.sock";

fn orbstack(status: Answer) -> Scripted {
    mac("orbstack").program("orb").answer("orb status", status)
}

fn colima(status: Answer) -> Scripted {
    mac("colima").program("colima").answer("colima status --json", status)
}

fn rancher(settings: Answer) -> Scripted {
    mac("rancher-desktop").program("rdctl").answer("rdctl list-settings", settings)
}

fn colima_runs(runtime: &str, profile: &str) -> Answer {
    Answer::prints(format!(
        r#"{{"display_name":"colima","driver":"macOS Virtualization.Framework","arch":"aarch64","runtime":"{runtime}","mount_type":"virtiofs","docker_socket":"unix:///home/me/.colima/{profile}/docker.sock","kubernetes":false,"cpu":2,"memory":2147483648,"disk":107374182400}}"#
    ))
}

fn rancher_runs(engine: &str) -> Answer {
    Answer::prints(format!(
        r#"{{"version":10,"containerEngine":{{"allowedImages":{{"enabled":false,"patterns":[]}},"name":"{engine}"}},"kubernetes":{{"enabled":true}}}}"#
    ))
}

#[tokio::test(start_paused = true)]
async fn each_is_reached_by_its_socket_under_its_own_name() {
    let mut text = orbstack(Answer::prints("Running\n")).socket(ORB, Ok("docker")).tell().await;
    text += &colima(colima_runs("docker", "default")).socket(COLIMA, Ok("docker")).tell().await;
    text += &rancher(rancher_runs("moby")).socket(RANCHER, Ok("docker")).tell().await;
    assert_data_eq!(
        text,
        str![[r#"
$ orb status
dial unix:///home/me/.orbstack/run/docker.sock
orbstack 28.5.2 "/usr/bin/orb" Local unix:///home/me/.orbstack/run/docker.sock
$ colima status --json
dial unix:///home/me/.colima/default/docker.sock
colima 28.5.2 "/usr/bin/colima" Local unix:///home/me/.colima/default/docker.sock
$ rdctl list-settings
dial unix:///home/me/.rd/docker.sock
rancher-desktop 28.5.2 "/usr/bin/rdctl" Local unix:///home/me/.rd/docker.sock

"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn the_client_reaches_them_too() {
    let cli = |machine: Scripted, url: &str| {
        machine
            .env("PERRY_CONTAINER_TRANSPORT", "cli")
            .program("docker")
            .file(url.strip_prefix("unix://").unwrap(), "")
            .answer(
                &format!("docker --host={url} version '--format={{{{json .}}}}'"),
                Answer::prints(DOCKER_VERSION),
            )
    };
    let mut text = cli(orbstack(Answer::prints("Running\n")), ORB).tell().await;
    text += &cli(colima(colima_runs("docker", "default")), COLIMA).tell().await;
    text += &cli(rancher(rancher_runs("moby")), RANCHER).tell().await;
    assert_data_eq!(
        text,
        str![[r#"
$ orb status
$ docker --host=unix:///home/me/.orbstack/run/docker.sock version '--format={{json .}}'
orbstack 28.5.2+dfsg4 "/usr/bin/orb" Local unix:///home/me/.orbstack/run/docker.sock
$ colima status --json
$ docker --host=unix:///home/me/.colima/default/docker.sock version '--format={{json .}}'
colima 28.5.2+dfsg4 "/usr/bin/colima" Local unix:///home/me/.colima/default/docker.sock
$ rdctl list-settings
$ docker --host=unix:///home/me/.rd/docker.sock version '--format={{json .}}'
rancher-desktop 28.5.2+dfsg4 "/usr/bin/rdctl" Local unix:///home/me/.rd/docker.sock

"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn orbstack_is_found_by_its_socket_alone() {
    let socket_only = mac("orbstack").socket(ORB, Ok("docker")).tell().await;
    let nothing = mac("orbstack").tell().await;
    let no_socket = orbstack(Answer::prints("Running\n")).tell().await;
    assert_data_eq!(
        socket_only + &nothing + &no_socket,
        str![[r#"
dial unix:///home/me/.orbstack/run/docker.sock
orbstack 28.5.2 "-" Local unix:///home/me/.orbstack/run/docker.sock
the container backend `orbstack` cannot be used: not installed (no `orb` on the PATH) (503)
hint: unset PERRY_CONTAINER_BACKEND to take whatever answers
$ orb status
the container backend `orbstack` cannot be used: there is no socket /home/me/.orbstack/run/docker.sock (503)
hint: unset PERRY_CONTAINER_BACKEND to take whatever answers

"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn a_product_that_does_not_run_is_not_started_by_looking() {
    // A call to OrbStack's socket would start its machine.
    let stopped = orbstack(Answer::prints("Stopped\n")).socket(ORB, Ok("docker"));
    let mut text = stopped.tell().await;
    let fatal = "time=\"2026-11-25T10:00:00+01:00\" level=fatal msg=\"colima is not running\"\n";
    let stopped = colima(Answer::fails(1, fatal)).answer("colima list --json", Answer::prints(""));
    text += &stopped.tell().await;
    let refused = "Error: Get \"http://127.0.0.1:6107/v1/settings\": dial tcp 127.0.0.1:6107: connect: connection refused\n";
    text += &rancher(Answer::fails(1, refused)).tell().await;
    assert_data_eq!(
        text,
        str![[r#"
$ orb status
the container backend `orbstack` cannot be used: it does not run (`orb status` says `Stopped`) (503)
hint: `orb start` starts it; or unset PERRY_CONTAINER_BACKEND to take whatever answers
$ colima status --json
$ colima list --json
the container backend `colima` cannot be used: colima is not running (503)
hint: `colima start` starts it; or unset PERRY_CONTAINER_BACKEND to take whatever answers
$ rdctl list-settings
the container backend `rancher-desktop` cannot be used: Get "http://127.0.0.1:6107/v1/settings": dial tcp 127.0.0.1:6107: connect: connection refused (503)
hint: `rdctl start` starts it; or unset PERRY_CONTAINER_BACKEND to take whatever answers

"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn another_profile_of_colima_is_taken_when_the_default_one_does_not_run() {
    let fatal = "time=\"2026-11-25T10:00:00+01:00\" level=fatal msg=\"colima is not running\"\n";
    let list = "{\"name\":\"default\",\"status\":\"Stopped\",\"arch\":\"aarch64\"}\n{\"name\":\"work\",\"status\":\"Running\",\"arch\":\"aarch64\",\"runtime\":\"docker\"}\n";
    let work = "unix:///home/me/.colima/work/docker.sock";
    let machine = colima(Answer::fails(1, fatal))
        .answer("colima list --json", Answer::prints(list))
        .answer("colima status --json --profile=work", colima_runs("docker", "work"))
        .socket(work, Ok("docker"));
    // Whoever names a profile means that one.
    let named = machine.clone().env("COLIMA_PROFILE", "home");
    assert_data_eq!(
        machine.tell().await + &named.tell().await,
        str![[r#"
$ colima status --json
$ colima list --json
$ colima status --json --profile=work
dial unix:///home/me/.colima/work/docker.sock
colima 28.5.2 "/usr/bin/colima" Local unix:///home/me/.colima/work/docker.sock
$ colima status --json
$ colima list --json
$ colima status --json --profile=work
$ colima status --json
dial unix:///home/me/.colima/work/docker.sock
the container backend `colima` cannot be used: colima is not running (503)
hint: `colima start` starts it; or unset PERRY_CONTAINER_BACKEND to take whatever answers

"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn a_socket_that_is_there_but_silent_is_told() {
    // Rancher Desktop's is there with containerd, too.
    let silent = "connection refused";
    let mut text = rancher(rancher_runs("moby")).socket(RANCHER, Err(silent)).tell().await;
    text += &orbstack(Answer::prints("Running\n")).socket(ORB, Ok("podman")).tell().await;
    text += &colima(colima_runs("incus", "default")).tell().await;
    assert_data_eq!(
        text,
        str![[r#"
$ rdctl list-settings
dial unix:///home/me/.rd/docker.sock
the container backend `rancher-desktop` cannot be used: connection refused (503)
hint: `rdctl start` starts it; or unset PERRY_CONTAINER_BACKEND to take whatever answers
$ orb status
dial unix:///home/me/.orbstack/run/docker.sock
the container backend `orbstack` cannot be used: podman answers at unix:///home/me/.orbstack/run/docker.sock, not docker (503)
hint: `orb start` starts it; or unset PERRY_CONTAINER_BACKEND to take whatever answers
$ colima status --json
the container backend `colima` cannot be used: its engine is incus; docker's and containerd can be driven (503)
hint: `colima start --runtime docker` gives it docker's engine; or unset PERRY_CONTAINER_BACKEND to take whatever answers

"#]]
    );
}

const LIST: &str = "limactl list --format=json";

/// A line of `limactl list`.
fn instance(name: &str, status: &str, containerd: &str) -> String {
    format!(
        r#"{{"name":"{name}","hostname":"lima-{name}","status":"{status}","dir":"/home/me/.lima/{name}","vmType":"vz","arch":"aarch64","cpus":4,"memory":4294967296,"config":{{"containerd":{containerd}}}}}"#
    ) + "\n"
}

fn lima(list: &[String]) -> Scripted {
    let shell = |name: &str| format!("limactl shell --tty=false --workdir=/ {name}");
    mac("lima")
        .program("limactl")
        .answer(LIST, Answer::prints(list.concat()))
        .answer(
            &format!("{} nerdctl version --format=json", shell("default")),
            Answer::prints(NERDCTL_VERSION),
        )
        .answer(
            &format!("{} sudo nerdctl version --format=json", shell("work")),
            Answer::prints(NERDCTL_VERSION),
        )
        .answer(
            &format!("{} nerdctl version --format=json", shell("broken")),
            Answer::fails(255, "kex_exchange_identification: Connection closed by remote host\n"),
        )
}

const USER: &str = r#"{"system":false,"user":true}"#;
const SYSTEM: &str = r#"{"system":true,"user":false}"#;
const NONE: &str = r#"{"system":false,"user":false}"#;

#[tokio::test(start_paused = true)]
async fn of_limas_instances_one_is_taken_that_runs_and_has_containers() {
    let mut text = String::new();
    for list in [
        &[instance("work", "Running", SYSTEM), instance("default", "Running", USER)][..],
        &[instance("default", "Stopped", USER), instance("work", "Running", SYSTEM)],
        &[instance("bare", "Running", NONE), instance("work", "Running", SYSTEM)],
        &[instance("broken", "Running", USER)],
        &[instance("bare", "Running", NONE)],
        &[instance("a", "Stopped", USER), instance("b", "Broken", USER)],
        &[],
    ] {
        text += &lima(list).tell().await;
    }
    let both = [instance("work", "Stopped", SYSTEM), instance("default", "Running", USER)];
    text += &lima(&both).env("LIMA_INSTANCE", "work").tell().await;
    text += &lima(&both).env("LIMA_INSTANCE", "gone").tell().await;
    assert_data_eq!(
        text,
        str![[r#"
$ limactl list --format=json
$ limactl shell --tty=false --workdir=/ default nerdctl version --format=json
lima 2.1.6 "/usr/bin/limactl" Local lima:default
$ limactl list --format=json
$ limactl shell --tty=false --workdir=/ work sudo nerdctl version --format=json
lima 2.1.6 "/usr/bin/limactl" Local lima:work#root
$ limactl list --format=json
$ limactl shell --tty=false --workdir=/ work sudo nerdctl version --format=json
lima 2.1.6 "/usr/bin/limactl" Local lima:work#root
$ limactl list --format=json
$ limactl shell --tty=false --workdir=/ broken nerdctl version --format=json
the container backend `lima` cannot be used: Lima's instance `broken` does not answer: kex_exchange_identification: Connection closed by remote host (503)
hint: `limactl start` starts an instance; or unset PERRY_CONTAINER_BACKEND to take whatever answers
$ limactl list --format=json
the container backend `lima` cannot be used: there is no docker, podman or containerd in its instance `bare` (503)
hint: unset PERRY_CONTAINER_BACKEND to take whatever answers
$ limactl list --format=json
the container backend `lima` cannot be used: none of its instances runs: a, b (503)
hint: `limactl start` starts an instance; or unset PERRY_CONTAINER_BACKEND to take whatever answers
$ limactl list --format=json
the container backend `lima` cannot be used: it has no instance (503)
hint: `limactl start` starts an instance; or unset PERRY_CONTAINER_BACKEND to take whatever answers
$ limactl list --format=json
the container backend `lima` cannot be used: its instance `work` does not run (503)
hint: `limactl start` starts an instance; or unset PERRY_CONTAINER_BACKEND to take whatever answers
$ limactl list --format=json
the container backend `lima` cannot be used: it has no instance `gone` (503)
hint: `limactl start` starts an instance; or unset PERRY_CONTAINER_BACKEND to take whatever answers

"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn an_instance_with_docker_or_podman_is_reached_by_its_socket() {
    let list = || [instance("default", "Running", NONE)];
    let docker = "unix:///home/me/.lima/default/sock/docker.sock";
    let podman = "unix:///home/me/.lima/default/sock/podman.sock";
    let mut text = lima(&list()).socket(docker, Ok("docker")).tell().await;
    text += &lima(&list()).socket(podman, Ok("podman")).tell().await;
    text += &lima(&list()).socket(docker, Err("connection refused")).tell().await;
    assert_data_eq!(
        text,
        str![[r#"
$ limactl list --format=json
dial unix:///home/me/.lima/default/sock/docker.sock
lima 28.5.2 "/usr/bin/limactl" Local unix:///home/me/.lima/default/sock/docker.sock
$ limactl list --format=json
dial unix:///home/me/.lima/default/sock/podman.sock
lima 4.3.1 "/usr/bin/limactl" Local unix:///home/me/.lima/default/sock/podman.sock
$ limactl list --format=json
dial unix:///home/me/.lima/default/sock/docker.sock
the container backend `lima` cannot be used: connection refused (503)
hint: `limactl start` starts an instance; or unset PERRY_CONTAINER_BACKEND to take whatever answers

"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn where_a_product_runs_containerd_its_nerdctl_is_asked_in_the_machine() {
    let version = Answer::prints(NERDCTL_VERSION);
    let inside = "colima ssh -- sudo nerdctl version --format=json";
    let mut text =
        colima(colima_runs("containerd", "default")).answer(inside, version.clone()).tell().await;
    let inside = "colima ssh --profile=work -- sudo nerdctl version --format=json";
    text += &colima(colima_runs("containerd", "work"))
        .env("COLIMA_PROFILE", "work")
        .answer(inside, version.clone())
        .tell()
        .await;
    let inside = "rdctl shell sudo nerdctl version --format=json";
    text += &rancher(rancher_runs("containerd")).answer(inside, version).tell().await;
    let no_socket = rancher(rancher_runs("containerd")).env("PERRY_CONTAINER_TRANSPORT", "socket");
    text += &no_socket.tell().await;
    assert_data_eq!(
        text,
        str![[r#"
$ colima status --json
$ colima ssh -- sudo nerdctl version --format=json
colima 2.1.6 "/usr/bin/colima" Local colima:default
$ colima status --json
$ colima ssh --profile=work -- sudo nerdctl version --format=json
colima 2.1.6 "/usr/bin/colima" Local colima:work
$ rdctl list-settings
$ rdctl shell sudo nerdctl version --format=json
rancher-desktop 2.1.6 "/usr/bin/rdctl" Local rancher-desktop
$ rdctl list-settings
the container backend `rancher-desktop` cannot be used: containerd's socket speaks no Engine API (503)
hint: unset PERRY_CONTAINER_BACKEND to take whatever answers

"#]]
    );
}
