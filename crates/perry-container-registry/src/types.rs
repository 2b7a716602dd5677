//! What registries hold.

use crate::Digest;
use bytes::Bytes;
use serde::Deserialize;

/// The bytes of a manifest or an index, and their digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The digest of the bytes.
    pub digest: Digest,
    /// As the registry labelled it; not to be trusted.
    pub media_type: String,
    /// As they came.
    pub bytes: Bytes,
}

/// A pointer to content, as manifests and indexes hold them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// What it is said to be.
    #[serde(default)]
    pub media_type: String,
    /// Which content.
    pub digest: Digest,
    /// Its length in bytes, as somebody said.
    #[serde(default)]
    pub size: u64,
    /// What it is said to be about. Registries and clients disagree on it.
    #[serde(default)]
    pub artifact_type: Option<String>,
    /// Notes on it.
    #[serde(default, deserialize_with = "nullable")]
    pub annotations: indexmap::IndexMap<String, String>,
}

fn nullable<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// What refers to an image.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Referrers {
    /// In the registry's order.
    pub entries: Vec<Descriptor>,
    /// There are more than the limit allows.
    pub more: bool,
}
