//! What a look at a machine needs from it.

use crate::{Candidate, Fault};
use async_trait::async_trait;
use perry_container_backend::ContainerBackend;
use perry_container_process::{Environment, Host, Limits, SystemHost};
use perry_container_spec::EngineId;
#[cfg(not(feature = "socket"))]
use perry_container_spec::ErrorKind;
use std::{
    fmt,
    io::Read as _,
    path::{Path, PathBuf},
    sync::Arc,
};

/// A configuration file larger than this is none.
const LARGEST_FILE: u64 = 1 << 20;

/// A machine: programs, files and sockets. The one we are on, or a script.
#[async_trait]
pub trait Machine: Send + Sync + 'static {
    /// Its programs.
    fn host(&self) -> Arc<dyn Host>;

    /// Whether we act for its administrator.
    fn is_root(&self) -> bool;

    /// A file's content; `None` when there is no such file, or none that can be read.
    fn read(&self, path: &Path) -> Option<Vec<u8>>;

    /// The one true path of something that exists: no symbolic links.
    fn canonical(&self, path: &Path) -> Option<PathBuf>;

    /// Connects to an engine and makes sure that it answers.
    ///
    /// # Errors
    /// Why it does not.
    async fn dial(&self, what: Dial) -> Result<Dialled, Fault>;
}

/// An engine that answered.
#[derive(Clone)]
pub struct Dialled {
    /// Whose engine it is, as it says itself.
    pub engine: Candidate,
    /// The engine, under the name that was asked for.
    pub backend: Arc<dyn ContainerBackend>,
}

impl fmt::Debug for Dialled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dialled").field("engine", &self.engine).finish_non_exhaustive()
    }
}

/// An engine to connect to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dial {
    /// `unix:///path`, `tcp://host:port`, `npipe:////./pipe/name`.
    pub endpoint: String,
    /// The name of the backend that is wanted there.
    pub name: &'static str,
    /// Which engine it is.
    pub engine: EngineId,
    /// The file with the credentials of registries, where there is one.
    pub credentials: Option<PathBuf>,
    /// The limits of the backend.
    pub limits: Limits,
}

/// The machine we are on.
#[derive(Debug)]
pub struct ThisMachine(Arc<SystemHost>);

impl ThisMachine {
    /// With the environment that its programs get.
    pub fn new(environment: Environment) -> Self {
        Self(Arc::new(SystemHost::new(environment)))
    }
}

#[async_trait]
impl Machine for ThisMachine {
    fn host(&self) -> Arc<dyn Host> {
        Arc::<SystemHost>::clone(&self.0)
    }

    fn is_root(&self) -> bool {
        rustix::process::geteuid().is_root()
    }

    fn read(&self, path: &Path) -> Option<Vec<u8>> {
        let mut content = Vec::new();
        std::fs::File::open(path).ok()?.take(LARGEST_FILE).read_to_end(&mut content).ok()?;
        Some(content)
    }

    fn canonical(&self, path: &Path) -> Option<PathBuf> {
        path.canonicalize().ok()
    }

    #[cfg(feature = "socket")]
    async fn dial(&self, what: Dial) -> Result<Dialled, Fault> {
        use perry_container_socket::{Flavour, Options, SocketBackend};
        use std::time::Duration;
        let Dial { endpoint, name, engine, credentials, limits } = what;
        let mut options = Options::default().engine_id(engine).name(name).whole(limits.whole);
        options.deadline = limits.call.unwrap_or(Duration::MAX);
        options.silence = limits.silence.unwrap_or(Duration::MAX);
        options.credentials = credentials;
        let backend = SocketBackend::connect(&endpoint, None, &options).await?;
        let engine = match backend.flavour() {
            Flavour::Podman => Candidate::Podman,
            Flavour::Docker => Candidate::Docker,
        };
        Ok(Dialled { engine, backend: Arc::new(backend) })
    }

    #[cfg(not(feature = "socket"))]
    async fn dial(&self, _: Dial) -> Result<Dialled, Fault> {
        Err(Fault::new(ErrorKind::Unsupported, "this build has no socket transport"))
    }
}
