//! Whether docker answers, and where.

use crate::{
    BackendDriver, Candidate, Detected, Detector, Os, Transport, Unavailable,
    context::{Selected, selected},
    detector::not_installed,
    endpoint::Endpoint,
    reasons::Reasons,
    version::{Versions, complaint},
};
use perry_container_docker::{Dialect, DockerProtocol};
use perry_container_process::{CliBackend, Program, run};
use perry_container_protocol::Invocation;
use perry_container_spec::Locality;
use perry_container_support::Capabilities;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// A way for the client to an engine.
#[derive(Debug, Clone)]
struct Place {
    endpoint: Endpoint,
    flag: String,
}

impl Place {
    fn host(endpoint: Endpoint) -> Self {
        Self { flag: format!("--host={}", endpoint.url), endpoint }
    }
}

impl Detector {
    /// docker by its socket where it answers, else by its command line.
    pub(crate) async fn docker(
        &self,
        transport: Option<Transport>,
    ) -> Result<Detected, Unavailable> {
        let bin = self.machine.host().find("docker");
        let places = self.docker_places().map_err(Unavailable::here)?;
        let mode = places.first().map_or(Locality::Local, |place| place.endpoint.locality());
        let mut reasons = Reasons::default();
        for place in places {
            if transport != Some(Transport::Cli) {
                match self
                    .dial(Candidate::Docker, &place.endpoint, self.engine_at(&place.endpoint))
                    .await
                {
                    Ok(backend) => {
                        let driver = BackendDriver::new(Candidate::Docker, bin);
                        return Ok(Detected { driver, backend, mode: place.endpoint.locality() });
                    }
                    // The client's own words say it better where there is a client.
                    Err(_) if bin.is_some() && transport.is_none() => {}
                    Err(reason) => reasons.add(reason),
                }
            }
            if transport != Some(Transport::Socket) {
                match self.docker_client(bin.as_deref(), &place).await {
                    Ok(found) => return Ok(found),
                    Err(reason) => reasons.add(reason),
                }
            }
        }
        Err(Unavailable { reason: reasons.text(), mode })
    }

    /// Where the client would look; where nothing is configured, the well-known sockets that exist.
    fn docker_places(&self) -> Result<Vec<Place>, String> {
        match selected(&*self.machine, &self.env)? {
            Selected::Endpoint(endpoint) => Ok(vec![Place::host(endpoint)]),
            Selected::Context(name, endpoint) => {
                Ok(vec![Place { endpoint, flag: format!("--context={name}") }])
            }
            Selected::Default if self.os == Os::Windows => {
                Ok(vec![Place::host(Endpoint::new("npipe:////./pipe/docker_engine"))])
            }
            Selected::Default => {
                let set =
                    |name| self.env.get(name).filter(|dir| !dir.is_empty()).map(PathBuf::from);
                let mut paths = vec![PathBuf::from("/var/run/docker.sock")];
                paths.extend(set("XDG_RUNTIME_DIR").map(|dir| dir.join("docker.sock")));
                if self.os == Os::MacOs {
                    paths.extend(set("HOME").map(|home| home.join(".docker/run/docker.sock")));
                }
                let exists = |path: &&PathBuf| self.machine.canonical(path).is_some();
                let mut there: Vec<&PathBuf> = paths.iter().filter(exists).collect();
                if there.is_empty() {
                    there.push(&paths[0]);
                }
                Ok(there.into_iter().map(|path| Place::host(Endpoint::unix(path))).collect())
            }
        }
    }

    /// docker by its command line.
    async fn docker_client(&self, bin: Option<&Path>, place: &Place) -> Result<Detected, String> {
        let bin = bin.ok_or_else(|| not_installed(Candidate::Docker))?;
        let program = Program::new(bin).prefix([&place.flag]).set("DOCKER_CLI_HINTS", "false");
        let call = Invocation::new(["version", "--format={{json .}}"]);
        let host = self.machine.host();
        let done = run(&*host, &program, &call, &self.limits).await.map_err(|e| e.to_string())?;
        let versions = Versions::read(&done.stdout);
        let stand_in = || format!("{} is podman under docker's name", bin.display());
        if versions.by_podman || String::from_utf8_lossy(&done.stderr).contains("See 'podman") {
            return Err(stand_in());
        }
        let url = &place.endpoint.url;
        let Some(engine) = versions.engine.filter(|_| done.code == 0) else {
            let silent = || format!("nobody answers at {url}");
            return Err(complaint(&done.stderr).unwrap_or_else(silent));
        };
        if let Some(who) = versions.who.filter(|who| who != "Engine") {
            return Err(format!("`{who}` answers at {url}, not docker"));
        }
        let client = versions.client.unwrap_or_else(|| engine.clone());
        let mode = match (place.endpoint.locality(), versions.kernel, self.kernel()) {
            // The same kernel would be the same machine: a socket that leads elsewhere is a forwarded one.
            (Locality::Local, Some(theirs), Some(ours)) if theirs != ours => Locality::Remote,
            (mode, ..) => mode,
        };
        let protocol = DockerProtocol::new(Dialect::docker(&client));
        let capabilities = Capabilities::docker(&engine);
        let backend =
            CliBackend::new(protocol, host, program, self.engine_at(&place.endpoint), capabilities)
                .with_version(Some(engine))
                .with_limits(self.limits)
                .with_locality(mode)
                .with_counter(Arc::clone(&self.calls));
        let driver = BackendDriver::new(Candidate::Docker, Some(bin.to_owned()));
        Ok(Detected { driver, backend: Arc::new(backend), mode })
    }

    /// The kernel of this machine, where containers could run on it.
    fn kernel(&self) -> Option<String> {
        if self.os != Os::Linux {
            return None; // engines run in a machine of their own here, which is as near as it gets
        }
        let text = self.machine.read(Path::new("/proc/sys/kernel/osrelease"))?;
        Some(String::from_utf8(text).ok()?.trim().to_owned())
    }
}
