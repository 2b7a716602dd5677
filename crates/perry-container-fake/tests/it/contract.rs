//! Our backend on apple's tool, as far as it can be known without it.

use crate::common::bench;
use perry_container_apple::AppleContainerProtocol;
use perry_container_fake::Bench;
use perry_container_process::{CliBackend, Environment, Program, SystemHost};
use perry_container_spec::EngineId;
use perry_container_support::Capabilities;
use perry_container_testkit::contract::{Ground, run};
use snapbox::{assert_data_eq, str};
use std::sync::Arc;

pub(crate) fn backend(bench: &Bench, more: &[(&str, &str)]) -> CliBackend<AppleContainerProtocol> {
    let mut env: Vec<(String, String)> = bench.env().into();
    env.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let host = Arc::new(SystemHost::new(env.into_iter().collect::<Environment>()));
    let program = Program::new(bench.bin().join("container"));
    CliBackend::new(
        AppleContainerProtocol::new(),
        host,
        program,
        EngineId("apple".to_owned()),
        Capabilities::apple("1.2.2"),
    )
}

#[tokio::test]
async fn the_contract() {
    let bench = bench();
    let said = run(&backend(&bench, &[]), &Ground::new("apple-contract", "lab/base:1")).await;
    assert_data_eq!(
        said,
        str![[r#"
A container is created, started, stopped and removed
  create: Some("<p>-a"), an id: true
  is: created
  stop what never ran: done
  start: done
  is: running
  start what runs: done
  pause: error: not supported
  is: running
  exec in what is paused: ||0
  stop what is paused: done
  is: exited
  stop again: done
  exec in what has ended: error: not running
  wait for what has ended: error: not supported
  start again: done
  kill: done
  wait: error: not supported
  is: exited
  kill what has ended: error: not running
  rename: error: not supported
  inspect the old name: <p>-a
  inspect the new name: error: not found
  start: error: not found
  create under a name that is taken: made
  create from an image that is missing: error: image missing
  inspect <p>-b: <p>-b
  inspect <p>-c: error: not found
  remove what runs: done
  remove <p>-b by force: error: not found
  remove <p>-c by force: error: not found
  start what is gone: error: not found
  stop what is gone: error: not found
  kill what is gone: error: not found
  exec in what is gone: error: not found
  logs of what is gone: error: not found
  wait for what is gone: error: not found

Its output and its end are told
  follow to the end: one⏎two⏎three⏎|
  wait: error: not supported
  is: exited
  logs: one⏎two⏎three⏎|
  the last line: three⏎|
  no line: |
  each with its time: false ["one", "three", "two"]
  since a later time: error: not supported
  attach while it waits for input: error: not supported

Commands run in it
  setting up failed: could not create `apple-contract-exec`: apple/container has no a host name other than the name
  both streams: error: not found
  its status: error: not found
  no such program: error: not found
  the environment of the container: error: not found
  its directory and its name: error: not found
  user, directory, environment, input: error: not found
  a terminal: Error: get failed: container <p>-exec not found⏎||1
  its processes are listed: false
  its use is told: error: not found
  clearing apple-contract-exec failed: could not remove `apple-contract-exec`: internalError: "failed to delete container" (cause: "notFound: "container with ID apple-contract-exec not found"")

What is there is found by labels
  create network: done
  create volume: done
  create: made
  all of the ground: ["<p>-a exited", "<p>-one running", "<p>-three created", "<p>-two exited"] ["<p>-seen"] ["<p>-seen"]
  with a value that is hard to write: ["<p>-one running", "<p>-two exited"] [] []
  with a key, whatever its value: ["<p>-one running", "<p>-two exited"] [] []
  with half of that value: [] [] []
  by name: 0 containers, ["<p>-seen"] ["<p>-seen"] ["<image>"]
  the list and the single look agree: [true, true, true, true]
  remove network: done
  remove volume: done

Containers meet in networks
  create: done
  create another: done
  create again: error: name taken
  setting up failed: could not create `apple-contract-server`: apple/container has no network aliases
  setting up failed: could not create `apple-contract-client`: apple/container has no network aliases
  both at creation: error: not found
  one finds the other by its alias: error: not found
  by its name: error: not found
  not in a network it is not in: error: not found
  connect: error: not supported
  now it does: error: not found
  disconnect: error: not supported
  is left in: error: not found
  remove one in use: done
  inspect: error: not found
  clearing apple-contract-server failed: could not remove `apple-contract-server`: internalError: "failed to delete container" (cause: "notFound: "container with ID apple-contract-server not found"")
  clearing apple-contract-client failed: could not remove `apple-contract-client`: internalError: "failed to delete container" (cause: "notFound: "container with ID apple-contract-client not found"")
  remove: error: not found
  remove the other: done
  remove again: error: not found
  inspect what is gone: error: not found

Ports are published
  create network: done
  setting up failed: could not create `apple-contract-port1`: apple/container has no ports that it picks
  any free port: error: not found
  is in the list: false
  the same one again: error: not supported
  clearing apple-contract-port1 failed: could not remove `apple-contract-port1`: internalError: "failed to delete container" (cause: "notFound: "container with ID apple-contract-port1 not found"")
  clearing apple-contract-port2 failed: could not remove `apple-contract-port2`: internalError: "failed to delete container" (cause: "notFound: "container with ID apple-contract-port2 not found"")
  remove network: done

Volumes keep what is written
  create: done
  write: error: not supported
  its volumes: ["/data true true", "/own true true"]
  write where it is read only: error: not supported
  read: kept⏎sh: can't create /data/file: Read-only file system⏎
  remove one in use: error: in use
  left when the containers are gone: ["<p>-data"]
  remove: done
  remove again: error: not found

Files go in and come out
  setting up failed: could not create `apple-contract-files`: apple/container has no a way to write files before a container starts; a config or secret from a file of this machine is mounted
  are there before it starts: error: not found
  and can be read: error: not found
  copy in: error: not found
  it is there: error: not found
  copy out: error: not found
  copy out what is not there: error: not found
  clearing apple-contract-files failed: could not remove `apple-contract-files`: internalError: "failed to delete container" (cause: "notFound: "container with ID apple-contract-files not found"")

Health is probed
  at first: running
  a probe that fails: false not yet
  make it ready: ||0
  a probe that succeeds: true
  the list tells its health: false
  words stay words: true

Images are named and made
  inspect <image>: true true
  inspect localhost/<p>-missing:none: error: image missing
  tag: done
  inspect: localhost/<p>-image 1
  in the list: 1
  remove: done
  inspect what is gone: error: image missing
  remove again: error: image missing
  the image itself is left: true
  pull from nowhere fails: true
  commit: error: not supported
  setting up failed: could not create `apple-contract-again`: no such image: localhost/apple-contract-image:1
  run what was made: error: not found
  clearing apple-contract-again failed: could not remove `apple-contract-again`: internalError: "failed to delete container" (cause: "notFound: "container with ID apple-contract-again not found"")
  remove: error: image missing

What happens is told
  a short life: error: not supported

"#]]
    );
}
