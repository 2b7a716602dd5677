//! What a policy says.

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, value::MapAccessDeserializer},
};
use std::fmt;

/// How much a container is trusted, the most first.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum PolicyTier {
    /// As the runtime has it.
    #[default]
    Default,
    /// No network, and no way round that.
    Isolated,
    /// A read-only root, no capability, no root user, the strict seccomp profile, a limit of processes.
    Hardened,
    /// All of these, limits of memory and CPU, and a kernel of its own.
    Untrusted,
}

impl PolicyTier {
    /// `default`, `isolated`, `hardened`, `untrusted`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Isolated => "isolated",
            Self::Hardened => "hardened",
            Self::Untrusted => "untrusted",
        }
    }
}

impl fmt::Display for PolicyTier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A tier and what is wanted beyond it. In JSON a map, or the tier's name alone. A flag can only tighten: `false` for
/// something that the tier demands changes nothing, and is told.
///
/// ```
/// # use perry_container_policy::{PolicySpec, PolicyTier};
/// let policy: PolicySpec = serde_json::from_str(r#"{"tier": "hardened", "noNetwork": true}"#)?;
/// assert_eq!((policy.tier, policy.no_network), (PolicyTier::Hardened, Some(true)));
/// let policy: PolicySpec = serde_json::from_str(r#""untrusted""#)?;
/// assert_eq!(policy, PolicySpec::of(PolicyTier::Untrusted));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
pub struct PolicySpec {
    /// The tier.
    #[serde(default)]
    pub tier: PolicyTier,
    /// No network but loopback.
    #[serde(default, skip_serializing_if = "Option::is_none", alias = "no_network")]
    pub no_network: Option<bool>,
    /// A read-only root file system, with memory for what has to be written.
    #[serde(default, skip_serializing_if = "Option::is_none", alias = "read_only_root")]
    pub read_only_root: Option<bool>,
    /// The strict seccomp profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seccomp: Option<bool>,
}

impl PolicySpec {
    /// A tier and nothing beyond it.
    pub const fn of(tier: PolicyTier) -> Self {
        Self { tier, no_network: None, read_only_root: None, seccomp: None }
    }
}

impl Serialize for PolicySpec {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for PolicySpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> de::Visitor<'de> for Either {
            type Value = PolicySpec;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a tier (default, isolated, hardened, untrusted), or a map with tier, noNetwork, readOnlyRoot and seccomp")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<PolicySpec, E> {
                let tier = PolicyTier::deserialize(de::value::StrDeserializer::new(text))?;
                Ok(PolicySpec::of(tier))
            }
            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<PolicySpec, A::Error> {
                PolicySpec::deserialize(MapAccessDeserializer::new(map))
            }
        }
        deserializer.deserialize_any(Either)
    }
}
