//! What a caller can choose.

use perry_container_spec::EngineId;
use std::{path::PathBuf, time::Duration};

/// How a backend behaves. The defaults are those of every backend.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// For one call, from the request to the end of the answer. Following logs and events, attach, exec and wait have none.
    pub deadline: Duration,
    /// Between two signs of a pull, a push or a build.
    pub silence: Duration,
    /// The longest answer that is held in memory as a whole, in bytes. Logs, archives and the like stream.
    pub whole: usize,
    /// docker's `config.json` with the credentials of registries; without one everything is anonymous.
    pub credentials: Option<PathBuf>,
    /// Which engine it is, where the caller knows better: podman's command line is the same engine as its socket.
    pub engine_id: Option<EngineId>,
    /// The backend's name, where a product brings the engine: `orbstack`, `colima`. Else that of the engine.
    pub name: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            deadline: Duration::from_secs(300),
            silence: Duration::from_secs(300),
            whole: 64 << 20,
            credentials: None,
            engine_id: None,
            name: None,
        }
    }
}

impl Options {
    /// With another deadline for calls, and for silence.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        (self.deadline, self.silence) = (deadline, deadline);
        self
    }

    /// With another bound for whole answers.
    #[must_use]
    pub fn whole(mut self, bytes: usize) -> Self {
        self.whole = bytes;
        self
    }

    /// With the credentials in this file.
    #[must_use]
    pub fn credentials(mut self, file: impl Into<PathBuf>) -> Self {
        self.credentials = Some(file.into());
        self
    }

    /// As this engine.
    #[must_use]
    pub fn engine_id(mut self, id: EngineId) -> Self {
        self.engine_id = Some(id);
        self
    }

    /// Under this name.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }
}
