#![doc = include_str!("../README.md")]

pub mod apple;
mod bench;
pub mod engine;
mod entry;
pub mod face;
pub mod grammar;
pub mod guests;
pub mod journal;
mod ports;
pub mod record;
mod shim;
mod stdin;
pub mod store;
pub mod switches;
mod wire;

pub use bench::{Bench, program};
pub use entry::main;
pub use stdin::Stdin;

/// Every tool that this program can be.
pub const FACES: &[&face::Face] =
    &[&apple::FACE, &guests::LIMACTL, &guests::COLIMA, &guests::ORB, &guests::RDCTL];
