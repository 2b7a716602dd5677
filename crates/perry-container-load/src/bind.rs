//! From the canonical document to typed values; what does not fit is found again by its path.

use perry_container_model::ComposeSpec;
use perry_container_yaml::{Kind, Node};
use serde::de::DeserializeOwned;
use serde_json::{Map, Number, Value};
use serde_path_to_error::Segment;

use crate::{
    ProblemKind, PropertyPath,
    loaded::find_span,
    problem::{Fault, Faults},
    reader::Reader,
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

/// The whole document. Services are bound one by one, so that each can say what is wrong with it.
pub(crate) fn bind(root: &Node) -> Result<ComposeSpec, Faults> {
    let mut faults = Vec::new();
    let top = PropertyPath::root();
    let mut spec: ComposeSpec = match part(Reader::without(root, "services"), &top, root) {
        Ok(spec) => spec,
        Err(fault) => {
            faults.push(*fault);
            ComposeSpec::default()
        }
    };
    if let Some(services) = root.get("services").and_then(Node::as_map) {
        let path = top.join("services");
        for (name, entry) in services {
            match part(Reader::of(&entry.value), &path.join(name), root) {
                Ok(service) => {
                    spec.services.insert(name.clone(), service);
                }
                Err(fault) => faults.push(*fault),
            }
        }
    }
    if faults.is_empty() { Ok(spec) } else { Err(faults) }
}

fn part<T: DeserializeOwned>(
    reader: Reader<'_>,
    path: &PropertyPath,
    root: &Node,
) -> Result<T, Box<Fault>> {
    serde_path_to_error::deserialize(reader).map_err(|error| {
        let mut path = path.clone();
        for segment in error.path() {
            match segment {
                Segment::Seq { index } => path.push(index.to_string()),
                Segment::Map { key } => path.push(key.as_str()),
                Segment::Enum { .. } | Segment::Unknown => {}
            }
        }
        let span = find_span(root, &path).unwrap_or_default();
        Box::new(Fault::new(ProblemKind::Value, &path, span, error.inner().to_string()))
    })
}
