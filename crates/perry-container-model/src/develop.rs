//! What happens to a service when its sources change.

use crate::de::{blank, is_false, one_or_many, present};
use crate::hook::ServiceHook;
use crate::object::{Extensions, object};
use crate::word::words;
use serde::{Deserialize, Serialize};

/// `develop` of a service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", default, expecting = "a development configuration: a mapping")]
pub struct ComposeDevelop {
    /// What is watched.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub watch: Vec<WatchTrigger>,
    /// `x-` properties.
    #[serde(flatten, skip_deserializing)]
    pub extensions: Extensions,
}

words! {
    /// What a change of a watched file causes.
    pub enum WatchAction ("watch action", WatchActionError) {
        /// The image is built and the container replaced.
        Rebuild = "rebuild",
        /// The file is copied into the container.
        Sync = "sync",
        /// The container is restarted.
        Restart = "restart",
        /// The file is copied, then the container restarted.
        SyncRestart = "sync+restart",
        /// The file is copied, then `exec` is run.
        SyncExec = "sync+exec",
    }
}

/// One entry of `watch`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", expecting = "a watch: a mapping with `path` and `action`")]
pub struct WatchTrigger {
    /// File or folder that is watched.
    #[serde(default)]
    pub path: String,
    /// What a change causes.
    pub action: WatchAction,
    /// Path in the container that files are copied to.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "blank")]
    pub target: Option<String>,
    /// What is run after a copy.
    #[serde(default)]
    pub exec: ServiceHook,
    /// Only files that match one of these patterns.
    #[serde(default, deserialize_with = "one_or_many", skip_serializing_if = "Vec::is_empty")]
    pub include: Vec<String>,
    /// No files that match one of these patterns.
    #[serde(default, deserialize_with = "one_or_many", skip_serializing_if = "Vec::is_empty")]
    pub ignore: Vec<String>,
    /// Copy everything when watching begins.
    #[serde(default, skip_serializing_if = "is_false")]
    pub initial_sync: bool,
    /// `x-` properties.
    #[serde(flatten, skip_deserializing)]
    pub extensions: Extensions,
}

object!(ComposeDevelop[watch]);
object!(WatchTrigger[exec]);
