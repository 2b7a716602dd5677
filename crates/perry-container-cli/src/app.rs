//! What every command starts from.

use crate::{
    ask,
    failure::Failure,
    grammar::{Globals, Progress},
    outside::{Outside, Presses, Stream},
    progress::{Quiet, Show},
    say::{self, Warnings},
    screen::Screen,
    signals::Signals,
};
use indexmap::IndexMap;
use jiff::Timestamp;
use perry_container_compose::{
    Purpose, StateOptions,
    backend::ContainerBackend,
    desired_state,
    engine::{EngineError, Session},
    load::{Env, Place, Warning},
    lowered_state,
    model::Separator,
    project::{ComposeProject, Disk, Notice, ProjectError, ProjectOptions, ProjectOrName},
    reconcile::{Desired, Mode, fit},
    spec::Sensitive,
    support::BadMode,
};
use std::{
    fmt,
    io::{self, Read as _, Write as _},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};
use tracing::debug_span;

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
    /// A runtime that was handed in.
    pub(crate) backend: Option<Arc<dyn ContainerBackend>>,
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
            separator: self.separator()?,
            mode: self.enforcement()?,
        };
        let capabilities = session.backend().capabilities();
        let place = |path: &str| project.loaded.place(path).map(|place| self.at(&place));
        let lower = || {
            let (desired, mut notes) = lowered_state(project, &options, &Disk)?;
            let fitted = fit(desired, capabilities, options.mode);
            let (desired, more) =
                fitted.map_err(|refused| Failure::error(refused.placed(place)))?;
            notes.extend(more);
            Ok::<_, Failure>((desired, notes))
        };
        let (desired, notes) = debug_span!(target: "perry_container", "lower").in_scope(lower)?;
        for note in notes {
            let text = match place(&note.path) {
                Some(place) => format!("{place}: {note}"),
                None => note.to_string(),
            };
            self.warn(&text);
        }
        Ok(desired)
    }

    /// What happens with what the runtime cannot honour: the flag, else the variable, else it is left out.
    fn enforcement(&self) -> Result<Mode, Failure> {
        const VARIABLE: &str = "PERRY_CONTAINER_ENFORCEMENT";
        match (self.globals.enforcement, self.env.get(VARIABLE)) {
            (Some(mode), _) => Ok(mode),
            (None, None | Some("")) => Ok(Mode::Lenient),
            (None, Some(word)) => {
                word.parse().map_err(|bad: BadMode| Failure::error(format!("{VARIABLE}: {bad}")))
            }
        }
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
            separator: self.separator()?,
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

    /// What names have between their parts by that.
    pub(crate) fn separator(&self) -> Result<Separator, Failure> {
        Ok(if self.compatibility()? { Separator::Underscore } else { Separator::Dash })
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
        options.steps.all_resources = globals.all_resources;
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
