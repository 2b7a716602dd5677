//! What containers of an image do.

use indexmap::IndexMap;
use perry_container_spec::LogSource;
use std::time::Duration;

/// How a main process takes being asked to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Term {
    /// It ends so much later with this status.
    Exits(Duration, i32),
    /// It goes on, so that the runtime kills it after its timeout: status 137.
    Ignores,
}

/// What containers of an image do: by default they run for ever, print nothing and bring no health check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// Its command is run by a small shell, and so are commands and health probes in it; what follows is without effect
    /// then, but for the health that the engine itself sees.
    pub shell: bool,
    /// Whether the image brings a health check.
    pub has_healthcheck: bool,
    /// From when on after a start probes succeed; never when absent.
    pub healthy_after: Option<Duration>,
    /// From when on after a start probes fail again.
    pub sick_after: Option<Duration>,
    /// When after a start the main process ends by itself, and how.
    pub exits: Option<(Duration, i32)>,
    /// Why it cannot be started at all.
    pub broken: Option<String>,
    /// How it takes being asked to stop.
    pub term: Term,
    /// What it prints, and when after a start.
    pub prints: Vec<(Duration, LogSource, String)>,
    /// What commands that are run in it print and come to, by the words of the command.
    pub commands: IndexMap<String, (String, i32)>,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            shell: false,
            has_healthcheck: false,
            healthy_after: Some(Duration::ZERO),
            sick_after: None,
            exits: None,
            broken: None,
            term: Term::Exits(Duration::ZERO, 143),
            prints: Vec::new(),
            commands: IndexMap::new(),
        }
    }
}

impl Script {
    /// Runs for ever.
    pub fn new() -> Self {
        Self::default()
    }

    /// Runs its command, as an image with busybox does: enough of a shell for tests that real runtimes pass too.
    pub fn shell() -> Self {
        Self { shell: true, ..Self::default() }
    }

    /// With a health check of the image's own.
    #[must_use]
    pub fn with_healthcheck(mut self) -> Self {
        self.has_healthcheck = true;
        self
    }

    /// Probes succeed from so long after a start.
    #[must_use]
    pub fn healthy_after(mut self, after: Duration) -> Self {
        self.healthy_after = Some(after);
        self
    }

    /// Probes never succeed.
    #[must_use]
    pub fn never_healthy(mut self) -> Self {
        self.healthy_after = None;
        self
    }

    /// Probes fail again from so long after a start.
    #[must_use]
    pub fn sick_after(mut self, after: Duration) -> Self {
        self.sick_after = Some(after);
        self
    }

    /// Ends by itself so long after a start with this status.
    #[must_use]
    pub fn exits_after(mut self, after: Duration, status: i32) -> Self {
        self.exits = Some((after, status));
        self
    }

    /// Cannot be started, for this reason.
    #[must_use]
    pub fn broken(mut self, why: impl Into<String>) -> Self {
        self.broken = Some(why.into());
        self
    }

    /// Takes being asked to stop like this.
    #[must_use]
    pub fn on_term(mut self, term: Term) -> Self {
        self.term = term;
        self
    }

    /// Prints a line so long after a start.
    #[must_use]
    pub fn prints(mut self, after: Duration, line: impl Into<String>) -> Self {
        self.prints.push((after, LogSource::Stdout, line.into()));
        self
    }

    /// Complains on standard error so long after a start.
    #[must_use]
    pub fn complains(mut self, after: Duration, line: impl Into<String>) -> Self {
        self.prints.push((after, LogSource::Stderr, line.into()));
        self
    }

    /// A command that is run in it prints this and ends with this status.
    #[must_use]
    pub fn answers(mut self, command: &str, output: impl Into<String>, status: i32) -> Self {
        self.commands.insert(command.to_owned(), (output.into(), status));
        self
    }

    /// Whether a probe so long after a start succeeds.
    pub(crate) fn is_healthy(&self, after: Duration) -> bool {
        self.healthy_after.is_some_and(|from| after >= from)
            && self.sick_after.is_none_or(|from| after < from)
    }
}
