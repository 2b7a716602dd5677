//! What the tool does not keep of a container, in a label of it.

use perry_container_spec::{ContainerSpec, Healthcheck, RestartPolicy};
use serde::{Deserialize, Serialize};

/// The label. It is shown to nobody.
pub(crate) const LABEL: &str = "dev.perry.apple";

/// What somebody else has to know later: who probes its health and starts it again, and who stops it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Notes {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) healthcheck: Option<Healthcheck>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) restart: Option<RestartPolicy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) stop_signal: Option<String>,
    /// Seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) stop_timeout: Option<u64>,
    /// The image as it was asked for; the tool shows it with everything written out.
    pub(crate) image: String,
}

impl Notes {
    pub(crate) fn of(spec: &ContainerSpec) -> Self {
        Self {
            healthcheck: spec.healthcheck.clone(),
            restart: spec.restart.clone().filter(|policy| *policy != RestartPolicy::No),
            stop_signal: spec.stop_signal.clone(),
            stop_timeout: spec.stop_timeout.map(|time| time.as_secs()),
            image: spec.image.clone(),
        }
    }

    pub(crate) fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    pub(crate) fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}
