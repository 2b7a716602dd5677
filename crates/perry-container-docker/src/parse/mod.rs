//! Reading what the tools print.

pub(crate) mod build;
pub(crate) mod container;
pub(crate) mod events;
pub(crate) mod image;
pub(crate) mod logs;
pub(crate) mod nerdctl;
pub(crate) mod network;
pub(crate) mod objects;
pub(crate) mod reference;
pub(crate) mod stats;
pub(crate) mod steps;

use indexmap::IndexMap;
use serde_json::Value;

/// The value at a path of keys.
pub(crate) fn at<'a>(value: &'a Value, path: &[&str]) -> &'a Value {
    path.iter().fold(value, |value, key| &value[*key])
}

/// The text at a path; empty when there is none.
pub(crate) fn text<'a>(value: &'a Value, path: &[&str]) -> &'a str {
    at(value, path).as_str().unwrap_or_default()
}

/// The first of these keys that holds a text which is not empty.
pub(crate) fn first<'a>(value: &'a Value, keys: &[&str]) -> &'a str {
    keys.iter().map(|key| text(value, &[key])).find(|text| !text.is_empty()).unwrap_or_default()
}

/// A list of texts; a single text counts as a list of one.
pub(crate) fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(all) => all.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Value::String(one) => vec![one.clone()],
        _ => Vec::new(),
    }
}

/// A map of texts.
pub(crate) fn map(value: &Value) -> IndexMap<String, String> {
    let pairs = value.as_object().into_iter().flatten();
    pairs.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

/// Labels without those that the tools write for themselves.
pub(crate) fn labels(value: &Value) -> IndexMap<String, String> {
    const OWN: &[&str] = &[
        crate::notes::LABEL,
        "nerdctl/",
        "containerd.io/",
        "io.containerd.",
        "io.podman.",
        "io.buildah.version",
        "desktop.docker.io/",
        "PODMAN_SYSTEMD_UNIT",
    ];
    let mut all = map(value);
    all.retain(|key, _| !OWN.iter().any(|own| key.starts_with(own)));
    all
}

/// RFC 3339 in UTC; empty for what never happened (Go's zero time) and for what is no time.
pub(crate) fn time(text: &str) -> String {
    match text.parse::<jiff::Timestamp>() {
        Ok(time) if time.as_second() > -62_135_596_800 => time.to_string(),
        _ => String::new(),
    }
}

/// An image's id with its algorithm, which podman leaves out.
pub(crate) fn image_id(text: &str) -> String {
    if text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()) {
        format!("sha256:{text}")
    } else {
        text.to_owned()
    }
}
