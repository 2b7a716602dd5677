//! One file per command.

mod config;
mod version;

pub(crate) use config::config;
pub(crate) use version::version;
