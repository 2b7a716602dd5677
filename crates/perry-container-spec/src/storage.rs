//! Mounts and volumes.

use indexmap::IndexMap;
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, value::MapAccessDeserializer},
};
use std::{fmt, str::FromStr};

/// What is mounted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MountKind {
    /// A path of the host.
    Bind,
    /// A volume: named when there is a source, else anonymous.
    Volume,
    /// Memory.
    Tmpfs,
    /// The root of an image.
    Image,
    /// A Windows named pipe.
    Npipe,
    /// A cluster volume (Swarm).
    Cluster,
}

/// How mounts below a bind travel between host and container.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the kernel's own words")]
pub enum Propagation {
    Private,
    Rprivate,
    Shared,
    Rshared,
    Slave,
    Rslave,
}

impl Propagation {
    /// The kernel's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Rprivate => "rprivate",
            Self::Shared => "shared",
            Self::Rshared => "rshared",
            Self::Slave => "slave",
            Self::Rslave => "rslave",
        }
    }
}

/// SELinux relabelling of a bind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Selinux {
    /// `z`: shared between containers.
    #[serde(rename = "z")]
    Shared,
    /// `Z`: this container's own.
    #[serde(rename = "Z")]
    Private,
}

/// One mount of a container. In JSON also the short text `[source:]target[:ro|rw|nocopy|z|Z|<propagation>,...]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct Mount {
    /// What is mounted.
    #[serde(rename = "type")]
    pub kind: MountKind,
    /// Host path, volume name or image; absent for an anonymous volume and tmpfs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Absolute path in the container.
    pub target: String,
    /// Whether the container cannot write to it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub read_only: bool,
    /// Binds: propagation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub propagation: Option<Propagation>,
    /// Binds: relabelling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selinux: Option<Selinux>,
    /// Binds: make the host directory when it is not there (what `-v` does) instead of failing.
    #[serde(default, skip_serializing_if = "is_false")]
    pub create_host_path: bool,
    /// Binds: `enabled`, `disabled`, `writable`, `readonly`; absent: recursive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recursive: Option<String>,
    /// Volumes: do not fill an empty one from the image.
    #[serde(default, skip_serializing_if = "is_false")]
    pub no_copy: bool,
    /// Volumes and images: the path below the root that is mounted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subpath: Option<String>,
    /// Volumes: labels of an anonymous one.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub labels: IndexMap<String, String>,
    /// tmpfs: size limit in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// tmpfs: permission bits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<u32>,
    /// tmpfs: further options as given (`noexec`, `uid=1000`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// macOS hint (`cached`, `delegated`, `consistent`); kept, without effect elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consistency: Option<String>,
}

fn is_false(flag: &bool) -> bool {
    !flag
}

impl Mount {
    /// A mount of this kind at `target`, everything else as it is by default.
    pub fn new(kind: MountKind, source: Option<String>, target: impl Into<String>) -> Self {
        Self {
            kind,
            source,
            target: target.into(),
            read_only: false,
            propagation: None,
            selinux: None,
            create_host_path: false,
            recursive: None,
            no_copy: false,
            subpath: None,
            labels: IndexMap::new(),
            size: None,
            mode: None,
            options: Vec::new(),
            consistency: None,
        }
    }
}

impl Serialize for Mount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for Mount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> de::Visitor<'de> for Either {
            type Value = Mount;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mount such as \"data:/var/lib/data:ro\", or a map with type, source and target")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Mount, E> {
                text.parse().map_err(E::custom)
            }
            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Mount, A::Error> {
                Mount::deserialize(MapAccessDeserializer::new(map))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// Text that is no mount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadMount {
    /// The text.
    pub text: String,
    /// What is wrong with it.
    pub why: &'static str,
}

impl fmt::Display for BadMount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no mount: {}; write [source:]/target[:options]", self.text, self.why)
    }
}

impl std::error::Error for BadMount {}

/// The short form that `docker run -v` takes: a source that starts with `/`, `.`, `~` or a drive letter is a host
/// path (made when missing), any other a volume.
///
/// ```
/// # use perry_container_spec::{Mount, MountKind};
/// let mount: Mount = "data:/var/lib/data:ro".parse().unwrap();
/// assert_eq!((mount.kind, mount.read_only), (MountKind::Volume, true));
/// ```
impl FromStr for Mount {
    type Err = BadMount;

    fn from_str(text: &str) -> Result<Self, BadMount> {
        let bad = |why| BadMount { text: text.to_owned(), why };
        let parts = sections(text);
        if parts.iter().any(|part| part.is_empty()) {
            return Err(bad("a section between colons is empty"));
        }
        let (source, target, options) = match parts[..] {
            [target] => (None, target, ""),
            [source, target] => (Some(source), target, ""),
            [source, target, options] => (Some(source), target, options),
            _ => return Err(bad("there are too many colons")),
        };
        if !target.starts_with('/') && !drive(target) {
            return Err(bad("the path in the container is not absolute"));
        }
        let bind = source.is_some_and(|s| s.starts_with(['/', '.', '~', '\\']) || drive(s));
        let kind = if bind { MountKind::Bind } else { MountKind::Volume };
        let mut mount = Self::new(kind, source.map(str::to_owned), target);
        mount.create_host_path = bind;
        for option in options.split(',').filter(|option| !option.is_empty()) {
            match option {
                "rw" => {}
                "ro" => mount.read_only = true,
                "nocopy" => mount.no_copy = true,
                "z" => mount.selinux = Some(Selinux::Shared),
                "Z" => mount.selinux = Some(Selinux::Private),
                "private" => mount.propagation = Some(Propagation::Private),
                "rprivate" => mount.propagation = Some(Propagation::Rprivate),
                "shared" => mount.propagation = Some(Propagation::Shared),
                "rshared" => mount.propagation = Some(Propagation::Rshared),
                "slave" => mount.propagation = Some(Propagation::Slave),
                "rslave" => mount.propagation = Some(Propagation::Rslave),
                "cached" | "delegated" | "consistent" => {
                    mount.consistency = Some(option.to_owned());
                }
                _ => {
                    return Err(bad(
                        "the options are ro, rw, nocopy, z, Z and the propagation modes",
                    ));
                }
            }
        }
        Ok(mount)
    }
}

/// `C:\\...` or `C:/...`.
fn drive(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic())
        && chars.next() == Some(':')
        && matches!(chars.next(), Some('/' | '\\'))
}

/// Between colons, but not behind a drive letter.
fn sections(text: &str) -> Vec<&str> {
    let (mut parts, mut rest) = (Vec::new(), text);
    loop {
        let from = if drive(rest) { 2 } else { 0 };
        let Some(at) = rest[from..].find(':') else {
            parts.push(rest);
            return parts;
        };
        parts.push(&rest[..from + at]);
        rest = &rest[from + at + 1..];
    }
}

/// A volume to make.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VolumeSpec {
    /// The volume's name.
    pub name: String,
    /// Its driver; the runtime's own when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub driver: Option<String>,
    /// Options of the driver.
    #[serde(skip_serializing_if = "IndexMap::is_empty", alias = "driverOpts")]
    pub driver_opts: IndexMap<String, String>,
    /// Labels.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub labels: IndexMap<String, String>,
}
