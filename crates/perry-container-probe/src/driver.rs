//! What was found.

use crate::{Candidate, Fault};
use perry_container_backend::ContainerBackend;
use perry_container_spec::{BackendInfo, ErrorKind, Locality};
use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

/// The chosen runtime with its program; none where only its socket was found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the products' names, each with its program")]
pub enum BackendDriver {
    AppleContainer { bin: Option<PathBuf> },
    Orbstack { bin: Option<PathBuf> },
    Colima { bin: Option<PathBuf> },
    RancherDesktop { bin: Option<PathBuf> },
    Lima { bin: Option<PathBuf> },
    Podman { bin: Option<PathBuf> },
    Nerdctl { bin: Option<PathBuf> },
    Docker { bin: Option<PathBuf> },
}

impl BackendDriver {
    /// The driver of a candidate.
    pub const fn new(candidate: Candidate, bin: Option<PathBuf>) -> Self {
        match candidate {
            Candidate::AppleContainer => Self::AppleContainer { bin },
            Candidate::Orbstack => Self::Orbstack { bin },
            Candidate::Colima => Self::Colima { bin },
            Candidate::RancherDesktop => Self::RancherDesktop { bin },
            Candidate::Lima => Self::Lima { bin },
            Candidate::Podman => Self::Podman { bin },
            Candidate::Nerdctl => Self::Nerdctl { bin },
            Candidate::Docker => Self::Docker { bin },
        }
    }

    /// Which runtime it is.
    pub const fn candidate(&self) -> Candidate {
        match self {
            Self::AppleContainer { .. } => Candidate::AppleContainer,
            Self::Orbstack { .. } => Candidate::Orbstack,
            Self::Colima { .. } => Candidate::Colima,
            Self::RancherDesktop { .. } => Candidate::RancherDesktop,
            Self::Lima { .. } => Candidate::Lima,
            Self::Podman { .. } => Candidate::Podman,
            Self::Nerdctl { .. } => Candidate::Nerdctl,
            Self::Docker { .. } => Candidate::Docker,
        }
    }

    /// `docker`, `podman`, ...
    pub const fn name(&self) -> &'static str {
        self.candidate().name()
    }

    /// Its program.
    pub fn bin(&self) -> Option<&Path> {
        match self {
            Self::AppleContainer { bin }
            | Self::Orbstack { bin }
            | Self::Colima { bin }
            | Self::RancherDesktop { bin }
            | Self::Lima { bin }
            | Self::Podman { bin }
            | Self::Nerdctl { bin }
            | Self::Docker { bin } => bin.as_deref(),
        }
    }
}

/// A runtime that answers, ready to use.
#[derive(Clone)]
pub struct Detected {
    /// Which one.
    pub driver: BackendDriver,
    /// The runtime itself.
    pub backend: Arc<dyn ContainerBackend>,
    /// Where its engine runs.
    pub mode: Locality,
}

impl fmt::Debug for Detected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Detected")
            .field("driver", &self.driver)
            .field("engine", self.backend.engine_id())
            .field("strategy", self.backend.strategy())
            .field("mode", &self.mode)
            .finish()
    }
}

/// Why a runtime cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unavailable {
    /// The reason, for people.
    pub reason: String,
    /// What kind of reason it is.
    pub kind: ErrorKind,
    /// Whether anything of it is on this machine.
    pub installed: bool,
    /// Where its engine would run.
    pub mode: Locality,
}

impl Unavailable {
    /// One of this machine.
    pub(crate) fn here(fault: Fault) -> Self {
        let Fault { kind, text, installed } = fault;
        Self { reason: text, kind, installed, mode: Locality::Local }
    }
}

impl From<Fault> for Unavailable {
    fn from(fault: Fault) -> Self {
        Self::here(fault)
    }
}

/// What a look at one candidate found out.
#[derive(Debug, Clone)]
pub struct BackendProbeResult {
    /// Its name, also where no such backend exists.
    pub name: String,
    /// What is there.
    pub outcome: Result<Detected, Unavailable>,
}

impl BackendProbeResult {
    /// Whether it can be used.
    pub const fn available(&self) -> bool {
        self.outcome.is_ok()
    }

    /// Whether it can be used and is that of another machine.
    pub(crate) fn is_remote(&self) -> bool {
        self.outcome.as_ref().is_ok_and(|found| found.mode == Locality::Remote)
    }
}

impl From<&BackendProbeResult> for BackendInfo {
    fn from(result: &BackendProbeResult) -> Self {
        let name = result.name.clone();
        let level = Candidate::named(&name).map_or_else(
            || perry_container_spec::IsolationLevel::Container,
            Candidate::isolation_level,
        );
        match &result.outcome {
            Ok(Detected { backend, mode, .. }) => Self {
                name,
                available: true,
                reason: None,
                version: backend.version().map(ToOwned::to_owned),
                mode: *mode,
                isolation_level: backend.isolation_level(),
            },
            Err(Unavailable { reason, mode, .. }) => Self {
                name,
                available: false,
                reason: Some(reason.clone()),
                version: None,
                mode: *mode,
                isolation_level: level,
            },
        }
    }
}
