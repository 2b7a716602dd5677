//! Detection on scripted machines.
#![cfg(test)]

mod apple;
mod backend_detection_test;
mod docker;
mod faults;
mod nerdctl;
mod podman;
mod products;
mod properties;
#[cfg(unix)]
mod real;

use async_trait::async_trait;
use perry_container_docker::{Dialect, DockerProtocol, Product};
use perry_container_probe::{
    Candidate, Choice, Detected, Detector, Dial, Dialled, Fault, Machine, Os, ProbeError,
};
use perry_container_process::{Answer, CliBackend, Environment, Host, Program, ScriptedHost};
use perry_container_spec::ErrorKind;
use perry_container_support::Capabilities;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

/// A machine made of a script.
#[derive(Clone, Default)]
struct Scripted {
    host: ScriptedHost,
    root: bool,
    files: BTreeMap<PathBuf, String>,
    links: BTreeMap<PathBuf, PathBuf>,
    sockets: BTreeMap<String, Result<&'static str, Fault>>,
    dialled: Arc<Mutex<Vec<Dial>>>,
    env: Vec<(String, String)>,
    os: Option<Os>,
}

impl Scripted {
    fn new() -> Self {
        Self { root: true, ..Self::default() }.env("HOME", "/root")
    }

    fn user() -> Self {
        Self::default().env("HOME", "/home/me").env("XDG_RUNTIME_DIR", "/run/user/1000")
    }

    fn on(mut self, os: Os) -> Self {
        self.os = Some(os);
        self
    }

    fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    fn program(mut self, name: &str) -> Self {
        self.host = self.host.program(name);
        self
    }

    fn answer(mut self, call: &str, answer: Answer) -> Self {
        self.host = self.host.on(call, answer);
        self
    }

    fn file(mut self, path: &str, content: &str) -> Self {
        self.files.insert(path.into(), content.to_owned());
        self
    }

    /// A socket at which this engine answers, or why it does not.
    fn socket(self, url: &str, who: Result<&'static str, &'static str>) -> Self {
        self.at(url, who.map_err(|why| Fault::new(ErrorKind::EngineDown, why)))
    }

    fn at(mut self, url: &str, who: Result<&'static str, Fault>) -> Self {
        if let Some(path) = url.strip_prefix("unix://") {
            self.files.insert(path.into(), String::new());
        }
        self.sockets.insert(url.to_owned(), who);
        self
    }

    fn link(mut self, from: &str, to: &str) -> Self {
        self.links.insert(from.into(), to.into());
        self
    }

    fn detector(&self) -> Detector {
        let env: Environment = self.env.iter().cloned().collect();
        Detector::new(Arc::new(self.clone()), env, self.os.unwrap_or(Os::Linux))
    }

    async fn detect(&self) -> Result<Detected, ProbeError> {
        let detector = self.detector();
        detector.detect(&detector.choice()?).await
    }

    /// Everything that detection did and found, as text.
    async fn tell(&self) -> String {
        let found = self.detect().await;
        let mut text = String::new();
        for call in self.host.calls() {
            text.extend(["$ ", &call, "\n"]);
        }
        for dial in &*self.dialled.lock().unwrap() {
            text.extend(["dial ", &dial.endpoint, "\n"]);
        }
        text + &match found {
            Ok(found) => format!(
                "{} {} {:?} {:?} {}\n",
                named(&found),
                found.backend.version().unwrap_or("?"),
                found.driver.bin().unwrap_or(Path::new("-")).display().to_string(),
                found.mode,
                found.backend.engine_id(),
            ),
            Err(error) => {
                let hint = error.hint().map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
                format!("{error} ({}){hint}\n", error.code())
            }
        }
    }
}

#[async_trait]
impl Machine for Scripted {
    fn host(&self) -> Arc<dyn Host> {
        Arc::new(self.host.clone())
    }

    fn is_root(&self) -> bool {
        self.root
    }

    fn read(&self, path: &Path) -> Option<Vec<u8>> {
        Some(self.files.get(path)?.clone().into_bytes())
    }

    fn canonical(&self, path: &Path) -> Option<PathBuf> {
        match self.links.get(path) {
            Some(to) => Some(to.clone()),
            None => self.files.contains_key(path).then(|| path.to_owned()),
        }
    }

    async fn dial(&self, what: Dial) -> Result<Dialled, Fault> {
        self.dialled.lock().unwrap().push(what.clone());
        let nobody = Err(Fault::new(ErrorKind::EngineDown, "connection refused"));
        let who = self.sockets.get(&what.endpoint).cloned().unwrap_or(nobody)?;
        let (name, version) = who.split_once(' ').unwrap_or((who, ""));
        let (engine, dialect, version) = match (name, version) {
            ("docker", "") => (Candidate::Docker, Dialect::docker("28.5.2"), "28.5.2"),
            ("docker", version) => (Candidate::Docker, Dialect::docker(version), version),
            (_, "") => (Candidate::Podman, Dialect::podman("4.3.1"), "4.3.1"),
            (_, version) => (Candidate::Podman, Dialect::podman(version), version),
        };
        let products = [Product::Orbstack, Product::Colima, Product::RancherDesktop, Product::Lima];
        let protocol = DockerProtocol::new(dialect);
        let protocol = match products.into_iter().find(|product| product.name() == what.name) {
            Some(product) => protocol.of(product),
            None => protocol,
        };
        let (host, program) = (self.host(), Program::new("/nowhere"));
        let backend = CliBackend::new(protocol, host, program, what.engine, Capabilities::all(who));
        let backend = Arc::new(backend.with_version(Some(version.to_owned())));
        Ok(Dialled { engine, backend })
    }
}

const DOCKER_VERSION: &str = r#"{"Client":{"Version":"28.2.2","ApiVersion":"1.50"},"Server":{"Components":[{"Name":"Engine","Version":"28.5.2+dfsg4","Details":{"KernelVersion":"6.18.0"}}],"Version":"28.5.2+dfsg4","KernelVersion":"6.18.0"}}"#;
const DOCKER_DOWN: &str = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n";
const PODMAN_VERSION: &str = r#"{"Client":{"APIVersion":"4.3.1","Version":"4.3.1"}}"#;
const PODMAN_REMOTE: &str = r#"{"Client":{"APIVersion":"5.0.1","Version":"5.0.1"},"Server":{"APIVersion":"4.3.1","Version":"4.3.1"}}"#;

/// The name of driver and backend, which is one.
fn named(found: &Detected) -> &str {
    assert_eq!(found.backend.backend_name(), found.driver.name());
    found.driver.name()
}

const NERDCTL_VERSION: &str = r#"{"Client":{"Version":"v2.1.6"},"Server":{"Components":[{"Name":"containerd","Version":"2.1.9"}]}}"#;

/// With a docker client whose engine answers at the well-known socket.
fn with_docker(machine: Scripted) -> Scripted {
    machine.program("docker").answer(
        "docker --host=unix:///var/run/docker.sock version '--format={{json .}}'",
        Answer::prints(DOCKER_VERSION),
    )
}

/// nerdctl, whose containerd does not run.
fn with_dead_nerdctl(machine: Scripted) -> Scripted {
    let down = "time=\"2026-11-25T03:00:07Z\" level=warning msg=\"unable to determine buildctl version\"\ntime=\"2026-11-25T03:00:07Z\" level=fatal msg=\"cannot access containerd socket \\\"/run/containerd/containerd.sock\\\": no such file or directory\"\n";
    machine.program("nerdctl").answer("nerdctl version --format=json", Answer::fails(1, down))
}

/// With a docker client whose engine does not answer.
fn with_dead_docker(machine: Scripted) -> Scripted {
    let answer = Answer::fails(1, DOCKER_DOWN);
    machine
        .program("docker")
        .answer("docker --host=unix:///var/run/docker.sock version '--format={{json .}}'", answer)
}

/// With a podman that can open its store.
fn with_podman(machine: Scripted) -> Scripted {
    machine
        .program("podman")
        .answer("podman ps -q", Answer::prints(""))
        .answer("podman version --format=json", Answer::prints(PODMAN_VERSION))
}

/// With a podman that cannot.
fn with_broken_podman(machine: Scripted) -> Scripted {
    machine
        .program("podman")
        .answer("podman ps -q", Answer::fails(125, "Error: database is locked\n"))
        .answer("podman version --format=json", Answer::prints(PODMAN_VERSION))
}

/// The choice that the environment of a test makes.
fn choice(machine: &Scripted) -> Choice {
    machine.detector().choice().unwrap()
}
