//! Resource limits of a process.

use crate::object::{Bare, Extensions, Object};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use std::fmt;

/// A limit of `ulimits`: one number for both, or a soft and a hard one; -1 is unlimited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ComposeUlimit {
    /// Both limits.
    Single(i64),
    /// Each by itself.
    SoftHard {
        /// The limit in force, up to which a process may raise it.
        soft: i64,
        /// The limit of the limit.
        hard: i64,
        /// `x-` properties.
        extensions: Extensions,
    },
}

impl ComposeUlimit {
    /// The soft limit.
    pub const fn soft(&self) -> i64 {
        match self {
            Self::Single(limit) | Self::SoftHard { soft: limit, .. } => *limit,
        }
    }

    /// The hard limit.
    pub const fn hard(&self) -> i64 {
        match self {
            Self::Single(limit) | Self::SoftHard { hard: limit, .. } => *limit,
        }
    }
}

impl Bare for ComposeUlimit {
    fn bare(&mut self) {
        if let Self::SoftHard { extensions, .. } = self {
            extensions.clear();
        }
    }
}

impl Serialize for ComposeUlimit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (soft, hard) = (self.soft(), self.hard());
        match self {
            // docker compose prints a single 0 as an empty mapping.
            Self::Single(limit) if *limit != 0 => serializer.serialize_i64(*limit),
            Self::Single(_) => serializer.serialize_map(Some(0))?.end(),
            Self::SoftHard { extensions, .. } => {
                let mut map = serializer.serialize_map(None)?;
                if soft != 0 {
                    map.serialize_entry("soft", &soft)?;
                }
                if hard != 0 {
                    map.serialize_entry("hard", &hard)?;
                }
                for (key, value) in extensions {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for ComposeUlimit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UlimitVisitor)
    }
}

struct UlimitVisitor;

impl<'de> Visitor<'de> for UlimitVisitor {
    type Value = ComposeUlimit;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number, or a mapping with `soft` and `hard`")
    }

    fn visit_i64<E: Error>(self, limit: i64) -> Result<ComposeUlimit, E> {
        Ok(ComposeUlimit::Single(limit))
    }

    fn visit_u64<E: Error>(self, limit: u64) -> Result<ComposeUlimit, E> {
        Ok(ComposeUlimit::Single(i64::try_from(limit).unwrap_or(i64::MAX)))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ComposeUlimit, A::Error> {
        #[derive(serde::Deserialize)]
        struct Limits {
            #[serde(default)]
            soft: i64,
            #[serde(default)]
            hard: i64,
        }
        let mut extensions = Extensions::new();
        let limits =
            Limits::deserialize(Object::new(MapAccessDeserializer::new(map), &mut extensions))?;
        let Limits { soft, hard } = limits;
        if (soft, hard) == (0, 0) && extensions.is_empty() {
            return Ok(ComposeUlimit::Single(0));
        }
        Ok(ComposeUlimit::SoftHard { soft, hard, extensions })
    }
}
