//! A lane is a way to a real engine. Every test on lanes runs once in each.

use std::io::Write as _;

use crate::engine::Engine;
use crate::project::Project;

/// An engine and the way to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// docker's command line.
    DockerCli,
    /// The Engine API on docker's socket.
    DockerSocket,
    /// podman's command line.
    PodmanCli,
    /// The Engine API on podman's socket.
    PodmanSocket,
    /// nerdctl's command line.
    NerdctlCli,
}

impl Lane {
    /// Every lane.
    pub const ALL: [Self; 5] = [
        Self::DockerCli,
        Self::DockerSocket,
        Self::PodmanCli,
        Self::PodmanSocket,
        Self::NerdctlCli,
    ];

    /// The lane in messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::DockerCli => "docker-cli",
            Self::DockerSocket => "docker-socket",
            Self::PodmanCli => "podman-cli",
            Self::PodmanSocket => "podman-socket",
            Self::NerdctlCli => "nerdctl-cli",
        }
    }

    /// The engine at its end.
    #[must_use]
    pub fn engine(self) -> Engine {
        match self {
            Self::DockerCli | Self::DockerSocket => Engine::Docker,
            Self::PodmanCli | Self::PodmanSocket => Engine::Podman,
            Self::NerdctlCli => Engine::Nerdctl,
        }
    }

    /// What `PERRY_CONTAINER_TRANSPORT` calls the way.
    #[must_use]
    pub fn transport(self) -> &'static str {
        match self {
            Self::DockerCli | Self::PodmanCli | Self::NerdctlCli => "cli",
            Self::DockerSocket | Self::PodmanSocket => "socket",
        }
    }

    /// Runs a test in this lane, with a project of its own; skips it where the engine does not answer.
    ///
    /// # Panics
    /// When the test fails, or would be skipped where `CI` is set.
    pub fn test(self, name: &str, test: impl FnOnce(&Project)) {
        match self.engine().available() {
            Ok(()) => test(&Project::new(self, name)),
            Err(reason) => self.skip(name, &reason),
        }
    }

    /// Says that a test is skipped in this lane. nerdctl comes from outside of Debian: it may be missing everywhere, but
    /// not where `PERRY_LAB_NERDCTL` names it.
    ///
    /// # Panics
    /// Where `CI` is set and the engine has to be there.
    pub fn skip(self, test: &str, reason: &str) {
        let named = std::env::var_os("PERRY_LAB_NERDCTL").is_some();
        let optional = self == Self::NerdctlCli && !named;
        skip(&format!("{test} on {}", self.name()), reason, optional);
    }
}

/// Says that a test is skipped and why, where people and `cargo xtask test` see it.
///
/// # Panics
/// Where `CI` is set, unless the missing thing is optional there.
pub fn skip(test: &str, reason: &str, optional: bool) {
    let ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty());
    assert!(optional || !ci, "{test} must run in continuous integration, but {reason}");
    eprintln!("skipped: {test}: {reason}");
    if let Some(file) = std::env::var_os("PERRY_LAB_SKIPS")
        && let Ok(mut file) = std::fs::OpenOptions::new().create(true).append(true).open(file)
    {
        drop(writeln!(file, "{test}: {reason}"));
    }
}

/// One test per lane for each function that takes a [`Project`].
///
/// `lanes!(it_holds)` makes the tests `it_holds::docker_cli`, `it_holds::docker_socket`, ...
#[macro_export]
macro_rules! lanes {
    ($($test:ident),+ $(,)?) => { $(
        mod $test {
            #[test]
            fn docker_cli() {
                $crate::Lane::DockerCli.test(stringify!($test), super::$test);
            }
            #[test]
            fn docker_socket() {
                $crate::Lane::DockerSocket.test(stringify!($test), super::$test);
            }
            #[test]
            fn podman_cli() {
                $crate::Lane::PodmanCli.test(stringify!($test), super::$test);
            }
            #[test]
            fn podman_socket() {
                $crate::Lane::PodmanSocket.test(stringify!($test), super::$test);
            }
        }
    )+ };
}

/// The same, and on nerdctl: what all that is ours does alike there. A lane of its own for every test would cost more
/// than it tells.
#[macro_export]
macro_rules! every_lane {
    ($($test:ident),+ $(,)?) => {
        $crate::lanes!($($test),+);
        mod nerdctl {
            $(
                #[test]
                fn $test() {
                    $crate::Lane::NerdctlCli.test(stringify!($test), super::$test);
                }
            )+
        }
    };
}

/// The same for nerdctl's lane only.
#[macro_export]
macro_rules! nerdctl_lane {
    ($($test:ident),+ $(,)?) => {
        mod nerdctl {
            $(
                #[test]
                fn $test() {
                    $crate::Lane::NerdctlCli.test(stringify!($test), super::$test);
                }
            )+
        }
    };
}

/// The same for podman's lanes only: what its engine leaves to others.
#[macro_export]
macro_rules! podman_lanes {
    ($($test:ident),+ $(,)?) => { $(
        mod $test {
            #[test]
            fn podman_cli() {
                $crate::Lane::PodmanCli.test(stringify!($test), super::$test);
            }
            #[test]
            fn podman_socket() {
                $crate::Lane::PodmanSocket.test(stringify!($test), super::$test);
            }
        }
    )+ };
}

/// The same for docker's lanes only: what docker compose itself takes part in.
#[macro_export]
macro_rules! docker_lanes {
    ($($test:ident),+ $(,)?) => { $(
        mod $test {
            #[test]
            fn docker_cli() {
                $crate::Lane::DockerCli.test(stringify!($test), super::$test);
            }
            #[test]
            fn docker_socket() {
                $crate::Lane::DockerSocket.test(stringify!($test), super::$test);
            }
        }
    )+ };
}
