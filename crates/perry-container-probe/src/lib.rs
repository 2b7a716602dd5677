#![doc = include_str!("../README.md")]

mod apple;
mod cell;
mod choice;
mod colima;
mod context;
mod detector;
mod dial;
mod docker;
mod driver;
mod endpoint;
mod error;
mod fault;
mod guest;
mod hint;
mod inside;
mod lima;
mod machine;
mod moby;
mod nerdctl;
mod orbstack;
mod os;
mod podman;
mod rancher;
mod selection;
mod store;
mod version;

pub use cell::{BackendCell, detect_backend};
pub use choice::{BACKEND, Backends, Choice, Dispatch, MODE, TRANSPORT, Transport};
pub use detector::{Detector, ONLY_LIMIT, PROBE_LIMIT};
pub use driver::{BackendDriver, BackendProbeResult, Detected, Unavailable};
pub use error::ProbeError;
pub use fault::Fault;
pub use machine::{Dial, Dialled, Machine, ThisMachine};
pub use os::{Candidate, Os, platform_candidates};
pub use selection::{Accept, Fitness, fitness, select};
