//! OrbStack, Colima and Rancher Desktop: docker's engine in a machine of the product.

use crate::{DOCKER_VERSION, Scripted};
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
        .answer("colima --profile=work status --json", colima_runs("docker", "work"))
        .socket(work, Ok("docker"));
    // Whoever names a profile means that one.
    let named = machine.clone().env("COLIMA_PROFILE", "home");
    assert_data_eq!(
        machine.tell().await + &named.tell().await,
        str![[r#"
$ colima status --json
$ colima list --json
$ colima --profile=work status --json
dial unix:///home/me/.colima/work/docker.sock
colima 28.5.2 "/usr/bin/colima" Local unix:///home/me/.colima/work/docker.sock
$ colima status --json
$ colima list --json
$ colima --profile=work status --json
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
the container backend `colima` cannot be used: its engine is incus; docker's can be driven (503)
hint: `colima start --runtime docker` gives it docker's engine; or unset PERRY_CONTAINER_BACKEND to take whatever answers

"#]]
    );
}
