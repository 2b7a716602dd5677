//! Docker's engine, whoever brings it.

use crate::{
    BackendDriver, Candidate, Detected, Detector, Fault, Os, Transport,
    detector::not_installed,
    endpoint::Endpoint,
    fault::Faults,
    version::{Versions, complaint, old_enough},
};
use perry_container_docker::{Dialect, DockerProtocol, Product};
use perry_container_process::{CliBackend, Program};
use perry_container_protocol::{CliProtocol as _, Output};
use perry_container_spec::Locality;
use perry_container_support::Capabilities;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// A way for docker's client to an engine.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) endpoint: Endpoint,
    flag: String,
}

impl Place {
    /// By its address.
    pub(crate) fn host(endpoint: Endpoint) -> Self {
        Self { flag: format!("--host={}", endpoint.url), endpoint }
    }

    /// By the context that describes it: the client knows how to use its certificates.
    pub(crate) fn context(name: &str, endpoint: Endpoint) -> Self {
        Self { endpoint, flag: format!("--context={name}") }
    }
}

/// Docker's engine as one candidate brings it.
#[derive(Debug, Clone)]
pub(crate) struct Moby {
    /// Whose it is.
    pub(crate) candidate: Candidate,
    /// The same for protocols; none is docker itself.
    pub(crate) product: Option<Product>,
    /// The candidate's own program.
    pub(crate) bin: Option<PathBuf>,
    /// docker's client.
    pub(crate) client: Option<PathBuf>,
    /// The ways to it, the preferred one first.
    pub(crate) places: Vec<Place>,
}

impl Moby {
    fn driver(&self) -> BackendDriver {
        BackendDriver::new(self.candidate, self.bin.clone())
    }
}

impl Detector {
    /// Docker's engine by a socket where it answers, else by docker's client.
    pub(crate) async fn moby(
        &self,
        what: &Moby,
        transport: Option<Transport>,
    ) -> Result<Detected, Faults> {
        let mut faults = Faults::default();
        for place in &what.places {
            let endpoint = &place.endpoint;
            if transport != Some(Transport::Cli) {
                let engine = self.engine_at(endpoint);
                match self.dial(what.candidate, Candidate::Docker, endpoint, engine).await {
                    Ok(backend) => {
                        return Ok(Detected {
                            driver: what.driver(),
                            backend,
                            mode: endpoint.locality(),
                        });
                    }
                    // The client's own words say it better where there is a client.
                    Err(_) if what.client.is_some() && transport.is_none() => {}
                    Err(fault) => faults.add(fault),
                }
            }
            if transport != Some(Transport::Socket) {
                match self.docker_client(what, place).await {
                    Ok(found) => return Ok(found),
                    // Of a product the socket is what was looked for.
                    Err(fault)
                        if what.product.is_some() && !fault.installed && !faults.is_empty() => {}
                    Err(fault) => faults.add(fault),
                }
            }
        }
        Err(faults)
    }

    /// Docker's engine by docker's client.
    async fn docker_client(&self, what: &Moby, place: &Place) -> Result<Detected, Fault> {
        let bin = what.client.as_deref().ok_or_else(|| not_installed(Candidate::Docker))?;
        let program = Program::new(bin).prefix([&place.flag]).set("DOCKER_CLI_HINTS", "false");
        let done = self.ask(&program, &["version", "--format={{json .}}"]).await?;
        let said = String::from_utf8_lossy(&done.stderr);
        let stand_in = || Fault::down(format!("{} is podman under docker's name", bin.display()));
        if said.contains("See 'podman") {
            return Err(stand_in());
        }
        let refused = || refusal(&place.endpoint, done.output());
        let versions = match Versions::read("docker version", &done.stdout) {
            Ok(versions) => versions,
            Err(_) if done.code != 0 => return Err(refused()),
            Err(fault) => return Err(fault),
        };
        if versions.by_podman {
            return Err(stand_in());
        }
        let Some(engine) = versions.engine.filter(|_| done.code == 0) else {
            return Err(refused());
        };
        let url = &place.endpoint.url;
        if let Some(who) = versions.who.filter(|who| who != "Engine") {
            return Err(Fault::down(format!("`{who}` answers at {url}, not docker")));
        }
        old_enough(Candidate::Docker, Some(&engine))?;
        let client = versions.client.unwrap_or_else(|| engine.clone());
        let mode = match (place.endpoint.locality(), versions.kernel, self.kernel()) {
            // A product's machine is as near as it gets.
            (mode, ..) if what.product.is_some() => mode,
            // The same kernel would be the same machine: a socket that leads elsewhere is a forwarded one.
            (Locality::Local, Some(theirs), Some(ours)) if theirs != ours => Locality::Remote,
            (mode, ..) => mode,
        };
        let mut protocol = DockerProtocol::new(Dialect::docker(&client));
        let mut capabilities = Capabilities::docker(&engine);
        if let Some(product) = what.product {
            protocol = protocol.of(product);
            product.name().clone_into(&mut capabilities.runtime);
        }
        let id = self.engine_at(&place.endpoint);
        let backend = CliBackend::new(protocol, self.machine.host(), program, id, capabilities)
            .with_version(Some(engine))
            .with_limits(self.limits)
            .with_locality(mode)
            .with_counter(Arc::clone(&self.calls));
        Ok(Detected { driver: what.driver(), backend: Arc::new(backend), mode })
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

/// Why docker's client got no answer, in its own words.
fn refusal(endpoint: &Endpoint, out: Output<'_>) -> Fault {
    let Some(text) = complaint(out.stderr) else {
        return Fault::down(format!("nobody answers at {}", endpoint.url));
    };
    let protocol = DockerProtocol::new(Dialect::docker("unknown"));
    let kind = protocol.accepted(&out).err().map(|error| error.kind());
    // Whatever else it says of a version that it did not get: nobody answered.
    let kind = kind.filter(|kind| {
        use perry_container_spec::ErrorKind::{Malformed, Permission, Unsupported};
        matches!(kind, Permission | Unsupported | Malformed)
    });
    match kind {
        Some(kind) => Fault::new(kind, text),
        None => Fault::down(text),
    }
}
