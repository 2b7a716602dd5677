//! Volumes of a project.

use crate::de::{blank, is_false, present};
use crate::list_or_dict::{Labels, Options};
use crate::object::{Extensions, object};
use serde::{Deserialize, Serialize};

/// A volume of the project.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", default, expecting = "a volume: a mapping")]
pub struct ComposeVolume {
    /// Name at the engine; `<project>_<key>`, or the key of an external one.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub name: Option<String>,
    /// The engine's driver; absent means `local`.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub driver: Option<String>,
    /// Options of the driver.
    #[serde(skip_serializing_if = "Options::is_empty")]
    pub driver_opts: Options,
    /// It exists already.
    #[serde(skip_serializing_if = "is_false")]
    pub external: bool,
    /// Labels.
    #[serde(skip_serializing_if = "Labels::is_empty")]
    pub labels: Labels,
    /// `x-` properties.
    #[serde(flatten, skip_deserializing)]
    pub extensions: Extensions,
}

object!(ComposeVolume);
