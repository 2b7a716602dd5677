//! Errors and warnings as people read them.

mod harmless;
mod load;
mod warning;

pub(crate) use harmless::harmless;
pub(crate) use load::{load_error, relative};
pub(crate) use warning::Warnings;
