//! One file per command.

mod config;
mod down;
mod exec;
mod life;
mod logs;
mod ps;
mod pull;
mod up;
mod version;

pub(crate) use config::config;
pub(crate) use down::down;
pub(crate) use exec::exec;
pub(crate) use life::{restart, start, stop};
pub(crate) use logs::logs;
pub(crate) use ps::ps;
pub(crate) use pull::pull;
pub(crate) use up::up;
pub(crate) use version::version;
