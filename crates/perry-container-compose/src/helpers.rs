//! Credential helpers as programs of this machine.

use async_trait::async_trait;
use perry_container_process::{Host, Limits, Program, run};
use perry_container_protocol::{Input, Invocation};
use perry_container_registry::Helpers;
use perry_container_spec::Sensitive;
use std::{sync::Arc, time::Duration};

/// Runs `docker-credential-NAME` where it is on the PATH.
#[derive(Clone)]
pub struct HelperPrograms(Arc<dyn Host>);

impl HelperPrograms {
    /// On this machine.
    pub fn new(host: Arc<dyn Host>) -> Self {
        Self(host)
    }
}

#[async_trait]
impl Helpers for HelperPrograms {
    async fn get(&self, name: &str, server: &str) -> Result<Sensitive<Vec<u8>>, String> {
        let program = format!("docker-credential-{name}");
        let Some(path) = self.0.find(&program) else {
            return Err(format!("{program} is not on the PATH"));
        };
        // The server is no secret; what comes back is, and is in no event and no error.
        let call = Invocation::new(["get"])
            .input(Input::Bytes(Sensitive::new(server.as_bytes().to_vec())));
        let limits = Limits { whole: 64 << 10, ..Limits::default() };
        let limits = limits.within(Duration::from_secs(20));
        let done = run(&*self.0, &Program::new(path), &call, &limits).await;
        let done = done.map_err(|error| error.to_string())?;
        if done.code != 0 {
            return Err(format!("{program} has no login for {server} (exit code {})", done.code));
        }
        Ok(Sensitive::new(done.stdout))
    }
}
