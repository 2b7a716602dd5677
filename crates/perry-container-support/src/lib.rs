#![doc = include_str!("../README.md")]

mod fit;
mod tables;

pub use fit::{Mode, Note, Refused, fit, fit_network};
pub use tables::{Capabilities, Feature, Level};
