//! What nerdctl does not show of a container or a network, kept in a label of it.

use crate::parse::{at, reference};
use indexmap::IndexMap;
use perry_container_spec::{ContainerSpec, NetworkSpec};
use serde_json::{Value, json};

/// The label. It is shown to nobody.
pub(crate) const LABEL: &str = "dev.perry.nerdctl";

/// What nerdctl does not show of a container.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Notes {
    /// The image as it was asked for; nerdctl shows it with everything written out.
    pub(crate) image: String,
    /// The image's id; nerdctl shows none.
    pub(crate) image_id: String,
    /// Aliases by network.
    pub(crate) aliases: IndexMap<String, Vec<String>>,
    /// Ports that are not published: `80/tcp`. The image's own are among them.
    pub(crate) exposed: Vec<String>,
    /// Labels without a value; containerd keeps none.
    pub(crate) empty: Vec<String>,
}

impl Notes {
    /// Of a container, with its image as `image inspect` shows it.
    pub(crate) fn of(spec: &ContainerSpec, image_id: &str, image: &Value) -> Self {
        let exposed = at(image, &["Config", "ExposedPorts"]).as_object().into_iter().flatten();
        let exposed = exposed.map(|(port, _)| port.clone()).chain(spec.expose.iter().cloned());
        let empty = spec.labels.iter().filter(|(_, value)| value.is_empty());
        let attachments = spec.network.attachments().iter();
        Self {
            image: spec.image.clone(),
            image_id: image_id.to_owned(),
            aliases: attachments
                .filter(|one| !one.aliases.is_empty())
                .map(|one| (one.network.clone(), one.aliases.clone()))
                .collect(),
            exposed: exposed.collect(),
            empty: empty.map(|(key, _)| key.clone()).collect(),
        }
    }

    pub(crate) fn text(&self) -> String {
        json!({
            "image": self.image,
            "id": self.image_id,
            "aliases": self.aliases,
            "exposed": self.exposed,
            "empty": self.empty,
        })
        .to_string()
    }

    /// The notes of a container whose image nerdctl shows as `image`. An image that was made of a container has its
    /// labels, and hands them on: they are not about a container of another image.
    pub(crate) fn read(text: &str, image: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(text).ok()?;
        let word = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
        let words = |value: &Value| crate::parse::texts(value);
        let aliases = value["aliases"].as_object().into_iter().flatten();
        let notes = Self {
            image: word("image"),
            image_id: word("id"),
            aliases: aliases.map(|(network, all)| (network.clone(), words(all))).collect(),
            exposed: words(&value["exposed"]),
            empty: words(&value["empty"]),
        };
        (reference::normal(&notes.image) == reference::normal(image)).then_some(notes)
    }
}

/// What nerdctl does not show of a network, as the text of the same label.
pub(crate) fn of_network(spec: &NetworkSpec) -> String {
    let driver = spec.driver.as_deref().filter(|driver| !driver.is_empty()).unwrap_or("bridge");
    json!({ "driver": driver, "internal": spec.internal }).to_string()
}

/// Driver, and whether it is internal; of a network that somebody else made, what nerdctl does when nothing is said.
pub(crate) fn read_network(text: &str) -> (String, bool) {
    let value: Value = serde_json::from_str(text).unwrap_or_default();
    let driver = value["driver"].as_str().unwrap_or("bridge").to_owned();
    (driver, value["internal"].as_bool().unwrap_or_default())
}
