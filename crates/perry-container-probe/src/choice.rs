//! What the user asks for.

use crate::{Candidate, ProbeError};
use perry_container_process::Environment;

/// Names the backend: one name, or several separated by commas, tried in order.
pub const BACKEND: &str = "PERRY_CONTAINER_BACKEND";
/// `local-first` or `server-first`.
pub const MODE: &str = "PERRY_CONTAINER_MODE";
/// `cli` or `socket`.
pub const TRANSPORT: &str = "PERRY_CONTAINER_TRANSPORT";

/// How an engine is talked to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Transport {
    /// By its command line.
    Cli,
    /// By the Engine API over a socket.
    Socket,
}

/// Which engines are preferred.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Dispatch {
    /// In the platform's order.
    #[default]
    LocalFirst,
    /// Those of other machines before those of this one, else in the platform's order.
    ServerFirst,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Backends {
    /// Whatever the platform has.
    #[default]
    Any,
    /// This one.
    One(String),
    /// The first of these.
    FirstOf(Vec<String>),
}

/// The user's wishes for detection. An empty variable counts as unset.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Choice {
    /// Which backends.
    pub backends: Backends,
    /// The one transport that is wanted; a socket where it answers, else the command line, when absent.
    pub transport: Option<Transport>,
    /// Which engines are preferred.
    pub dispatch: Dispatch,
}

impl Choice {
    /// Reads [`BACKEND`], [`MODE`] and [`TRANSPORT`].
    ///
    /// # Errors
    /// [`ProbeError::InvalidConfiguration`] for a mode or transport that does not exist.
    pub fn from_environment(env: &Environment) -> Result<Self, ProbeError> {
        let value = |name| env.get(name).map(str::trim).filter(|value| !value.is_empty());
        let invalid = |variable, value: &str, accepted| {
            Err(ProbeError::InvalidConfiguration { variable, value: value.to_owned(), accepted })
        };
        let transport = match value(TRANSPORT) {
            None => None,
            Some("cli") => Some(Transport::Cli),
            Some("socket") => Some(Transport::Socket),
            Some(other) => return invalid(TRANSPORT, other, "`cli` and `socket`"),
        };
        let dispatch = match value(MODE) {
            None | Some("local-first") => Dispatch::LocalFirst,
            Some("server-first") => Dispatch::ServerFirst,
            Some(other) => return invalid(MODE, other, "`local-first` and `server-first`"),
        };
        Ok(Self { backends: backends(value(BACKEND)), transport, dispatch })
    }
}

fn backends(text: Option<&str>) -> Backends {
    let names = text.unwrap_or_default().split(',').map(str::trim).filter(|name| !name.is_empty());
    let names: Vec<String> = names.map(ToOwned::to_owned).collect();
    match <[String; 1]>::try_from(names) {
        Ok([name]) => Backends::One(name),
        Err(names) if names.is_empty() => Backends::Any,
        Err(names) => Backends::FirstOf(names),
    }
}

/// The names that exist, for messages.
pub(crate) fn names() -> String {
    Candidate::ALL.map(Candidate::name).join(", ")
}
