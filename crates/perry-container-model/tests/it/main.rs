//! The model against what docker compose 2.40.3 prints and hashes.

mod hashes;
mod print;
mod properties;
mod refusals;
mod schema_paths;

use serde_json::Value;

/// A file of the workspace's fixtures.
fn fixture(path: &str) -> Vec<u8> {
    let path = format!("{}/../../fixtures/compose/{path}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn text_fixture(path: &str) -> String {
    String::from_utf8(fixture(path)).expect("text")
}

/// docker compose doubles every `$` it prints; this is the value before.
fn unescaped(mut value: Value) -> Value {
    fn walk(value: &mut Value) {
        match value {
            Value::String(text) => *text = text.replace("$$", "$"),
            Value::Array(items) => items.iter_mut().for_each(walk),
            Value::Object(map) => map.values_mut().for_each(walk),
            _ => {}
        }
    }
    walk(&mut value);
    value
}
