//! Whether Rancher Desktop runs, and with which engine.

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

const SETTINGS: &str = "rdctl list-settings";

impl Detector {
    /// Rancher Desktop by its socket. The socket's file is there when containerd is the engine, too, and nobody answers at
    /// it, so the settings are asked first.
    pub(crate) async fn rancher_desktop(
        &self,
        transport: Option<Transport>,
    ) -> Result<Detected, Unavailable> {
        let host = self.machine.host();
        let absent = || not_installed(Candidate::RancherDesktop);
        let own = self.home().ok_or_else(absent)?.join(".rd");
        let its = |program: &str| host.find(&own.join("bin").join(program).display().to_string());
        let bin = host.find("rdctl").or_else(|| its("rdctl"));
        let bin = bin.ok_or_else(absent)?;
        match self.rancher_engine(&Program::new(&bin)).await?.as_str() {
            "moby" => {}
            "containerd" => {
                let (guest, candidate) = (Guest::RancherDesktop, Candidate::RancherDesktop);
                return Ok(self.nerdctl_in(guest, candidate, &bin, transport).await?);
            }
            other => {
                let text = format!("its engine is {other}; moby and containerd can be driven");
                return Err(Fault::new(ErrorKind::Unsupported, text).into());
            }
        }
        let what = Moby {
            candidate: Candidate::RancherDesktop,
            product: Some(Product::RancherDesktop),
            bin: Some(bin),
            client: its("docker").or_else(|| host.find("docker")),
            places: vec![Place::host(Endpoint::unix(&own.join("docker.sock")))],
        };
        let found = self.moby(&what, transport).await;
        found.map_err(|faults| faults.unavailable(Locality::Local))
    }

    /// `moby` or `containerd`.
    async fn rancher_engine(&self, program: &Program) -> Result<String, Fault> {
        let done = self.ask(program, &["list-settings"]).await?;
        if done.code != 0 {
            let silent = || "it does not run".to_owned();
            let text = complaint(&done.stderr).unwrap_or_else(silent);
            return Err(Fault::down(text));
        }
        let settings = objects(SETTINGS, &done.stdout)?.into_iter().next().unwrap_or_default();
        let engine = settings["containerEngine"]["name"].as_str();
        let none = || Fault::malformed(SETTINGS, "it names no container engine");
        Ok(engine.ok_or_else(none)?.to_owned())
    }
}
