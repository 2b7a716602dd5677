#![doc = include_str!("../README.md")]

mod ai_model;
mod blkio;
mod build;
mod credential_spec;
mod de;
mod depends_on;
mod deploy;
mod develop;
mod device;
mod go_json;
mod hash;
mod healthcheck;
mod hook;
mod hosts;
mod inputs;
mod list_or_dict;
mod logging;
mod modes;
mod mount;
mod names;
mod nearest;
mod network;
mod object;
mod port;
mod print;
mod provider;
mod scalar;
mod service;
mod service_file;
mod spec;
mod ssh;
#[cfg(feature = "proptest")]
pub mod strategies;
mod ulimit;
mod volume;
mod word;

pub use self::ai_model::{ComposeModel, ServiceModel};
pub use self::blkio::{BlkioConfig, ThrottleDevice, WeightDevice};
pub use self::build::ComposeServiceBuild;
pub use self::credential_spec::CredentialSpec;
pub use self::depends_on::{ComposeDependsOn, DependsOnCondition, DependsOnConditionError};
pub use self::deploy::{
    ComposeDeployment, DiscreteResource, GenericResource, Placement, PlacementPreference, Resource,
    Resources, RestartPolicy, UpdateConfig,
};
pub use self::develop::{ComposeDevelop, WatchAction, WatchActionError, WatchTrigger};
pub use self::device::{DeviceMapping, DeviceRequest};
pub use self::hash::{hash_text, network_hash_text, volume_hash_text};
pub use self::healthcheck::ComposeHealthcheck;
pub use self::hook::{PreStartHook, ServiceHook};
pub use self::hosts::{ExtraHost, ExtraHostError, ExtraHosts};
pub use self::inputs::{ComposeExtends, ComposeInclude, EnvFile};
pub use self::list_or_dict::{EntryValue, Environment, Labels, ListOrDict, Options};
pub use self::logging::ComposeLogging;
pub use self::modes::{NamespaceMode, PullPolicy, PullPolicyError, RestartMode};
pub use self::mount::{
    ComposeServiceVolume, MountBind, MountImage, MountTmpfs, MountVolume, VolumeType,
    VolumeTypeError,
};
pub use self::names::{
    NameError, Separator, check_container_name, check_key, check_project_name, container_name,
    image_name, normalize_project_name, resource_name,
};
pub use self::network::{
    ComposeNetwork, ComposeNetworkIpam, ComposeServiceNetworkConfig, IpamPool,
};
pub use self::object::Extensions;
pub use self::port::ComposeServicePort;
pub use self::print::escape_dollars;
pub use self::provider::ComposeProvider;
pub use self::scalar::{
    ByteSize, ByteSizeError, Decimal, Duration, DurationError, FileMode, FileModeError, go_float,
};
pub use self::service::ComposeService;
pub use self::service_file::{ComposeConfig, ComposeSecret, ServiceFile};
pub use self::spec::ComposeSpec;
pub use self::ssh::{SshKey, SshKeyError};
pub use self::ulimit::ComposeUlimit;
pub use self::volume::ComposeVolume;
pub use perry_container_spec::Sensitive;
