//! What every face must answer, by apple's.

use crate::common::{bench, call, said, state, talk, until};
use snapbox::{assert_data_eq, str};
use std::process::Stdio;

#[test]
fn a_life() {
    let bench = bench();
    assert_data_eq!(
        talk(
            &bench,
            &[
                "create --name=one --network=none stubborn",
                "start one",
                "start one",
                "stop -t 0 one",
                "stop one",
                "delete one",
                "inspect one",
                "start one",
                "stop one",
                "kill one",
                "exec one true",
                "logs one",
                "delete one",
            ]
        ),
        str![[r#"
$ create --name=one --network=none stubborn
0
  O one
$ start one
0
  O one
$ start one
0
  O one
$ stop -t 0 one
0
  O one
$ stop one
0
  O one
$ delete one
0
  O one
$ inspect one
1
  E Error: container not found: one
$ start one
1
  E Error: get failed: container one not found
$ stop one
1
  E Error: internalError: "failed to stop container" (cause: "notFound: "container with ID one not found"")
$ kill one
1
  E Error: internalError: "failed to kill container" (cause: "notFound: "container with ID one not found"")
$ exec one true
1
  E Error: get failed: container one not found
$ logs one
1
  E Error: failed to get logs for container one (cause: "notFound: "container with ID one not found"")
$ delete one
1
  E Error: internalError: "failed to delete container" (cause: "notFound: "container with ID one not found"")

"#]]
    );
}

#[test]
fn states() {
    let bench = bench();
    call(&bench, "create --name=one brief");
    assert_eq!(state(&bench, "one"), "stopped");
    call(&bench, "run -d --name=two waits");
    assert_eq!(state(&bench, "two"), "running");
    let started = call(&bench, "start -a one");
    assert_eq!(started.to_string(), "3\n  O done");
    // how it ended is kept, and told nowhere
    assert!(!call(&bench, "inspect one").out.contains("exit"));
    assert_eq!(call(&bench, "list -q").out, "two\n");
    assert_eq!(call(&bench, "list -a -q").out, "one\ntwo\n");
}

#[test]
fn a_name_is_taken_once() {
    let bench = bench();
    assert_data_eq!(
        talk(
            &bench,
            &[
                "create --name=one waits",
                "create --name=one brief",
                "run -d --name=one brief",
                "create --name=x waits",
                "create --name=-x waits",
                "create --name=two missing",
                "create --name=three far",
            ]
        ),
        str![[r#"
$ create --name=one waits
0
  O one
$ create --name=one brief
1
  E Error: failed to create container (cause: "exists: "container already exists: one"")
$ run -d --name=one brief
1
  E Error: container with id one already exists
$ create --name=x waits
1
  E Error: invalid container name: x
$ create --name=-x waits
1
  E Error: invalid container name: -x
$ create --name=two missing
1
  E Error: failed to resolve reference docker.io/library/missing:latest (cause: "notFound: "image docker.io/library/missing:latest not found"")
$ create --name=three far
0
  O three

"#]]
    );
    assert!(call(&bench, "inspect one").out.contains("/waits:latest"));
}

#[test]
fn some_that_are_there_and_some_that_are_not() {
    let bench = bench();
    call(&bench, "run -d --name=one waits");
    assert_data_eq!(
        talk(
            &bench,
            &[
                "inspect one missing",
                "delete one",
                "delete -f one missing",
                "list -a -q",
                "network delete missing",
                "network inspect missing",
                "volume delete missing",
                "volume inspect missing",
                "image delete missing",
                "image delete -f missing",
                "image inspect missing",
                "image pull missing",
            ]
        ),
        str![[r#"
$ inspect one missing
1
  E Error: container not found: missing
$ delete one
1
  E Error: internalError: "failed to delete container" (cause: "invalidState: "container one is running and can not be deleted"")
$ delete -f one missing
1
  O one
  E Error: internalError: "failed to delete container" (cause: "notFound: "container with ID missing not found"")
$ list -a -q
0
$ network delete missing
1
  E network missing not found
  E Error: failed to delete one or more networks: ["missing"]
$ network inspect missing
1
  E Error: network not found: missing
$ volume delete missing
1
  E Error: volume not found: missing
$ volume inspect missing
1
  E Error: volume not found: missing
$ image delete missing
1
  E Error: failed to delete one or more images: ["missing"]
$ image delete -f missing
0
$ image inspect missing
1
  E Error: image not found: missing
$ image pull missing
1
  E Error: HTTP request to https://docker.io/library/missing:latest failed with response: 404 Not Found

"#]]
    );
}

#[test]
fn what_the_tool_does_not_have_is_refused() {
    let bench = bench();
    assert_data_eq!(
        talk(
            &bench,
            &[
                "list --filter label=a=b",
                "wait one",
                "restart one",
                "rename one two",
                "port one",
                "pause one",
                "run --network-alias=db waits",
                "run --restart always waits",
                "run --cpus=1.5 waits",
                "run --name waits",
                "run",
                "logs one two",
                "list --all=true",
                "create --label a=b=c waits",
                "create --network none --network default waits",
                "create --network missing waits",
                "create -p 8080 waits",
                "create -v /no/such/path:/x waits",
                "create -m 100M waits",
                "network create --label a_b=c net",
                "network create Net",
                "network create --label com.docker.compose.project=demo net",
                "network create net",
                "volume create data",
                "volume create data",
            ]
        ),
        str![[r#"
$ list --filter label=a=b
64
  E Error: Unknown option '--filter'
  E Usage: container list [<options>]
  E   See 'container list --help' for more information.
$ wait one
64
  E Error: Plugin 'container-wait' not found.
$ restart one
64
  E Error: Plugin 'container-restart' not found.
$ rename one two
64
  E Error: Plugin 'container-rename' not found.
$ port one
64
  E Error: Plugin 'container-port' not found.
$ pause one
64
  E Error: Plugin 'container-pause' not found.
$ run --network-alias=db waits
64
  E Error: Unknown option '--network-alias'
  E Usage: container run [<options>] <image> [<arguments> ...]
  E   See 'container run --help' for more information.
$ run --restart always waits
64
  E Error: Unknown option '--restart'
  E Usage: container run [<options>] <image> [<arguments> ...]
  E   See 'container run --help' for more information.
$ run --cpus=1.5 waits
64
  E Error: The value '1.5' is invalid for '--cpus <cpus>'
  E Usage: container run [<options>] <image> [<arguments> ...]
  E   See 'container run --help' for more information.
$ run --name waits
64
  E Error: Missing expected argument '<image>'
  E Usage: container run [<options>] <image> [<arguments> ...]
  E   See 'container run --help' for more information.
$ run
64
  E Error: Missing expected argument '<image>'
  E Usage: container run [<options>] <image> [<arguments> ...]
  E   See 'container run --help' for more information.
$ logs one two
64
  E Error: Unexpected argument 'two'
  E Usage: container logs [<options>] <container-id>
  E   See 'container logs --help' for more information.
$ list --all=true
64
  E Error: The option '--all' does not take any value, but 'true' was specified.
  E Usage: container list [<options>]
  E   See 'container list --help' for more information.
$ create --label a=b=c waits
1
  E Error: invalid label format: a=b=c
$ create --network none --network default waits
1
  E Error: no other networks may be created along with network none
$ create --network missing waits
1
  E Error: network missing not found
$ create -p 8080 waits
1
  E Error: invalid publish value: 8080
$ create -v /no/such/path:/x waits
1
  E Error: path '/no/such/path' does not exist
$ create -m 100M waits
1
  E Error: minimum memory amount allowed is 200 MiB, got 100M
$ network create --label a_b=c net
1
  E Error: invalid label key: a_b
$ network create Net
1
  E Error: invalid network name: Net
$ network create --label com.docker.compose.project=demo net
0
  O net
$ network create net
1
  E Error: network net already exists
$ volume create data
0
  O data
$ volume create data
1
  E Error: volume 'data' already exists

"#]]
    );
}

#[test]
fn a_port_and_a_volume_serve_one_at_a_time() {
    let bench = bench();
    assert_data_eq!(
        talk(
            &bench,
            &[
                "run -d --name=one -p 127.0.0.1:8080:80 -v data:/data waits",
                "create --name=two -p 8080:80 waits",
                "start two",
                "run -d --name=three -p 8080:80 waits",
                "inspect three",
                "run -d --name=four -v data:/data waits",
                "volume delete data",
                "network create net",
                "create --name=five --network net waits",
                "network delete net",
            ]
        ),
        str![[r#"
$ run -d --name=one -p 127.0.0.1:8080:80 -v data:/data waits
0
  O one
$ create --name=two -p 8080:80 waits
0
  O two
$ start two
1
  E Error: failed to bootstrap container (cause: "bind(0.0.0.0:8080): Address already in use (errno: 48)")
$ run -d --name=three -p 8080:80 waits
1
  E Error: failed to bootstrap container (cause: "bind(0.0.0.0:8080): Address already in use (errno: 48)")
$ inspect three
1
  E Error: container not found: three
$ run -d --name=four -v data:/data waits
1
  E Error: volume 'data' is currently in use and cannot be accessed by another container, or deleted
$ volume delete data
1
  E Error: volume 'data' is currently in use and cannot be accessed by another container, or deleted
$ network create net
0
  O net
$ create --name=five --network net waits
0
  O five
$ network delete net
1
  E cannot delete subnet net with referring containers: five
  E Error: failed to delete one or more networks: ["net"]

"#]]
    );
}

#[test]
fn commands_run_in_it() {
    let bench = bench();
    call(&bench, "run -d --name=one waits");
    assert_eq!(call(&bench, "exec one check").code, Some(1));
    until("its health", || call(&bench, "exec one sh -c check").out == "ready\n");
    let mut exit = bench.command("container");
    exit.args(["exec", "one", "sh", "-c", "exit 42"]);
    assert_eq!(said(exit, None).code, Some(42));

    let mut shell = bench.command("container");
    shell.args(["run", "-d", "--name=sh", "--env=A", "--workdir=/srv", "lab/base:1", "sh", "-c"]);
    shell.arg("trap 'exit 4' TERM; echo $A; echo no >&2; while :; do sleep 0.05; done");
    shell.env("A", "a  b\n\"c\" -d");
    assert_eq!(said(shell, None).to_string(), "0\n  O sh");
    until("its output", || call(&bench, "logs sh").out == "a b \"c\" -d\nno\n");

    let mut cat = bench.command("container");
    cat.args(["exec", "-i", "--env=B=c", "sh", "sh", "-c", "echo $B; pwd; cat"]);
    assert_eq!(said(cat, Some("typed")).out, "c\n/srv\ntyped");
    assert!(bench.journal().last().unwrap().stdin_sha256.is_some());
    assert_data_eq!(
        talk(&bench, &["exec sh /no/such", "stop -t 5 sh", "exec sh true", "logs -n 1 sh"]),
        str![[r#"
$ exec sh /no/such
1
  E Error: failed to exec process (cause: "internalError: "failed to find target executable /no/such"")
$ stop -t 5 sh
0
  O sh
$ exec sh true
1
  E Error: container sh is not running
$ logs -n 1 sh
0
  O no

"#]]
    );
}

#[test]
fn what_is_written_outlives_a_run() {
    let bench = bench();
    let run = |name: &str, script: &str| {
        let mut call = bench.command("container");
        call.args(["run", &format!("--name={name}"), "--volume=data:/data", "lab/base:1"]);
        call.args(["sh", "-c", script]);
        said(call, None).to_string()
    };
    assert_eq!(run("one", "echo kept > /data/file; echo mine > /own"), "0");
    assert_eq!(run("two", "cat /data/file; cat /own"), "1\n  O kept\n  E cat: can't open '/own'");
    let again = call(&bench, "start -a one");
    assert_eq!(again.to_string(), "0");
}

#[test]
fn words_arrive_as_they_are() {
    let bench = bench();
    call(&bench, "run -d --name=one lab/base:1 sleep 9");
    let mut echo = bench.command("container");
    echo.args([
        "exec", "one", "echo", "a b", "\"q\"", "'q'", "$HOME", "x\ny", "-n", "--env=1", "é",
    ]);
    assert_eq!(said(echo, None).out, "a b \"q\" 'q' $HOME x\ny -n --env=1 é\n");
}

#[test]
fn who_streams_dies_at_once_and_leaves_nobody() {
    let bench = bench();
    call(&bench, "run -d --name=one waits");
    let mut logs = bench.command("container");
    logs.args(["logs", "-f", "one"]).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut logs = logs.spawn().unwrap();
    until("its line in the journal", || {
        bench.journal().iter().any(|entry| entry.argv[0] == "logs" && entry.rc.is_none())
    });
    let pid = rustix::process::Pid::from_child(&logs);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert_eq!(logs.wait().unwrap().code(), None);
    assert_eq!(state(&bench, "one"), "running");
}

#[test]
fn containers_end_with_their_state() {
    let bench = bench();
    call(&bench, "run -d --name=one waits");
    let text = std::fs::read(bench.store().root().join("containers/one.json")).unwrap();
    let record: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let pid = i32::try_from(record["shim"][0].as_i64().unwrap()).unwrap();
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    assert!(rustix::process::test_kill_process(pid).is_ok());
    drop(bench);
    until("its end", || rustix::process::test_kill_process(pid).is_err());
}

#[test]
fn many_at_once_lose_nothing() {
    let bench = bench();
    let calls: Vec<_> = (0..12)
        .map(|n| {
            let mut create = bench.command("container");
            create.arg("create").arg(format!("--name=c{}", n % 11)).arg("waits");
            create.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    let mut refused = 0;
    for call in calls {
        refused += i32::from(!call.wait_with_output().unwrap().status.success());
    }
    assert_eq!(refused, 1);
    assert_eq!(call(&bench, "list -a -q").out.lines().count(), 11);
    let numbers: Vec<usize> = bench.journal().iter().map(|entry| entry.n).collect();
    assert_eq!(numbers, (1..=13).collect::<Vec<_>>());
}

#[test]
fn the_older_generation_says_it_otherwise() {
    let bench = bench();
    call(&bench, "run -d --name=one waits");
    let old = |line: &str| {
        let mut command = bench.command("container");
        command.args(line.split_whitespace()).env("FAKE_VERSION", "0.12.3");
        said(command, None)
    };
    assert_eq!(
        old("--version").out,
        "container CLI version 0.12.3 (build: release, commit: abc1234)\n"
    );
    assert_eq!(old("inspect missing").to_string(), "0\n  O [\n  O \n  O ]");
    let all: serde_json::Value = serde_json::from_str(&old("list --format json").out).unwrap();
    assert_eq!(all[0]["status"], "running");
    assert_eq!(all[0]["networks"][0]["address"], "192.168.64.2/24");
}
