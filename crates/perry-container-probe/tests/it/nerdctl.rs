//! Where nerdctl is looked for.

use crate::{Scripted, with_dead_nerdctl};
use perry_container_process::Answer;
use snapbox::{assert_data_eq, str};

fn answers(machine: Scripted) -> Scripted {
    let version = r#"{"Client":{"Version":"v2.1.6"},"Server":{"Components":[{"Name":"containerd","Version":"2.1.9"}]}}"#;
    let answer = Answer::prints(version);
    machine
        .env("PERRY_CONTAINER_BACKEND", "nerdctl")
        .program("nerdctl")
        .answer("nerdctl version --format=json", answer)
}

#[tokio::test(start_paused = true)]
async fn an_engine_is_a_namespace_of_a_containerd() {
    let config = "address = \"/var/run/docker/containerd/containerd.sock\"\nnamespace = \"mine\"\n";
    let plain = answers(Scripted::new());
    let configured = answers(Scripted::new()).file("/etc/nerdctl/nerdctl.toml", config);
    let named = configured.clone().env("CONTAINERD_NAMESPACE", "k8s.io");
    let of_a_user = answers(Scripted::user());
    let elsewhere = plain.clone().env("PERRY_CONTAINER_TRANSPORT", "socket");
    let mut text = String::new();
    for machine in [plain, configured, named, of_a_user, elsewhere] {
        text += &machine.tell().await;
    }
    let found: Vec<_> = text.lines().filter(|line| !line.starts_with('$')).collect();
    assert_data_eq!(
        found.join("\n"),
        str![[r#"
nerdctl 2.1.6 "/usr/bin/nerdctl" Local containerd:/run/containerd/containerd.sock#default
nerdctl 2.1.6 "/usr/bin/nerdctl" Local containerd:/var/run/docker/containerd/containerd.sock#mine
nerdctl 2.1.6 "/usr/bin/nerdctl" Local containerd:/var/run/docker/containerd/containerd.sock#k8s.io
nerdctl 2.1.6 "/usr/bin/nerdctl" Local containerd:/run/user/1000/containerd-rootless/containerd.sock#default
the container backend `nerdctl` cannot be used: containerd's socket speaks no Engine API (503)
hint: unset PERRY_CONTAINER_BACKEND to take whatever answers
"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn an_engine_that_does_not_answer_says_why() {
    let dead = with_dead_nerdctl(Scripted::new()).env("PERRY_CONTAINER_BACKEND", "nerdctl");
    let old = Scripted::new().env("PERRY_CONTAINER_BACKEND", "nerdctl").program("nerdctl");
    let version = r#"{"Client":{"Version":"v1.7.7"},"Server":{"Components":[{"Name":"containerd","Version":"1.7.9"}]}}"#;
    let answer = Answer::prints(version);
    let old = old.answer("nerdctl version --format=json", answer);
    let mut text = String::new();
    for machine in [dead, old] {
        text += &machine.tell().await;
    }
    assert_data_eq!(
        text,
        str![[r#"
$ nerdctl version --format=json
the container backend `nerdctl` cannot be used: cannot access containerd socket "/run/containerd/containerd.sock": no such file or directory (503)
hint: `systemctl start containerd` starts its engine; or unset PERRY_CONTAINER_BACKEND to take whatever answers
$ nerdctl version --format=json
the container backend `nerdctl` cannot be used: nerdctl 1.7.7 is too old: nerdctl 2.0 and newer can be driven (503)
hint: bring nerdctl up to date; or unset PERRY_CONTAINER_BACKEND to take whatever answers

"#]]
    );
}
