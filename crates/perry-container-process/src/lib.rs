#![doc = include_str!("../README.md")]

mod cli;
mod environment;
mod error;
mod host;
mod program;
mod scripted;
mod system;

pub use cli::CliBackend;
pub use environment::Environment;
pub use error::HostError;
pub use host::{Finished, Host, Running, Sign, run};
pub use program::{Limits, Program, Window};
pub use scripted::{Answer, ScriptedHost};
pub use system::{Detached, SystemHost, start_detached};
