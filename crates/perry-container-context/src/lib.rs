#![doc = include_str!("../README.md")]

mod cell;
mod context;
mod error;
mod handles;
mod select;

pub use context::ContainerContext;
pub use error::ContainerError;
pub use handles::{HandleEntry, Handles, StackHandle};
pub use select::{select_backend_for, spec_needs};
