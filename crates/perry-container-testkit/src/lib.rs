#![doc = include_str!("../README.md")]

pub mod contract;
mod long;
mod mock;
pub mod registry;
mod sim;
mod tap;

pub use long::long;
pub use mock::{MockBackend, MockResponse};
pub use sim::{Script, Sim, Term};
pub use tap::{Fault, RecordedCall, Tap};
