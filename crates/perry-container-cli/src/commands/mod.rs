//! One file per command.

mod config;
mod create;
mod down;
mod exec;
mod kill;
mod life;
mod logs;
mod ps;
mod pull;
mod rm;
mod up;
mod version;

pub(crate) use config::config;
pub(crate) use create::{create, scale};
pub(crate) use down::down;
pub(crate) use exec::exec;
pub(crate) use kill::kill;
pub(crate) use life::{pause, restart, start, stop, unpause};
pub(crate) use logs::logs;
pub(crate) use ps::ps;
pub(crate) use pull::pull;
pub(crate) use rm::rm;
pub(crate) use up::up;
pub(crate) use version::version;
