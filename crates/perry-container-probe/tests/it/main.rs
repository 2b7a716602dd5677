//! Detection on scripted machines.
#![cfg(test)]

mod backend_detection_test;
mod docker;
mod podman;
mod properties;

use async_trait::async_trait;
use perry_container_backend::ContainerBackend;
use perry_container_docker::{Dialect, DockerProtocol};
use perry_container_probe::{Choice, Detected, Detector, Dial, Machine, Os, ProbeError};
use perry_container_process::{Answer, CliBackend, Environment, Host, Program, ScriptedHost};
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
    sockets: BTreeMap<String, Result<&'static str, &'static str>>,
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
    fn socket(mut self, url: &str, who: Result<&'static str, &'static str>) -> Self {
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
                found.driver.name(),
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

    async fn dial(&self, what: Dial) -> Result<Arc<dyn ContainerBackend>, String> {
        self.dialled.lock().unwrap().push(what.clone());
        let who = self.sockets.get(&what.endpoint).copied().unwrap_or(Err("connection refused"))?;
        let (dialect, version) = match who {
            "docker" => (Dialect::docker("28.5.2"), "28.5.2"),
            _ => (Dialect::podman("4.3.1"), "4.3.1"),
        };
        let (host, program) = (self.host(), Program::new("/nowhere"));
        let protocol = DockerProtocol::new(dialect);
        let backend = CliBackend::new(protocol, host, program, what.engine, Capabilities::all(who));
        Ok(Arc::new(backend.with_version(Some(version.to_owned()))))
    }
}

const DOCKER_VERSION: &str = r#"{"Client":{"Version":"28.2.2","ApiVersion":"1.50"},"Server":{"Components":[{"Name":"Engine","Version":"28.5.2+dfsg4","Details":{"KernelVersion":"6.18.0"}}],"Version":"28.5.2+dfsg4","KernelVersion":"6.18.0"}}"#;
const DOCKER_DOWN: &str = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n";
const PODMAN_VERSION: &str = r#"{"Client":{"APIVersion":"4.3.1","Version":"4.3.1"}}"#;
const PODMAN_REMOTE: &str = r#"{"Client":{"APIVersion":"5.0.1","Version":"5.0.1"},"Server":{"APIVersion":"4.3.1","Version":"4.3.1"}}"#;

/// With a docker client whose engine answers at the well-known socket.
fn with_docker(machine: Scripted) -> Scripted {
    machine.program("docker").answer(
        "docker --host=unix:///var/run/docker.sock version '--format={{json .}}'",
        Answer::prints(DOCKER_VERSION),
    )
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
