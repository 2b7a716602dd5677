//! What can go wrong in a session.

use crate::{Failure, Holder};
use perry_container_backend::{BackendError, GateError};
use perry_container_reconcile::{Condition, Down, ReconcileError, Unbound};
use std::{path::PathBuf, sync::Arc, time::Duration};

/// Why a session could not do what it was asked to, or an action what it had to.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// There is no plan for the wish. Nothing was done.
    #[error(transparent)]
    Plan(#[from] ReconcileError),
    /// A call on the runtime failed.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// An image may not run, or nobody could tell.
    #[error(transparent)]
    Unverified(#[from] GateError),
    /// A bug of the planner.
    #[error(transparent)]
    Unbound(#[from] Unbound),
    /// An action panicked: a bug.
    #[error("a bug: an action panicked: {0}")]
    Panicked(String),
    /// A run failed; what it made was taken back as far as that was possible.
    #[error(transparent)]
    Failed(Box<Failure>),
    /// A signal ended the run; what it made was taken back as far as that was possible.
    #[error("interrupted{}{}{}", lines(.down), not_done(.undone), not_taken_back(.left))]
    Interrupted {
        /// What was still to be done, as text, where nothing is taken back.
        undone: Vec<String>,
        /// What could not be taken back, as text.
        left: Vec<String>,
        /// What ran before and does not any more, of a run that takes nothing back.
        down: Vec<Down>,
    },
    /// Another process works on the project.
    #[error("project \"{project}\" is being changed by {holder}; waited {} s for it", .waited.as_secs())]
    Locked {
        /// The project.
        project: String,
        /// Who.
        holder: Holder,
        /// So long.
        waited: Duration,
    },
    /// The lock's file cannot be used.
    #[error("could not lock the project with {}: {source}", .path.display())]
    Lock {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: Arc<std::io::Error>,
    },
    /// The keeper's file cannot be used, or the keeper does not do as it is told.
    #[error("could not use the keeper's file {}: {source}", .path.display())]
    Keeper {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: Arc<std::io::Error>,
    },
    /// A container ended before it was what somebody waits for.
    #[error("{container} exited ({}){} before it was {wanted}", code(*.status), if *.oom { ", out of memory," } else { "" })]
    Exited {
        /// Its name.
        container: String,
        /// What was waited for.
        wanted: Condition,
        /// Its exit status, where the runtime knows.
        status: Option<i32>,
        /// It was killed because memory ran out.
        oom: bool,
    },
    /// A health check says so.
    #[error("{container} is unhealthy{}", colon(.output))]
    Unhealthy {
        /// Its name.
        container: String,
        /// What the last probe printed.
        output: String,
    },
    /// A container that somebody waits for is not there any more.
    #[error("{container} is gone")]
    Gone {
        /// Its name.
        container: String,
    },
    /// A wait took too long.
    #[error("{container} is not {wanted} after {} s", .after.as_secs())]
    TimedOut {
        /// Its name.
        container: String,
        /// What was waited for.
        wanted: Condition,
        /// So long.
        after: Duration,
    },
    /// A hook ended with a status other than 0.
    #[error("hook `{command}` in {container} exited with status {status}{}", colon(.output))]
    Hook {
        /// The container's name.
        container: String,
        /// The first word of the command.
        command: String,
        /// Its exit status.
        status: i32,
        /// The end of what it printed.
        output: String,
    },
    /// There is no running container of the service.
    #[error("service \"{0}\" is not running")]
    NotRunning(String),
    /// None of the containers that were named runs.
    #[error("no containers for project \"{0}\"")]
    NoContainers(String),
    /// A port is not published.
    #[error("no port {port}/{protocol} for container {container}{}", publishes(.published))]
    NoPort {
        /// The container's name.
        container: String,
        /// In the container.
        port: u16,
        /// `tcp`, `udp`, `sctp`.
        protocol: String,
        /// What is published.
        published: Vec<String>,
    },
    /// There is no container of the service with this number.
    #[error("service \"{service}\" has no container number {index}")]
    NoSuchIndex {
        /// The service.
        service: String,
        /// The number.
        index: u32,
    },
}

impl EngineError {
    /// A signal came before anything was done.
    pub(crate) const fn interrupted() -> Self {
        Self::Interrupted { undone: Vec::new(), left: Vec::new(), down: Vec::new() }
    }

    /// The numeric code that callers see.
    pub fn code(&self) -> i32 {
        match self {
            Self::Plan(error) => error.code(),
            Self::Backend(error) => error.code(),
            Self::Unverified(error) => error.code,
            Self::Failed(failure) => failure.code(),
            Self::NotRunning(_) | Self::Locked { .. } => 409,
            Self::NoSuchIndex { .. } | Self::Gone { .. } => 404,
            Self::Exited { status, .. } => status.filter(|status| *status != 0).unwrap_or(500),
            Self::Hook { status, .. } => *status,
            Self::Interrupted { .. } => 130,
            _ => 500,
        }
    }

    /// What could help.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Backend(error) => error.hint.as_deref(),
            Self::Failed(failure) => failure.hint.as_deref(),
            Self::Lock { .. } => Some("set XDG_RUNTIME_DIR to a directory that is yours alone"),
            _ => None,
        }
    }
}

pub(crate) fn code(status: Option<i32>) -> String {
    status.map_or_else(|| "unknown status".to_owned(), |status| status.to_string())
}

pub(crate) fn colon(output: &str) -> String {
    let output = output.trim_end();
    if output.is_empty() { String::new() } else { format!(": {output}") }
}

pub(crate) fn lines(down: &[Down]) -> String {
    down.iter().map(|down| format!("\n{down}")).collect()
}

pub(crate) fn not_taken_back(left: &[String]) -> String {
    if left.is_empty() {
        return String::new();
    }
    format!("; could not take back: {} (the next `up` or `down` mends it)", some(left))
}

pub(crate) fn not_done(undone: &[String]) -> String {
    if undone.is_empty() { String::new() } else { format!("; not done: {}", some(undone)) }
}

/// As many as a person reads.
fn some(texts: &[String]) -> String {
    const MOST: usize = 12;
    let shown = texts.iter().take(MOST).map(String::as_str).collect::<Vec<_>>().join(", ");
    match texts.len().saturating_sub(MOST) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// `: 28181->8080/tcp, 28182->81/udp`.
fn publishes(all: &[String]) -> String {
    if all.is_empty() { "; it publishes none".to_owned() } else { format!(": {}", all.join(", ")) }
}
