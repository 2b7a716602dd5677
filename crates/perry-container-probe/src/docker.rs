//! Where docker itself is looked for.

use crate::{
    Candidate, Detected, Detector, Fault, Os, Transport, Unavailable,
    context::{Selected, selected},
    endpoint::Endpoint,
    moby::{Moby, Place},
};
use perry_container_spec::Locality;
use std::path::PathBuf;

impl Detector {
    /// docker by its socket where it answers, else by its command line.
    pub(crate) async fn docker(
        &self,
        transport: Option<Transport>,
    ) -> Result<Detected, Unavailable> {
        let bin = self.machine.host().find("docker");
        let places = self.docker_places().map_err(Fault::down)?;
        let mode = places.first().map_or(Locality::Local, |place| place.endpoint.locality());
        let client = bin.clone();
        let what = Moby { candidate: Candidate::Docker, product: None, bin, client, places };
        self.moby(&what, transport).await.map_err(|faults| faults.unavailable(mode))
    }

    /// Where the client would look; where nothing is configured, the well-known sockets that exist.
    fn docker_places(&self) -> Result<Vec<Place>, String> {
        match selected(&*self.machine, &self.env)? {
            Selected::Endpoint(endpoint) => Ok(vec![Place::host(endpoint)]),
            Selected::Context(name, endpoint) => Ok(vec![Place::context(&name, endpoint)]),
            Selected::Default if self.os == Os::Windows => {
                Ok(vec![Place::host(Endpoint::new("npipe:////./pipe/docker_engine"))])
            }
            Selected::Default => {
                let mut paths = vec![PathBuf::from("/var/run/docker.sock")];
                let runtime = self.set("XDG_RUNTIME_DIR").map(PathBuf::from);
                paths.extend(runtime.map(|dir| dir.join("docker.sock")));
                if self.os == Os::MacOs {
                    paths.extend(self.home().map(|home| home.join(".docker/run/docker.sock")));
                }
                let mut there: Vec<_> = paths.iter().filter(|path| self.exists(path)).collect();
                if there.is_empty() {
                    there.push(&paths[0]);
                }
                Ok(there.into_iter().map(|path| Place::host(Endpoint::unix(path))).collect())
            }
        }
    }
}
