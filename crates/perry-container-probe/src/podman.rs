//! Whether podman answers, and where.

use crate::{
    BackendDriver, Candidate, Detected, Detector, Os, Transport, Unavailable,
    detector::not_installed,
    endpoint::Endpoint,
    reasons::Reasons,
    store,
    version::{Versions, complaint},
};
use perry_container_docker::{Dialect, DockerProtocol};
use perry_container_process::{CliBackend, Finished, Program, run};
use perry_container_protocol::{Invocation, values};
use perry_container_spec::{EngineId, Locality};
use perry_container_support::Capabilities;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

const SYSTEM_SOCKET: &str = "/run/podman/podman.sock";

/// What podman would talk to.
enum Place {
    /// The store of this user: no engine runs.
    Store,
    /// `CONTAINER_HOST`.
    Service(Endpoint),
    /// `CONTAINER_CONNECTION`, which podman's configuration describes.
    Connection(String),
    /// The virtual machine of a platform that has no containers of its own.
    Machine,
}

impl Detector {
    /// podman by a socket where one answers, else by its command line.
    pub(crate) async fn podman(
        &self,
        transport: Option<Transport>,
    ) -> Result<Detected, Unavailable> {
        let bin = self.machine.host().find("podman");
        let place = self.podman_place();
        let mode = match &place {
            Place::Service(endpoint) => endpoint.locality(),
            Place::Connection(_) => Locality::Remote,
            Place::Store | Place::Machine => Locality::Local,
        };
        let mut reasons = Reasons::default();
        if transport != Some(Transport::Cli) {
            for endpoint in self.podman_sockets(&place) {
                match self.dial(Candidate::Podman, &endpoint, self.podman_engine(&endpoint)).await {
                    Ok(backend) => {
                        let driver = BackendDriver::new(Candidate::Podman, bin);
                        return Ok(Detected { driver, backend, mode });
                    }
                    Err(_) if bin.is_some() && transport.is_none() => {}
                    Err(reason) => reasons.add(reason),
                }
            }
        }
        if transport == Some(Transport::Socket) {
            reasons.add_if_none(|| {
                "no socket of podman is there; `podman system service` makes one".to_owned()
            });
            return Err(Unavailable { reason: reasons.text(), mode });
        }
        match self.podman_client(bin.as_deref(), &place, mode).await {
            Ok(found) => Ok(found),
            Err(reason) => {
                reasons.add(reason);
                Err(Unavailable { reason: reasons.text(), mode })
            }
        }
    }

    fn podman_place(&self) -> Place {
        let set = |name| self.env.get(name).map(str::trim).filter(|value| !value.is_empty());
        match (set("CONTAINER_HOST"), set("CONTAINER_CONNECTION")) {
            (Some(url), _) => Place::Service(Endpoint::new(url)),
            (None, Some(name)) => Place::Connection(name.to_owned()),
            (None, None) if self.os == Os::Linux => Place::Store,
            (None, None) => Place::Machine,
        }
    }

    /// Sockets that lead to the same containers as the command line.
    fn podman_sockets(&self, place: &Place) -> Vec<Endpoint> {
        let path = match place {
            Place::Service(endpoint) => return vec![endpoint.clone()],
            Place::Connection(_) | Place::Machine => return Vec::new(),
            Place::Store => self.podman_socket(),
        };
        let there = path.filter(|path| self.machine.canonical(path).is_some());
        there.map(|path| Endpoint::unix(&path)).into_iter().collect()
    }

    /// The well-known socket of this user: only that one leads to this user's store.
    fn podman_socket(&self) -> Option<PathBuf> {
        if self.machine.is_root() {
            return Some(PathBuf::from(SYSTEM_SOCKET));
        }
        let dir = self.env.get("XDG_RUNTIME_DIR").filter(|dir| !dir.is_empty())?;
        Some(Path::new(dir).join("podman/podman.sock"))
    }

    /// The store behind a well-known socket, else the socket.
    fn podman_engine(&self, endpoint: &Endpoint) -> EngineId {
        let canonical = |path: &Path| self.machine.canonical(path);
        let own = endpoint.path().and_then(canonical);
        let same = |path: &Path| own.is_some() && canonical(path) == own;
        let (machine, env) = (&*self.machine, &self.env);
        if same(Path::new(SYSTEM_SOCKET)) {
            return EngineId(store::root(machine, env, true).display().to_string());
        }
        if self.podman_socket().is_some_and(|own| same(&own)) {
            return EngineId(store::root(machine, env, machine.is_root()).display().to_string());
        }
        self.engine_at(endpoint)
    }

    async fn podman_client(
        &self,
        bin: Option<&Path>,
        place: &Place,
        mode: Locality,
    ) -> Result<Detected, String> {
        let bin = bin.ok_or_else(|| not_installed(Candidate::Podman))?;
        let mut program = Program::new(bin).set("PODMAN_IGNORE_CGROUPSV1_WARNING", "1");
        if let Place::Service(endpoint) = place {
            program = program.prefix(["--remote".to_owned(), format!("--url={}", endpoint.url)]);
        }
        let ask = async |args: &[&str]| {
            let call = Invocation::new(args.iter().copied());
            run(&*self.machine.host(), &program, &call, &self.limits)
                .await
                .map_err(|e| e.to_string())
        };
        let version = ["version", "--format=json"];
        let (engine, versions) = match place {
            // `version` asks no engine and succeeds always; `ps` opens the store.
            Place::Store => {
                let (list, done) = tokio::join!(ask(&["ps", "-q"]), ask(&version));
                succeeded(&list?)?;
                let root = store::root(&*self.machine, &self.env, self.machine.is_root());
                (EngineId(root.display().to_string()), Versions::read(&done?.stdout))
            }
            Place::Service(endpoint) => {
                (self.podman_engine(endpoint), served(&ask(&version).await?)?)
            }
            Place::Connection(name) => {
                (EngineId(format!("podman-connection:{name}")), served(&ask(&version).await?)?)
            }
            Place::Machine => {
                let list = ask(&["machine", "list", "--format=json"]).await?;
                succeeded(&list)?;
                let name = running_machine(&list)
                    .ok_or("its machine does not run; `podman machine start` starts it")?;
                (EngineId(format!("podman-machine:{name}")), served(&ask(&version).await?)?)
            }
        };
        let client = versions.client.ok_or("`podman version` did not tell a version")?;
        let version = versions.engine.unwrap_or_else(|| client.clone());
        let protocol = DockerProtocol::new(Dialect::podman(&client));
        let capabilities = Capabilities::podman(&version);
        let backend =
            CliBackend::new(protocol, self.machine.host(), program.clone(), engine, capabilities)
                .with_version(Some(version))
                .with_limits(self.limits)
                .with_locality(mode)
                .with_counter(Arc::clone(&self.calls));
        let driver = BackendDriver::new(Candidate::Podman, Some(bin.to_owned()));
        Ok(Detected { driver, backend: Arc::new(backend), mode })
    }
}

/// The failure of a call in its own words.
fn succeeded(done: &Finished) -> Result<(), String> {
    if done.code == 0 {
        return Ok(());
    }
    Err(complaint(&done.stderr).unwrap_or_else(|| format!("podman failed with code {}", done.code)))
}

/// The versions, when a service answered.
fn served(done: &Finished) -> Result<Versions, String> {
    succeeded(done)?;
    let versions = Versions::read(&done.stdout);
    match versions.engine {
        Some(_) => Ok(versions),
        None => Err("podman's service does not answer".to_owned()),
    }
}

/// The default one of those that run, else the first.
fn running_machine(list: &Finished) -> Option<String> {
    let all = values(&list.stdout).ok()?;
    let mut running: Vec<_> = all.iter().filter(|one| one["Running"] == true).collect();
    running.sort_by_key(|one| one["Default"] != true);
    Some(running.first()?["Name"].as_str()?.to_owned())
}
