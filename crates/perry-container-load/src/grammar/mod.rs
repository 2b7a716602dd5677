//! The short forms of Compose, text in, parts out.

pub(crate) mod command;
pub(crate) mod device;
pub(crate) mod port;
pub(crate) mod volume;
