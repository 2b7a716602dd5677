//! What the verbs of a runtime take and give, besides containers themselves.

use crate::{Id, Resources, Sensitive, Timestamp};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// How objects are removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removal {
    /// Also what runs (killed at once, without its stop timeout).
    pub force: bool,
    /// Also the anonymous volumes of a container.
    pub volumes: bool,
}

/// Which part of a log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LogOptions {
    /// Wait for more.
    pub follow: bool,
    /// Only the last so many lines; all when absent.
    pub tail: Option<u64>,
    /// RFC 3339, or seconds since 1970 as text.
    pub since: Option<Timestamp>,
    /// RFC 3339, or seconds since 1970 as text.
    pub until: Option<Timestamp>,
    /// Ask for the time of each chunk.
    pub timestamps: bool,
}

/// Which stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names of the streams")]
pub enum LogSource {
    Stdout,
    Stderr,
}

/// A command to run in a container.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExecSpec {
    /// Program and arguments.
    pub command: Vec<String>,
    /// Further environment.
    pub env: IndexMap<String, Sensitive<String>>,
    /// The working directory; the container's when absent.
    pub workdir: Option<String>,
    /// `user[:group]`; the container's when absent.
    pub user: Option<String>,
    /// With extended privileges.
    pub privileged: bool,
    /// With a terminal of so many columns and rows.
    pub tty: Option<(u16, u16)>,
    /// Input is passed on.
    pub stdin: bool,
    /// Do not wait for it.
    pub detach: bool,
}

impl ExecSpec {
    /// A command with nothing special.
    pub fn new(command: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { command: command.into_iter().map(Into::into).collect(), ..Self::default() }
    }
}

/// What one health probe said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthProbe {
    /// Whether it exited with status 0 in time.
    pub healthy: bool,
    /// What it printed, at most 4 KiB, as text.
    pub output: String,
}

/// An image to pull.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImagePull {
    /// Its reference.
    pub reference: String,
    /// `os/arch[/variant]`; the engine's own when absent.
    pub platform: Option<String>,
}

/// A sign of progress while an image is pulled or pushed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullStep {
    /// The layer, where there is one.
    pub layer: Option<String>,
    /// `Downloading`, `Pull complete`, ... in the runtime's words.
    pub text: String,
    /// Bytes done.
    pub current: Option<u64>,
    /// Bytes in all.
    pub total: Option<u64>,
}

/// An image to build.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct BuildSpec {
    /// A directory, or a URL that the builder understands.
    pub context: String,
    /// Relative to the context unless absolute; `Dockerfile` when absent.
    pub dockerfile: Option<String>,
    /// The Dockerfile itself.
    pub dockerfile_inline: Option<String>,
    /// The stage.
    pub target: Option<String>,
    /// References to give the result.
    pub tags: Vec<String>,
    /// Arguments; they are visible in the image's history.
    pub args: IndexMap<String, Sensitive<String>>,
    /// Labels.
    pub labels: IndexMap<String, String>,
    /// Named further contexts.
    pub additional_contexts: IndexMap<String, String>,
    /// Images whose layers may be used.
    pub cache_from: Vec<String>,
    /// Where layers are kept.
    pub cache_to: Vec<String>,
    /// Do not use the cache.
    pub no_cache: bool,
    /// Stages that do not use the cache.
    pub no_cache_filter: Vec<String>,
    /// Pull base images again.
    pub pull: bool,
    /// The network of build steps.
    pub network: Option<String>,
    /// `os/arch[/variant]`, several for a multi-platform image.
    pub platforms: Vec<String>,
    /// Size of /dev/shm in bytes.
    pub shm_size: Option<u64>,
    /// Lines of /etc/hosts.
    pub extra_hosts: Vec<(String, String)>,
    /// Secrets by id: a path, or `env:NAME` for a variable of the caller's.
    pub secrets: IndexMap<String, BuildSecret>,
    /// SSH agents: `default`, `id=path`.
    pub ssh: Vec<String>,
    /// Extra rights of the builder.
    pub entitlements: Vec<String>,
    /// Windows isolation.
    pub isolation: Option<String>,
    /// With extended privileges.
    pub privileged: bool,
    /// Resource limits of build steps.
    pub ulimits: IndexMap<String, crate::Ulimit>,
    /// `true`, `false`, `mode=max`.
    pub provenance: Option<String>,
    /// `true`, `false`, a generator.
    pub sbom: Option<String>,
}

/// Where a build secret comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BuildSecret {
    /// A file.
    File(String),
    /// The value itself.
    Value(Sensitive<String>),
}

/// A line of a build's progress.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BuildStep {
    /// What the builder printed, a line without its end.
    Line(String),
    /// The finished image's id.
    Built(Id),
}

/// Limits to change on a container.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ResourceUpdate {
    /// The new limits; absent ones stay.
    pub resources: Resources,
    /// The new restart policy.
    pub restart: Option<crate::RestartPolicy>,
}

/// What a container uses.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Usage {
    /// The container.
    pub id: Id,
    /// Its name.
    pub name: String,
    /// Percent of one CPU.
    pub cpu_percent: f64,
    /// Bytes.
    pub memory: u64,
    /// Bytes; 0 without a limit.
    pub memory_limit: u64,
    /// Bytes received.
    pub net_rx: u64,
    /// Bytes sent.
    pub net_tx: u64,
    /// Bytes read.
    pub block_read: u64,
    /// Bytes written.
    pub block_write: u64,
    /// Processes.
    pub pids: u64,
}

/// Which events.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EventOptions {
    /// Also those of the past from here on: RFC 3339. From now on when absent.
    pub since: Option<Timestamp>,
    /// Up to here, in the past or to come: RFC 3339. For ever when absent.
    pub until: Option<Timestamp>,
    /// Whether `until` is over: podman must be asked otherwise then, and nothing below knows the time.
    pub over: bool,
}

/// What happened at a runtime.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuntimeEvent {
    /// When, where the runtime says it.
    pub time: Timestamp,
    /// What.
    pub kind: RuntimeEventKind,
    /// Which container.
    pub id: Id,
    /// Its name, where the runtime says it.
    pub name: String,
    /// Its labels, where the runtime says them.
    pub labels: IndexMap<String, String>,
    /// What else the runtime says, by docker's names: `image`, `exitCode`, `signal`, `execID`, ...
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub attributes: IndexMap<String, String>,
}

impl RuntimeEvent {
    /// The attributes that docker names, in the order in which they are kept; everything else that an event carries is a
    /// label.
    pub const ATTRIBUTES: [&str; 6] =
        ["image", "exitCode", "execDuration", "signal", "execID", "oldName"];

    /// The first event of a flow.
    pub fn subscribed(time: Timestamp) -> Self {
        Self {
            time,
            kind: RuntimeEventKind::Subscribed,
            id: Id::new(),
            name: String::new(),
            labels: IndexMap::new(),
            attributes: IndexMap::new(),
        }
    }
}

/// Kinds of events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "docker's own words; podman's and nerdctl's are translated")]
pub enum RuntimeEventKind {
    /// From now on nothing is missed.
    Subscribed,
    Create,
    Start,
    Die(Option<i32>),
    Stop,
    Kill,
    Pause,
    Unpause,
    Restart,
    Rename,
    Destroy,
    Oom,
    Health(crate::Health),
    /// Any other, in the runtime's words; of a command that was run inside, with the command.
    Other(String),
}

impl RuntimeEventKind {
    /// docker's word: `die`, `health_status: healthy`; the runtime's own for what docker has no word for.
    pub fn word(&self) -> Cow<'_, str> {
        Cow::Borrowed(match self {
            Self::Subscribed => "subscribed",
            Self::Create => "create",
            Self::Start => "start",
            Self::Die(_) => "die",
            Self::Stop => "stop",
            Self::Kill => "kill",
            Self::Pause => "pause",
            Self::Unpause => "unpause",
            Self::Restart => "restart",
            Self::Rename => "rename",
            Self::Destroy => "destroy",
            Self::Oom => "oom",
            Self::Health(health) => {
                return Cow::Owned(format!("health_status: {}", health.as_str()));
            }
            Self::Other(word) => word,
        })
    }
}
