//! Which instance of Lima runs, and what is in it.

use crate::{
    BackendDriver, Candidate, Detected, Detector, Fault, Transport, Unavailable,
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
use std::path::{Path, PathBuf};

const LIST: &str = "limactl list --format=json";

/// An instance, as far as it decides anything.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Instance {
    name: String,
    dir: PathBuf,
    running: bool,
    /// containerd of the machine's administrator, of its user.
    containerd: (bool, bool),
}

impl Instance {
    fn read(one: &Value) -> Option<Self> {
        let containerd = &one["config"]["containerd"];
        Some(Self {
            name: one["name"].as_str()?.to_owned(),
            dir: PathBuf::from(one["dir"].as_str().unwrap_or_default()),
            running: one["status"] == "Running",
            // The user has containerd unless the instance says otherwise.
            containerd: (containerd["system"] == true, containerd["user"] != false),
        })
    }
}

/// The instances that can be meant, the one that is meant first: that of `LIMA_INSTANCE`, else those that run, the
/// default one before others.
fn candidates(all: Vec<Instance>, named: Option<&str>) -> Result<Vec<Instance>, Fault> {
    if let Some(name) = named {
        let one = all.into_iter().find(|one| one.name == name);
        return match one {
            Some(one) if one.running => Ok(vec![one]),
            Some(_) => Err(Fault::down(format!("its instance `{name}` does not run"))),
            None => Err(Fault::down(format!("it has no instance `{name}`"))),
        };
    }
    if all.is_empty() {
        return Err(Fault::down("it has no instance"));
    }
    let names: Vec<_> = all.iter().map(|one| one.name.clone()).collect();
    let mut running: Vec<_> = all.into_iter().filter(|one| one.running).collect();
    running.sort_by_key(|one| one.name != "default");
    if running.is_empty() {
        return Err(Fault::down(format!("none of its instances runs: {}", names.join(", "))));
    }
    Ok(running)
}

impl Detector {
    /// An instance of Lima that runs: the socket of docker or podman in it, else its nerdctl.
    pub(crate) async fn lima(&self, transport: Option<Transport>) -> Result<Detected, Unavailable> {
        let bin = self.machine.host().find("limactl");
        let bin = bin.ok_or_else(|| not_installed(Candidate::Lima))?;
        let done = self.ask(&Program::new(&bin), &["list", "--format=json"]).await?;
        if done.code != 0 {
            let silent = || format!("`{LIST}` failed with code {}", done.code);
            return Err(Fault::down(complaint(&done.stderr).unwrap_or_else(silent)).into());
        }
        let all = objects(LIST, &done.stdout)?;
        let all = all.iter().filter_map(Instance::read).collect();
        let mut first = None;
        for instance in candidates(all, self.set("LIMA_INSTANCE"))? {
            match self.instance(&instance, &bin, transport).await {
                Ok(found) => return Ok(found),
                Err(why) => first = first.or(Some(why)),
            }
        }
        Err(first.unwrap_or_else(|| Fault::down("none of its instances runs").into()))
    }

    async fn instance(
        &self,
        instance: &Instance,
        bin: &Path,
        transport: Option<Transport>,
    ) -> Result<Detected, Unavailable> {
        let socket = |name: &str| instance.dir.join("sock").join(name);
        let (docker, podman) = (socket("docker.sock"), socket("podman.sock"));
        if self.exists(&docker) {
            let what = Moby {
                candidate: Candidate::Lima,
                product: Some(Product::Lima),
                bin: Some(bin.to_owned()),
                client: self.machine.host().find("docker"),
                places: vec![Place::host(Endpoint::unix(&docker))],
            };
            let found = self.moby(&what, transport).await;
            return found.map_err(|faults| faults.unavailable(Locality::Local));
        }
        if self.exists(&podman) && transport != Some(Transport::Cli) {
            let endpoint = Endpoint::unix(&podman);
            let engine = self.engine_at(&endpoint);
            let backend = self.dial(Candidate::Lima, Candidate::Podman, &endpoint, engine).await?;
            let driver = BackendDriver::new(Candidate::Lima, Some(bin.to_owned()));
            return Ok(Detected { driver, backend, mode: Locality::Local });
        }
        let name = &instance.name;
        let root = match instance.containerd {
            (_, true) => false,
            (true, false) => true,
            (false, false) => {
                let text =
                    format!("there is no docker, podman or containerd in its instance `{name}`");
                return Err(Fault::new(ErrorKind::Other, text).into());
            }
        };
        let guest = Guest::Lima { instance: name.clone(), root };
        Ok(self.nerdctl_in(guest, Candidate::Lima, bin, transport).await?)
    }
}
