//! Whether apple's `container` answers.

use crate::{
    BackendDriver, Candidate, Detected, Detector, Fault, Transport, Unavailable,
    detector::not_installed, version::short,
};
use perry_container_apple::AppleContainerProtocol;
use perry_container_process::{CliBackend, Finished, Program, run};
use perry_container_protocol::{CliProtocol as _, Dialogue as _, Output, Step};
use perry_container_spec::{EngineId, ErrorKind, Locality};
use perry_container_support::Capabilities;
use std::{path::Path, sync::Arc};

impl Detector {
    /// apple's `container` by its command line: it has no socket of the Engine API.
    pub(crate) async fn apple(
        &self,
        transport: Option<Transport>,
    ) -> Result<Detected, Unavailable> {
        let bin = self.machine.host().find(Candidate::AppleContainer.program());
        let bin = bin.ok_or_else(|| not_installed(Candidate::AppleContainer))?;
        if transport == Some(Transport::Socket) {
            let text = "it has no socket of the Engine API; its command line is driven";
            return Err(Fault::new(ErrorKind::Invalid, text).into());
        }
        Ok(self.apple_client(&bin).await?)
    }

    /// Its service is asked: the program by itself tells a version also where nothing runs.
    async fn apple_client(&self, bin: &Path) -> Result<Detected, Fault> {
        let (program, protocol) = (Program::new(bin), AppleContainerProtocol::new());
        let (mut check, mut last) = (protocol.check(), Vec::<Finished>::new());
        let version = loop {
            let outputs: Vec<Output<'_>> = last.iter().map(Finished::output).collect();
            let step = check.next(&outputs);
            drop(outputs);
            match step {
                Step::Run(calls) => {
                    last.clear();
                    for call in &calls {
                        let host = self.machine.host();
                        last.push(run(&*host, &program, call, &self.limits).await?);
                    }
                }
                Step::Done(Ok(version)) => break version,
                Step::Done(Err(error)) => {
                    return Err(Fault::new(error.kind(), short(&error.to_string())));
                }
            }
        };
        // everything of it belongs to one user of this machine
        let engine = EngineId("apple/container".to_owned());
        let can = Capabilities::apple(version.as_deref().unwrap_or_default());
        let backend = CliBackend::new(protocol, self.machine.host(), program, engine, can)
            .with_version(version)
            .with_isolation(Candidate::AppleContainer.isolation_level())
            .with_limits(self.limits)
            .with_counter(Arc::clone(&self.calls));
        let driver = BackendDriver::new(Candidate::AppleContainer, Some(bin.to_owned()));
        Ok(Detected { driver, backend: Arc::new(backend), mode: Locality::Local })
    }
}
