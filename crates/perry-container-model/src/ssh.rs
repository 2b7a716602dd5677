//! SSH agents and keys of a build.

use crate::list_or_dict::Labels;
use serde::{Deserialize as _, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// An SSH agent socket or key under the name the Dockerfile uses: `default`, `id=path`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SshKey {
    /// The name.
    pub id: String,
    /// Path of the socket or key; absent for `default`, which is the caller's agent.
    pub path: Option<String>,
}

/// Only `default` may lack a path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid ssh key `{0}`, expected `default` or `id=path`")]
pub struct SshKeyError(String);

impl FromStr for SshKey {
    type Err = SshKeyError;

    fn from_str(text: &str) -> Result<Self, SshKeyError> {
        match text.split_once('=') {
            Some((id, path)) if !path.is_empty() => {
                Ok(Self { id: id.to_owned(), path: Some(path.to_owned()) })
            }
            None if text == "default" => Ok(Self { id: text.to_owned(), path: None }),
            Some(("default", _)) => Ok(Self { id: "default".to_owned(), path: None }),
            _ => Err(SshKeyError(text.to_owned())),
        }
    }
}

impl fmt::Display for SshKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.path {
            Some(path) => write!(f, "{}={path}", self.id),
            None => f.write_str(&self.id),
        }
    }
}

impl Serialize for SshKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A list of `id=path`, or a mapping.
pub(crate) fn keys<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<SshKey>, D::Error> {
    let entries = Labels::deserialize(deserializer)?;
    let text =
        |(id, path): (String, String)| if path.is_empty() { id } else { format!("{id}={path}") };
    entries.into_iter().map(|entry| text(entry).parse().map_err(serde::de::Error::custom)).collect()
}
