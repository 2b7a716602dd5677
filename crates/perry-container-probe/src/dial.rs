//! Engines behind sockets.

use crate::{Candidate, Detector, Dial, Fault, endpoint::Endpoint, version::old_enough};
use perry_container_backend::ContainerBackend;
use perry_container_spec::{EngineId, ErrorKind};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

impl Detector {
    /// The engine behind an endpoint.
    pub(crate) fn engine_at(&self, endpoint: &Endpoint) -> EngineId {
        endpoint.engine(|path: &Path| self.machine.canonical(path))
    }

    /// Connects, and makes sure that the expected engine answers: podman can listen on docker's socket.
    pub(crate) async fn dial(
        &self,
        candidate: Candidate,
        expected: Candidate,
        endpoint: &Endpoint,
        engine: EngineId,
    ) -> Result<Arc<dyn ContainerBackend>, Fault> {
        let url = &endpoint.url;
        if !endpoint.is_plain() {
            let text = format!("{url} is reached by the command line only");
            return Err(Fault::new(ErrorKind::Invalid, text));
        }
        if let Some(path) = endpoint.path().filter(|path| self.machine.canonical(path).is_none()) {
            return Err(Fault::absent(format!("there is no socket {}", path.display())));
        }
        let what = Dial {
            endpoint: url.clone(),
            name: candidate.name(),
            engine,
            credentials: self.credentials(expected),
            limits: self.limits,
        };
        let found = self.machine.dial(what).await?;
        if found.engine != expected {
            return Err(Fault::down(format!("{} answers at {url}, not {expected}", found.engine)));
        }
        old_enough(expected, found.backend.version())?;
        Ok(found.backend)
    }

    /// Where the tool keeps the credentials of registries; podman reads docker's after its own (containers-auth.json(5)).
    fn credentials(&self, candidate: Candidate) -> Option<PathBuf> {
        let set = |name| self.env.get(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let home = set("HOME");
        let docker = set("DOCKER_CONFIG").or_else(|| Some(home.clone()?.join(".docker")));
        let docker = docker.map(|dir| dir.join("config.json"));
        let mut files = Vec::new();
        if candidate == Candidate::Podman {
            let config = set("XDG_CONFIG_HOME").or_else(|| Some(home?.join(".config")));
            files.extend(set("REGISTRY_AUTH_FILE"));
            files.extend(set("XDG_RUNTIME_DIR").map(|dir| dir.join("containers/auth.json")));
            files.extend(config.map(|dir| dir.join("containers/auth.json")));
        }
        files.extend(docker);
        files.into_iter().find(|file| self.machine.canonical(file).is_some())
    }
}
