//! How a container's health is tested.

use crate::de::{is_false, whole};
use crate::object::{Extensions, object};
use crate::scalar::Duration;
use serde::{Deserialize, Serialize};

/// `healthcheck` of a service. What is absent is inherited from the image.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", default, expecting = "a health check: a mapping")]
pub struct ComposeHealthcheck {
    /// `[NONE]`, `[CMD, word...]` or `[CMD-SHELL, line]`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub test: Vec<String>,
    /// How long one test may take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Duration>,
    /// From the end of one test to the beginning of the next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<Duration>,
    /// So many failures in a row make it unhealthy.
    #[serde(deserialize_with = "whole", skip_serializing_if = "Option::is_none")]
    pub retries: Option<u64>,
    /// Failures within this time after the start do not count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_period: Option<Duration>,
    /// Like `interval`, within the start period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_interval: Option<Duration>,
    /// No test at all, not even the image's.
    #[serde(skip_serializing_if = "is_false")]
    pub disable: bool,
    /// `x-` properties.
    #[serde(flatten, skip_deserializing)]
    pub extensions: Extensions,
}

object!(ComposeHealthcheck);

impl ComposeHealthcheck {
    /// Whether no test is to run: `disable`, or `test: [NONE]`.
    pub fn is_disabled(&self) -> bool {
        self.disable || self.test.first().is_some_and(|kind| kind == "NONE")
    }
}
