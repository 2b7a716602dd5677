//! What every command starts from.

use crate::{
    ask, commands,
    failure::Failure,
    grammar::{Command, Globals, Progress},
    outside::{Outside, Presses, Stream},
    progress::{Quiet, Show},
    say::{self, Warnings},
    screen::Screen,
    signals::Signals,
};
use indexmap::IndexMap;
use jiff::Timestamp;
use perry_container_compose::{
    KeeperCommand, Purpose, StateOptions,
    backend::ContainerBackend,
    desired_state,
    engine::{EngineError, Keeper, Session, SessionOptions, runtime_dir},
    load::{Env, Place, Warning},
    probe::{self, Choice, Detector, Os, ThisMachine},
    process::{Environment, Limits},
    project::{ComposeProject, Disk, Notice, ProjectError, ProjectOptions, ProjectOrName},
    reconcile::Desired,
    spec::Sensitive,
};
use std::{
    fmt,
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tracing::{Instrument as _, Span, debug_span};

/// A process as its commands see it: everything from outside, read once.
pub(crate) struct App {
    /// The options before the command.
    pub(crate) globals: Globals,
    /// The environment.
    pub(crate) env: Env,
    /// The current directory.
    pub(crate) here: PathBuf,
    /// What is printed to.
    pub(crate) screen: Screen,
    /// Standard output.
    pub(crate) out: Stream,
    /// Standard error.
    pub(crate) err: Stream,
    backend: Option<Arc<dyn ContainerBackend>>,
    presses: Option<Presses>,
    typed: Option<String>,
    warnings: Arc<Mutex<Warnings>>,
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("globals", &self.globals).finish_non_exhaustive()
    }
}

impl App {
    pub(crate) fn new(globals: Globals, outside: Outside) -> Self {
        let Outside { env, here, backend, out, err, signals: presses, typed } = outside;
        let screen = Screen::new(&globals, &env, &out, &err);
        let warnings = Warnings::new(screen.err_terminal, screen.err_colours);
        let warnings = Arc::new(Mutex::new(warnings));
        Self { globals, env, here, screen, out, err, backend, presses, typed, warnings }
    }

    /// Does what was asked for.
    pub(crate) fn run(&self, command: &Command) -> Result<(), Failure> {
        match command {
            Command::Config(config) if !config.asks_registries() => {
                self.span().in_scope(|| commands::config(self, config))
            }
            Command::Version(version) => commands::version(self, version),
            _ => {
                let runtime = tokio::runtime::Builder::new_multi_thread()
                    .worker_threads(2)
                    .enable_all()
                    .build()?;
                let done = runtime.block_on(self.perform(command));
                // Threads that read standard input, and calls that were dropped, are not waited for.
                runtime.shutdown_background();
                done
            }
        }
    }

    /// The same on a runtime that is there.
    pub(crate) async fn perform(&self, command: &Command) -> Result<(), Failure> {
        Box::pin(self.obey(command)).instrument(self.span()).await
    }

    fn span(&self) -> Span {
        debug_span!(target: "perry_container", "command", name = self.globals.command)
    }

    async fn obey(&self, command: &Command) -> Result<(), Failure> {
        match command {
            Command::Up(up) => Box::pin(commands::up(self, up)).await,
            Command::Down(down) => commands::down(self, down).await,
            Command::Ps(ps) => commands::ps(self, ps).await,
            Command::Logs(logs) => commands::logs(self, logs).await,
            Command::Exec(exec) => commands::exec(self, exec).await,
            Command::Events(events) => commands::events(self, events).await,
            Command::Images(images) => commands::images(self, images).await,
            Command::Ls(ls) => commands::ls(self, ls).await,
            Command::Port(port) => commands::port(self, port).await,
            Command::Top(top) => commands::top(self, top).await,
            Command::Wait(wait) => commands::wait(self, wait).await,
            Command::Start(start) => commands::start(self, start).await,
            Command::Stop(stop) => commands::stop(self, stop).await,
            Command::Restart(restart) => commands::restart(self, restart).await,
            Command::Pull(pull) => commands::pull(self, pull).await,
            Command::Supervise(how) => commands::supervise(self, how).await,
            Command::Keeper(how) => commands::keeper(self, how).await,
            Command::Create(create) => commands::create(self, create).await,
            Command::Scale(scale) => commands::scale(self, scale).await,
            Command::Kill(kill) => commands::kill(self, kill).await,
            Command::Pause(pause) => commands::pause(self, pause).await,
            Command::Unpause(unpause) => commands::unpause(self, unpause).await,
            Command::Rm(rm) => commands::rm(self, rm).await,
            Command::Config(config) if config.asks_registries() => {
                commands::pinned_config(self, config).await
            }
            Command::Config(config) => commands::config(self, config),
            Command::Version(version) => commands::version(self, version),
            Command::Other(_) => Ok(()),
        }
    }

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

    /// What the runtime should hold; what it cannot is warned of, with its place.
    pub(crate) fn desired(
        &self,
        project: &ComposeProject,
        scale: &IndexMap<String, u32>,
        session: &Session,
    ) -> Result<Desired, Failure> {
        let options = StateOptions {
            purpose: Purpose::Create,
            scale: scale.clone(),
            compatibility: self.compatibility()?,
        };
        let capabilities = session.backend().capabilities();
        let lower = || desired_state(project, &options, capabilities, &Disk);
        let (desired, notes) = debug_span!(target: "perry_container", "lower").in_scope(lower)?;
        for note in notes {
            let text = match project.loaded.place(&note.path) {
                Some(place) => format!("{}: {note}", self.at(&place)),
                None => note.to_string(),
            };
            self.warn(&text);
        }
        Ok(desired)
    }

    /// What a project wants, for commands that make nothing of it; nothing when only its name is known, and then its
    /// labels count.
    pub(crate) fn known(
        &self,
        found: &ProjectOrName,
        session: &Session,
    ) -> Result<Option<Desired>, Failure> {
        let Some(project) = found.project() else { return Ok(None) };
        let options = StateOptions {
            purpose: Purpose::Find,
            compatibility: self.compatibility()?,
            ..StateOptions::default()
        };
        let capabilities = session.backend().capabilities();
        let lower = || desired_state(project, &options, capabilities, &Disk);
        match debug_span!(target: "perry_container", "lower").in_scope(lower) {
            Ok((desired, _)) => Ok(Some(desired)),
            Err(error) => {
                let name = &project.name;
                self.warn(&format!("going by the labels of project {name} alone: {error}"));
                Ok(None)
            }
        }
    }

    /// Whether names have `_` in them, as they had once.
    pub(crate) fn compatibility(&self) -> Result<bool, Failure> {
        Ok(self.globals.compatibility || self.switch("COMPOSE_COMPATIBILITY")?)
    }

    /// Listens for signals; neither ends this process by itself any more.
    pub(crate) fn signals(&self) -> Result<Signals, Failure> {
        Signals::listen(self.presses.as_ref().and_then(Presses::listen))
    }

    /// Shows progress as the flags say, as long as it lives.
    pub(crate) fn show(&self, quiet: Quiet) -> Show {
        let to_out =
            matches!(self.env.get("COMPOSE_STATUS_STDOUT"), Some("1" | "true" | "TRUE" | "t"));
        let to = if to_out { self.out.clone() } else { self.err.clone() };
        let warnings = Arc::clone(&self.warnings);
        Show::new(self.globals.progress, &self.env, self.screen, quiet, warnings, to)
    }

    /// Prints to standard output. A reader that went away is no error.
    pub(crate) fn print(&self, text: &str) -> Result<(), Failure> {
        print(&self.out, text)
    }

    /// What a session could not do.
    pub(crate) fn failed(error: EngineError, signals: &Signals) -> Failure {
        let interrupted = matches!(error, EngineError::Interrupted { .. });
        let mut failure = Failure::from(error);
        if let Some(status) = signals.status().filter(|_| interrupted) {
            failure.status = status;
        }
        failure
    }

    /// Whether errors are JSON lines.
    pub(crate) fn json_errors(&self) -> bool {
        self.globals.progress == Some(Progress::Json)
    }

    /// Whether what a failed `up` made stays.
    pub(crate) fn no_rollback(&self) -> Result<bool, Failure> {
        Ok(self.globals.no_rollback || self.switch("PERRY_NO_ROLLBACK")?)
    }

    /// The flag, or the variable that is its default.
    pub(crate) fn remove_orphans(&self, flag: Option<bool>) -> Result<bool, Failure> {
        let remove = match flag {
            Some(flag) => flag,
            None => self.switch("COMPOSE_REMOVE_ORPHANS")?,
        };
        if remove && self.switch("COMPOSE_IGNORE_ORPHANS")? {
            return Err(Failure::error(
                "cannot combine COMPOSE_IGNORE_ORPHANS and --remove-orphans",
            ));
        }
        Ok(remove)
    }

    /// A warning on standard error.
    pub(crate) fn warn(&self, text: &str) {
        let mut warnings = self.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        warnings.say(&mut self.err.clone(), text, now());
    }

    /// A variable of the environment that says true or false; default false.
    pub(crate) fn switch(&self, name: &str) -> Result<bool, Failure> {
        match self.env.get(name) {
            None | Some("") => Ok(false),
            Some("1" | "t" | "T" | "true" | "TRUE" | "True") => Ok(true),
            Some("0" | "f" | "F" | "false" | "FALSE" | "False") => Ok(false),
            Some(value) => {
                Err(Failure::error(format!("{name} is neither true nor false: `{value}`")))
            }
        }
    }

    /// Asks, and waits for a line: `None` when standard input ends without one.
    pub(crate) async fn ask(&self, question: &str) -> Result<Option<bool>, Failure> {
        self.print(question)?;
        let line = match &self.typed {
            Some(typed) => typed.clone(),
            // A thread waits for it: whoever does not answer may send a signal instead.
            None => tokio::task::spawn_blocking(|| {
                let mut line = String::new();
                io::stdin().read_line(&mut line).map(|_| line)
            })
            .await
            .map_err(|error| Failure::error(format!("could not read an answer: {error}")))??,
        };
        Ok((!line.is_empty()).then(|| ask::is_yes(&line)))
    }

    /// How to find and load the project.
    pub(crate) fn project_options(&self, services: &[String]) -> Result<ProjectOptions, Failure> {
        let globals = &self.globals;
        let mut options = ProjectOptions::new(&self.here, self.env.clone());
        options.files.clone_from(&globals.file);
        options.project_name.clone_from(&globals.project_name);
        options.project_directory =
            globals.project_directory.clone().or_else(|| globals.workdir.clone());
        options.env_files.clone_from(&globals.env_file);
        options.profiles.clone_from(&globals.profile);
        options.services = services.to_vec();
        options.all_resources = globals.all_resources;
        if options.files.iter().any(|file| file.as_os_str() == "-") {
            let mut bytes = Vec::new();
            io::stdin().lock().read_to_end(&mut bytes)?;
            options.stdin = Some(Sensitive::new(bytes));
        }
        Ok(options)
    }

    /// Loads the project and says what is odd about it.
    pub(crate) fn project(&self, options: &ProjectOptions) -> Result<ComposeProject, Failure> {
        let load = || ComposeProject::open(options);
        let project = debug_span!(target: "perry_container", "load").in_scope(load);
        let project = project.map_err(|error| self.refused(&error))?;
        self.odd(&project.notices, &project.loaded.warnings);
        Ok(project)
    }

    /// As [`Self::project`], for commands that need no more than the name.
    pub(crate) fn project_or_name(
        &self,
        options: &ProjectOptions,
    ) -> Result<ProjectOrName, Failure> {
        let load = || ProjectOrName::open(options);
        let found = debug_span!(target: "perry_container", "load").in_scope(load);
        let found = found.map_err(|error| self.refused(&error))?;
        match &found {
            ProjectOrName::Project(project) => {
                self.odd(&project.notices, &project.loaded.warnings);
            }
            ProjectOrName::Name { why: Some(why), name } => {
                self.warn(&format!("going by the name {name} alone: {why}"));
            }
            ProjectOrName::Name { why: None, .. } => {}
        }
        Ok(found)
    }

    /// Says what is odd.
    pub(crate) fn odd(&self, notices: &[Notice], warnings: &[Warning]) {
        for notice in notices {
            self.warn(&notice.to_string());
        }
        for warning in warnings {
            let text = match &warning.place {
                Some(place) => format!("{}: {}", self.at(place), warning.message),
                None => warning.message.clone(),
            };
            self.warn(&text);
        }
    }

    /// `compose.yaml:3:5`.
    fn at(&self, place: &Place) -> String {
        let file = say::relative(&place.file, &self.here);
        format!("{file}:{}:{}", place.span.line, place.span.column)
    }

    /// A project that could not be opened.
    pub(crate) fn refused(&self, error: &ProjectError) -> Failure {
        match error {
            ProjectError::Load(error) => {
                Failure::drawn(say::load_error(error, &self.here, self.screen.err_colours))
            }
            other => Failure::error(other.to_string()),
        }
    }
}

/// The time, for what is shown to people.
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// Prints to standard output. A reader that went away is no error.
pub(crate) fn print(out: &Stream, text: &str) -> Result<(), Failure> {
    let mut out = out.clone();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::error(format!("could not write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Services that are named must be the project's, where its files are known.
pub(crate) fn known_services(found: &ProjectOrName, names: &[String]) -> Result<(), Failure> {
    let Some(project) = found.project() else { return Ok(()) };
    let loaded = &project.loaded;
    let known = |name: &&String| {
        loaded.spec.services.contains_key(*name) || loaded.disabled.contains_key(*name)
    };
    match names.iter().find(|name| !known(name)) {
        Some(unknown) => Err(Failure::error(format!("no such service: {unknown}"))),
        None => Ok(()),
    }
}
