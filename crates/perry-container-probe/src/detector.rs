//! The look at a machine.

use crate::{
    BackendProbeResult, Backends, Candidate, Choice, Detected, Dispatch, Fault, Machine, Os,
    ProbeError, ThisMachine, Unavailable, choice::names, hint, platform_candidates,
};
use futures_util::{StreamExt as _, stream::FuturesOrdered};
use perry_container_process::{Environment, Finished, Limits, Program, run};
use perry_container_protocol::Invocation;
use perry_container_spec::{BackendInfo, ErrorKind};
use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};
use tokio::{
    sync::watch,
    time::{Instant, timeout},
};

/// How long a candidate may take to answer.
pub const PROBE_LIMIT: Duration = Duration::from_secs(2);

/// How long the only candidate may take: there is nobody else to ask.
pub const ONLY_LIMIT: Duration = Duration::from_secs(10);

/// How long candidates are waited for, all together, before the last one is asked too: each has its part of it as a
/// head start. So a first one that answers at once costs no process of another, and when none answers ever the look is
/// over after this time and [`PROBE_LIMIT`].
const HEAD_STARTS: Duration = Duration::from_millis(300);

/// Looks for runtimes on a machine.
#[derive(Clone)]
pub struct Detector {
    pub(crate) machine: Arc<dyn Machine>,
    pub(crate) env: Environment,
    pub(crate) os: Os,
    pub(crate) limits: Limits,
    pub(crate) calls: Arc<AtomicU64>,
}

impl Detector {
    /// On this machine, in the environment of this process.
    pub fn current() -> Self {
        let env = Environment::current();
        Self::new(Arc::new(ThisMachine::new(env.clone())), env, Os::current())
    }

    /// On any machine.
    pub fn new(machine: Arc<dyn Machine>, env: Environment, os: Os) -> Self {
        Self { machine, env, os, limits: Limits::default(), calls: Arc::default() }
    }

    /// Backends that are found get these limits.
    #[must_use]
    pub const fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Backends that are found count the programs that they start here.
    #[must_use]
    pub fn with_counter(mut self, calls: Arc<AtomicU64>) -> Self {
        self.calls = calls;
        self
    }

    /// What the environment asks for.
    ///
    /// # Errors
    /// [`ProbeError::InvalidConfiguration`]
    pub fn choice(&self) -> Result<Choice, ProbeError> {
        Choice::from_environment(&self.env)
    }

    /// All candidates of the platform, in its order, each looked at, all at the same time.
    ///
    /// # Errors
    /// [`ProbeError::InvalidConfiguration`]
    pub async fn probe_all(&self) -> Result<Vec<BackendInfo>, ProbeError> {
        let choice = self.choice()?;
        let all = platform_candidates(self.os);
        let look = |candidate: &Candidate| self.look(candidate.name(), &choice, PROBE_LIMIT);
        let results = all.iter().map(look).collect::<FuturesOrdered<_>>();
        Ok(results.map(|result| BackendInfo::from(&result)).collect().await)
    }

    /// The first candidate that can be used, in the order of the platform or of the choice.
    ///
    /// # Errors
    /// When there is none, or not the one that was asked for.
    pub async fn detect(&self, choice: &Choice) -> Result<Detected, ProbeError> {
        let names: Vec<&str> = match &choice.backends {
            Backends::One(name) => {
                let result = self.look(name, choice, ONLY_LIMIT).await;
                return result.outcome.map_err(|why| ProbeError::BackendNotAvailable {
                    hint: self.hint(name, &why),
                    name: name.clone(),
                    reason: why.reason,
                    kind: why.kind,
                });
            }
            Backends::FirstOf(names) => names.iter().map(String::as_str).collect(),
            Backends::Any => platform_candidates(self.os).iter().map(|one| one.name()).collect(),
        };
        let results = match choice.dispatch {
            Dispatch::LocalFirst => self.until_one_answers(&names, choice).await,
            Dispatch::ServerFirst => {
                let look = |name| self.look(name, choice, PROBE_LIMIT);
                let looks = names.iter().copied().map(look).collect::<FuturesOrdered<_>>();
                let mut all = looks.collect::<Vec<_>>().await;
                all.sort_by_key(|result| !result.is_remote()); // stable: else the order stays
                all
            }
        };
        let probed = results.iter().map(BackendInfo::from).collect();
        let help = |one: &BackendProbeResult| self.hint(&one.name, one.outcome.as_ref().err()?);
        let hint = results.iter().find_map(help).unwrap_or_else(|| hint::install(self.os));
        let found = results.into_iter().find_map(|result| result.outcome.ok());
        found.ok_or(ProbeError::NoBackendFound { probed, hint })
    }

    /// What could help against what keeps a candidate from answering.
    fn hint(&self, name: &str, why: &Unavailable) -> Option<String> {
        hint::hint(Candidate::named(name)?, why, self.os)
    }

    /// Looks at one after the other, without waiting long for one before the next is asked too; all up to the first
    /// that can be used. What was asked in vain is ended.
    async fn until_one_answers(&self, names: &[&str], choice: &Choice) -> Vec<BackendProbeResult> {
        let (failed, _) = watch::channel(0_usize);
        let head_start = HEAD_STARTS / u32::try_from(names.len()).unwrap_or(u32::MAX).max(1);
        let look = |(n, name): (usize, &&str)| {
            let (mut turn, name) = (failed.subscribe(), (*name).to_owned());
            async move {
                let patience = head_start * u32::try_from(n).unwrap_or(u32::MAX);
                drop(timeout(patience, turn.wait_for(|failed| *failed >= n)).await);
                self.look(&name, choice, PROBE_LIMIT).await
            }
        };
        let mut looks = names.iter().enumerate().map(look).collect::<FuturesOrdered<_>>();
        let mut results = Vec::new();
        while let Some(result) = looks.next().await {
            let found = result.available();
            results.push(result);
            if found {
                break;
            }
            failed.send_replace(results.len());
        }
        results
    }

    /// Looks at one candidate.
    async fn look(&self, name: &str, choice: &Choice, limit: Duration) -> BackendProbeResult {
        let began = Instant::now();
        let outcome = match Candidate::named(name) {
            None => {
                let text = format!("there is no such backend; known are {}", names());
                Err(Fault { kind: ErrorKind::NotFound, text, installed: false }.into())
            }
            Some(candidate) => {
                timeout(limit, self.candidate(candidate, choice)).await.unwrap_or_else(|_| {
                    let text = format!("no answer within {} s", limit.as_secs());
                    Err(Fault::new(ErrorKind::Cut, text).into())
                })
            }
        };
        let result = BackendProbeResult { name: name.to_owned(), outcome };
        let ms = began.elapsed().as_millis();
        match &result.outcome {
            Ok(found) => tracing::debug!(
                target: "perry_container::probe", backend = name, available = true,
                version = found.backend.version(), engine = %found.backend.engine_id(), ms, "looked"
            ),
            Err(Unavailable { reason, .. }) => tracing::debug!(
                target: "perry_container::probe", backend = name, available = false, reason, ms, "looked"
            ),
        }
        result
    }

    async fn candidate(
        &self,
        candidate: Candidate,
        choice: &Choice,
    ) -> Result<Detected, Unavailable> {
        match candidate {
            Candidate::AppleContainer => self.apple(choice.transport).await,
            Candidate::Docker => self.docker(choice.transport).await,
            Candidate::Podman => self.podman(choice.transport).await,
            Candidate::Nerdctl => self.nerdctl(choice.transport).await,
            Candidate::Orbstack => self.orbstack(choice.transport).await,
            Candidate::Colima => self.colima(choice.transport).await,
            Candidate::RancherDesktop => self.rancher_desktop(choice.transport).await,
            Candidate::Lima => self.lima(choice.transport).await,
        }
    }
}

/// Said of a program that is not there.
pub(crate) fn not_installed(candidate: Candidate) -> Fault {
    Fault::absent(format!("not installed (no `{}` on the PATH)", candidate.program()))
}

/// What a detector asks programs.
impl Detector {
    /// A call to its end.
    pub(crate) async fn ask(&self, program: &Program, args: &[&str]) -> Result<Finished, Fault> {
        let call = Invocation::new(args.iter().copied());
        Ok(run(&*self.machine.host(), program, &call, &self.limits).await?)
    }

    /// A variable that is set to something.
    pub(crate) fn set(&self, name: &str) -> Option<&str> {
        self.env.get(name).map(str::trim).filter(|value| !value.is_empty())
    }

    /// The user's own directory.
    pub(crate) fn home(&self) -> Option<PathBuf> {
        self.set("HOME").or_else(|| self.set("USERPROFILE")).map(PathBuf::from)
    }

    /// Whether this path is there.
    pub(crate) fn exists(&self, path: &Path) -> bool {
        self.machine.canonical(path).is_some()
    }
}

impl fmt::Debug for Detector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Detector")
            .field("os", &self.os)
            .field("env", &self.env)
            .finish_non_exhaustive()
    }
}
