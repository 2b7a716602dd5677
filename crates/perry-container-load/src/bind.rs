//! From the canonical document to typed values; what does not fit is found again by its path.

use perry_container_model::ComposeSpec;
use perry_container_yaml::{Kind, Node};
use serde_json::{Map, Number, Value};

use crate::{
    ProblemKind, PropertyPath,
    loaded::find_span,
    problem::{Fault, Faults},
};

/// The document as JSON. What JSON has no number for becomes text.
pub(crate) fn to_json(node: &Node) -> Value {
    match &node.kind {
        Kind::Null => Value::Null,
        Kind::Bool(value) => Value::Bool(*value),
        Kind::Int(int) => i64::try_from(*int)
            .map(Number::from)
            .or_else(|_| u64::try_from(*int).map(Number::from))
            .map_or_else(|_| Value::String(int.to_string()), Value::Number),
        Kind::Float(float) => Number::from_f64(*float)
            .map_or_else(|| Value::String(perry_container_yaml::float_text(*float)), Value::Number),
        Kind::Str(text) | Kind::Timestamp(text) => Value::String(text.clone()),
        Kind::Seq(items) => Value::Array(items.iter().map(to_json).collect()),
        Kind::Map(map) => Value::Object(
            map.iter()
                .map(|(key, entry)| (key.clone(), to_json(&entry.value)))
                .collect::<Map<_, _>>(),
        ),
    }
}

pub(crate) fn bind(root: &Node) -> Result<ComposeSpec, Faults> {
    serde_path_to_error::deserialize(to_json(root)).map_err(|error| {
        let path: PropertyPath = error
            .path()
            .iter()
            .map(|segment| match segment {
                serde_path_to_error::Segment::Seq { index } => index.to_string(),
                serde_path_to_error::Segment::Map { key } => key.clone(),
                serde_path_to_error::Segment::Enum { variant } => variant.clone(),
                serde_path_to_error::Segment::Unknown => "?".to_owned(),
            })
            .collect();
        let span = find_span(root, &path).unwrap_or_default();
        Fault::new(ProblemKind::Value, &path, span, error.inner().to_string()).into()
    })
}
