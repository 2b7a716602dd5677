//! A whole project.

use crate::ai_model::ComposeModel;
use crate::de::{blank, present};
use crate::inputs::ComposeInclude;
use crate::network::ComposeNetwork;
use crate::object::{Extensions, object};
use crate::service::ComposeService;
use crate::service_file::{ComposeConfig, ComposeSecret};
use crate::volume::ComposeVolume;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// A compose project in its canonical form: what `docker compose config` prints.
///
/// Deserializing is strict: an unknown property is an error, `x-` properties are kept. Serializing writes what
/// deserializing reads; [`ComposeSpec::config_json`] and [`ComposeSpec::config_yaml`] give what docker compose prints.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", default, expecting = "a compose project: a mapping with `services`")]
pub struct ComposeSpec {
    /// Version of the file format; without meaning today, and dropped by loading.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub version: Option<String>,
    /// Name of the project.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub name: Option<String>,
    /// Other projects that are part of this one; resolved by loading.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub include: Vec<ComposeInclude>,
    /// Services, in the order of the document.
    pub services: IndexMap<String, ComposeService>,
    /// Networks.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "IndexMap::is_empty")]
    pub networks: IndexMap<String, ComposeNetwork>,
    /// Volumes.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "IndexMap::is_empty")]
    pub volumes: IndexMap<String, ComposeVolume>,
    /// Secrets.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub secrets: IndexMap<String, ComposeSecret>,
    /// Configs.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub configs: IndexMap<String, ComposeConfig>,
    /// Language models.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub models: IndexMap<String, ComposeModel>,
    /// `x-` properties.
    #[serde(flatten, skip_deserializing)]
    pub extensions: Extensions,
}

object!(ComposeSpec [include, services, networks, volumes, secrets, configs, models]);

/// A mapping whose values may be null, which is the default value.
fn nullable<'de, D, T>(deserializer: D) -> Result<IndexMap<String, T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    let values = IndexMap::<String, Option<T>>::deserialize(deserializer)?;
    Ok(values.into_iter().map(|(key, value)| (key, value.unwrap_or_default())).collect())
}
