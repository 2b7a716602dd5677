//! What the tool prints, as values. Both generations: from 1.0 on an object has its `configuration`, `id` and `status`;
//! before, a container's `status` was a word and its addresses stood beside it.

mod container;
mod image;
mod objects;

pub(crate) use container::container;
pub(crate) use image::{assign, image};
pub(crate) use objects::{network, usage, volume};

use indexmap::IndexMap;
use serde_json::Value;

/// A text at a path; empty where there is none.
pub(crate) fn text<'a>(value: &'a Value, path: &[&str]) -> &'a str {
    path.iter().fold(value, |at, key| &at[*key]).as_str().unwrap_or_default()
}

/// Texts of a list.
pub(crate) fn texts(value: &Value) -> Vec<String> {
    let all = value.as_array().into_iter().flatten();
    all.filter_map(|one| one.as_str().map(str::to_owned)).collect()
}

/// A map of texts.
pub(crate) fn map(value: &Value) -> IndexMap<String, String> {
    let all = value.as_object().into_iter().flatten();
    all.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

/// The first text that is there.
pub(crate) fn first<'a>(value: &'a Value, paths: &[&[&str]]) -> &'a str {
    paths.iter().map(|path| text(value, path)).find(|text| !text.is_empty()).unwrap_or_default()
}
