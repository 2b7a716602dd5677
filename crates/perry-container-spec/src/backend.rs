//! What is known of a runtime as a whole.

use serde::{Deserialize, Serialize};
use std::{fmt, path::PathBuf};

/// Which engine this is, so that two ways to the same engine (a command line and its socket) are known to be one:
/// the endpoint, normalised (`unix:///var/run/docker.sock`), or the store's path of an engine without a daemon.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EngineId(pub String);

impl fmt::Display for EngineId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How a backend talks to its runtime.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ExecutionStrategy {
    /// A program is run for every call.
    CliExec {
        /// The program.
        bin: PathBuf,
    },
    /// The Engine API over a socket.
    ApiSocket {
        /// `unix:///path`, `tcp://host:port`, `npipe:////./pipe/name`.
        endpoint: String,
    },
    /// A virtual machine per container.
    VmSpawn,
    /// In this process: a simulation or a runtime of our own.
    InProcess,
}

/// How strongly containers of a backend are kept apart, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IsolationLevel {
    /// Not at all.
    None,
    /// Processes of the host under restrictions.
    Process,
    /// Namespaces and control groups on a shared kernel.
    Container,
    /// A kernel of its own per container.
    #[serde(alias = "microVm", alias = "MicroVm", alias = "microvm")]
    MicroVm,
    /// A WebAssembly sandbox.
    Wasm,
}

/// Where an engine runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Locality {
    /// On this machine, reached directly.
    Local,
    /// Reached by tcp, ssh or a forwarded socket.
    Remote,
}

/// What probing a runtime found out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BackendInfo {
    /// `docker`, `podman`, ...
    pub name: String,
    /// Whether a real call to its engine was answered.
    pub available: bool,
    /// Why it is not available; present exactly then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The engine's version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Where it runs.
    pub mode: Locality,
    /// What its containers get.
    pub isolation_level: IsolationLevel,
}
