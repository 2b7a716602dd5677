//! What every command starts from.

use crate::{
    failure::Failure,
    grammar::{Command, Globals},
    say::{self, Warnings},
    screen::Screen,
};
use jiff::Timestamp;
use perry_container_compose::{
    load::{Env, Warning},
    project::{ComposeProject, Notice, ProjectError, ProjectOptions, ProjectOrName},
    spec::Sensitive,
};
use std::{
    io::{self, Read as _, Write as _},
    path::PathBuf,
};

/// A process as its commands see it: everything from outside, read once.
#[derive(Debug)]
pub(crate) struct App {
    /// The options before the command.
    pub(crate) globals: Globals,
    /// The environment.
    pub(crate) env: Env,
    /// The current directory.
    pub(crate) here: PathBuf,
    /// What is printed to.
    pub(crate) screen: Screen,
    warnings: Warnings,
}

impl App {
    pub(crate) fn new(globals: Globals, env: Env, here: PathBuf) -> Self {
        let screen = Screen::new(&globals, &env);
        let warnings = Warnings::new(screen.err_terminal, screen.err_colours);
        Self { globals, env, here, screen, warnings }
    }

    /// Does what was asked for.
    pub(crate) fn run(&mut self, command: Command) -> Result<(), Failure> {
        use crate::commands;
        match command {
            Command::Config(config) => commands::config(self, &config),
            Command::Version(version) => commands::version(self, &version),
            _ => Err(Failure::usage("this command comes with the engine")),
        }
    }

    /// A warning on standard error.
    pub(crate) fn warn(&mut self, text: &str) {
        self.warnings.say(&mut io::stderr().lock(), text, now());
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
    pub(crate) fn project(&mut self, options: &ProjectOptions) -> Result<ComposeProject, Failure> {
        let project = ComposeProject::open(options).map_err(|error| self.refused(&error))?;
        self.odd(&project.notices, &project.loaded.warnings);
        Ok(project)
    }

    /// As [`Self::project`], for commands that need no more than the name.
    pub(crate) fn project_or_name(
        &mut self,
        options: &ProjectOptions,
    ) -> Result<ProjectOrName, Failure> {
        let found = ProjectOrName::open(options).map_err(|error| self.refused(&error))?;
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
    pub(crate) fn odd(&mut self, notices: &[Notice], warnings: &[Warning]) {
        for notice in notices {
            self.warn(&notice.to_string());
        }
        for warning in warnings {
            let text = match &warning.place {
                Some(place) => {
                    let (line, column) = (place.span.line, place.span.column);
                    let file = say::relative(&place.file, &self.here);
                    format!("{file}:{line}:{column}: {}", warning.message)
                }
                None => warning.message.clone(),
            };
            self.warn(&text);
        }
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
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::error(format!("could not write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}
