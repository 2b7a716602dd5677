//! What the tools of the docker family differ in, as data.

use crate::errors::{self, Pattern};
use std::fmt;

/// A tool's version, as far as it decides anything.
///
/// ```
/// # use perry_container_docker::Version;
/// assert_eq!(Version::from("28.5.2+dfsg4"), Version(28, 5));
/// assert_eq!(Version::from("unknown"), Version::NEWEST);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Version(pub u32, pub u32);

impl Version {
    /// A version that is not known counts as the newest.
    pub const NEWEST: Self = Self(u32::MAX, u32::MAX);
}

impl From<&str> for Version {
    fn from(text: &str) -> Self {
        let mut numbers = text.trim().split(['.', '-', '+', '~']).map(|part| part.parse().ok());
        match (numbers.next().flatten(), numbers.next().flatten()) {
            (Some(major), minor) => Self(major, minor.unwrap_or(0)),
            (None, _) => Self::NEWEST,
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::NEWEST => f.write_str("newest"),
            Self(major, minor) => write!(f, "{major}.{minor}"),
        }
    }
}

/// Whose command line it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// Docker Engine's client, 25 and newer (several networks at creation need its API 1.44).
    Docker {
        /// The client's version.
        version: Version,
    },
    /// podman 4 and newer.
    Podman {
        /// The client's version.
        version: Version,
    },
}

impl Dialect {
    /// docker of this version.
    pub fn docker(version: &str) -> Self {
        Self::Docker { version: version.into() }
    }

    /// podman of this version.
    pub fn podman(version: &str) -> Self {
        Self::Podman { version: version.into() }
    }

    /// What this tool differs in.
    pub(crate) fn traits(self) -> &'static Traits {
        match self {
            Self::Docker { .. } => &DOCKER,
            Self::Podman { version } if version < Version(5, 0) => &PODMAN_4,
            Self::Podman { .. } => &PODMAN_5,
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let version = match self {
            Self::Docker { version } | Self::Podman { version } => version,
        };
        write!(f, "{} {version}", self.traits().name)
    }
}

/// How a network and its options are written at creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NetworkSyntax {
    /// `name=N,alias=A,...`, each field quoted as in CSV where it has to be.
    Fields,
    /// `N:alias=A,...`; no value can hold a comma.
    Colon,
}

/// How a program that replaces the image's is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EntrypointSyntax {
    /// One word; further ones go before the command.
    Word,
    /// A JSON array. A word that looks like JSON would be taken for one.
    Json,
}

/// How a health test that is no shell text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HealthSyntax {
    /// Only shell text: the words are quoted for the container's shell.
    Shell,
    /// A JSON array of two words or more is run without a shell.
    Json,
}

/// How GPUs are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GpuSyntax {
    /// `--gpus=driver=...,count=...`
    Gpus,
    /// `--device=nvidia.com/gpu=all`
    Cdi,
}

/// Who builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Builder {
    /// docker's plugin.
    Buildx,
    /// podman itself.
    Buildah,
}

/// Everything in which the tools differ and which is no code of its own. What a tool lacks is told in its words' place:
/// `Some(text)` is why.
#[derive(Debug)]
pub(crate) struct Traits {
    /// The tool, as messages name it.
    pub(crate) name: &'static str,
    /// Verbs, and their flags whose values the client cuts at commas, as CSV (`pflag`'s StringSlice).
    pub(crate) sliced: &'static [(&'static str, &'static [&'static str])],
    /// Before the verb where the command's own standard error is passed on: less noise in it.
    pub(crate) quiet: &'static [&'static str],
    /// `-t 0` of `rm -f`: podman waits for the stop timeout otherwise.
    pub(crate) rm_force: &'static [&'static str],
    /// `rm` of several acts on those that exist and says which. podman 4's with one missing name does nothing, silently.
    pub(crate) rm_batch: bool,
    /// `rmi -f` leaves the containers of the image alone.
    pub(crate) rmi_force: bool,
    /// `stop` refuses a paused container.
    pub(crate) stop_needs_unpause: bool,
    /// Unpacks an archive with the owners that it holds.
    pub(crate) cp_in: &'static [&'static str],
    /// Commits (and builds) keep health checks.
    pub(crate) image_format: &'static [&'static str],
    /// With a read-only root nothing else is writable.
    pub(crate) read_only: &'static [&'static str],
    /// A memory mount starts empty.
    pub(crate) tmpfs: &'static [&'static str],
    pub(crate) network: NetworkSyntax,
    pub(crate) entrypoint: EntrypointSyntax,
    pub(crate) health: HealthSyntax,
    pub(crate) gpus: GpuSyntax,
    pub(crate) builder: Builder,
    /// Instead of a time that is over, with which nothing is told (podman 4.3.1, events in a file).
    pub(crate) events_over: Option<&'static str>,
    /// The engine runs health checks by itself.
    pub(crate) runs_health: bool,
    /// `-v` makes a missing source.
    pub(crate) makes_sources: bool,
    /// `--env=NAME*` means every variable that starts with NAME.
    pub(crate) env_globs: bool,
    /// Names of network options by docker's.
    pub(crate) network_options: &'static [(&'static str, &'static str)],
    /// Entries of a long line that `logs` puts together again without their times: so many bytes each.
    pub(crate) log_piece: Option<usize>,
    /// What the tool cannot do.
    pub(crate) lacks: &'static [(Lack, &'static str)],
    /// Its error texts.
    pub(crate) errors: &'static [Pattern],
}

/// What some tool cannot be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lack {
    Attachable,
    AuxAddresses,
    BindRecursive,
    Domainname,
    EndpointOptions,
    GatewayPriority,
    Ipv4Switch,
    LinkLocal,
    Links,
    StartInterval,
    UpdateRestart,
    VolumeLabels,
    VolumeSubpath,
    Windows,
    NoCacheFilter,
    Provenance,
    Entitlements,
}

impl Traits {
    /// Why the tool cannot do this.
    pub(crate) fn lack(&self, what: Lack) -> Option<&'static str> {
        self.lacks.iter().find(|(lack, _)| *lack == what).map(|(_, why)| *why)
    }
}

const DOCKER: Traits = Traits {
    name: "docker",
    sliced: &[],
    quiet: &[],
    rm_force: &[],
    rm_batch: true,
    rmi_force: true,
    stop_needs_unpause: false,
    cp_in: &[],
    image_format: &[],
    read_only: &[],
    tmpfs: &[],
    network: NetworkSyntax::Fields,
    entrypoint: EntrypointSyntax::Word,
    health: HealthSyntax::Shell,
    gpus: GpuSyntax::Gpus,
    builder: Builder::Buildx,
    events_over: None,
    runs_health: true,
    makes_sources: true,
    env_globs: false,
    network_options: &[],
    log_piece: Some(16 * 1024),
    lacks: &[],
    errors: errors::DOCKER,
};

/// As `podman VERB --help` of 5.8.6 shows them (`strings`).
const PODMAN_5_SLICED: &[(&str, &[&str])] = &[
    (
        "create",
        &[
            "--add-host",
            "--cap-add",
            "--cap-drop",
            "--device-cgroup-rule",
            "--dns",
            "--dns-option",
            "--dns-search",
            "--expose",
            "--group-add",
            "--publish",
            "--sysctl",
            "--ulimit",
        ],
    ),
    ("network connect", &["--alias"]),
    ("build", &["--add-host", "--file", "--platform", "--ulimit"]),
];

/// podman 5 (measured: 5.8.6).
const PODMAN_5: Traits = Traits {
    name: "podman",
    sliced: PODMAN_5_SLICED,
    quiet: &["--log-level=error"],
    rm_force: &["-t", "0"],
    rm_batch: true,
    rmi_force: false,
    stop_needs_unpause: true,
    cp_in: &["--archive=false"],
    image_format: &["--format=docker"],
    read_only: &["--read-only-tmpfs=false"],
    tmpfs: &["notmpcopyup"],
    network: NetworkSyntax::Colon,
    entrypoint: EntrypointSyntax::Json,
    health: HealthSyntax::Json,
    gpus: GpuSyntax::Cdi,
    builder: Builder::Buildah,
    events_over: Some("--stream=false"),
    runs_health: false,
    makes_sources: false,
    env_globs: true,
    network_options: &[("com.docker.network.driver.mtu", "mtu")],
    log_piece: Some(8 * 1024),
    lacks: &[
        (Lack::Attachable, "podman networks can always be attached to; leave out `attachable`"),
        (Lack::AuxAddresses, "podman reserves no addresses of a network"),
        (Lack::BindRecursive, "podman binds are always recursive"),
        (Lack::Domainname, "podman has no domain name of a container"),
        (Lack::EndpointOptions, "podman has no options of endpoints"),
        (Lack::GatewayPriority, "podman has no gateway priority"),
        (Lack::Ipv4Switch, "podman networks always have IPv4"),
        (Lack::LinkLocal, "podman gives no link-local addresses"),
        (Lack::Links, "podman has no links"),
        (Lack::StartInterval, "podman has no start interval of health checks"),
        (Lack::VolumeLabels, "podman gives no labels to anonymous volumes"),
        (Lack::Windows, "podman has no Windows containers"),
        (Lack::NoCacheFilter, "podman cannot leave out the cache of single stages"),
        (Lack::Provenance, "podman writes no attestations"),
        (Lack::Entitlements, "podman's builds have no entitlements"),
    ],
    errors: errors::PODMAN,
};

/// The same of 4.3.1.
const PODMAN_4_SLICED: &[(&str, &[&str])] = &[
    (
        "create",
        &[
            "--add-host",
            "--annotation",
            "--blkio-weight-device",
            "--cap-add",
            "--cap-drop",
            "--device",
            "--device-cgroup-rule",
            "--device-read-bps",
            "--device-read-iops",
            "--device-write-bps",
            "--device-write-iops",
            "--dns",
            "--dns-option",
            "--dns-search",
            "--expose",
            "--group-add",
            "--log-opt",
            "--publish",
            "--sysctl",
            "--ulimit",
        ],
    ),
    ("network connect", &["--alias"]),
    ("volume create", &["--label"]),
    ("build", &["--add-host", "--file", "--platform", "--ulimit"]),
    ("ps", &["--filter"]),
    ("volume ls", &["--filter"]),
];

/// podman 4 (measured: 4.3.1).
const PODMAN_4: Traits = Traits {
    sliced: PODMAN_4_SLICED,
    rm_batch: false,
    lacks: &[
        (Lack::Attachable, "podman networks can always be attached to; leave out `attachable`"),
        (Lack::AuxAddresses, "podman reserves no addresses of a network"),
        (Lack::BindRecursive, "podman binds are always recursive"),
        (Lack::Domainname, "podman has no domain name of a container"),
        (Lack::EndpointOptions, "podman has no options of endpoints"),
        (Lack::GatewayPriority, "podman has no gateway priority"),
        (Lack::Ipv4Switch, "podman networks always have IPv4"),
        (Lack::LinkLocal, "podman gives no link-local addresses"),
        (Lack::Links, "podman has no links"),
        (Lack::StartInterval, "podman has no start interval of health checks"),
        (Lack::UpdateRestart, "podman changes restart policies since version 5 only"),
        (Lack::VolumeLabels, "podman gives no labels to anonymous volumes"),
        (Lack::VolumeSubpath, "podman mounts parts of volumes since version 5 only"),
        (Lack::Windows, "podman has no Windows containers"),
        (Lack::NoCacheFilter, "podman cannot leave out the cache of single stages"),
        (Lack::Provenance, "podman writes no attestations"),
        (Lack::Entitlements, "podman's builds have no entitlements"),
    ],
    ..PODMAN_5
};
