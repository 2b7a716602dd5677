#![doc = include_str!("../README.md")]

mod brakes;
mod perform;
mod run;

pub use brakes::Brakes;
pub use perform::{Doing, Perform};
pub use run::{Limits, OnFailure, run};
