//! Whether Colima runs, which profile of it, and with which engine.

use crate::{
    Candidate, Detected, Detector, Fault, Transport, Unavailable,
    detector::not_installed,
    endpoint::Endpoint,
    moby::{Moby, Place},
    version::{complaint, objects},
};
use perry_container_docker::Product;
use perry_container_lima::Guest;
use perry_container_process::Program;
use perry_container_spec::{ErrorKind, Locality};
use serde_json::Value;

const STATUS: &str = "colima status --json";

/// What runs in a profile.
#[derive(Debug, PartialEq, Eq)]
enum Engine {
    /// Docker's engine behind this endpoint.
    Docker(String),
    /// containerd.
    Containerd,
    /// Something else, by its name.
    Other(String),
}

impl Detector {
    /// Colima's default profile, or that of `COLIMA_PROFILE`; where none is named and the default one does not run, the
    /// first that does.
    pub(crate) async fn colima(
        &self,
        transport: Option<Transport>,
    ) -> Result<Detected, Unavailable> {
        let host = self.machine.host();
        let bin = host.find("colima").ok_or_else(|| not_installed(Candidate::Colima))?;
        let program = Program::new(&bin);
        let (engine, profile) = match self.colima_status(&program, None).await? {
            Ok(engine) => (engine, self.set("COLIMA_PROFILE").map(str::to_owned)),
            Err(silent) if self.set("COLIMA_PROFILE").is_some() => return Err(silent.into()),
            Err(silent) => {
                let list = self.ask(&program, &["list", "--json"]).await?;
                let Some(profile) = running(&list.stdout) else { return Err(silent.into()) };
                let engine = self.colima_status(&program, Some(&profile)).await?;
                (engine.map_err(|_| silent)?, Some(profile))
            }
        };
        let endpoint = match engine {
            Engine::Docker(socket) => Endpoint::new(&socket),
            Engine::Containerd => {
                let guest = Guest::Colima { profile };
                return Ok(self.nerdctl_in(guest, Candidate::Colima, &bin, transport).await?);
            }
            Engine::Other(name) => {
                let text = format!("its engine is {name}; docker's and containerd can be driven");
                return Err(Fault::new(ErrorKind::Unsupported, text).into());
            }
        };
        let what = Moby {
            candidate: Candidate::Colima,
            product: Some(Product::Colima),
            bin: Some(bin),
            client: host.find("docker"),
            places: vec![Place::host(endpoint)],
        };
        let found = self.moby(&what, transport).await;
        found.map_err(|faults| faults.unavailable(Locality::Local))
    }

    /// What runs in a profile, or why nothing does.
    async fn colima_status(
        &self,
        program: &Program,
        profile: Option<&str>,
    ) -> Result<Result<Engine, Fault>, Fault> {
        let profile = profile.map(|name| format!("--profile={name}"));
        let args: Vec<&str> = ["status", "--json"].into_iter().chain(profile.as_deref()).collect();
        let done = self.ask(program, &args).await?;
        if done.code != 0 {
            let silent = || "it does not run".to_owned();
            let text = complaint(&done.stderr).unwrap_or_else(silent);
            return Ok(Err(Fault::down(text)));
        }
        let status = objects(STATUS, &done.stdout)?.into_iter().next();
        let status = status.ok_or_else(|| Fault::malformed(STATUS, "it is empty"))?;
        engine(&status).map(Ok)
    }
}

/// What a status tells of the engine.
fn engine(status: &Value) -> Result<Engine, Fault> {
    let text = |key: &str| status[key].as_str().filter(|text| !text.is_empty());
    match (text("runtime"), text("docker_socket")) {
        (Some("docker"), Some(socket)) => Ok(Engine::Docker(socket.to_owned())),
        (Some("docker"), None) => Err(Fault::malformed(STATUS, "it names no docker socket")),
        (Some("containerd"), _) => Ok(Engine::Containerd),
        (Some(other), _) => Ok(Engine::Other(other.to_owned())),
        (None, _) => Err(Fault::malformed(STATUS, "it names no runtime")),
    }
}

/// The first profile of a list that runs.
fn running(list: &[u8]) -> Option<String> {
    let all = objects("colima list --json", list).ok()?;
    let one = all.iter().find(|one| one["status"] == "Running")?;
    Some(one["name"].as_str()?.to_owned())
}
