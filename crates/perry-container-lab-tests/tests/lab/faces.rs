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
use perry_container_testkit::contract::{Ground, expected, run};

/// Where the lab's docker listens.
const SOCKET: &str = "/var/run/docker.sock";

/// What is in the machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// Docker's engine, by its socket on this side.
    Socket,
    /// Docker's engine, by docker's client on this side.
    Client,
    /// containerd, by nerdctl in the machine.
    Guest,
}

/// A Mac with these products' tools and sockets, whose machines all run the lab's docker or its containerd.
fn bench(way: Way) -> Bench {
    let bench = Bench::new(program(), &["colima", "limactl", "orb", "rdctl"]).unwrap();
    let home = bench.scratch().to_owned();
    for dir in [".orbstack/run", ".colima/default", ".rd"] {
        std::fs::create_dir_all(home.join(dir)).unwrap();
        symlink(SOCKET, home.join(dir).join("docker.sock")).unwrap();
    }
    symlink(docker(), bench.bin().join("docker")).unwrap();
    let (docker, moby) = match way {
        Way::Guest => ("containerd", "containerd"),
        Way::Socket | Way::Client => ("docker", "moby"),
    };
    let own = |name: &str, runtime: &str, socket: String| Guest {
        name: name.to_owned(),
        runtime: runtime.to_owned(),
        socket: if way == Way::Guest { String::new() } else { socket },
        dir: home.join(".lima").display().to_string(),
        root: true,
        path: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".to_owned(),
        ..Guest::default()
    };
    if way != Way::Guest {
        std::fs::create_dir_all(home.join(".lima/sock")).unwrap();
        symlink(SOCKET, home.join(".lima/sock/docker.sock")).unwrap();
    }
    let socket = format!("unix://{}", home.join(".colima/default/docker.sock").display());
    bench.machine(&own("default", docker, socket)).machine(&own("0", moby, String::new()))
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

fn keeps_the_contract(candidate: Candidate, way: Way) {
    let test = format!("the contract on {candidate} by its {way:?}");
    let engine = if way == Way::Guest { Engine::Nerdctl } else { Engine::Docker };
    if let Err(reason) = engine.available() {
        let optional = engine == Engine::Nerdctl && std::env::var_os("PERRY_LAB_NERDCTL").is_none();
        return skip(&test, &reason, optional);
    }
    if !Path::new(SOCKET).exists() {
        return skip(&test, "docker listens somewhere else", false);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let bench = bench(way);
    let transport = if way == Way::Socket { Transport::Socket } else { Transport::Cli };
    let found = find(&runtime, &bench, candidate, transport);
    assert_eq!(found.driver.candidate(), candidate);
    assert_eq!(found.backend.backend_name(), candidate.name());
    assert_eq!(found.backend.capabilities().runtime, candidate.name());
    if way != Way::Guest {
        assert_eq!(found.backend.engine_id().0, format!("unix://{}", true_path()));
    }
    let prefix = format!("plt{}-{candidate}-{way:?}", std::process::id()).to_lowercase();
    let ground = Ground::new(prefix, image("base"));
    let said = runtime.block_on(run(&*found.backend, &ground));
    snapbox::assert_data_eq!(said, expected(found.backend.capabilities()));
}

/// One engine, whoever leads to it.
fn true_path() -> String {
    Path::new(SOCKET).canonicalize().unwrap().display().to_string()
}

macro_rules! products {
    ($($name:ident: $candidate:ident by $($test:ident: $way:ident),+;)+) => { $(
        mod $name {
            use super::{Candidate, Way, keeps_the_contract};

            $(
                #[test]
                fn $test() {
                    keeps_the_contract(Candidate::$candidate, Way::$way);
                }
            )+
        }
    )+ };
}

products!(
    orbstack: Orbstack by backend_by_socket_behaves_alike: Socket,
        backend_by_client_behaves_alike: Client;
    colima: Colima by backend_by_socket_behaves_alike: Socket,
        backend_by_client_behaves_alike: Client,
        backend_in_the_machine_behaves_alike: Guest;
    rancher_desktop: RancherDesktop by backend_by_socket_behaves_alike: Socket,
        backend_by_client_behaves_alike: Client,
        backend_in_the_machine_behaves_alike: Guest;
    lima: Lima by backend_by_socket_behaves_alike: Socket,
        backend_by_client_behaves_alike: Client,
        backend_in_the_machine_behaves_alike: Guest;
);
