//! What the state holds: one JSON file per object.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A container.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Container {
    /// Its identifier; on apple's face also its name.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The image's reference, in full.
    pub image: String,
    /// The image's digest: `sha256:...`.
    pub digest: String,
    /// Program and arguments.
    pub command: Vec<String>,
    /// Its environment: `NAME=value`.
    pub env: Vec<String>,
    /// Its working directory.
    pub workdir: String,
    /// Its user as given.
    pub user: String,
    /// Its host name; the name where absent.
    pub hostname: Option<String>,
    /// Whether it has a terminal.
    pub tty: bool,
    /// Whether its input is kept open.
    pub interactive: bool,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// What is mounted.
    pub mounts: Vec<Mount>,
    /// Its networks in their order.
    pub networks: Vec<Attached>,
    /// Published ports.
    pub ports: Vec<Port>,
    /// Whether its root cannot be written to.
    pub read_only: bool,
    /// Whether it goes when it ends.
    pub remove: bool,
    /// Values of flags that a face only shows again, by the flag.
    pub shown: BTreeMap<String, Vec<String>>,
    /// When it was made, in seconds since 1970.
    pub created: i64,
    /// When it was last started.
    pub started: Option<i64>,
    /// What it does.
    pub state: State,
    /// How it ended.
    pub exit: Option<i32>,
    /// The process that runs it, and the port of this machine where it listens for commands.
    pub shim: Option<(u32, u16)>,
}

/// What a container does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the words say it")]
pub enum State {
    #[default]
    Created,
    Running,
    Exited,
}

/// A mount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mount {
    /// What it is.
    pub kind: MountKind,
    /// A path of the host, or a volume's name.
    pub source: String,
    /// Path in the container.
    pub target: String,
    /// Whether it cannot be written to.
    pub read_only: bool,
}

/// What is mounted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the words say it")]
pub enum MountKind {
    Bind,
    Volume,
    Tmpfs,
}

/// A place in a network.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Attached {
    /// The network.
    pub network: String,
    /// Its name there.
    pub hostname: String,
    /// Its MAC address, where one was asked for.
    pub mac: Option<String>,
    /// Its MTU, where one was asked for.
    pub mtu: Option<u32>,
    /// Its address with the length of the prefix, while it runs.
    pub address: String,
    /// The way out.
    pub gateway: String,
}

/// A published port.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Port {
    /// Address of the host; `0.0.0.0` for all.
    pub address: String,
    /// On the host.
    pub host: u16,
    /// In the container.
    pub container: u16,
    /// `tcp`, `udp`.
    pub protocol: String,
    /// How many in a row.
    pub count: u16,
}

impl Port {
    /// Whether both cannot be held at once.
    pub fn clashes(&self, other: &Self) -> bool {
        let all = |address: &str| matches!(address, "0.0.0.0" | "::" | "");
        let same = self.address == other.address || all(&self.address) || all(&other.address);
        let end = |port: &Self| u32::from(port.host) + u32::from(port.count);
        same && self.protocol == other.protocol
            && u32::from(self.host) < end(other)
            && u32::from(other.host) < end(self)
    }
}

/// A virtual machine that a tool leads into.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Machine {
    /// Its name: that of the instance or profile; `0` for Rancher Desktop's.
    pub name: String,
    /// Whether it runs.
    pub running: bool,
    /// Its engine: `docker`, `containerd`, `moby`.
    pub runtime: String,
    /// Where docker's engine listens on this side: `unix:///path`.
    pub socket: String,
    /// Its directory.
    pub dir: String,
    /// What it sees of this side's files.
    pub mounts: Vec<String>,
    /// The administrator has containerd there, not the user.
    pub root: bool,
    /// The `PATH` in it.
    pub path: String,
}

impl Default for Machine {
    fn default() -> Self {
        Self {
            name: "default".to_owned(),
            running: true,
            runtime: "docker".to_owned(),
            socket: String::new(),
            dir: "/nowhere".to_owned(),
            mounts: Vec::new(),
            root: false,
            path: "/usr/local/bin:/usr/bin:/bin".to_owned(),
        }
    }
}

/// A network.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Network {
    /// Its name.
    pub name: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Options of its driver.
    pub options: BTreeMap<String, String>,
    /// Without a way out.
    pub internal: bool,
    /// What makes it.
    pub plugin: String,
    /// Its addresses: `192.168.64.0/24`.
    pub subnet: String,
    /// Its IPv6 addresses, where there are some.
    pub subnet6: Option<String>,
    /// When it was made.
    pub created: i64,
    /// It comes with the tool and stays.
    pub builtin: bool,
}

impl Network {
    /// The first three numbers of its addresses, with a dot at the end.
    pub fn base(&self) -> String {
        let address = self.subnet.split('/').next().unwrap_or_default();
        address.rsplit_once('.').map_or_else(String::new, |(base, _)| format!("{base}."))
    }
}

/// A volume.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Volume {
    /// Its name.
    pub name: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Options of its driver.
    pub options: BTreeMap<String, String>,
    /// Its size in bytes, where one was asked for.
    pub size: Option<u64>,
    /// When it was made.
    pub created: i64,
    /// Nobody gave it a name.
    pub anonymous: bool,
}

/// What containers of an image do: the file `images/NAME.toml`, where every `/` of the reference is `%2F` and every `:`
/// is `%3A`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Image {
    /// Its command is run by a small shell, as busybox would; of what follows only the configuration counts then.
    pub shell: bool,
    /// What it prints when it starts.
    pub lines: Vec<String>,
    /// What it complains when it starts.
    pub complaints: Vec<String>,
    /// It ends with this status; it runs for ever when absent.
    pub exit: Option<i32>,
    /// When it ends after its start.
    pub after_ms: u64,
    /// It takes no notice of being asked to stop.
    pub ignore_term: bool,
    /// When commands that are marked `healthy` succeed after a start.
    pub healthy_after_ms: u64,
    /// Ports on which it answers, where ports are bound.
    pub listens: Vec<u16>,
    /// What it answers there.
    pub serves: String,
    /// Its digest; it follows from the reference when empty.
    pub digest: String,
    /// When it was made.
    pub created: i64,
    /// Its size in bytes.
    pub size: u64,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// The program that it runs.
    pub entrypoint: Vec<String>,
    /// The arguments it gets.
    pub command: Vec<String>,
    /// Its environment.
    pub env: Vec<String>,
    /// Its working directory.
    pub workdir: String,
    /// Its user.
    pub user: String,
    /// What commands in it come to, by their words; those of `sh -c` by its script alone.
    pub commands: BTreeMap<String, Answer>,
}

impl Default for Image {
    fn default() -> Self {
        Self {
            shell: false,
            lines: Vec::new(),
            complaints: Vec::new(),
            exit: None,
            after_ms: 0,
            ignore_term: false,
            healthy_after_ms: 0,
            listens: Vec::new(),
            serves: String::new(),
            digest: String::new(),
            created: 1_767_225_600, // 2026
            size: 1_000_000,
            labels: BTreeMap::new(),
            entrypoint: Vec::new(),
            command: vec!["main".to_owned()],
            env: vec!["PATH=/usr/local/bin:/usr/bin:/bin".to_owned()],
            workdir: "/".to_owned(),
            user: String::new(),
            commands: BTreeMap::new(),
        }
    }
}

impl Image {
    /// One with a shell.
    pub fn shell() -> Self {
        Self { shell: true, ..Self::default() }
    }
}

/// What a command in a container comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Answer {
    /// What it prints.
    pub out: String,
    /// Its status.
    pub exit: i32,
    /// It fails with status 1 until the container is healthy.
    pub healthy: bool,
}
