//! Contexts on machines made of sockets.
#![cfg(test)]

mod choosing;
mod isolation;
mod selecting;

use async_trait::async_trait;
use perry_container_context::ContainerContext;
use perry_container_probe::{Candidate, Detector, Dial, Dialled, Fault, Machine, Os};
use perry_container_process::{Environment, Host, ScriptedHost};
use perry_container_spec::ErrorKind;
use perry_container_testkit::Sim;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

const DOCKER: &str = "unix:///var/run/docker.sock";
const PODMAN: &str = "unix:///run/podman/podman.sock";

/// A machine with sockets and no program. Each of them takes 100 ms to answer.
#[derive(Clone, Default)]
struct Sockets {
    /// Nobody listens at a socket without an engine.
    engines: Arc<Mutex<BTreeMap<&'static str, Option<Candidate>>>>,
    dials: Arc<AtomicUsize>,
    env: Vec<(&'static str, &'static str)>,
}

impl Sockets {
    fn with(engines: &[(&'static str, Candidate)]) -> Self {
        let all = engines.iter().map(|&(url, engine)| (url, Some(engine))).collect();
        Self { engines: Arc::new(Mutex::new(all)), ..Self::default() }
    }

    fn env(mut self, name: &'static str, value: &'static str) -> Self {
        self.env.push((name, value));
        self
    }

    fn context(&self) -> ContainerContext {
        let env: Environment = (self.env.iter().copied())
            .chain([("HOME", "/root"), ("PERRY_CONTAINER_TRANSPORT", "socket")])
            .collect();
        ContainerContext::on(Detector::new(Arc::new(self.clone()), env, Os::Linux))
    }

    fn dials(&self) -> usize {
        self.dials.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Machine for Sockets {
    fn host(&self) -> Arc<dyn Host> {
        Arc::new(ScriptedHost::default())
    }

    fn is_root(&self) -> bool {
        true
    }

    fn read(&self, _: &Path) -> Option<Vec<u8>> {
        None
    }

    fn canonical(&self, path: &Path) -> Option<PathBuf> {
        let url = format!("unix://{}", path.display());
        self.engines.lock().unwrap().contains_key(url.as_str()).then(|| path.to_owned())
    }

    async fn dial(&self, what: Dial) -> Result<Dialled, Fault> {
        tokio::time::sleep(Duration::from_millis(100)).await;
        self.dials.fetch_add(1, Ordering::SeqCst);
        let engine = self.engines.lock().unwrap().get(what.endpoint.as_str()).copied().flatten();
        match engine {
            Some(engine) => {
                let version = if engine == Candidate::Docker { "28.5.2" } else { "5.8.6" };
                let backend = Arc::new(Sim::new().with_version(version));
                Ok(Dialled { engine, backend })
            }
            None => Err(Fault::new(ErrorKind::EngineDown, "connection refused")),
        }
    }
}
