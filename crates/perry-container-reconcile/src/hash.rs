//! Hashes that outlive the process in labels.

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// sha256 as lower-case hexadecimal.
pub(crate) fn sha256(text: &str) -> String {
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(text.as_bytes()) {
        let _ = write!(hex, "{byte:02x}"); // a String takes everything
    }
    hex
}

/// Of plain data.
pub(crate) fn of(data: &impl Serialize) -> String {
    sha256(&serde_json::to_string(data).expect("plain data with text keys"))
}

/// One hash per property, 8 hexadecimal digits each, so that drift can name what changed.
pub(crate) fn by_property(data: &impl Serialize) -> IndexMap<String, String> {
    let Ok(Value::Object(all)) = serde_json::to_value(data) else {
        unreachable!("plain data with text keys")
    };
    let short = |value: Value| {
        let mut hash = sha256(&value.to_string());
        hash.truncate(8);
        hash
    };
    all.into_iter().map(|(key, value)| (key, short(value))).collect()
}

/// `image=0a1b2c3d,ports=...`, sorted.
pub(crate) fn join(hashes: &IndexMap<String, String>) -> String {
    let mut parts: Vec<String> = hashes.iter().map(|(key, hash)| format!("{key}={hash}")).collect();
    parts.sort_unstable();
    parts.join(",")
}

/// What [`join`] wrote.
pub(crate) fn split(text: &str) -> IndexMap<&str, &str> {
    text.split(',').filter_map(|part| part.split_once('=')).collect()
}
