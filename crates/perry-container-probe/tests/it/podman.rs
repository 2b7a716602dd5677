//! Where podman is looked for.

use crate::{PODMAN_REMOTE, PODMAN_VERSION, Scripted, with_broken_podman, with_podman};
use perry_container_probe::Os;
use perry_container_process::Answer;
use snapbox::{assert_data_eq, str};

const SOCK: &str = "unix:///run/podman/podman.sock";

fn podman(machine: Scripted) -> Scripted {
    machine.env("PERRY_CONTAINER_BACKEND", "podman")
}

#[tokio::test(start_paused = true)]
async fn a_socket_that_answers_is_preferred_and_is_the_same_engine() {
    let machine = podman(with_podman(Scripted::new()).socket(SOCK, Ok("podman")));
    assert_data_eq!(
        machine.clone().tell().await,
        str![[r#"
dial unix:///run/podman/podman.sock
podman 4.3.1 "/usr/bin/podman" Local /var/lib/containers/storage

"#]]
    );
    let cli = machine.env("PERRY_CONTAINER_TRANSPORT", "cli").detect().await.unwrap();
    assert_eq!(cli.backend.engine_id().0, "/var/lib/containers/storage");
}

#[tokio::test(start_paused = true)]
async fn a_socket_that_does_not_answer_leaves_the_command_line() {
    let machine = podman(with_podman(Scripted::new()).socket(SOCK, Err("connection refused")));
    assert_data_eq!(
        machine.clone().tell().await,
        str![[r#"
$ podman ps -q
$ podman version --format=json
dial unix:///run/podman/podman.sock
podman 4.3.1 "/usr/bin/podman" Local /var/lib/containers/storage

"#]]
    );
    let mut text = machine.env("PERRY_CONTAINER_TRANSPORT", "socket").tell().await;
    text += &podman(with_podman(Scripted::new()))
        .env("PERRY_CONTAINER_TRANSPORT", "socket")
        .tell()
        .await;
    text += &podman(with_broken_podman(Scripted::new())).tell().await;
    let errors: Vec<_> = text.lines().filter(|line| line.starts_with("the ")).collect();
    assert_data_eq!(
        errors.join("\n"),
        str![[r#"
the container backend `podman` cannot be used: connection refused (503)
the container backend `podman` cannot be used: no socket of podman is there; `podman system service` makes one (503)
the container backend `podman` cannot be used: database is locked (503)
"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn a_user_has_a_store_and_a_socket_of_his_own() {
    let own = "unix:///run/user/1000/podman/podman.sock";
    let machine = podman(with_podman(Scripted::user()).socket(SOCK, Ok("podman")));
    assert_data_eq!(
        machine.clone().tell().await,
        str![[r#"
$ podman ps -q
$ podman version --format=json
podman 4.3.1 "/usr/bin/podman" Local /home/me/.local/share/containers/storage

"#]]
    );
    assert_data_eq!(
        podman(with_podman(Scripted::user()).socket(own, Ok("podman"))).tell().await,
        str![[r#"
dial unix:///run/user/1000/podman/podman.sock
podman 4.3.1 "/usr/bin/podman" Local /home/me/.local/share/containers/storage

"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn the_store_is_where_its_configuration_says() {
    let id = async |machine: Scripted| {
        podman(with_podman(machine)).detect().await.unwrap().backend.engine_id().0.clone()
    };
    let system = "[storage]\ndriver = \"overlay\"\ngraphroot = \"/data\"\nrootless_storage_path = \"/users/store\"\n";
    let file = "/etc/containers/storage.conf";
    assert_eq!(id(Scripted::new().file(file, system)).await, "/data");
    assert_eq!(id(Scripted::user().file(file, system)).await, "/users/store");
    let own = "/home/me/.config/containers/storage.conf";
    let both = Scripted::user().file(file, system).file(own, "[storage]\ngraphroot = \"/mine\"\n");
    assert_eq!(id(both).await, "/mine");
    assert_eq!(id(Scripted::new().file(file, "[storage")).await, "/var/lib/containers/storage");
    let linked = Scripted::new().file(file, system).link("/data", "/mnt/data");
    assert_eq!(id(linked).await, "/mnt/data");
}

#[tokio::test(start_paused = true)]
async fn container_host_decides() {
    let at = |host| podman(Scripted::new()).env("CONTAINER_HOST", host).program("podman");
    let call = |url| format!("podman --remote --url={url} version --format=json");
    let ssh = "ssh://me@far/run/podman/podman.sock";
    assert_data_eq!(
        at(ssh).answer(&call(ssh), Answer::prints(PODMAN_REMOTE)).tell().await,
        str![[r#"
$ podman --remote --url=ssh://me@far/run/podman/podman.sock version --format=json
podman 4.3.1 "/usr/bin/podman" Remote ssh://me@far/run/podman/podman.sock

"#]]
    );
    assert_data_eq!(
        at("tcp://far:8080").socket("tcp://far:8080", Ok("podman")).tell().await,
        str![[r#"
dial tcp://far:8080
podman 4.3.1 "/usr/bin/podman" Remote tcp://far:8080

"#]]
    );
    // A well-known socket leads to the store that the command line opens.
    let local = at(SOCK).socket(SOCK, Ok("podman")).detect().await.unwrap();
    assert_eq!(local.backend.engine_id().0, "/var/lib/containers/storage");
    let silent = at(ssh).answer(&call(ssh), Answer::prints(PODMAN_VERSION)).tell().await;
    assert!(silent.contains("podman's service does not answer"), "{silent}");
}

#[tokio::test(start_paused = true)]
async fn elsewhere_a_machine_must_run() {
    let machine = |list: &str| {
        podman(Scripted::new().on(Os::MacOs))
            .program("podman")
            .answer("podman machine list --format=json", Answer::prints(list))
            .answer("podman version --format=json", Answer::prints(PODMAN_REMOTE))
    };
    assert_data_eq!(
        machine(r#"[{"Name":"b","Running":true},{"Name":"a","Default":true,"Running":true}]"#)
            .tell()
            .await,
        str![[r#"
$ podman machine list --format=json
$ podman system connection list --format=json
$ podman machine inspect a
$ podman version --format=json
podman 4.3.1 "/usr/bin/podman" Local podman-machine:a

"#]]
    );
    let stopped = machine(r#"[{"Name":"a","Default":true,"Running":false}]"#).tell().await;
    assert!(stopped.contains("its machine does not run"), "{stopped}");
}

const CONNECTIONS: &str = "podman system connection list --format=json";

/// A machine `dev`, its two connections, and one to another computer; this one is the default.
fn with_machine(default: &str, running: bool, rootful: bool) -> Scripted {
    let connection = |name: &str, uri: &str| {
        format!(
            r#"{{"Name":"{name}","URI":"{uri}","Identity":"/k","Default":{}}}"#,
            name == default
        )
    };
    let list = [
        connection("dev", "ssh://core@127.0.0.1:50000/run/user/501/podman/podman.sock"),
        connection("dev-root", "ssh://root@127.0.0.1:50000/run/podman/podman.sock"),
        connection("far", "ssh://me@far/run/podman/podman.sock"),
    ];
    let machines = format!(r#"[{{"Name":"dev","Default":true,"Running":{running}}}]"#);
    let inspect = format!(
        r#"[{{"ConnectionInfo":{{"PodmanSocket":{{"Path":"/home/me/machine.sock"}}}},"Rootful":{rootful}}}]"#
    );
    podman(Scripted::user().on(Os::MacOs))
        .program("podman")
        .answer("podman machine list --format=json", Answer::prints(machines))
        .answer(CONNECTIONS, Answer::prints(format!("[{}]", list.join(","))))
        .answer("podman machine inspect dev", Answer::prints(inspect))
        .answer("podman version --format=json", Answer::prints(PODMAN_REMOTE))
        .answer("podman --connection=dev version --format=json", Answer::prints(PODMAN_REMOTE))
}

#[tokio::test(start_paused = true)]
async fn a_machines_socket_is_preferred_where_it_leads_to_the_same_store() {
    let machine = "unix:///home/me/machine.sock";
    let mut text = String::new();
    for (default, rootful) in [("dev", false), ("dev-root", true), ("dev", true)] {
        let one = with_machine(default, true, rootful).socket(machine, Ok("podman"));
        text += &one.tell().await;
    }
    assert_data_eq!(
        text,
        str![[r#"
$ podman machine list --format=json
$ podman system connection list --format=json
$ podman machine inspect dev
dial unix:///home/me/machine.sock
podman 4.3.1 "/usr/bin/podman" Local podman-machine:dev
$ podman machine list --format=json
$ podman system connection list --format=json
$ podman machine inspect dev
dial unix:///home/me/machine.sock
podman 4.3.1 "/usr/bin/podman" Local podman-machine:dev-root
$ podman machine list --format=json
$ podman system connection list --format=json
$ podman machine inspect dev
$ podman version --format=json
podman 4.3.1 "/usr/bin/podman" Local podman-machine:dev

"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn the_default_connection_decides_unless_its_machine_does_not_run() {
    let mut text = with_machine("far", true, false).tell().await;
    text += &with_machine("", true, false).env("PERRY_CONTAINER_TRANSPORT", "cli").tell().await;
    text += &with_machine("dev", false, false).tell().await;
    // root has no machines, but can have connections
    let refused = "Error: cannot run command \"podman machine list\" as root\n";
    let connection = r#"[{"Name":"far","URI":"tcp://far:8080","Identity":"","Default":true}]"#;
    let root = |connections: &str| {
        podman(Scripted::new().on(Os::MacOs))
            .program("podman")
            .answer("podman machine list --format=json", Answer::fails(125, refused))
            .answer(CONNECTIONS, Answer::prints(connections))
            .socket("tcp://far:8080", Ok("podman"))
    };
    text += &root("[]").tell().await;
    text += &root(connection).tell().await;
    assert_data_eq!(
        text,
        str![[r#"
$ podman machine list --format=json
$ podman system connection list --format=json
$ podman version --format=json
podman 4.3.1 "/usr/bin/podman" Remote ssh://me@far/run/podman/podman.sock
$ podman machine list --format=json
$ podman system connection list --format=json
$ podman machine inspect dev
$ podman version --format=json
podman 4.3.1 "/usr/bin/podman" Local podman-machine:dev
$ podman machine list --format=json
$ podman system connection list --format=json
the container backend `podman` cannot be used: its machine does not run (503)
hint: `podman machine start` starts its machine, `podman machine init --now` makes one; or unset PERRY_CONTAINER_BACKEND to take whatever answers
$ podman machine list --format=json
$ podman system connection list --format=json
the container backend `podman` cannot be used: cannot run command "podman machine list" as root (503)
hint: `podman machine start` starts its machine, `podman machine init --now` makes one; or unset PERRY_CONTAINER_BACKEND to take whatever answers
$ podman machine list --format=json
$ podman system connection list --format=json
dial tcp://far:8080
podman 4.3.1 "/usr/bin/podman" Remote tcp://far:8080

"#]]
    );
}

/// Another machine that runs is taken, though podman itself would not.
#[tokio::test(start_paused = true)]
async fn another_machine_that_runs_is_named_to_podman() {
    let machines =
        r#"[{"Name":"old","Default":true,"Running":false},{"Name":"dev","Running":true}]"#;
    let connections = r#"[{"Name":"old","URI":"ssh://core@127.0.0.1:1/x","Default":true}]"#;
    let machine = podman(Scripted::user().on(Os::MacOs))
        .program("podman")
        .answer("podman machine list --format=json", Answer::prints(machines))
        .answer(CONNECTIONS, Answer::prints(connections))
        .answer("podman machine inspect dev", Answer::prints("[]"))
        .answer("podman --connection=dev version --format=json", Answer::prints(PODMAN_REMOTE));
    assert_data_eq!(
        machine.tell().await,
        str![[r#"
$ podman machine list --format=json
$ podman system connection list --format=json
$ podman machine inspect dev
$ podman --connection=dev version --format=json
podman 4.3.1 "/usr/bin/podman" Local podman-machine:dev

"#]]
    );
}

#[tokio::test(start_paused = true)]
async fn container_connection_is_looked_up() {
    let list = r#"[{"Name":"here","URI":"unix:///run/podman/podman.sock","Identity":"","Default":false},{"Name":"far","URI":"ssh://me@far/run/podman/podman.sock","Identity":"/k","Default":true}]"#;
    let at = |name: &str| {
        podman(Scripted::new())
            .env("CONTAINER_CONNECTION", name)
            .program("podman")
            .answer(CONNECTIONS, Answer::prints(list))
            .answer("podman version --format=json", Answer::prints(PODMAN_REMOTE))
    };
    let mut text = at("here").socket(SOCK, Ok("podman")).tell().await;
    text += &at("far").tell().await;
    text += &at("gone").tell().await;
    assert_data_eq!(
        text,
        str![[r#"
$ podman system connection list --format=json
dial unix:///run/podman/podman.sock
podman 4.3.1 "/usr/bin/podman" Local /var/lib/containers/storage
$ podman system connection list --format=json
$ podman version --format=json
podman 4.3.1 "/usr/bin/podman" Remote ssh://me@far/run/podman/podman.sock
$ podman system connection list --format=json
the container backend `podman` cannot be used: podman has no connection `gone` (503)
hint: `podman info` shows what is wrong with it; or unset PERRY_CONTAINER_BACKEND to take whatever answers

"#]]
    );
}
