#![doc = include_str!("../README.md")]

mod cell;
mod choice;
mod context;
mod detector;
mod dial;
mod docker;
mod driver;
mod endpoint;
mod error;
mod machine;
mod os;
mod podman;
mod reasons;
mod store;
mod version;

pub use cell::{BackendCell, detect_backend};
pub use choice::{BACKEND, Backends, Choice, Dispatch, MODE, TRANSPORT, Transport};
pub use detector::{Detector, ONLY_LIMIT, PROBE_LIMIT};
pub use driver::{BackendDriver, BackendProbeResult, Detected, Unavailable};
pub use error::ProbeError;
pub use machine::{Dial, Machine, ThisMachine};
pub use os::{Candidate, Os, platform_candidates};
