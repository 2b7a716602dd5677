//! Commands that run around a container's life.

use crate::de::{blank, is_false, present};
use crate::list_or_dict::Environment;
use crate::object::{Extensions, object};
use serde::{Deserialize, Serialize};

/// A command that runs in a container: `post_start`, `pre_stop`, `exec` of a watch.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", default, expecting = "a hook: a mapping with `command`")]
pub struct ServiceHook {
    /// Its words.
    pub command: Option<Vec<String>>,
    /// Who runs it; absent means the container's user.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub user: Option<String>,
    /// With extended privileges.
    #[serde(skip_serializing_if = "is_false")]
    pub privileged: bool,
    /// Where; absent means the container's working directory.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub working_dir: Option<String>,
    /// Further variables.
    #[serde(skip_serializing_if = "Environment::is_empty")]
    pub environment: Environment,
    /// `x-` properties.
    #[serde(flatten, skip_deserializing)]
    pub extensions: Extensions,
}

/// One entry of `pre_start` (docker compose v5): a container that runs to completion before the service starts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", default, expecting = "an init container: a mapping")]
pub struct PreStartHook {
    /// Its image; absent means the service's.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub image: Option<String>,
    /// Its words; absent means the image's.
    pub command: Option<Vec<String>>,
    /// Who runs it.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub user: Option<String>,
    /// With extended privileges.
    #[serde(skip_serializing_if = "is_false")]
    pub privileged: bool,
    /// Where.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub working_dir: Option<String>,
    /// Further variables.
    #[serde(skip_serializing_if = "Environment::is_empty")]
    pub environment: Environment,
    /// Once for each container of the service, instead of once for the service.
    #[serde(skip_serializing_if = "is_false")]
    pub per_replica: bool,
    /// `x-` properties.
    #[serde(flatten, skip_deserializing)]
    pub extensions: Extensions,
}

object!(ServiceHook);
object!(PreStartHook);
