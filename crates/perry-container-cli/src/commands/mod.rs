//! One file per command.

mod config;
mod create;
mod down;
mod events;
mod exec;
mod images;
mod kill;
mod life;
mod logs;
mod ls;
mod port;
mod ps;
mod pull;
mod rm;
mod top;
mod up;
mod version;
mod wait;

pub(crate) use config::{config, pinned_config};
pub(crate) use create::{create, scale};
pub(crate) use down::down;
pub(crate) use events::events;
pub(crate) use exec::exec;
pub(crate) use images::images;
pub(crate) use kill::kill;
pub(crate) use life::{pause, restart, start, stop, unpause};
pub(crate) use logs::logs;
pub(crate) use ls::ls;
pub(crate) use port::port;
pub(crate) use ps::ps;
pub(crate) use pull::pull;
pub(crate) use rm::rm;
pub(crate) use top::top;
pub(crate) use up::up;
pub(crate) use version::version;
pub(crate) use wait::wait;
