//! What a container should be.

use crate::{Mount, Network, PortBinding, Sensitive, Value, time::nanos};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use std::{fmt, time::Duration};

/// What to create. `V` is [`Late`](crate::Late) in a template and `String` in what a runtime gets, so that a
/// template that still misses a value does not compile as an argument of `create`.
///
/// JSON as TypeScript programs write it: the reference's names (`cmd`, `read_only`, `cap_add`, ...), camelCase
/// accepted, unknown names refused. Everything but `image` may be left out.
///
/// ```
/// # use perry_container_spec::ContainerSpec;
/// let spec: ContainerSpec = serde_json::from_str(
///     r#"{"image": "lab/httpd:1", "ports": ["8080:80"], "volumes": ["data:/data:ro"], "readOnly": true}"#,
/// )?;
/// assert!(spec.read_only && spec.mounts[0].read_only);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[serde(bound(
    serialize = "V: Value",
    deserialize = "V: Deserialize<'de>, Network<V>: Deserialize<'de>"
))]
pub struct ContainerSpec<V = String> {
    /// The image's reference or digest.
    pub image: V,
    /// The container's name; the runtime invents one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `os/arch[/variant]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// Arguments; the image's when absent.
    #[serde(rename = "cmd", alias = "command", default, skip_serializing_if = "Option::is_none")]
    pub command: Option<Vec<String>>,
    /// The program; the image's when absent, none at all when empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entrypoint: Option<Vec<String>>,
    /// Environment. All values count as secret: Compose marks none.
    #[serde(default = "IndexMap::new", skip_serializing_if = "IndexMap::is_empty")]
    pub env: IndexMap<String, Sensitive<V>>,
    /// Labels.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub labels: IndexMap<String, String>,
    /// OCI annotations.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub annotations: IndexMap<String, String>,
    /// The working directory.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        alias = "working_dir",
        alias = "workingDir"
    )]
    pub workdir: Option<String>,
    /// `user[:group]`, by name or number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Further groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty", alias = "groupAdd")]
    pub group_add: Vec<String>,
    /// The host name inside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hostname: Option<String>,
    /// The domain name inside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domainname: Option<String>,
    /// A terminal.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tty: bool,
    /// Keep its input open.
    #[serde(default, skip_serializing_if = "std::ops::Not::not", alias = "stdinOpen")]
    pub stdin_open: bool,
    /// An init process that reaps zombies; the runtime's default when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub init: Option<bool>,
    /// The network.
    #[serde(default, skip_serializing_if = "is_default")]
    pub network: Network<V>,
    /// Published ports.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<PortBinding>,
    /// Ports that are documented but not published: `80/tcp`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expose: Vec<String>,
    /// Name servers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dns: Vec<String>,
    /// Search domains.
    #[serde(default, skip_serializing_if = "Vec::is_empty", alias = "dnsSearch")]
    pub dns_search: Vec<String>,
    /// Resolver options.
    #[serde(default, skip_serializing_if = "Vec::is_empty", alias = "dnsOpt")]
    pub dns_opt: Vec<String>,
    /// Lines of /etc/hosts: name and address (or `host-gateway`).
    #[serde(default, skip_serializing_if = "Vec::is_empty", alias = "extraHosts")]
    pub extra_hosts: Vec<(String, String)>,
    /// Legacy links.
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link<V>>,
    /// Mounts of every kind.
    #[serde(rename = "volumes", alias = "mounts", default, skip_serializing_if = "Vec::is_empty")]
    pub mounts: Vec<Mount>,
    /// All volumes of other containers.
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty", alias = "volumesFrom")]
    pub volumes_from: Vec<VolumesFrom<V>>,
    /// Files that are written into it after it is created and before it starts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<InjectedFile>,
    /// A read-only root file system.
    #[serde(default, skip_serializing_if = "std::ops::Not::not", alias = "readOnly")]
    pub read_only: bool,
    /// All devices and capabilities.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub privileged: bool,
    /// Capabilities to add (`NET_ADMIN`, `ALL`).
    #[serde(default, skip_serializing_if = "Vec::is_empty", alias = "capAdd")]
    pub cap_add: Vec<String>,
    /// Capabilities to drop.
    #[serde(default, skip_serializing_if = "Vec::is_empty", alias = "capDrop")]
    pub cap_drop: Vec<String>,
    /// Seccomp profile: a path, `unconfined`, `strict` (a profile of ours); `default` and absent: the runtime's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seccomp: Option<String>,
    /// Nothing in it can gain privileges.
    #[serde(default, skip_serializing_if = "std::ops::Not::not", alias = "noNewPrivileges")]
    pub no_new_privileges: bool,
    /// Other security options as given: `apparmor=x`, `label=disable`, `systempaths=unconfined`.
    #[serde(default, skip_serializing_if = "Vec::is_empty", alias = "securityOpt")]
    pub security_opt: Vec<String>,
    /// The user namespace: `host`, `private`, ...
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub userns: Option<String>,
    /// The process namespace.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub pid: Option<Namespace<V>>,
    /// The IPC namespace.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub ipc: Option<Namespace<V>>,
    /// The UTS namespace: `host`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uts: Option<String>,
    /// The control group namespace: `host`, `private`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cgroupns: Option<String>,
    /// The parent control group.
    #[serde(default, skip_serializing_if = "Option::is_none", alias = "cgroupParent")]
    pub cgroup_parent: Option<String>,
    /// Devices of the host.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub devices: Vec<Device>,
    /// Device rules as given: `c 1:3 mr`.
    #[serde(default, skip_serializing_if = "Vec::is_empty", alias = "deviceCgroupRules")]
    pub device_cgroup_rules: Vec<String>,
    /// Devices by driver and capability (GPUs).
    #[serde(default, skip_serializing_if = "Vec::is_empty", alias = "deviceRequests")]
    pub device_requests: Vec<DeviceRequest>,
    /// Limits.
    #[serde(default, skip_serializing_if = "is_default")]
    pub resources: Resources,
    /// Resource limits of processes, by name.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub ulimits: IndexMap<String, Ulimit>,
    /// Kernel parameters of its namespaces.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub sysctls: IndexMap<String, String>,
    /// Options of the storage driver.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty", alias = "storageOpt")]
    pub storage_opt: IndexMap<String, String>,
    /// Size of /dev/shm in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none", alias = "shmSize")]
    pub shm_size: Option<u64>,
    /// When it is started again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restart: Option<RestartPolicy>,
    /// Removed as soon as it ends.
    #[serde(rename = "rm", default, skip_serializing_if = "std::ops::Not::not")]
    pub auto_remove: bool,
    /// The signal that stops it; the image's, else SIGTERM when absent.
    #[serde(default, skip_serializing_if = "Option::is_none", alias = "stopSignal")]
    pub stop_signal: Option<String>,
    /// How long it may take to stop, in nanoseconds here and in seconds at the runtime; 10 s when absent.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "nanos",
        alias = "stopTimeout"
    )]
    pub stop_timeout: Option<Duration>,
    /// The health check; the image's when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub healthcheck: Option<Healthcheck>,
    /// Where its output goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logging: Option<Logging>,
    /// The OCI runtime (`runc`, `kata`, ...).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime: Option<String>,
    /// Windows isolation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub isolation: Option<String>,
    /// Windows credential specification as the engine wants it: `file://...`, `registry://...`, `config://...`.
    #[serde(default, skip_serializing_if = "Option::is_none", alias = "credentialSpec")]
    pub credential_spec: Option<String>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn none<T>() -> Option<T> {
    None
}

impl<V> ContainerSpec<V> {
    /// A container of this image with nothing special.
    pub fn new(image: V) -> Self {
        Self {
            image,
            name: None,
            platform: None,
            command: None,
            entrypoint: None,
            env: IndexMap::new(),
            labels: IndexMap::new(),
            annotations: IndexMap::new(),
            workdir: None,
            user: None,
            group_add: Vec::new(),
            hostname: None,
            domainname: None,
            tty: false,
            stdin_open: false,
            init: None,
            network: Network::Default,
            ports: Vec::new(),
            expose: Vec::new(),
            dns: Vec::new(),
            dns_search: Vec::new(),
            dns_opt: Vec::new(),
            extra_hosts: Vec::new(),
            links: Vec::new(),
            mounts: Vec::new(),
            volumes_from: Vec::new(),
            files: Vec::new(),
            read_only: false,
            privileged: false,
            cap_add: Vec::new(),
            cap_drop: Vec::new(),
            seccomp: None,
            no_new_privileges: false,
            security_opt: Vec::new(),
            userns: None,
            pid: None,
            ipc: None,
            uts: None,
            cgroupns: None,
            cgroup_parent: None,
            devices: Vec::new(),
            device_cgroup_rules: Vec::new(),
            device_requests: Vec::new(),
            resources: Resources::default(),
            ulimits: IndexMap::new(),
            sysctls: IndexMap::new(),
            storage_opt: IndexMap::new(),
            shm_size: None,
            restart: None,
            auto_remove: false,
            stop_signal: None,
            stop_timeout: None,
            healthcheck: None,
            logging: None,
            runtime: None,
            isolation: None,
            credential_spec: None,
        }
    }

    /// Every value that may be late.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        let network = if let Network::Container(v) = &self.network { Some(v) } else { None };
        let namespaces = [&self.pid, &self.ipc].into_iter().filter_map(|of| match of {
            Some(Namespace::Container(v)) => Some(v),
            Some(Namespace::Mode(_)) | None => None,
        });
        std::iter::once(&self.image)
            .chain(self.env.values().map(Sensitive::expose))
            .chain(network)
            .chain(namespaces)
            .chain(self.links.iter().map(|link| &link.container))
            .chain(self.volumes_from.iter().map(|from| &from.container))
    }

    /// The same with `f` applied to every value that may be late.
    ///
    /// # Errors
    /// The first that `f` returns.
    pub fn try_map<W, E>(
        &self,
        f: &mut impl FnMut(&V) -> Result<W, E>,
    ) -> Result<ContainerSpec<W>, E> {
        let mut env = IndexMap::with_capacity(self.env.len());
        for (name, value) in &self.env {
            env.insert(name.clone(), Sensitive::new(f(value.expose())?));
        }
        let mut links = Vec::with_capacity(self.links.len());
        for link in &self.links {
            links.push(Link { container: f(&link.container)?, alias: link.alias.clone() });
        }
        let mut volumes_from = Vec::with_capacity(self.volumes_from.len());
        for from in &self.volumes_from {
            volumes_from
                .push(VolumesFrom { container: f(&from.container)?, read_only: from.read_only });
        }
        let mut namespace =
            |of: &Option<Namespace<V>>| of.as_ref().map(|of| of.try_map(f)).transpose();
        let (pid, ipc) = (namespace(&self.pid)?, namespace(&self.ipc)?);
        Ok(ContainerSpec {
            image: f(&self.image)?,
            network: self.network.try_map(f)?,
            env,
            links,
            volumes_from,
            pid,
            ipc,
            name: self.name.clone(),
            platform: self.platform.clone(),
            command: self.command.clone(),
            entrypoint: self.entrypoint.clone(),
            labels: self.labels.clone(),
            annotations: self.annotations.clone(),
            workdir: self.workdir.clone(),
            user: self.user.clone(),
            group_add: self.group_add.clone(),
            hostname: self.hostname.clone(),
            domainname: self.domainname.clone(),
            tty: self.tty,
            stdin_open: self.stdin_open,
            init: self.init,
            ports: self.ports.clone(),
            expose: self.expose.clone(),
            dns: self.dns.clone(),
            dns_search: self.dns_search.clone(),
            dns_opt: self.dns_opt.clone(),
            extra_hosts: self.extra_hosts.clone(),
            mounts: self.mounts.clone(),
            files: self.files.clone(),
            read_only: self.read_only,
            privileged: self.privileged,
            cap_add: self.cap_add.clone(),
            cap_drop: self.cap_drop.clone(),
            seccomp: self.seccomp.clone(),
            no_new_privileges: self.no_new_privileges,
            security_opt: self.security_opt.clone(),
            userns: self.userns.clone(),
            uts: self.uts.clone(),
            cgroupns: self.cgroupns.clone(),
            cgroup_parent: self.cgroup_parent.clone(),
            devices: self.devices.clone(),
            device_cgroup_rules: self.device_cgroup_rules.clone(),
            device_requests: self.device_requests.clone(),
            resources: self.resources.clone(),
            ulimits: self.ulimits.clone(),
            sysctls: self.sysctls.clone(),
            storage_opt: self.storage_opt.clone(),
            shm_size: self.shm_size,
            restart: self.restart.clone(),
            auto_remove: self.auto_remove,
            stop_signal: self.stop_signal.clone(),
            stop_timeout: self.stop_timeout,
            healthcheck: self.healthcheck.clone(),
            logging: self.logging.clone(),
            runtime: self.runtime.clone(),
            isolation: self.isolation.clone(),
            credential_spec: self.credential_spec.clone(),
        })
    }
}

/// A legacy link to another container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link<V = String> {
    /// The other container.
    pub container: V,
    /// The name under which it is found.
    pub alias: String,
}

/// All volumes of another container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VolumesFrom<V = String> {
    /// The other container.
    pub container: V,
    /// Whether they cannot be written to.
    #[serde(default)]
    pub read_only: bool,
}

/// A namespace: a mode of the runtime's (`host`, `private`, `shareable`) or another container's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Namespace<V = String> {
    /// Taken literally.
    Mode(String),
    /// That of this container.
    Container(V),
}

impl<V> Namespace<V> {
    fn try_map<W, E>(&self, f: &mut impl FnMut(&V) -> Result<W, E>) -> Result<Namespace<W>, E> {
        Ok(match self {
            Self::Mode(mode) => Namespace::Mode(mode.clone()),
            Self::Container(v) => Namespace::Container(f(v)?),
        })
    }
}

/// A file that is written into a container (a config or a secret with content).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InjectedFile {
    /// Absolute path.
    pub target: String,
    /// Bytes.
    pub content: Sensitive<Vec<u8>>,
    /// Owner.
    #[serde(default)]
    pub uid: u64,
    /// Group.
    #[serde(default)]
    pub gid: u64,
    /// Permission bits.
    pub mode: u32,
}

/// A device of the host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Path on the host, or a CDI name (`vendor.com/class=name`).
    pub source: String,
    /// Path in the container.
    pub target: String,
    /// Some of `rwm`.
    pub permissions: String,
}

/// Devices by driver and capability.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DeviceRequest {
    /// `nvidia`, `cdi`, ...
    pub driver: Option<String>,
    /// How many; -1: all.
    pub count: Option<i64>,
    /// Which.
    pub device_ids: Vec<String>,
    /// All of these (`gpu`, `compute`).
    pub capabilities: Vec<String>,
    /// Options of the driver.
    pub options: IndexMap<String, String>,
}

/// Limits and shares.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Resources {
    /// CPUs in billionths (`1.5` is 1_500_000_000).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nano_cpus: Option<i64>,
    /// Relative weight.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_shares: Option<i64>,
    /// CFS period in microseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_period: Option<i64>,
    /// CFS quota in microseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_quota: Option<i64>,
    /// Real-time period in microseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_rt_period: Option<i64>,
    /// Real-time budget in microseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_rt_runtime: Option<i64>,
    /// Which CPUs: `0-2,4`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpuset_cpus: Option<String>,
    /// Windows: how many CPUs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_count: Option<i64>,
    /// Windows: percent of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_percent: Option<i64>,
    /// Memory limit in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<i64>,
    /// Memory that is reserved, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_reservation: Option<i64>,
    /// Memory and swap together in bytes; -1: no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_swap: Option<i64>,
    /// 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_swappiness: Option<i64>,
    /// Do not kill it when memory runs out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oom_kill_disable: Option<bool>,
    /// -1000 to 1000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oom_score_adj: Option<i64>,
    /// How many processes; -1: no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pids: Option<i64>,
    /// Block I/O.
    #[serde(skip_serializing_if = "is_default")]
    pub blkio: Blkio,
}

/// Limits of block I/O.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "the kernel's own words: weights, bytes and operations per second by device"
)]
pub struct Blkio {
    pub weight: Option<u16>,
    pub weight_device: Vec<BlkioDevice>,
    pub device_read_bps: Vec<BlkioDevice>,
    pub device_write_bps: Vec<BlkioDevice>,
    pub device_read_iops: Vec<BlkioDevice>,
    pub device_write_iops: Vec<BlkioDevice>,
}

/// A limit of one device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlkioDevice {
    /// Path on the host.
    pub path: String,
    /// Weight, bytes or operations per second.
    pub rate: u64,
}

/// A limit of processes; -1: no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the kernel's own words")]
pub struct Ulimit {
    pub soft: i64,
    pub hard: i64,
}

/// When a container is started again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RestartPolicy {
    /// Never.
    No,
    /// Whenever it ends, and when the engine starts.
    Always,
    /// Like always, but not if it was stopped before the engine started.
    UnlessStopped,
    /// When it ends with a status other than 0, so many times at most.
    OnFailure(Option<u32>),
}

/// As a Compose file writes it: `on-failure:3`.
impl fmt::Display for RestartPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::No => f.write_str("no"),
            Self::Always => f.write_str("always"),
            Self::UnlessStopped => f.write_str("unless-stopped"),
            Self::OnFailure(None) => f.write_str("on-failure"),
            Self::OnFailure(Some(most)) => write!(f, "on-failure:{most}"),
        }
    }
}

impl RestartPolicy {
    /// From an engine's words: a name and a number of tries, 0 for no limit. None where it is never started again.
    ///
    /// ```
    /// # use perry_container_spec::RestartPolicy;
    /// assert_eq!(RestartPolicy::of_engine("on-failure", 3), Some(RestartPolicy::OnFailure(Some(3))));
    /// assert_eq!(RestartPolicy::of_engine("always", 0), Some(RestartPolicy::Always));
    /// assert_eq!(RestartPolicy::of_engine("no", 0), None);
    /// ```
    pub fn of_engine(name: &str, most: u32) -> Option<Self> {
        match name {
            "always" => Some(Self::Always),
            "unless-stopped" => Some(Self::UnlessStopped),
            "on-failure" => Some(Self::OnFailure(Some(most).filter(|most| *most > 0))),
            _ => None,
        }
    }
}

/// What is run to see whether a container is healthy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HealthTest {
    /// The image's test with our times.
    Inherit,
    /// No check, also not the image's.
    Disabled,
    /// By the container's shell.
    Shell(String),
    /// A program and its arguments.
    Command(Vec<String>),
}

/// A health check. Absent times: the image's, else 30 s, 30 s, 0 s, 5 s, 3 tries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Healthcheck {
    /// What is run.
    pub test: HealthTest,
    /// Between two runs, in nanoseconds.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "nanos")]
    pub interval: Option<Duration>,
    /// For one run, in nanoseconds.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "nanos")]
    pub timeout: Option<Duration>,
    /// In which failures do not count, in nanoseconds.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "nanos")]
    pub start_period: Option<Duration>,
    /// Between two runs in the start period, in nanoseconds.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "nanos")]
    pub start_interval: Option<Duration>,
    /// So many failures in a row make it unhealthy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retries: Option<u32>,
}

/// Where output goes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Logging {
    /// The driver; the engine's default when absent.
    pub driver: Option<String>,
    /// Its options.
    pub options: IndexMap<String, String>,
}

/// A container that was created.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContainerHandle {
    /// The runtime's identifier.
    pub id: String,
    /// Its name; the runtime's invention when the spec had none and the runtime said it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}
