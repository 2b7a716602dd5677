//! Where the output of a container goes.

use crate::Options;
use crate::de::{blank, present};
use crate::object::{Extensions, object};
use serde::{Deserialize, Serialize};

/// `logging` of a service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", default, expecting = "a logging configuration: a mapping")]
pub struct ComposeLogging {
    /// The engine's driver; absent means its default.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub driver: Option<String>,
    /// Options of the driver.
    #[serde(skip_serializing_if = "Options::is_empty")]
    pub options: Options,
    /// `x-` properties.
    #[serde(flatten, skip_deserializing)]
    pub extensions: Extensions,
}

object!(ComposeLogging);
