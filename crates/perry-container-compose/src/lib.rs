#![doc = include_str!("../README.md")]

#[cfg(feature = "yaml")]
mod config;
mod desired;
#[cfg(feature = "yaml")]
mod digests;
mod error;
#[cfg(feature = "yaml")]
mod explain;
mod hash;
#[cfg(feature = "verify")]
mod helpers;
#[cfg(feature = "engine")]
mod keeper;
mod names;
mod order;
mod parse;
#[cfg(feature = "verify")]
mod verification;

#[cfg(feature = "yaml")]
pub use config::{ConfigError, ConfigText, ConfigView, config, unpinned_images};
pub use desired::{Purpose, StateOptions, desired_state, lowered_state};
#[cfg(feature = "yaml")]
pub use digests::Digests;
pub use error::{ComposeError, compose_error_to_json};
pub use hash::config_hash;
#[cfg(feature = "verify")]
pub use helpers::HelperPrograms;
#[cfg(feature = "engine")]
pub use keeper::KeeperCommand;
pub use names::generate_name;
pub use order::{compute_topological_levels, resolve_startup_order};
pub use parse::ComposeSpecExt;
#[cfg(feature = "verify")]
pub use verification::{POLICY, TRUSTED_ROOT, Verification, VerificationOptions};

pub use perry_container_graph as graph;
pub use perry_container_interpolate as interpolate;
pub use perry_container_load as load;
pub use perry_container_model as model;
pub use perry_container_plan as plan;
pub use perry_container_project as project;
pub use perry_container_reconcile as reconcile;
pub use perry_container_spec as spec;
pub use perry_container_support as support;
pub use perry_container_yaml as yaml;

#[cfg(feature = "apple")]
pub use perry_container_apple as apple;
#[cfg(feature = "engine")]
pub use perry_container_backend as backend;
#[cfg(feature = "context")]
pub use perry_container_context as context;
#[cfg(feature = "docker")]
pub use perry_container_docker as docker;
#[cfg(feature = "engine")]
pub use perry_container_engine as engine;
#[cfg(feature = "engine")]
pub use perry_container_executor as executor;
#[cfg(feature = "lima")]
pub use perry_container_lima as lima;
#[cfg(feature = "engine")]
pub use perry_container_probe as probe;
#[cfg(feature = "engine")]
pub use perry_container_process as process;
#[cfg(any(feature = "apple", feature = "docker"))]
pub use perry_container_protocol as protocol;
#[cfg(feature = "verify")]
pub use perry_container_registry as registry;
#[cfg(feature = "socket")]
pub use perry_container_socket as socket;
#[cfg(feature = "testing")]
pub use perry_container_testkit as testkit;
#[cfg(feature = "verify")]
pub use perry_container_verify as verify;
