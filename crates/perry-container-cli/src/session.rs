//! The runtime that a command speaks to, and how.

use crate::{app::App, failure::Failure};
use perry_container_compose::{
    KeeperCommand, Verification, VerificationOptions,
    engine::{Keeper, Session, SessionGate, SessionOptions, runtime_dir},
    model::ComposeService,
    probe::{self, Choice, Detector, Os, ThisMachine},
    process::{Environment, Limits, SystemHost},
    project::ComposeProject,
    verify,
};
use std::{path::Path, sync::Arc, time::Duration};
use tracing::{Instrument as _, debug_span};

impl App {
    /// A session on the runtime that the flags and the environment ask for, or that is found.
    pub(crate) async fn session(&self, command: &str) -> Result<Session, Failure> {
        let number = |name: &str| match self.env.get(name).filter(|value| !value.is_empty()) {
            None => Ok(None),
            Some(value) => value
                .parse::<i64>()
                .map(Some)
                .map_err(|_| Failure::error(format!("{name} must be an integer, not `{value}`"))),
        };
        let op_timeout = number("PERRY_CONTAINER_OP_TIMEOUT_SECS")?;
        let op_timeout =
            op_timeout.and_then(|seconds| u64::try_from(seconds).ok()).map(Duration::from_secs);
        let parallel = match self.globals.parallel {
            Some(most) => Some(most),
            None => number("COMPOSE_PARALLEL_LIMIT")?,
        };
        let mut environment = Environment::current();
        if let Some(backend) = &self.globals.backend {
            environment = environment.with(probe::BACKEND, backend);
        }
        let choice = Choice::from_environment(&environment)?;
        let mut limits = Limits::default();
        if let Some(timeout) = op_timeout {
            (limits.call, limits.silence) = (Some(timeout), Some(timeout));
        }
        let machine = Arc::new(ThisMachine::new(environment.clone()));
        let detector =
            Detector::new(machine, environment.clone(), Os::current()).with_limits(limits);
        let backend = match &self.backend {
            Some(backend) => Arc::clone(backend),
            None => {
                let span = debug_span!(target: "perry_container", "detect");
                detector.detect(&choice).instrument(span).await?.backend
            }
        };
        let xdg = self.env.get("XDG_RUNTIME_DIR").map(Path::new);
        let mut options = SessionOptions {
            lock_dir: Some(runtime_dir(
                xdg,
                rustix::process::getuid().as_raw(),
                &std::env::temp_dir(),
            )),
            command: format!("perry-compose {command}"),
            run: getrandom::u64().ok().map(|run| format!("{run:016x}")),
            keeper: self.keeper(&environment, backend.backend_name())?,
            ..SessionOptions::default()
        };
        if let Some(seconds) = self.globals.lock_timeout {
            options.lock_timeout = Duration::from_secs(seconds);
        }
        if let Some(timeout) = op_timeout {
            options.op_timeout = timeout;
        }
        if let Some(most) = parallel {
            options = options.with_parallel(usize::try_from(most).ok().filter(|most| *most > 0));
        }
        Ok(Session::new(backend, options))
    }

    /// The same session with a gate, where images are to be verified: by the flag, by the variable, or because a service
    /// demands something of its own image.
    pub(crate) async fn gated(
        &self,
        session: Session,
        project: &ComposeProject,
        flag: bool,
    ) -> Result<Session, Failure> {
        const VARIABLE: &str = "PERRY_CONTAINER_VERIFY_IMAGES";
        let set = self.env.get(VARIABLE).filter(|value| !value.is_empty());
        let mode = set.unwrap_or_default().parse::<verify::Mode>();
        let mode = mode.map_err(|error| Failure::error(format!("{VARIABLE}: {error}")))?;
        let demands = |service: &ComposeService| service.extensions.contains_key("x-perry-verify");
        let demanded = project.spec().services.values().any(demands);
        let demanded_only = !flag && set.is_none() && demanded;
        if mode == verify::Mode::Off && !flag && !demanded_only {
            return Ok(session);
        }
        let environment: Environment =
            self.env.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let host = Arc::new(SystemHost::new(environment.clone()));
        let options = VerificationOptions { demands: demanded, ..VerificationOptions::default() };
        let opening = Verification::open(&options, &environment, host, &self.here);
        let verification = opening.await.map_err(|error| Failure::error(error.to_string()))?;
        for note in &verification.notes {
            self.warn(note);
        }
        // What the variable says is the machine's policy, which a file can only add to.
        let gate = verification.gate(
            mode != verify::Mode::Off,
            demanded_only,
            project.working_dir.clone(),
        );
        let warn = mode == verify::Mode::Warn && !flag;
        Ok(session.with_gate(SessionGate::new(Arc::new(gate), warn)))
    }

    /// Who is left behind where the runtime leaves something to us: this program, which goes by what containers say.
    fn keeper(&self, environment: &Environment, backend: &str) -> Result<Keeper, Failure> {
        if self.globals.no_keeper || self.switch("PERRY_NO_KEEPER")? {
            return Ok(Keeper::Refused);
        }
        // A runtime that was handed in is one of this process.
        let program = std::env::current_exe().ok().filter(|_| self.backend.is_none());
        let Some(program) = program else { return Ok(Keeper::None) };
        let args = vec!["--backend".into(), backend.into(), "keeper".into()];
        let env = KeeperCommand::environment(environment);
        Ok(Keeper::By(Arc::new(KeeperCommand { program, args, env })))
    }
}
