//! What error texts mean, on every recorded call that failed.

use crate::recorded::{CALLS, Call};
use perry_container_protocol::{CliProtocol as _, ToolError};
use perry_container_spec::ErrorKind;
use snapbox::{IntoData as _, assert_data_eq, str};
use std::collections::{BTreeMap, BTreeSet};

/// Whether it was the tool that failed, not a command that it ran.
fn by_the_tool(call: &&Call) -> bool {
    let Some(code) = call.code().filter(|code| *code != 0) else { return false };
    match call.argv.first().map(String::as_str) {
        // nerdctl has one code for all that it says in its log
        Some("run") if call.engine == "nerdctl" => call.stderr.contains("level=fatal"),
        Some("run") => matches!(code, 125..=127) && !call.stderr.is_empty(),
        Some("exec") => call.tool().exec_exit(&call.output()).is_err(),
        // an attached `start` ends as the command does
        Some("start") => !call.argv.iter().any(|arg| arg == "-a"),
        // `exists` answers by its exit code
        Some(_) => {
            !call.argv.iter().any(|arg| arg == "exists") && !call.is(&["healthcheck", "run"])
        }
        None => false,
    }
}

fn error(call: &Call) -> (ErrorKind, String) {
    match call.tool().accepted(&call.output()) {
        Err(ToolError::Refused { kind, message, .. }) => (kind, message),
        other => panic!("{:?}: {other:?}", call.argv),
    }
}

#[test]
fn every_failure_has_a_kind_but_for_these() {
    let others: BTreeSet<String> = CALLS
        .iter()
        .filter(by_the_tool)
        .map(|call| (call, error(call)))
        .filter(|(_, (kind, _))| *kind == ErrorKind::Other)
        .map(|(call, (_, message))| format!("{}: {}: {message}\n", call.title(), call.argv[0]))
        .collect();
    assert_data_eq!(others.into_iter().collect::<String>(), str![[r#"
docker 28: build: failed to build: failed to solve: process "/bin/sh -c exit 5" did not complete successfully: exit code: 5
docker 28: export: failed to export container: cannot write to a character device file
docker 28: manifest: no such manifest: REG:5000/lab/exit:1
docker 28: pull: Get "http://127.0.0.1:5999/v2/": dial tcp 127.0.0.1:5999: connect: connection refused
docker 28: pull: Get "https://nosuch.invalid/v2/": dial tcp: lookup nosuch.invalid on 10.0.0.53:53: no such host
docker 28: run: Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io on 10.0.0.53:53: no such host
docker 28: run: OCI runtime start failed: cannot start an already running container
docker 28: run: container ID file found, make sure the other container isn't running or delete /home/u/rf3/cfg
nerdctl 2: pull: failed to resolve reference "127.0.0.1:5999/lab/x:1": failed to do request: Head "http://127.0.0.1:5999/v2/lab/x/manifests/1": dial tcp 127.0.0.1:5999: connect: connection refused
nerdctl 2: pull: failed to resolve reference "nosuch.invalid/x:1": failed to do request: Head "https://nosuch.invalid/v2/x/manifests/1": dial tcp: lookup nosuch.invalid on 10.0.0.53:53: no such host
nerdctl 2: run: container ID file found, make sure the other container isn't running or delete /home/u/rf3/cfg
nerdctl 2: run: container ID file found, make sure the other container isn't running or delete /home/u/rf3/cid
nerdctl 2: run: failed to resolve reference "docker.io/lab/base:1": failed to do request: Head "https://registry-1.docker.io/v2/lab/base/manifests/1": dial tcp: lookup registry-1.docker.io on 10.0.0.53:53: no such host
nerdctl 2: stop: unable to cleanup network for container: rf-c
podman 4: build: building at STEP "RUN --mount=type=secret,id=s cat /run/secrets/s": while running runtime: exit status 1
podman 4: build: building at STEP "RUN exit 5": while running runtime: exit status 5
podman 4: pull: initializing source docker://127.0.0.1:5999/lab/x:1: pinging container registry 127.0.0.1:5999: Get "https://127.0.0.1:5999/v2/": dial tcp 127.0.0.1:5999: connect: connection refused
podman 4: pull: initializing source docker://nosuch.invalid/x:1: pinging container registry nosuch.invalid: Get "https://nosuch.invalid/v2/": dial tcp: lookup nosuch.invalid on 10.0.0.53:53: no such host
podman 4: run: container id file exists. Ensure another container is not using it or delete /home/u/rf3/cfg
podman 4: run: container id file exists. Ensure another container is not using it or delete /home/u/rf3/cid
podman 4: save: docker-archive doesn't support modifying existing images
podman 5: build: building at STEP "RUN --mount=type=secret,id=s cat /run/secrets/s": while running runtime: exit status 1
podman 5: build: building at STEP "RUN exit 5": while running runtime: exit status 5
podman 5: pull: unable to copy from source docker://127.0.0.1:5999/lab/x:1: initializing source docker://127.0.0.1:5999/lab/x:1: pinging container registry 127.0.0.1:5999: Get "https://127.0.0.1:5999/v2/": dial tcp 127.0.0.1:5999: connect: connection refused
podman 5: pull: unable to copy from source docker://nosuch.invalid/x:1: initializing source docker://nosuch.invalid/x:1: pinging container registry nosuch.invalid: Get "https://nosuch.invalid/v2/": dial tcp: lookup nosuch.invalid on 10.0.0.53:53: no such host
podman 5: save: docker-archive doesn't support modifying existing images

"#]].raw());
}

#[test]
fn failures_by_kind() {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for call in CALLS.iter().filter(by_the_tool) {
        *counts.entry(format!("{} {}", call.title(), error(call).0)).or_default() += 1;
    }
    let text: String = counts.iter().map(|(kind, count)| format!("{count:4} {kind}\n")).collect();
    assert_data_eq!(
        text,
        str![[r#"
  10 docker 28 engine down
  12 docker 28 failed
  10 docker 28 image missing
   4 docker 28 in use
  94 docker 28 invalid
   6 docker 28 name taken
  49 docker 28 not found
   6 docker 28 not running
  20 docker 28 not supported
   2 docker 28 port in use
   3 nerdctl 2 engine down
   6 nerdctl 2 failed
  12 nerdctl 2 image missing
   5 nerdctl 2 in use
 135 nerdctl 2 invalid
   3 nerdctl 2 name taken
  73 nerdctl 2 not found
   6 nerdctl 2 not running
  18 nerdctl 2 not supported
   1 nerdctl 2 port in use
   4 podman 4 engine down
   7 podman 4 failed
  10 podman 4 image missing
   5 podman 4 in use
  98 podman 4 invalid
   6 podman 4 name taken
  53 podman 4 not found
   7 podman 4 not running
  10 podman 4 not supported
   2 podman 4 port in use
   5 podman 5 failed
  10 podman 5 image missing
   4 podman 5 in use
  94 podman 5 invalid
   6 podman 5 name taken
  56 podman 5 not found
   7 podman 5 not running
  12 podman 5 not supported
   2 podman 5 port in use

"#]]
        .raw()
    );
}

#[test]
fn messages_are_the_tools_words_without_decoration() {
    for call in CALLS.iter().filter(by_the_tool) {
        let (_, message) = error(call);
        let decorated =
            ["Error: ", "Error response from daemon", "docker: ", "time=\"", "See '", "Usage:"]
                .iter()
                .find(|decoration| message.contains(**decoration) && !message.contains("Get \""));
        assert_eq!(decorated, None, "{message}");
        assert!(!message.is_empty() && message != "exit status 125", "{:?}", call.argv);
        assert!(!message.contains('\n'), "{message}");
    }
}

/// What decisions hang on, in the words of each tool.
#[test]
fn the_kinds_that_decide() {
    let wanted: [(&[&str], &str, ErrorKind); 20] = [
        (&["exec"], "is not running", ErrorKind::NotRunning),
        (&["start"], "o such container", ErrorKind::NotFound),
        (&["image", "inspect"], "", ErrorKind::ImageMissing),
        (&["pull"], "manifest unknown", ErrorKind::ImageMissing),
        (&["pull"], ": not found", ErrorKind::ImageMissing),
        (&["create"], "already in use by", ErrorKind::Conflict),
        (&["network", "create"], "already exists", ErrorKind::Conflict),
        (&["run"], "is already used by ID", ErrorKind::Conflict),
        (&["network", "rm"], "active endpoints", ErrorKind::InUse),
        (&["network", "rm"], "is in use by container", ErrorKind::InUse),
        (&["network", "rm"], "no network found", ErrorKind::NotFound),
        (&["network", "rm"], "not found", ErrorKind::NotFound),
        (&["network", "inspect"], "not found", ErrorKind::NotFound),
        (&["volume", "rm"], "no such volume", ErrorKind::NotFound),
        (&["volume", "rm"], "is in use", ErrorKind::InUse),
        (&["volume", "rm"], "being used", ErrorKind::InUse),
        (&["run"], "port is already allocated", ErrorKind::PortInUse),
        (&["start"], "address already in use", ErrorKind::PortInUse),
        (&["rmi"], "in use by a container", ErrorKind::InUse),
        (&["run"], "unknown flag", ErrorKind::Invalid),
    ];
    for (verb, words, kind) in wanted {
        let found: Vec<_> = CALLS
            .iter()
            .filter(|call| call.is(verb) && by_the_tool(call))
            .map(error)
            .filter(|(_, message)| message.contains(words))
            .collect();
        assert!(!found.is_empty(), "{verb:?} {words}");
        for (is, message) in found {
            assert_eq!(is, kind, "{message}");
        }
    }
}
