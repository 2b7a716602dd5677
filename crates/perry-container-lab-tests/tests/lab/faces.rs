//! Products that bring docker's engine in a machine of their own, in front of the lab's: their tools are stand-ins, what
//! is behind them is real.

use std::os::unix::fs::symlink;
use std::path::Path;

use perry_container_fake::{Bench, program, record::Machine as Guest};
use perry_container_lab_tests::engine::docker;
use perry_container_lab_tests::project::image;
use perry_container_lab_tests::{Engine, skip};
use perry_container_probe::{
    Backends, Candidate, Choice, Detected, Detector, Os, ThisMachine, Transport,
};
use perry_container_process::Environment;
use perry_container_testkit::contract::{Ground, TRANSCRIPT, run};

/// Where the lab's docker listens.
const SOCKET: &str = "/var/run/docker.sock";

/// A Mac with these products' tools and sockets, whose machines all run the lab's docker.
fn bench() -> Bench {
    let bench = Bench::new(program(), &["colima", "orb", "rdctl"]).unwrap();
    let home = bench.scratch().to_owned();
    for dir in [".orbstack/run", ".colima/default", ".rd"] {
        std::fs::create_dir_all(home.join(dir)).unwrap();
        symlink(SOCKET, home.join(dir).join("docker.sock")).unwrap();
    }
    symlink(docker(), bench.bin().join("docker")).unwrap();
    let socket = format!("unix://{}", home.join(".colima/default/docker.sock").display());
    let default = Guest { socket, ..Guest::default() };
    let rancher = Guest { name: "0".to_owned(), runtime: "moby".to_owned(), ..Guest::default() };
    bench.machine(&default).machine(&rancher)
}

fn find(
    runtime: &tokio::runtime::Runtime,
    bench: &Bench,
    candidate: Candidate,
    transport: Transport,
) -> Detected {
    let home = bench.scratch().display().to_string();
    let env: Environment = bench.env().into_iter().chain([("HOME".to_owned(), home)]).collect();
    let detector =
        Detector::new(std::sync::Arc::new(ThisMachine::new(env.clone())), env, Os::MacOs);
    let backends = Backends::One(candidate.name().to_owned());
    let choice = Choice { backends, transport: Some(transport), ..Choice::default() };
    runtime.block_on(detector.detect(&choice)).unwrap()
}

fn keeps_the_contract(candidate: Candidate, transport: Transport) {
    let test = format!("{candidate} keeps the contract by its {transport:?}");
    if let Err(reason) = Engine::Docker.available() {
        return skip(&test, &reason, false);
    }
    if !Path::new(SOCKET).exists() {
        return skip(&test, "docker listens somewhere else", false);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let bench = bench();
    let found = find(&runtime, &bench, candidate, transport);
    assert_eq!(found.driver.candidate(), candidate);
    assert_eq!(found.backend.backend_name(), candidate.name());
    assert_eq!(found.backend.capabilities().runtime, candidate.name());
    assert_eq!(found.backend.engine_id().0, format!("unix://{}", true_path()));
    let way = if transport == Transport::Cli { "cli" } else { "socket" };
    let prefix = format!("plt{}-{candidate}-{way}", std::process::id());
    let ground = Ground::new(prefix, image("base"));
    let said = runtime.block_on(run(&*found.backend, &ground));
    snapbox::assert_data_eq!(said, TRANSCRIPT);
}

/// One engine, whoever leads to it.
fn true_path() -> String {
    Path::new(SOCKET).canonicalize().unwrap().display().to_string()
}

macro_rules! products {
    ($($name:ident: $candidate:ident),+ $(,)?) => { $(
        mod $name {
            use super::{Candidate, Transport, keeps_the_contract};

            #[test]
            fn backend_by_socket_behaves_alike() {
                keeps_the_contract(Candidate::$candidate, Transport::Socket);
            }

            #[test]
            fn backend_by_client_behaves_alike() {
                keeps_the_contract(Candidate::$candidate, Transport::Cli);
            }
        }
    )+ };
}

products!(orbstack: Orbstack, colima: Colima, rancher_desktop: RancherDesktop);
