//! What the tools of the docker family differ in, as data: one table per tool.

mod docker;
mod nerdctl;
mod podman;

use crate::errors::Pattern;
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
        let text = text.trim();
        let text = text.strip_prefix('v').unwrap_or(text); // nerdctl
        let mut numbers = text.split(['.', '-', '+', '~']).map(|part| part.parse().ok());
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
    /// nerdctl 2 and newer.
    Nerdctl {
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

    /// nerdctl of this version.
    pub fn nerdctl(version: &str) -> Self {
        Self::Nerdctl { version: version.into() }
    }

    /// What this tool differs in.
    pub(crate) fn traits(self) -> &'static Traits {
        match self {
            Self::Docker { .. } => &docker::DOCKER,
            Self::Podman { version } if version < Version(5, 0) => &podman::PODMAN_4,
            Self::Podman { .. } => &podman::PODMAN_5,
            Self::Nerdctl { .. } => &nerdctl::NERDCTL,
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let version = match self {
            Self::Docker { version } | Self::Podman { version } | Self::Nerdctl { version } => {
                version
            }
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
    /// The name alone; addresses by flags of their own, and only where there is one network. Aliases go into the line
    /// that the tool writes about the container into the hosts files of its neighbours.
    Hosts,
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
    /// nerdctl, through a buildkitd.
    Buildkit,
}

/// Who runs health checks, and how one is run at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HealthRuns {
    /// The engine, by itself.
    Engine,
    /// Whoever asks. The answer is the exit code, and a word.
    ByCode(&'static [&'static str]),
    /// Whoever asks. The answer is what the container's state tells afterwards, the newest first.
    ByState(&'static [&'static str]),
}

/// How files get into a container and out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Copies {
    /// As an archive through a pipe.
    Pipe,
    /// By a folder of this machine.
    Folder,
}

/// Whose code a failed `exec` has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExecCode {
    /// The command's; the tool's own failure begins like this engine's words.
    Docker,
    /// The command's; the tool's own failure is a line of podman's.
    Podman,
    /// Always 1; the command's is in the last line.
    Told,
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
    pub(crate) health_runs: HealthRuns,
    pub(crate) copies: Copies,
    pub(crate) exec_code: ExecCode,
    /// `version` asks nobody; a list opens the store.
    pub(crate) version_asks_nobody: bool,
    /// Lists of ids (or of names, which are ids too) of containers, networks and volumes.
    pub(crate) lists: [&'static [&'static str]; 3],
    /// `inspect` of several shows those that it finds. nerdctl's shows nothing when one is missing.
    pub(crate) inspect_batch: bool,
    /// `logs --tail=0` shows nothing. nerdctl shows everything; here is what to say instead.
    pub(crate) tail_none: &'static str,
    /// Flags of `attach`.
    pub(crate) attach: &'static [&'static str],
    /// The engine keeps two containers from one port of this machine. nerdctl forwards it to either.
    pub(crate) guards_ports: bool,
    /// Security options that it knows, with a value behind `=` where they end so; others it leaves out without a word.
    /// `None` where the engine refuses what it does not know.
    pub(crate) security_options: Option<&'static [&'static str]>,
    /// It refuses capabilities that it does not know.
    pub(crate) checks_capabilities: bool,
    /// What it loses of a container is kept in a label.
    pub(crate) keeps_notes: bool,
    /// `-v` makes a missing source.
    pub(crate) makes_sources: bool,
    /// `--env=NAME*` means every variable that starts with NAME.
    pub(crate) env_globs: bool,
    /// Names of network options by docker's.
    pub(crate) network_options: &'static [(&'static str, &'static str)],
    /// Entries of a long line that `logs` puts together again without their times: so many bytes each.
    pub(crate) log_piece: Option<usize>,
    /// What the tool cannot do.
    pub(crate) lacks: &'static [&'static [(Lack, &'static str)]],
    /// Its error texts.
    pub(crate) errors: &'static [Pattern],
}

/// What some tool cannot be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lack {
    Attachable,
    AuxAddresses,
    BindRecursive,
    ConnectNetwork,
    DeviceCgroupRules,
    Domainname,
    EndpointOptions,
    EventTimes,
    GatewayPriority,
    ImageMount,
    InterfaceName,
    Ipv4Switch,
    LinkLocal,
    Links,
    SeveralAddresses,
    StartInterval,
    StorageOpt,
    UpdateRestart,
    VolumeDriver,
    VolumeLabels,
    VolumeNoCopy,
    VolumeSubpath,
    Windows,
    NoCacheFilter,
    Provenance,
    Entitlements,
}

impl Traits {
    /// Why the tool cannot do this.
    pub(crate) fn lack(&self, what: Lack) -> Option<&'static str> {
        self.lacks.iter().copied().flatten().find(|(lack, _)| *lack == what).map(|(_, why)| *why)
    }
}
