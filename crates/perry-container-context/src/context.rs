//! The context.

use crate::{ContainerError, Handles, cell::Cell, select};
use perry_container_backend::ContainerBackend;
use perry_container_engine::{Session, SessionOptions};
use perry_container_probe::{
    Accept, Backends, Candidate, Detected, Detector, ProbeError, platform_candidates,
};
use perry_container_spec::BackendInfo;
use std::sync::{Arc, LazyLock};

/// A backend and handles. Two contexts share nothing.
#[derive(Debug)]
pub struct ContainerContext {
    detector: Detector,
    cell: Cell,
    handles: Handles,
}

static GLOBAL: LazyLock<ContainerContext> = LazyLock::new(ContainerContext::new);

impl ContainerContext {
    /// That of the process.
    pub fn global() -> &'static Self {
        &GLOBAL
    }

    /// One of its own on this machine, in the environment of this process.
    pub fn new() -> Self {
        Self::on(Detector::current())
    }

    /// One of its own that looks for its backend in this way.
    pub fn on(detector: Detector) -> Self {
        Self { detector, cell: Cell::default(), handles: Handles::new() }
    }

    /// Its handles.
    pub const fn handles(&self) -> &Handles {
        &self.handles
    }

    /// Its backend: looked for by the first call, the same for every later one.
    ///
    /// # Errors
    /// When none can be used, or not the one that the environment asks for. The next call looks again.
    pub async fn detected(&self) -> Result<Detected, ContainerError> {
        self.cell.get(true, async || self.look().await).await
    }

    /// As [`detected`](Self::detected), the backend alone.
    ///
    /// # Errors
    /// As there.
    pub async fn backend(&self) -> Result<Arc<dyn ContainerBackend>, ContainerError> {
        Ok(self.detected().await?.backend)
    }

    /// A session on its backend.
    ///
    /// # Errors
    /// As [`detected`](Self::detected).
    pub async fn session(&self, options: SessionOptions) -> Result<Session, ContainerError> {
        Ok(Session::new(self.backend().await?, options))
    }

    /// Looks for a backend ahead of the first operation. What it finds is taken then, unless another one is chosen before.
    ///
    /// # Errors
    /// As [`detected`](Self::detected); nothing comes of it.
    pub async fn warm(&self) -> Result<(), ContainerError> {
        self.cell.get(false, async || self.look().await).await.map(drop)
    }

    async fn look(&self) -> Result<Detected, ContainerError> {
        Ok(self.detector.detect(&self.detector.choice()?).await?)
    }

    /// The canonical name of its backend, `unknown` when none can be used (`getBackend()`).
    pub async fn backend_name(&self) -> &'static str {
        self.detected().await.map_or("unknown", |found| found.driver.name())
    }

    /// What is known without looking.
    pub fn known(&self) -> Option<Detected> {
        self.cell.peek()
    }

    /// Chooses a backend, whatever the environment says: its canonical name (`setBackend(name)`).
    ///
    /// # Errors
    /// [`ContainerError::UnknownBackend`], [`ContainerError::AlreadyInitialised`] after the first operation,
    /// [`ContainerError::ProbeFailed`]. None changes anything.
    pub async fn set_backend(&self, name: &str) -> Result<&'static str, ContainerError> {
        let candidate = named(name)?;
        let look = async || {
            let found = self.probe(Backends::One(candidate.name().to_owned())).await;
            found.map_err(|error| match error {
                ProbeError::BackendNotAvailable { reason, .. } => {
                    ContainerError::ProbeFailed { reason }
                }
                other => ContainerError::ProbeFailed { reason: other.to_string() },
            })
        };
        Ok(self.cell.set("setBackend", look).await?.driver.name())
    }

    /// Chooses the first of these that can be used: its canonical name (`setBackends([...])`).
    ///
    /// # Errors
    /// As [`set_backend`](Self::set_backend); [`ContainerError::NoBackends`], [`ContainerError::NoneProbed`].
    pub async fn set_backends<S: AsRef<str>>(
        &self,
        names: &[S],
    ) -> Result<&'static str, ContainerError> {
        if names.is_empty() {
            return Err(ContainerError::NoBackends);
        }
        let candidates = names.iter().map(|name| named(name.as_ref()));
        let names: Result<Vec<_>, ContainerError> =
            candidates.map(|one| Ok(one?.name().to_owned())).collect();
        let names = names?;
        let look = async || {
            let found = self.probe(Backends::FirstOf(names)).await;
            found.map_err(|error| match error {
                ProbeError::NoBackendFound { probed, .. } => {
                    let reason = |info: BackendInfo| (info.name, info.reason.unwrap_or_default());
                    ContainerError::NoneProbed { reasons: probed.into_iter().map(reason).collect() }
                }
                other => ContainerError::ProbeFailed { reason: other.to_string() },
            })
        };
        Ok(self.cell.set("setBackends", look).await?.driver.name())
    }

    async fn probe(&self, backends: Backends) -> Result<Detected, ProbeError> {
        let mut choice = self.detector.choice()?;
        choice.backends = backends;
        self.detector.detect(&choice).await
    }

    /// The names of the platform's candidates, the preferred one first (`getBackendPriority()`).
    pub fn backend_priority(&self) -> Vec<&'static str> {
        platform_candidates(self.detector.os()).iter().map(|one| one.name()).collect()
    }

    /// Each of them looked at, in that order (`getAvailableBackends()`). This is no operation: it fixes nothing.
    ///
    /// # Errors
    /// [`ProbeError::InvalidConfiguration`].
    pub async fn available_backends(&self) -> Result<Vec<BackendInfo>, ContainerError> {
        Ok(self.detector.probe_all().await?)
    }

    /// [`select_backend_for`](select::select_backend_for) on the platform of this context (`selectBackendFor(spec, mode)`).
    pub fn select_backend_for(&self, spec: &str, mode: &str) -> Option<&'static str> {
        let found = select::select_backend_for(self.detector.os(), spec, Accept::named(mode));
        found.map(Candidate::name)
    }
}

impl Default for ContainerContext {
    fn default() -> Self {
        Self::new()
    }
}

fn named(name: &str) -> Result<Candidate, ContainerError> {
    let unknown = || ContainerError::UnknownBackend { name: name.to_owned() };
    Candidate::named(name).ok_or_else(unknown)
}
