//! Whether podman answers, and where.

use crate::{
    BackendDriver, Candidate, Detected, Detector, Fault, Os, Transport, Unavailable,
    detector::not_installed,
    endpoint::Endpoint,
    fault::Faults,
    guest::{self, Connection},
    store,
    version::{Versions, complaint, objects, old_enough},
};
use perry_container_docker::{Dialect, DockerProtocol};
use perry_container_process::{CliBackend, Finished, Program};
use perry_container_spec::{EngineId, ErrorKind, Locality};
use perry_container_support::Capabilities;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

const SYSTEM_SOCKET: &str = "/run/podman/podman.sock";
const VERSION: &str = "podman version --format=json";

/// What podman would talk to.
#[derive(Debug)]
enum Place {
    /// The store of this user: no engine runs.
    Store,
    /// An address: that of `CONTAINER_HOST`.
    Service(Endpoint),
    /// A connection of podman's configuration: `CONTAINER_CONNECTION`, or the default one.
    Connection(Connection),
    /// A virtual machine that runs.
    Machine(guest::Machine),
}

/// What the client is called with for a place.
fn flags(place: &Place) -> Vec<String> {
    match place {
        Place::Service(endpoint) => {
            vec!["--remote".to_owned(), format!("--url={}", endpoint.url)]
        }
        // What is the default, or is named in the environment, is taken anyway.
        Place::Machine(machine) if !machine.is_default => {
            vec![format!("--connection={}", machine.connection)]
        }
        Place::Store | Place::Connection(_) | Place::Machine(_) => Vec::new(),
    }
}

impl Detector {
    /// podman by a socket where one answers, else by its command line.
    pub(crate) async fn podman(
        &self,
        transport: Option<Transport>,
    ) -> Result<Detected, Unavailable> {
        let bin = self.machine.host().find("podman");
        let place = self.podman_place(bin.as_deref()).await?;
        let mode = match &place {
            Place::Service(endpoint) => endpoint.locality(),
            Place::Connection(connection) => connection.locality(),
            Place::Store | Place::Machine(_) => Locality::Local,
        };
        let mut faults = Faults::default();
        if transport != Some(Transport::Cli) {
            for endpoint in self.podman_sockets(&place) {
                let engine = self.podman_engine(&place, &endpoint);
                match self.dial(Candidate::Podman, Candidate::Podman, &endpoint, engine).await {
                    Ok(backend) => {
                        let driver = BackendDriver::new(Candidate::Podman, bin);
                        return Ok(Detected { driver, backend, mode });
                    }
                    Err(_) if bin.is_some() && transport.is_none() => {}
                    Err(fault) => faults.add(fault),
                }
            }
        }
        if transport == Some(Transport::Socket) {
            if faults.is_empty() {
                faults.add(Fault::down(
                    "no socket of podman is there; `podman system service` makes one",
                ));
            }
            return Err(faults.unavailable(mode));
        }
        match self.podman_client(bin.as_deref(), &place, mode).await {
            Ok(found) => Ok(found),
            Err(fault) => {
                faults.add(fault);
                Err(faults.unavailable(mode))
            }
        }
    }

    async fn podman_place(&self, bin: Option<&Path>) -> Result<Place, Fault> {
        if let Some(url) = self.set("CONTAINER_HOST") {
            return Ok(Place::Service(Endpoint::new(url)));
        }
        let named = self.set("CONTAINER_CONNECTION");
        if named.is_none() && self.os == Os::Linux {
            return Ok(Place::Store);
        }
        let program = Program::new(bin.ok_or_else(|| not_installed(Candidate::Podman))?);
        let call = ["system", "connection", "list", "--format=json"];
        let connections = self.ask(&program, &call);
        if let Some(name) = named {
            let connections = guest::connections(&connections.await?)?;
            let known = connections.into_iter().find(|one| one.name == name);
            let missing = || Fault::down(format!("podman has no connection `{name}`"));
            return Ok(Place::Connection(known.ok_or_else(missing)?));
        }
        let machines = ["machine", "list", "--format=json"];
        let (machines, connections) = tokio::join!(self.ask(&program, &machines), connections);
        let (machines, connections) = (machines?, connections?);
        let connections = guest::connections(&connections).unwrap_or_default();
        let machines = succeeded(&machines)
            .and_then(|()| objects("podman machine list --format=json", &machines.stdout));
        let mut machine = match guest::choose(machines, connections)? {
            guest::Choice::Connection(connection) => return Ok(Place::Connection(connection)),
            guest::Choice::Machine(machine) => machine,
        };
        let told = self.ask(&program, &["machine", "inspect", &machine.name]).await?;
        machine.socket = guest::socket(&machine, &told);
        Ok(Place::Machine(machine))
    }

    /// Sockets that lead to the same containers as the command line.
    fn podman_sockets(&self, place: &Place) -> Vec<Endpoint> {
        match place {
            Place::Service(endpoint) => vec![endpoint.clone()],
            Place::Connection(connection) => {
                let endpoint = Endpoint::new(&connection.uri);
                Some(endpoint).filter(Endpoint::is_plain).into_iter().collect()
            }
            Place::Machine(machine) => {
                machine.socket.iter().map(|path| Endpoint::unix(path)).collect()
            }
            Place::Store => {
                let there = self.podman_socket().filter(|path| self.exists(path));
                there.map(|path| Endpoint::unix(&path)).into_iter().collect()
            }
        }
    }

    /// The well-known socket of this user: only that one leads to this user's store.
    fn podman_socket(&self) -> Option<PathBuf> {
        if self.machine.is_root() {
            return Some(PathBuf::from(SYSTEM_SOCKET));
        }
        let dir = self.env.get("XDG_RUNTIME_DIR").filter(|dir| !dir.is_empty())?;
        Some(Path::new(dir).join("podman/podman.sock"))
    }

    /// The engine behind a socket of a place: the machine, the store behind a well-known socket, else the socket.
    fn podman_engine(&self, place: &Place, endpoint: &Endpoint) -> EngineId {
        if let Place::Machine(machine) = place {
            return machine.engine();
        }
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
    ) -> Result<Detected, Fault> {
        let bin = bin.ok_or_else(|| not_installed(Candidate::Podman))?;
        let program =
            Program::new(bin).prefix(flags(place)).set("PODMAN_IGNORE_CGROUPSV1_WARNING", "1");
        let version = self.ask(&program, &["version", "--format=json"]);
        let (engine, versions) = match place {
            // `version` asks no engine and succeeds always; `ps` opens the store.
            Place::Store => {
                let (list, done) = tokio::join!(self.ask(&program, &["ps", "-q"]), version);
                succeeded(&list?)?;
                let root = store::root(&*self.machine, &self.env, self.machine.is_root());
                let engine = EngineId(root.display().to_string());
                (engine, Versions::read(VERSION, &done?.stdout)?)
            }
            Place::Service(endpoint) => {
                (self.podman_engine(place, endpoint), served(&version.await?)?)
            }
            Place::Connection(connection) => {
                let engine = self.podman_engine(place, &Endpoint::new(&connection.uri));
                (engine, served(&version.await?)?)
            }
            Place::Machine(machine) => (machine.engine(), served(&version.await?)?),
        };
        let none = || Fault::malformed(VERSION, "it names no version");
        let client = versions.client.ok_or_else(none)?;
        let version = versions.engine.unwrap_or_else(|| client.clone());
        old_enough(Candidate::Podman, Some(&client))?;
        old_enough(Candidate::Podman, Some(&version))?;
        let protocol = DockerProtocol::new(Dialect::podman(&client));
        let capabilities = Capabilities::podman(&version);
        let backend = CliBackend::new(protocol, self.machine.host(), program, engine, capabilities)
            .with_version(Some(version))
            .with_limits(self.limits)
            .with_locality(mode)
            .with_counter(Arc::clone(&self.calls));
        let driver = BackendDriver::new(Candidate::Podman, Some(bin.to_owned()));
        Ok(Detected { driver, backend: Arc::new(backend), mode })
    }
}

/// The failure of a call in its own words.
fn succeeded(done: &Finished) -> Result<(), Fault> {
    if done.code == 0 {
        return Ok(());
    }
    let silent = || format!("podman failed with code {}", done.code);
    let text = complaint(&done.stderr).unwrap_or_else(silent);
    if text.to_ascii_lowercase().contains("permission denied") {
        return Err(Fault::new(ErrorKind::Permission, text));
    }
    // `server API version is too old for the client`
    if text.contains("version is too") {
        return Err(Fault::new(ErrorKind::Unsupported, text));
    }
    Err(Fault::down(text))
}

/// The versions, when a service answered.
fn served(done: &Finished) -> Result<Versions, Fault> {
    succeeded(done)?;
    let versions = Versions::read(VERSION, &done.stdout)?;
    match versions.engine {
        Some(_) => Ok(versions),
        None => Err(Fault::down("podman's service does not answer")),
    }
}
