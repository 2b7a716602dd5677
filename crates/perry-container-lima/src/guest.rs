//! Machines with nerdctl in them, and the way in.

use perry_container_docker::Product;
use perry_container_spec::EngineId;
use std::fmt;

/// A machine that runs, and the tool that leads into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Guest {
    /// An instance of Lima: `limactl shell NAME`.
    Lima {
        /// Its name.
        instance: String,
        /// nerdctl of the machine's administrator; else that of the user, which is Lima's default.
        root: bool,
    },
    /// A profile of Colima: `colima ssh`. Its nerdctl is the administrator's.
    Colima {
        /// Its name; the default one when absent.
        profile: Option<String>,
    },
    /// Rancher Desktop: `rdctl shell`. Its nerdctl is the administrator's.
    RancherDesktop,
}

impl Guest {
    /// Whose it is.
    pub const fn product(&self) -> Product {
        match self {
            Self::Lima { .. } => Product::Lima,
            Self::Colima { .. } => Product::Colima,
            Self::RancherDesktop => Product::RancherDesktop,
        }
    }

    /// Which engine it is: two machines are two engines, and so are two users of one.
    pub fn engine(&self) -> EngineId {
        EngineId(match self {
            Self::Lima { instance, root: false } => format!("lima:{instance}"),
            Self::Lima { instance, root: true } => format!("lima:{instance}#root"),
            Self::Colima { profile } => {
                format!("colima:{}", profile.as_deref().unwrap_or("default"))
            }
            Self::RancherDesktop => "rancher-desktop".to_owned(),
        })
    }

    /// The arguments before a command in the machine.
    ///
    /// Lima takes leading words with `=` for variables and looks for this machine's working directory in the other
    /// one, unless told; where it would ask, it must not.
    pub(crate) fn way(&self) -> Vec<String> {
        let mut way = match self {
            Self::Lima { instance, .. } => vec![
                "shell".to_owned(),
                "--tty=false".to_owned(),
                "--workdir=/".to_owned(),
                instance.clone(),
            ],
            Self::Colima { profile } => {
                let mut way = vec!["ssh".to_owned()];
                way.extend(profile.iter().map(|name| format!("--profile={name}")));
                way.push("--".to_owned());
                way
            }
            Self::RancherDesktop => vec!["shell".to_owned()],
        };
        let root = !matches!(self, Self::Lima { root: false, .. });
        way.extend(root.then(|| "sudo".to_owned()));
        way
    }
}

/// As people call it: `Lima's instance `default``.
impl fmt::Display for Guest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lima { instance, .. } => write!(f, "Lima's instance `{instance}`"),
            Self::Colima { profile: Some(name) } => write!(f, "Colima's profile `{name}`"),
            Self::Colima { profile: None } => f.write_str("Colima"),
            Self::RancherDesktop => f.write_str("Rancher Desktop"),
        }
    }
}
