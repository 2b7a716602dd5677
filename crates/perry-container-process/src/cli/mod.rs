//! A runtime behind a command line.

mod copy;
mod events;
mod fault;
mod flow;
mod looking;
mod session;
mod verbs;

use crate::{Host, Limits, Program, host};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use perry_container_backend::{BackendError, Result};
use perry_container_protocol::{CliProtocol, Dialogue, Invocation, Output, Step};
use perry_container_spec::{EngineId, ExecutionStrategy, Id, IsolationLevel, Locality};
use perry_container_support::Capabilities;
use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// A runtime behind a command line: it runs what a protocol describes.
///
/// Whatever is under way ends with the future or flow it belongs to.
pub struct CliBackend<P> {
    protocol: Arc<P>,
    host: Arc<dyn Host>,
    program: Program,
    strategy: ExecutionStrategy,
    engine: EngineId,
    capabilities: Capabilities,
    isolation: IsolationLevel,
    version: Option<String>,
    limits: Limits,
    calls: Arc<AtomicU64>,
    locality: Locality,
}

impl<P: CliProtocol> CliBackend<P> {
    /// A backend that speaks `protocol` with `program`.
    pub fn new(
        protocol: P,
        host: Arc<dyn Host>,
        program: Program,
        engine: EngineId,
        capabilities: Capabilities,
    ) -> Self {
        let strategy = ExecutionStrategy::CliExec { bin: program.path.clone() };
        Self {
            protocol: Arc::new(protocol),
            host,
            program,
            strategy,
            engine,
            capabilities,
            isolation: IsolationLevel::Container,
            version: None,
            limits: Limits::default(),
            calls: Arc::default(),
            locality: Locality::Local,
        }
    }

    /// With the engine's version.
    #[must_use]
    pub fn with_version(mut self, version: Option<String>) -> Self {
        self.version = version;
        self
    }

    /// With another isolation level than that of containers.
    #[must_use]
    pub const fn with_isolation(mut self, level: IsolationLevel) -> Self {
        self.isolation = level;
        self
    }

    /// With an engine elsewhere: nothing is made on this machine for it.
    #[must_use]
    pub const fn with_locality(mut self, locality: Locality) -> Self {
        self.locality = locality;
        self
    }

    /// With other limits than the default ones.
    #[must_use]
    pub const fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Counting its calls here.
    #[must_use]
    pub fn with_counter(mut self, calls: Arc<AtomicU64>) -> Self {
        self.calls = calls;
        self
    }

    /// How many programs were started so far.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// What it talks with.
    pub const fn program(&self) -> &Program {
        &self.program
    }

    /// A verb with its object, for errors.
    fn about(&self, verb: &'static str, object: impl Into<String>) -> About {
        About { verb, object: object.into(), tool: self.protocol.name().to_owned() }
    }

    fn count(&self) {
        self.calls.fetch_add(1, Ordering::Relaxed);
    }

    /// Carries a dialogue through.
    async fn talk<D>(&self, about: &About, dialogue: D) -> Result<D::Reply>
    where
        D: Dialogue + Send,
        D::Reply: Send,
    {
        self.talk_within(about, dialogue, &self.limits).await
    }

    /// The same with other limits.
    async fn talk_within<D>(
        &self,
        about: &About,
        mut dialogue: D,
        limits: &Limits,
    ) -> Result<D::Reply>
    where
        D: Dialogue + Send,
        D::Reply: Send,
    {
        let mut last = Vec::new();
        loop {
            let outputs: Vec<Output<'_>> = last.iter().map(host::Finished::output).collect();
            let calls = match dialogue.next(&outputs) {
                Step::Run(calls) => calls,
                Step::Done(done) => return done.map_err(|error| about.refused(error)),
            };
            drop(outputs);
            let run = |mut call: Invocation| async move {
                self.count();
                if self.locality == Locality::Remote {
                    call.make_dirs.clear();
                }
                host::run(&*self.host, &self.program, &call, limits).await
            };
            let all = stream::iter(calls).map(run).buffered(limits.parallel.max(1));
            last = all.try_collect().await.map_err(|error| about.failed(error))?;
        }
    }

    /// Batches are about all of their objects.
    fn about_each(&self, verb: &'static str, ids: &[Id]) -> About {
        self.about(verb, ids.join(" "))
    }
}

/// The same backend: it counts its calls in the same place.
impl<P> Clone for CliBackend<P> {
    fn clone(&self) -> Self {
        Self {
            protocol: Arc::clone(&self.protocol),
            host: Arc::clone(&self.host),
            program: self.program.clone(),
            strategy: self.strategy.clone(),
            engine: self.engine.clone(),
            capabilities: self.capabilities.clone(),
            isolation: self.isolation,
            version: self.version.clone(),
            limits: self.limits,
            calls: Arc::clone(&self.calls),
            locality: self.locality,
        }
    }
}

impl<P> fmt::Debug for CliBackend<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CliBackend")
            .field("program", &self.program)
            .field("engine", &self.engine)
            .finish_non_exhaustive()
    }
}

/// What is being done to which object with which tool.
#[derive(Debug, Clone)]
struct About {
    verb: &'static str,
    object: String,
    tool: String,
}

impl About {
    fn error(
        &self,
        kind: perry_container_spec::ErrorKind,
        text: impl Into<String>,
    ) -> BackendError {
        BackendError::new(self.verb, &self.object, kind, text)
    }
}
