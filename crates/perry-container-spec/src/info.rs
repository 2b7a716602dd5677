//! What a runtime shows, in the same words and units on every runtime.

use crate::{Healthcheck, Id, IpamPool, Protocol, RestartPolicy, State::Exited, Timestamp};
use indexmap::IndexMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{fmt, net::IpAddr, str::FromStr};

/// The label under which a container's program is found again, as a JSON list: podman's list tells the arguments alone, and
/// asking for each container would cost a call for each.
pub const ENTRYPOINT_LABEL: &str = "perry.compose.entrypoint";

/// The states of a container. podman's `configured` and `initialized` and nerdctl's empty state are `Created`,
/// podman's `stopped` and `stopping` are `Exited` and `Running`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "docker's own words")]
pub enum State {
    Created,
    Running,
    Paused,
    Restarting,
    Exited,
    Dead,
    Removing,
}

impl State {
    /// docker's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Restarting => "restarting",
            Self::Exited => "exited",
            Self::Dead => "dead",
            Self::Removing => "removing",
        }
    }

    /// Whether its main process is there.
    pub const fn is_up(self) -> bool {
        matches!(self, Self::Running | Self::Paused | Self::Restarting)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a health check says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "docker's own words")]
pub enum Health {
    Starting,
    Healthy,
    Unhealthy,
}

impl Health {
    /// docker's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Healthy => "healthy",
            Self::Unhealthy => "unhealthy",
        }
    }
}

/// A port as it is published, or only exposed. Text form `ip:host->container/proto`, `container/proto` when it is
/// not published; an IPv6 address in brackets.
///
/// ```
/// # use perry_container_spec::PublishedPort;
/// let port: PublishedPort = "127.0.0.1:8080->80/tcp".parse().unwrap();
/// assert_eq!(port.host, Some(8080));
/// assert_eq!(port.to_string(), "127.0.0.1:8080->80/tcp");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PublishedPort {
    /// In the container.
    pub container: u16,
    /// Its protocol.
    pub protocol: Protocol,
    /// The host's address; `0.0.0.0` for all, also where the runtime says nothing.
    pub ip: Option<IpAddr>,
    /// On the host; absent when it is only exposed.
    pub host: Option<u16>,
}

impl fmt::Display for PublishedPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(host) = self.host {
            match self.ip {
                Some(IpAddr::V6(ip)) => write!(f, "[{ip}]:{host}->")?,
                Some(ip) => write!(f, "{ip}:{host}->")?,
                None => write!(f, "{host}->")?,
            }
        }
        write!(f, "{}/{}", self.container, self.protocol)
    }
}

impl FromStr for PublishedPort {
    type Err = crate::BadPort;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = |why| crate::BadPort { text: text.to_owned(), why };
        let (public, private) = match text.split_once("->") {
            Some((public, private)) => (Some(public), private),
            None => (None, text),
        };
        let (container, protocol) = private.split_once('/').unwrap_or((private, "tcp"));
        let protocol = match protocol {
            "tcp" => Protocol::Tcp,
            "udp" => Protocol::Udp,
            "sctp" => Protocol::Sctp,
            _ => return Err(bad("the protocol is none of tcp, udp, sctp")),
        };
        let port =
            |text: &str| text.parse::<u16>().map_err(|_| bad("a port is a number up to 65535"));
        let (ip, host) = match public.map(|public| public.rsplit_once(':').unwrap_or(("", public)))
        {
            None => (None, None),
            Some(("", host)) => (None, Some(port(host)?)),
            Some((ip, host)) => {
                let ip = ip.trim_start_matches('[').trim_end_matches(']');
                (
                    Some(ip.parse().map_err(|_| bad("the address is no IP address"))?),
                    Some(port(host)?),
                )
            }
        };
        Ok(Self { container: port(container)?, protocol, ip, host })
    }
}

impl Serialize for PublishedPort {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PublishedPort {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// A container as a runtime shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContainerInfo {
    /// The runtime's full identifier.
    pub id: Id,
    /// Its name, without a slash.
    pub name: String,
    /// The image as it was asked for.
    pub image: String,
    /// The image's id (`sha256:...`); empty where the runtime does not tell.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub image_id: Id,
    /// Its state.
    #[serde(rename = "status")]
    pub state: State,
    /// Its health; absent without a check.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health: Option<Health>,
    /// What the last health probe printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health_output: Option<String>,
    /// The check that it has, be it its own or its image's, where the runtime tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub healthcheck: Option<Healthcheck>,
    /// When it is started again, where the runtime tells; absent for never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restart: Option<RestartPolicy>,
    /// How its main process ended; present when it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// Whether it was killed because memory ran out, where the runtime tells.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub oom_killed: bool,
    /// Why the runtime could not start it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Published and exposed ports, sorted.
    pub ports: Vec<PublishedPort>,
    /// When it was created.
    pub created: Timestamp,
    /// When it was last started; empty when never.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub started: Timestamp,
    /// When it last ended; empty when never.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub finished: Timestamp,
    /// How often the runtime started it again.
    #[serde(default)]
    pub restart_count: u32,
    /// Its labels, without those that a runtime keeps for itself.
    #[serde(default)]
    pub labels: IndexMap<String, String>,
    /// Its networks by name.
    #[serde(default)]
    pub networks: IndexMap<String, Endpoint>,
    /// What is mounted.
    #[serde(default)]
    pub mounts: Vec<MountInfo>,
    /// Program and arguments as they run; empty where a list does not tell.
    #[serde(default)]
    pub command: Vec<String>,
    /// Whether it has a terminal.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tty: bool,
}

impl ContainerInfo {
    /// A created container of which only this is known.
    pub fn new(id: impl Into<Id>, name: impl Into<String>, image: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            image: image.into(),
            image_id: String::new(),
            state: State::Created,
            health: None,
            health_output: None,
            healthcheck: None,
            restart: None,
            exit_code: None,
            oom_killed: false,
            error: None,
            ports: Vec::new(),
            created: String::new(),
            started: String::new(),
            finished: String::new(),
            restart_count: 0,
            labels: IndexMap::new(),
            networks: IndexMap::new(),
            mounts: Vec::new(),
            command: Vec::new(),
            tty: false,
        }
    }

    /// Whether its main process ran and ended with status 0.
    pub fn completed(&self) -> bool {
        self.state == Exited && self.exit_code == Some(0) && !self.started.is_empty()
    }
}

/// A container's place in one network.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Endpoint {
    /// The network's id, where the runtime tells.
    pub network_id: Id,
    /// Its IPv4 address; empty while it does not run.
    pub ipv4: String,
    /// Its IPv6 address.
    pub ipv6: String,
    /// Its MAC address.
    pub mac: String,
    /// Names under which it is found.
    pub aliases: Vec<String>,
}

/// One mount as the runtime shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MountInfo {
    /// `bind`, `volume`, `tmpfs`, ...
    #[serde(rename = "type")]
    pub kind: String,
    /// The volume's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Path on the host.
    #[serde(default)]
    pub source: String,
    /// Path in the container.
    pub target: String,
    /// Whether it can be written to.
    pub writable: bool,
}

/// A network as a runtime shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NetworkInfo {
    /// The runtime's identifier (podman 4: the name).
    pub id: Id,
    /// Its name.
    pub name: String,
    /// Its driver.
    pub driver: String,
    /// Without a way out.
    pub internal: bool,
    /// Address pools.
    pub pools: Vec<IpamPool>,
    /// Its labels.
    pub labels: IndexMap<String, String>,
    /// Ids of the containers in it, where the runtime tells (not podman).
    pub containers: Vec<Id>,
}

/// A volume as a runtime shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VolumeInfo {
    /// Its name.
    pub name: String,
    /// Its driver.
    pub driver: String,
    /// Path on the host, where there is one.
    pub mountpoint: String,
    /// Its labels.
    pub labels: IndexMap<String, String>,
}

/// An image as a runtime shows it: one value per tag.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ImageInfo {
    /// `sha256:...`: of the configuration on docker and podman, of the manifest on nerdctl.
    pub id: Id,
    /// The normalised repository (`docker.io/library/redis`); empty when it has none.
    pub repository: String,
    /// The tag; empty when it has none.
    pub tag: String,
    /// Bytes.
    pub size: u64,
    /// When it was made.
    pub created: Timestamp,
    /// When it got a tag last, where the runtime tells (docker).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tagged: Timestamp,
    /// Digests under which registries know it: `repository@sha256:...`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub digests: Vec<String>,
    /// `os/arch[/variant]`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub platform: String,
    /// Whether the image brings a health check, where the runtime tells (podman does not).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub has_healthcheck: Option<bool>,
    /// The program that its containers run unless they are given another, where the runtime was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entrypoint: Option<Vec<String>>,
    /// Its labels.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub labels: IndexMap<String, String>,
}

/// Everything that a command or container printed, whole.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContainerLogs {
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}
