//! Whether OrbStack runs: docker's engine behind a socket of its own.

use crate::{
    Candidate, Detected, Detector, Fault, Transport, Unavailable,
    detector::not_installed,
    endpoint::Endpoint,
    moby::{Moby, Place},
    version::{complaint, short},
};
use perry_container_docker::Product;
use perry_container_process::Program;
use perry_container_spec::Locality;
use std::path::Path;

impl Detector {
    /// OrbStack by its socket. A call to the socket may start the virtual machine, so `orb` is asked first whether it
    /// runs, where there is one.
    pub(crate) async fn orbstack(
        &self,
        transport: Option<Transport>,
    ) -> Result<Detected, Unavailable> {
        let host = self.machine.host();
        let bin = host.find("orb").or_else(|| host.find("orbctl"));
        let own = self.home().map(|home| home.join(".orbstack"));
        let socket = own.as_ref().map(|own| own.join("run/docker.sock"));
        let absent = || not_installed(Candidate::Orbstack);
        let socket = socket.filter(|path| bin.is_some() || self.exists(path)).ok_or_else(absent)?;
        if let Some(bin) = &bin {
            self.orb_runs(bin).await?;
        }
        let client = own.and_then(|own| host.find(&own.join("bin/docker").display().to_string()));
        let what = Moby {
            candidate: Candidate::Orbstack,
            product: Some(Product::Orbstack),
            bin,
            client: client.or_else(|| host.find("docker")),
            places: vec![Place::host(Endpoint::unix(&socket))],
        };
        let found = self.moby(&what, transport).await;
        found.map_err(|faults| faults.unavailable(Locality::Local))
    }

    /// `orb status` prints `Running`, `Stopped`, ...
    async fn orb_runs(&self, bin: &Path) -> Result<(), Fault> {
        let done = self.ask(&Program::new(bin), &["status"]).await?;
        let said = short(&String::from_utf8_lossy(&done.stdout));
        if done.code == 0 && said.eq_ignore_ascii_case("running") {
            return Ok(());
        }
        let said = Some(said).filter(|said| !said.is_empty());
        let said = said.or_else(|| complaint(&done.stderr)).unwrap_or_default();
        Err(Fault::down(format!("it does not run (`orb status` says `{said}`)")))
    }
}
