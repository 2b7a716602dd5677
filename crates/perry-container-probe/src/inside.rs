//! nerdctl in a machine that another tool leads into.

use crate::{
    BackendDriver, Candidate, Detected, Detector, Fault, Transport,
    nerdctl::{answered, no_socket},
    version::short,
};
use perry_container_lima::{Guest, LimaProtocol};
use perry_container_process::{CliBackend, Program, run};
use perry_container_protocol::{CliProtocol as _, Invocation};
use perry_container_spec::{ErrorKind, Locality};
use perry_container_support::Capabilities;
use std::{path::Path, sync::Arc};

impl Detector {
    /// nerdctl in a machine that the program `bin` leads into.
    pub(crate) async fn nerdctl_in(
        &self,
        guest: Guest,
        candidate: Candidate,
        bin: &Path,
        transport: Option<Transport>,
    ) -> Result<Detected, Fault> {
        if transport == Some(Transport::Socket) {
            return Err(no_socket());
        }
        let program = Program::new(bin);
        let blind = LimaProtocol::new(guest.clone(), "unknown");
        let call = blind.over(Invocation::new(["version", "--format=json"]));
        let call = call.map_err(|error| Fault::new(error.kind(), error.to_string()))?;
        let host = self.machine.host();
        let done = run(&*host, &program, &call, &self.limits).await?;
        match blind.accepted(&done.output()) {
            // The way into the machine may be what does not work.
            Err(error) if error.kind() == ErrorKind::EngineDown => {
                return Err(Fault::down(short(&error.to_string())));
            }
            _ => {}
        }
        let client = answered(&done)?;
        let engine = guest.engine();
        let protocol = LimaProtocol::new(guest, &client);
        let mut capabilities = Capabilities::nerdctl(&client);
        candidate.name().clone_into(&mut capabilities.runtime);
        let backend = CliBackend::new(protocol, host, program, engine, capabilities)
            .with_version(Some(client))
            .with_limits(self.limits)
            .with_counter(Arc::clone(&self.calls));
        let driver = BackendDriver::new(candidate, Some(bin.to_owned()));
        Ok(Detected { driver, backend: Arc::new(backend), mode: Locality::Local })
    }
}
