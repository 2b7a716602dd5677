//! Errors and warnings as people read them.

mod load;
mod warning;

pub(crate) use load::{load_error, relative};
pub(crate) use warning::Warnings;
