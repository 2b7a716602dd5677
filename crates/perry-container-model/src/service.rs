//! A service: one kind of container of a project.

use crate::ai_model::ServiceModel;
use crate::blkio::BlkioConfig;
use crate::build::ComposeServiceBuild;
use crate::credential_spec::CredentialSpec;
use crate::de::{blank, is_false, nonzero, one_or_many, present, scalar_texts, whole};
use crate::depends_on::ComposeDependsOn;
use crate::deploy::ComposeDeployment;
use crate::develop::ComposeDevelop;
use crate::device::{DeviceMapping, DeviceRequest};
use crate::healthcheck::ComposeHealthcheck;
use crate::hook::{PreStartHook, ServiceHook};
use crate::hosts::ExtraHosts;
use crate::inputs::{ComposeExtends, EnvFile};
use crate::list_or_dict::{Environment, Labels, Options};
use crate::logging::ComposeLogging;
use crate::modes::{NamespaceMode, PullPolicy, RestartMode};
use crate::mount::ComposeServiceVolume;
use crate::network::ComposeServiceNetworkConfig;
use crate::object::{Extensions, object};
use crate::port::ComposeServicePort;
use crate::provider::ComposeProvider;
use crate::scalar::{ByteSize, Decimal, Duration};
use crate::service_file::ServiceFile;
use crate::ulimit::ComposeUlimit;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// A service of the project, its properties in the order in which docker compose prints and hashes them.
///
/// ```
/// # use perry_container_model::ComposeService;
/// let error = serde_json::from_str::<ComposeService>(r#"{"imagee": "redis"}"#).unwrap_err();
/// assert!(error.to_string().starts_with("unknown property `imagee`; the nearest known one is `image`"));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", default, expecting = "a service: a mapping")]
pub struct ComposeService {
    /// It is part of the project only when one of these is active; always when there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub profiles: Vec<String>,
    /// Annotations of the container.
    #[serde(skip_serializing_if = "Labels::is_empty")]
    pub annotations: Labels,
    /// Whether an attached `up` shows its logs; absent means yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attach: Option<bool>,
    /// How its image is built.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub build: Option<ComposeServiceBuild>,
    /// What happens when its sources change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub develop: Option<ComposeDevelop>,
    /// Limits on block devices.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blkio_config: Option<BlkioConfig>,
    /// Capabilities that are added.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cap_add: Vec<String>,
    /// Capabilities that are taken away.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cap_drop: Vec<String>,
    /// Parent of its control group.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub cgroup_parent: Option<String>,
    /// Namespace of control groups: `host` or `private`.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub cgroup: Option<NamespaceMode>,
    /// Number of CPUs (Windows).
    #[serde(deserialize_with = "nonzero", skip_serializing_if = "blank")]
    pub cpu_count: Option<i64>,
    /// Percentage of the CPUs (Windows).
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub cpu_percent: Option<Decimal>,
    /// Period of the CPU quota in microseconds.
    #[serde(deserialize_with = "nonzero", skip_serializing_if = "blank")]
    pub cpu_period: Option<i64>,
    /// CPU time in a period in microseconds.
    #[serde(deserialize_with = "nonzero", skip_serializing_if = "blank")]
    pub cpu_quota: Option<i64>,
    /// Real-time period in microseconds.
    #[serde(deserialize_with = "nonzero", skip_serializing_if = "blank")]
    pub cpu_rt_period: Option<i64>,
    /// Real-time runtime in microseconds.
    #[serde(deserialize_with = "nonzero", skip_serializing_if = "blank")]
    pub cpu_rt_runtime: Option<i64>,
    /// Number of CPUs it may use.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub cpus: Option<Decimal>,
    /// CPUs it may run on: `0-3`, `0,1`.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub cpuset: Option<String>,
    /// Weight against other containers.
    #[serde(deserialize_with = "nonzero", skip_serializing_if = "blank")]
    pub cpu_shares: Option<i64>,
    /// Its command: `None` is the image's, an empty one is none at all.
    pub command: Option<Vec<String>>,
    /// Configs it reads.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub configs: Vec<ServiceFile>,
    /// Name of its one container.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub container_name: Option<String>,
    /// Credentials of a service account (Windows).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential_spec: Option<CredentialSpec>,
    /// What it waits for, by service.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub depends_on: IndexMap<String, ComposeDependsOn>,
    /// How it is deployed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deploy: Option<ComposeDeployment>,
    /// Rules of the device control group.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub device_cgroup_rules: Vec<String>,
    /// Devices of the host.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub devices: Vec<DeviceMapping>,
    /// DNS servers.
    #[serde(deserialize_with = "one_or_many", skip_serializing_if = "Vec::is_empty")]
    pub dns: Vec<String>,
    /// Options of the resolver.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dns_opt: Vec<String>,
    /// Search domains.
    #[serde(deserialize_with = "one_or_many", skip_serializing_if = "Vec::is_empty")]
    pub dns_search: Vec<String>,
    /// Domain name.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub domainname: Option<String>,
    /// Its entrypoint: `None` is the image's, an empty one is none at all.
    pub entrypoint: Option<Vec<String>>,
    /// The program outside that provides it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<ComposeProvider>,
    /// Its variables.
    #[serde(skip_serializing_if = "Environment::is_empty")]
    pub environment: Environment,
    /// Files with variables; resolved into `environment` by loading.
    #[serde(deserialize_with = "crate::inputs::env_files", skip_serializing_if = "Vec::is_empty")]
    pub env_file: Vec<EnvFile>,
    /// Ports for neighbours, not published: `80`, `53/udp`, `8000-8010`.
    #[serde(deserialize_with = "scalar_texts", skip_serializing_if = "Vec::is_empty")]
    pub expose: Vec<String>,
    /// The service it extends; resolved by loading.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extends: Option<ComposeExtends>,
    /// Containers outside the project: `container[:alias]`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub external_links: Vec<String>,
    /// Additional lines of the hosts file.
    #[serde(skip_serializing_if = "ExtraHosts::is_empty")]
    pub extra_hosts: ExtraHosts,
    /// Additional groups of its user.
    #[serde(deserialize_with = "scalar_texts", skip_serializing_if = "Vec::is_empty")]
    pub group_add: Vec<String>,
    /// GPUs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gpus: Vec<DeviceRequest>,
    /// Host name.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub hostname: Option<String>,
    /// How its health is tested.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub healthcheck: Option<ComposeHealthcheck>,
    /// Its image.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub image: Option<String>,
    /// Whether an init process runs first; absent means the engine's default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub init: Option<bool>,
    /// Namespace of inter-process communication.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub ipc: Option<NamespaceMode>,
    /// Isolation technology (Windows).
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub isolation: Option<String>,
    /// Labels of its containers.
    #[serde(skip_serializing_if = "Labels::is_empty")]
    pub labels: Labels,
    /// Files with labels; resolved into `labels` by loading.
    #[serde(deserialize_with = "one_or_many", skip_serializing_if = "Vec::is_empty")]
    pub label_file: Vec<String>,
    /// Services under another name: `service[:alias]`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<String>,
    /// Where its output goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logging: Option<ComposeLogging>,
    /// Bytes of memory at most.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub mem_limit: Option<ByteSize>,
    /// Bytes of memory at least.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub mem_reservation: Option<ByteSize>,
    /// Bytes of memory and swap at most; -1 is unlimited.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub memswap_limit: Option<ByteSize>,
    /// Inclination to swap in percent. (docker compose reads and prints it like a size.)
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub mem_swappiness: Option<ByteSize>,
    /// MAC address in its main network.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub mac_address: Option<String>,
    /// Language models it uses, by key.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub models: IndexMap<String, Option<ServiceModel>>,
    /// Network namespace; excludes `networks`.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub network_mode: Option<NamespaceMode>,
    /// Networks it joins, by key.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub networks: IndexMap<String, Option<ComposeServiceNetworkConfig>>,
    /// It is not killed when memory runs out.
    #[serde(skip_serializing_if = "is_false")]
    pub oom_kill_disable: bool,
    /// Inclination to be killed when memory runs out, from -1000 to 1000.
    #[serde(deserialize_with = "nonzero", skip_serializing_if = "blank")]
    pub oom_score_adj: Option<i64>,
    /// Namespace of processes.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub pid: Option<NamespaceMode>,
    /// Processes at most; -1 is unlimited.
    #[serde(deserialize_with = "nonzero", skip_serializing_if = "blank")]
    pub pids_limit: Option<i64>,
    /// Platform of its image: `os[/arch[/variant]]`.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub platform: Option<String>,
    /// Ports it publishes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<ComposeServicePort>,
    /// With extended privileges.
    #[serde(skip_serializing_if = "is_false")]
    pub privileged: bool,
    /// When its image is pulled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pull_policy: Option<PullPolicy>,
    /// Age at which its image is pulled again, with the pull policy `refresh`.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub pull_refresh_after: Option<String>,
    /// Its root file system cannot be written.
    #[serde(skip_serializing_if = "is_false")]
    pub read_only: bool,
    /// When the engine restarts it.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub restart: Option<RestartMode>,
    /// Runtime of the engine: `runc`.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub runtime: Option<String>,
    /// How many containers.
    #[serde(deserialize_with = "whole", skip_serializing_if = "Option::is_none")]
    pub scale: Option<u32>,
    /// Secrets it reads.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<ServiceFile>,
    /// Options of the security modules.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub security_opt: Vec<String>,
    /// Size of `/dev/shm`.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub shm_size: Option<ByteSize>,
    /// Its standard input stays open.
    #[serde(skip_serializing_if = "is_false")]
    pub stdin_open: bool,
    /// How long a stop waits before it kills; absent means the engine's default, 10 s.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop_grace_period: Option<Duration>,
    /// Signal that stops it; absent means the image's, or SIGTERM.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub stop_signal: Option<String>,
    /// Options of the storage driver.
    #[serde(skip_serializing_if = "Options::is_empty")]
    pub storage_opt: Options,
    /// Kernel parameters.
    #[serde(skip_serializing_if = "Labels::is_empty")]
    pub sysctls: Labels,
    /// File systems in memory: `path[:options]`.
    #[serde(deserialize_with = "one_or_many", skip_serializing_if = "Vec::is_empty")]
    pub tmpfs: Vec<String>,
    /// It has a terminal.
    #[serde(skip_serializing_if = "is_false")]
    pub tty: bool,
    /// Resource limits of its processes.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub ulimits: IndexMap<String, ComposeUlimit>,
    /// It may use the engine's API socket.
    #[serde(skip_serializing_if = "is_false")]
    pub use_api_socket: bool,
    /// User its processes run as: `user[:group]`.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub user: Option<String>,
    /// Namespace of users.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub userns_mode: Option<String>,
    /// Namespace of the host name.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub uts: Option<NamespaceMode>,
    /// What is mounted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub volumes: Vec<ComposeServiceVolume>,
    /// Services whose mounts it takes over: `service[:ro]`, `container:name[:ro]`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub volumes_from: Vec<String>,
    /// Directory its process starts in.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub working_dir: Option<String>,
    /// Containers that run to completion before it starts (docker compose v5).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pre_start: Vec<PreStartHook>,
    /// Commands that run in it after it started.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub post_start: Vec<ServiceHook>,
    /// Commands that run in it before it is stopped.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pre_stop: Vec<ServiceHook>,
    /// `x-` properties.
    #[serde(flatten, skip_deserializing)]
    pub extensions: Extensions,
}

object!(ComposeService [build, develop, blkio_config, configs, credential_spec, depends_on, deploy, devices, provider, extends, gpus, healthcheck, logging, models, networks, ports, secrets, ulimits, volumes, pre_start, post_start, pre_stop]);

impl ComposeService {
    /// Containers wanted: `scale`, else `deploy.replicas`, else one.
    pub fn replicas(&self) -> u32 {
        self.scale.or_else(|| self.deploy.as_ref()?.replicas).unwrap_or(1)
    }
}
