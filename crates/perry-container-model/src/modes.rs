//! Texts with a small grammar that compose does not check: each is kept word for word and read by kind.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

/// Serde by `Display` and `FromStr`.
macro_rules! text {
    ($type:ty, $what:literal) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(crate::object::FromText::expecting($what))
            }
        }
    };
}

/// Whose namespace a container uses: `network_mode`, `ipc`, `pid`, `uts`, `cgroup`.
///
/// ```
/// # use perry_container_model::NamespaceMode;
/// let mode: NamespaceMode = "service:db".into();
/// assert_eq!(mode, NamespaceMode::Service("db".into()));
/// assert_eq!(NamespaceMode::from("host").to_string(), "host");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NamespaceMode {
    /// `service:x`: that of the first container of another service of the project.
    Service(String),
    /// `container:x`: that of a container by name or id.
    Container(String),
    /// A word the engine knows: `host`, `none`, `bridge`, `private`, `shareable`, or the name of a network.
    Named(String),
}

impl Default for NamespaceMode {
    fn default() -> Self {
        Self::Named(String::new())
    }
}

impl NamespaceMode {
    /// The service whose namespace it is.
    pub fn service(&self) -> Option<&str> {
        match self {
            Self::Service(name) => Some(name),
            _ => None,
        }
    }

    /// Whether it is this word of the engine.
    pub fn is(&self, word: &str) -> bool {
        matches!(self, Self::Named(name) if name == word)
    }
}

impl From<&str> for NamespaceMode {
    fn from(text: &str) -> Self {
        match text.split_once(':') {
            Some(("service", name)) => Self::Service(name.to_owned()),
            Some(("container", name)) => Self::Container(name.to_owned()),
            _ => Self::Named(text.to_owned()),
        }
    }
}

impl FromStr for NamespaceMode {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(text.into())
    }
}

impl fmt::Display for NamespaceMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(name) => write!(f, "service:{name}"),
            Self::Container(name) => write!(f, "container:{name}"),
            Self::Named(name) => f.write_str(name),
        }
    }
}

text!(NamespaceMode, "a namespace such as `host` or `service:NAME`");

/// When the engine restarts a container: `restart`.
///
/// ```
/// # use perry_container_model::RestartMode;
/// assert_eq!(RestartMode::from("on-failure:3"), RestartMode::OnFailure(Some(3)));
/// assert_eq!(RestartMode::from("sometimes"), RestartMode::Other("sometimes".into()));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RestartMode {
    /// `no`.
    No,
    /// `always`.
    Always,
    /// `unless-stopped`.
    UnlessStopped,
    /// `on-failure`, or `on-failure:N` with a number of attempts.
    OnFailure(Option<u32>),
    /// A word the specification does not know; the engine will refuse it.
    Other(String),
}

impl Default for RestartMode {
    fn default() -> Self {
        Self::Other(String::new())
    }
}

impl From<&str> for RestartMode {
    fn from(text: &str) -> Self {
        match text {
            "no" => Self::No,
            "always" => Self::Always,
            "unless-stopped" => Self::UnlessStopped,
            "on-failure" => Self::OnFailure(None),
            _ => {
                let attempts =
                    text.strip_prefix("on-failure:").and_then(|attempts| attempts.parse().ok());
                let mode = Self::OnFailure(attempts);
                if attempts.is_some() && mode.to_string() == text {
                    mode
                } else {
                    Self::Other(text.to_owned())
                }
            }
        }
    }
}

impl FromStr for RestartMode {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(text.into())
    }
}

impl fmt::Display for RestartMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::No => f.write_str("no"),
            Self::Always => f.write_str("always"),
            Self::UnlessStopped => f.write_str("unless-stopped"),
            Self::OnFailure(None) => f.write_str("on-failure"),
            Self::OnFailure(Some(attempts)) => write!(f, "on-failure:{attempts}"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

text!(RestartMode, "a restart policy such as `always`");

/// When the image of a service is pulled: `pull_policy`.
///
/// ```
/// # use perry_container_model::PullPolicy;
/// assert_eq!("every_12h".parse(), Ok(PullPolicy::Every("12h".into())));
/// assert_eq!(
///     "sometimes".parse::<PullPolicy>().unwrap_err().to_string(),
///     "invalid pull policy `sometimes`, expected `always`, `never`, `build`, `missing`, `refresh`, `daily`, `weekly` \
///      or `every_` with a duration"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PullPolicy {
    /// `always`.
    Always,
    /// `never`.
    Never,
    /// `build`: it is built, not pulled.
    Build,
    /// `missing`, also written `if_not_present`: when there is none. The default.
    Missing,
    /// `refresh`: when the one there is older than `pull_refresh_after`.
    Refresh,
    /// `daily`: when the one there is older than a day.
    Daily,
    /// `weekly`: when the one there is older than a week.
    Weekly,
    /// `every_<duration>`: when the one there is older; the text of the duration.
    Every(String),
}

/// A text that is no pull policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "invalid pull policy `{invalid}`, expected `always`, `never`, `build`, `missing`, `refresh`, `daily`, `weekly` or \
     `every_` with a duration"
)]
pub struct PullPolicyError {
    /// What was found.
    pub invalid: String,
}

impl PullPolicy {
    /// The age at which an image is pulled again, of the policies that have one.
    pub fn max_age(&self) -> Option<crate::Duration> {
        match self {
            Self::Daily => Some(crate::Duration::from_secs(86_400)),
            Self::Weekly => Some(crate::Duration::from_secs(604_800)),
            Self::Every(text) => text.parse().ok(),
            _ => None,
        }
    }
}

impl FromStr for PullPolicy {
    type Err = PullPolicyError;

    fn from_str(text: &str) -> Result<Self, PullPolicyError> {
        Ok(match text {
            "always" => Self::Always,
            "never" => Self::Never,
            "build" => Self::Build,
            "missing" | "if_not_present" => Self::Missing,
            "refresh" => Self::Refresh,
            "daily" => Self::Daily,
            "weekly" => Self::Weekly,
            _ => match text
                .strip_prefix("every_")
                .filter(|age| age.parse::<crate::Duration>().is_ok())
            {
                Some(age) => Self::Every(age.to_owned()),
                None => return Err(PullPolicyError { invalid: text.to_owned() }),
            },
        })
    }
}

impl fmt::Display for PullPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Always => "always",
            Self::Never => "never",
            Self::Build => "build",
            Self::Missing => "missing",
            Self::Refresh => "refresh",
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Every(age) => return write!(f, "every_{age}"),
        })
    }
}

text!(PullPolicy, "a pull policy such as `always`");
