//! The tools that lead into virtual machines.

use crate::common::said;
use perry_container_fake::{Bench, record::Machine};
use snapbox::{assert_data_eq, str};
use std::{fmt::Write as _, path::Path};

fn bench() -> Bench {
    let program = Path::new(env!("CARGO_BIN_EXE_perry-container-fake"));
    let bench = Bench::new(program, &["limactl", "colima", "orb", "rdctl"]).unwrap();
    std::fs::write(bench.store().root().join("now"), "2026-01-02T03:04:05Z").unwrap();
    let of = |name: &str, running: bool, runtime: &str| Machine {
        name: name.to_owned(),
        running,
        runtime: runtime.to_owned(),
        socket: format!("unix:///home/me/{name}/docker.sock"),
        dir: format!("/home/me/{name}"),
        ..Machine::default()
    };
    bench
        .machine(&of("default", true, "docker"))
        .machine(&of("old", false, "docker"))
        .machine(&of("0", true, "moby"))
}

/// Calls and what they say.
fn talk(bench: &Bench, lines: &[&str]) -> String {
    let mut text = String::new();
    for line in lines {
        let words: Vec<&str> = line.split_whitespace().collect();
        let mut command = bench.command(words[0]);
        command.args(&words[1..]);
        writeln!(text, "$ {line}\n{}", said(command, None)).unwrap();
    }
    text
}

#[test]
fn what_they_know_they_say_in_their_own_words() {
    let bench = bench();
    let lines = [
        "limactl --version",
        "limactl list --format json old",
        "limactl list --json gone",
        "colima version",
        "colima status --json",
        "colima status --json old",
        "colima status --json --profile=gone",
        "colima list --json",
        "orb status",
        "rdctl api /v1/backend_state",
    ];
    assert_data_eq!(
        talk(&bench, &lines),
        str![[r#"
$ limactl --version
0
  O limactl version 2.2.0
$ limactl list --format json old
0
  O {"name":"old","hostname":"lima-old","status":"Stopped","dir":"/home/me/old","vmType":"qemu","arch":"x86_64","cpus":4,"memory":4294967296,"disk":107374182400,"sshLocalPort":60022,"sshConfigFile":"/home/me/old/ssh.config","config":{"containerd":{"system":false,"user":true},"mounts":[]},"sshAddress":"127.0.0.1","protected":false,"limaVersion":"2.2.0","HostOS":"linux","HostArch":"x86_64"}
$ limactl list --json gone
1
  E time="2026-01-02T03:04:05Z" level=warning msg="No instance matching gone found."
  E time="2026-01-02T03:04:05Z" level=fatal msg="unmatched instances"
$ colima version
0
  O colima version 0.10.3
  O git commit: 0000000
$ colima status --json
0
  O {"display_name":"colima","driver":"QEMU","arch":"x86_64","runtime":"docker","mount_type":"virtiofs","docker_socket":"unix:///home/me/default/docker.sock","kubernetes":false,"cpu":2,"memory":2147483648,"disk":107374182400}
$ colima status --json old
1
  E time="2026-01-02T03:04:05Z" level=fatal msg="colima [profile=old] is not running"
$ colima status --json --profile=gone
1
  E time="2026-01-02T03:04:05Z" level=fatal msg="colima [profile=gone] is not running"
$ colima list --json
0
  O {"name":"0","status":"Running","arch":"x86_64","cpus":2,"memory":2147483648,"disk":107374182400,"runtime":"moby"}
  O {"name":"default","status":"Running","arch":"x86_64","cpus":2,"memory":2147483648,"disk":107374182400,"runtime":"docker"}
  O {"name":"old","status":"Stopped","arch":"x86_64","cpus":2,"memory":2147483648,"disk":107374182400}
$ orb status
0
  O Running
$ rdctl api /v1/backend_state
0
  O {"vmState":"STARTED","locked":false}

"#]]
    );
}

#[test]
fn what_they_do_not_know_they_refuse() {
    let bench = bench();
    let lines = [
        "limactl list --filter=x",
        "limactl frobnicate",
        "limactl shell",
        "limactl shell --tty=maybe default true",
        "colima status --format=json",
        "colima list default",
        "orb status --json",
        "rdctl list-settings now",
        "rdctl api",
    ];
    assert_data_eq!(
        talk(&bench, &lines),
        str![[r#"
$ limactl list --filter=x
1
  E time="2026-01-02T03:04:05Z" level=fatal msg="unknown flag: --filter"
$ limactl frobnicate
1
  E time="2026-01-02T03:04:05Z" level=fatal msg="unknown command /"frobnicate/" for /"limactl/""
$ limactl shell
1
  E time="2026-01-02T03:04:05Z" level=fatal msg="requires at least 1 arg(s), only received 0"
$ limactl shell --tty=maybe default true
1
  E time="2026-01-02T03:04:05Z" level=fatal msg="invalid argument /"maybe/" for /"--tty/" flag: strconv.ParseBool: parsing /"maybe/": invalid syntax"
$ colima status --format=json
1
  E Error: unknown flag: --format
  E Usage:
  E   colima status [flags]
  E 
  E time="2026-01-02T03:04:05Z" level=fatal msg="unknown flag: --format"
$ colima list default
1
  E Error: unknown command "default" for "colima list"
  E Usage:
  E   colima list [flags]
  E 
  E time="2026-01-02T03:04:05Z" level=fatal msg="unknown command /"default/" for /"colima list/""
$ orb status --json
1
  E Error: unknown flag: --json
  E Usage:
  E   orbctl status [flags]
  E 
$ rdctl list-settings now
1
  E Error: unknown command "now" for "rdctl list-settings"
  E Usage:
  E   rdctl list-settings [flags]
  E 
$ rdctl api
1
  E Error: requires at least 1 arg(s), only received 0
  E Usage:
  E   rdctl api [flags]
  E 

"#]]
    );
}

#[test]
fn commands_run_in_a_machine_that_runs() {
    let bench = bench();
    let lines = [
        "limactl shell --workdir=/ default sh -c exit${IFS}42",
        "limactl shell --workdir / --tty=false default -- A=1 printenv A PATH",
        "limactl shell old true",
        "limactl shell gone true",
        "limactl shell --workdir=/ default pwd --nonsense",
        "colima ssh -- echo $HOME --flag",
        "colima ssh --profile old -- true",
        "rdctl shell sudo echo --flag it's",
    ];
    assert_data_eq!(
        talk(&bench, &lines),
        str![[r#"
$ limactl shell --workdir=/ default sh -c exit${IFS}42
42
$ limactl shell --workdir / --tty=false default -- A=1 printenv A PATH
0
  O 1
  O /usr/local/bin:/usr/bin:/bin
$ limactl shell old true
1
  E time="2026-01-02T03:04:05Z" level=fatal msg="instance `old` is stopped, run `limactl start old` to start the instance"
$ limactl shell gone true
1
  E time="2026-01-02T03:04:05Z" level=fatal msg="instance `gone` does not exist, run `limactl create gone` to create a new instance"
$ limactl shell --workdir=/ default pwd --nonsense
2
  E /bin/sh: 1: pwd: Illegal option --
$ colima ssh -- echo $HOME --flag
0
  O $HOME --flag
$ colima ssh --profile old -- true
1
  E time="2026-01-02T03:04:05Z" level=fatal msg="colima [profile=old] is not running"
$ rdctl shell sudo echo --flag it's
0
  O --flag it's

"#]]
    );
}

#[test]
fn a_word_with_anything_in_it_arrives_unchanged() {
    let bench = bench();
    for word in ["a b", "$HOME", "`x`", "\"", "'", "line\nbreak", "-n", "--", "*", "\\"] {
        for (tool, way) in [
            ("limactl", &["shell", "--workdir=/", "default"][..]),
            ("colima", &["ssh", "--"]),
            ("rdctl", &["shell"]),
        ] {
            let mut command = bench.command(tool);
            command.args(way).args(["printf", "%s", word]);
            assert_eq!(said(command, None).out, word, "{tool}");
        }
    }
}

#[test]
fn where_the_service_is_down_no_machine_runs() {
    let bench = bench();
    let mut text = String::new();
    for line in [
        "limactl list --format=json default",
        "limactl shell default true",
        "colima status --json",
        "colima version",
        "orb status",
        "rdctl list-settings",
        "rdctl shell true",
    ] {
        let words: Vec<&str> = line.split_whitespace().collect();
        let mut command = bench.command(words[0]);
        command.args(&words[1..]).env("FAKE_SERVICE", "down");
        writeln!(text, "$ {line}\n{}", said(command, None)).unwrap();
    }
    assert_data_eq!(
        text,
        str![[r#"
$ limactl list --format=json default
0
  O {"name":"default","hostname":"lima-default","status":"Stopped","dir":"/home/me/default","vmType":"qemu","arch":"x86_64","cpus":4,"memory":4294967296,"disk":107374182400,"sshLocalPort":60022,"sshConfigFile":"/home/me/default/ssh.config","config":{"containerd":{"system":false,"user":true},"mounts":[]},"sshAddress":"127.0.0.1","protected":false,"limaVersion":"2.2.0","HostOS":"linux","HostArch":"x86_64"}
$ limactl shell default true
1
  E time="2026-01-02T03:04:05Z" level=fatal msg="instance `default` is stopped, run `limactl start default` to start the instance"
$ colima status --json
1
  E time="2026-01-02T03:04:05Z" level=fatal msg="colima is not running"
$ colima version
0
  O colima version 0.10.3
  O git commit: 0000000
$ orb status
1
  O Stopped
$ rdctl list-settings
1
  E Error: Get "http://127.0.0.1:6107/v1/settings": dial tcp 127.0.0.1:6107: connect: connection refused
$ rdctl shell true
1
  E Error: The Rancher Desktop VM is not running; Rancher Desktop needs to be running for this command.

"#]]
    );
}
