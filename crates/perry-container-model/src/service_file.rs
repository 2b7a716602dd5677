//! Secrets and configs: what a project has, and what a service or a build uses.

use crate::de::{blank, present};
use crate::list_or_dict::{Labels, Options};
use crate::object::{Extensions, object};
use crate::scalar::FileMode;
use perry_container_spec::Sensitive;
use serde::{Deserialize, Serialize};

/// A use of a secret or config by a service or a build.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", expecting = "a use of a secret or config: a mapping with `source`")]
pub struct ServiceFile {
    /// Key of the secret or config in the project.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "blank")]
    pub source: Option<String>,
    /// Path in the container. A secret's default is `/run/secrets/<source>`, a config's `/<source>`.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "blank")]
    pub target: Option<String>,
    /// Owner of the file.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "blank")]
    pub uid: Option<String>,
    /// Group of the file.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "blank")]
    pub gid: Option<String>,
    /// Permissions of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<FileMode>,
    /// `x-` properties.
    #[serde(flatten, skip_deserializing)]
    pub extensions: Extensions,
}

/// A secret of the project. Exactly one of `file`, `environment`, `external` or `driver` says where it comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", default, expecting = "a secret: a mapping")]
pub struct ComposeSecret {
    /// Name at the engine; `<project>_<key>`, or the key of an external one.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub name: Option<String>,
    /// Path of the file that holds it.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub file: Option<String>,
    /// Name of the variable that holds it.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub environment: Option<String>,
    /// It exists already.
    #[serde(skip_serializing_if = "crate::de::is_false")]
    pub external: bool,
    /// Labels.
    #[serde(skip_serializing_if = "Labels::is_empty")]
    pub labels: Labels,
    /// Driver that provides it.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub driver: Option<String>,
    /// Options of the driver.
    #[serde(skip_serializing_if = "Options::is_empty")]
    pub driver_opts: Options,
    /// Driver that renders it.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub template_driver: Option<String>,
    /// `x-` properties.
    #[serde(flatten, skip_deserializing)]
    pub extensions: Extensions,
}

/// A config of the project. Exactly one of `file`, `environment`, `content` or `external` says where it comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", default, expecting = "a config: a mapping")]
pub struct ComposeConfig {
    /// Name at the engine; `<project>_<key>`, or the key of an external one.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub name: Option<String>,
    /// Path of the file that holds it.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub file: Option<String>,
    /// Name of the variable that holds it. Once loaded, `content` has the value of the variable.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub environment: Option<String>,
    /// The content itself; an empty one is an empty file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<Sensitive<String>>,
    /// It exists already.
    #[serde(skip_serializing_if = "crate::de::is_false")]
    pub external: bool,
    /// Labels.
    #[serde(skip_serializing_if = "Labels::is_empty")]
    pub labels: Labels,
    /// Driver that renders it.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub template_driver: Option<String>,
    /// `x-` properties.
    #[serde(flatten, skip_deserializing)]
    pub extensions: Extensions,
}

object!(ServiceFile);
object!(ComposeSecret);
object!(ComposeConfig);
