//! Additional lines of a container's hosts file.

use crate::de::one_or_many;
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor,
};
use serde::{Serialize, Serializer};
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// A name with an address, printed `name=address`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ExtraHost {
    /// The name.
    pub host: String,
    /// An IP address without brackets, or `host-gateway`.
    pub address: String,
}

/// Why a text is no [`ExtraHost`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExtraHostError {
    /// Neither `=` nor `:`, or nothing behind it.
    #[error("invalid additional host `{0}`, expected `name=address`")]
    MissingAddress(String),
    /// No name.
    #[error("bad host name in additional host `{0}`")]
    Name(String),
}

impl ExtraHost {
    fn new(host: &str, address: &str) -> Self {
        let bare =
            address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(address);
        Self { host: host.to_owned(), address: bare.to_owned() }
    }
}

impl FromStr for ExtraHost {
    type Err = ExtraHostError;

    /// `name=address` or `name:address`.
    fn from_str(text: &str) -> Result<Self, ExtraHostError> {
        let separator = if text.contains('=') { '=' } else { ':' };
        match text.split_once(separator) {
            Some(("", _)) => Err(ExtraHostError::Name(text.to_owned())),
            Some((host, address)) if !address.is_empty() => Ok(Self::new(host, address)),
            _ => Err(ExtraHostError::MissingAddress(text.to_owned())),
        }
    }
}

impl fmt::Display for ExtraHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.host, self.address)
    }
}

impl Ord for ExtraHost {
    /// By the printed text, the order in which docker compose prints them.
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let text = |host: &Self| (host.to_string(), host.host.len());
        text(self).cmp(&text(other))
    }
}

impl PartialOrd for ExtraHost {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// The additional hosts of a service: read from a list of `name=address`, or a mapping from names to addresses; kept
/// sorted, written as a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExtraHosts(pub BTreeSet<ExtraHost>);

impl ExtraHosts {
    /// None.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One after the other, sorted.
    pub fn iter(&self) -> std::collections::btree_set::Iter<'_, ExtraHost> {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a ExtraHosts {
    type Item = &'a ExtraHost;
    type IntoIter = std::collections::btree_set::Iter<'a, ExtraHost>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl Serialize for ExtraHosts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(ToString::to_string))
    }
}

impl<'de> Deserialize<'de> for ExtraHosts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(HostsVisitor)
    }
}

struct HostsVisitor;

impl<'de> Visitor<'de> for HostsVisitor {
    type Value = ExtraHosts;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of `name=address`, or a mapping from names to addresses")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<ExtraHosts, A::Error> {
        let mut hosts = BTreeSet::new();
        while let Some(text) = seq.next_element::<String>()? {
            hosts.insert(text.parse().map_err(A::Error::custom)?);
        }
        Ok(ExtraHosts(hosts))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ExtraHosts, A::Error> {
        let mut hosts = BTreeSet::new();
        while let Some(host) = map.next_key::<String>()? {
            for address in map.next_value_seed(Addresses)? {
                hosts.insert(ExtraHost::new(&host, &address));
            }
        }
        Ok(ExtraHosts(hosts))
    }
}

struct Addresses;

impl<'de> DeserializeSeed<'de> for Addresses {
    type Value = Vec<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<String>, D::Error> {
        one_or_many(deserializer)
    }
}
