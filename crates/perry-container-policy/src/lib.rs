#![doc = include_str!("../README.md")]

mod flags;
mod grants;
mod spec;
mod tighten;

pub use flags::{ContainerFlags, NOBODY, STRICT, policy_to_container_flags};
pub use grants::CapabilityGrants;
pub use spec::{PolicySpec, PolicyTier};
pub use tighten::{Overridden, is_engine_socket, over_root};

/// Our seccomp profile, in the format of docker and podman: an allow-list of what services need. Whatever is not in it
/// does not exist for a container (`ENOSYS`), or is refused where programs expect a refusal (`EPERM`). Only calls of the
/// machine's own kind are let through: no 32-bit ones on a 64-bit machine.
///
/// It is what `seccomp: "strict"` of a [`ContainerSpec`](perry_container_spec::ContainerSpec) stands for.
pub const STRICT_SECCOMP: &str = include_str!("strict.json");
