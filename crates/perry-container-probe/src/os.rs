//! Platforms and what they may run.

use perry_container_spec::IsolationLevel;
use std::fmt;

/// A platform as a value, so that the order of every platform can be tested on every platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Os {
    /// Linux, and every other Unix.
    Linux,
    /// macOS, and iOS with it.
    MacOs,
    /// Windows.
    Windows,
}

impl Os {
    /// The one this program was built for.
    pub const fn current() -> Self {
        if cfg!(any(target_os = "macos", target_os = "ios")) {
            Self::MacOs
        } else if cfg!(target_os = "windows") {
            Self::Windows
        } else {
            Self::Linux
        }
    }
}

impl fmt::Display for Os {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Linux => "Linux",
            Self::MacOs => "macOS",
            Self::Windows => "Windows",
        })
    }
}

/// A runtime that may be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the products' names")]
pub enum Candidate {
    AppleContainer,
    Orbstack,
    Colima,
    RancherDesktop,
    Lima,
    Podman,
    Nerdctl,
    Docker,
}

impl Candidate {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::AppleContainer,
        Self::Orbstack,
        Self::Colima,
        Self::RancherDesktop,
        Self::Lima,
        Self::Podman,
        Self::Nerdctl,
        Self::Docker,
    ];

    /// The name by which `PERRY_CONTAINER_BACKEND` knows it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AppleContainer => "apple/container",
            Self::Orbstack => "orbstack",
            Self::Colima => "colima",
            Self::RancherDesktop => "rancher-desktop",
            Self::Lima => "lima",
            Self::Podman => "podman",
            Self::Nerdctl => "nerdctl",
            Self::Docker => "docker",
        }
    }

    /// The candidate of this name.
    ///
    /// ```
    /// # use perry_container_probe::Candidate;
    /// assert_eq!(Candidate::named("podman"), Some(Candidate::Podman));
    /// assert_eq!(Candidate::named("lxc"), None);
    /// ```
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|candidate| candidate.name() == name)
    }

    /// The program that tells of it.
    pub const fn program(self) -> &'static str {
        match self {
            Self::AppleContainer => "container",
            Self::Orbstack => "orb",
            Self::Colima => "colima",
            Self::RancherDesktop => "rdctl",
            Self::Lima => "limactl",
            Self::Podman => "podman",
            Self::Nerdctl => "nerdctl",
            Self::Docker => "docker",
        }
    }

    /// How it keeps containers apart: apple's runtime gives each a kernel of its own.
    pub const fn isolation_level(self) -> IsolationLevel {
        match self {
            Self::AppleContainer => IsolationLevel::MicroVm,
            _ => IsolationLevel::Container,
        }
    }
}

impl fmt::Display for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Which runtimes are looked for on a platform, the preferred one first: native ones, then podman (no daemon, no root),
/// docker last.
pub const fn platform_candidates(os: Os) -> &'static [Candidate] {
    match os {
        Os::MacOs => &Candidate::ALL,
        Os::Linux | Os::Windows => &[Candidate::Podman, Candidate::Nerdctl, Candidate::Docker],
    }
}
