//! The Compose schema (`schema/compose-spec.json`, under its own licence beside it), compiled to
//! the keywords it uses.

mod nearest;
mod pattern;
mod validate;

use std::sync::LazyLock;

use indexmap::IndexMap;
use serde_json::Value;

pub(crate) use validate::validate;

use pattern::Pattern;

static TEXT: &str = include_str!("../../schema/compose-spec.json");

static SCHEMA: LazyLock<Schema> =
    LazyLock::new(|| compile(&serde_json::from_str(TEXT).unwrap_or(Value::Null)));

/// A compiled schema: the root is the first rule.
struct Schema {
    rules: Vec<Rule>,
    named: IndexMap<String, usize>,
}

/// One schema object. What is empty says nothing.
#[derive(Default)]
struct Rule {
    reference: Option<String>,
    types: Vec<Type>,
    properties: IndexMap<String, usize>,
    patterns: Vec<(Pattern, usize)>,
    closed: bool,
    additional: Option<usize>,
    required: Vec<String>,
    items: Option<usize>,
    unique: bool,
    one_of: Vec<usize>,
    allowed: Vec<String>,
    pattern: Option<Pattern>,
    minimum: Option<f64>,
    maximum: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    Null,
    Boolean,
    Integer,
    Number,
    String,
    Array,
    Object,
}

impl Type {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "null" => Self::Null,
            "boolean" => Self::Boolean,
            "integer" => Self::Integer,
            "number" => Self::Number,
            "string" => Self::String,
            "array" => Self::Array,
            "object" => Self::Object,
            _ => return None,
        })
    }

    fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "a boolean",
            Self::Integer => "an integer",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Array => "a list",
            Self::Object => "a mapping",
        }
    }
}

fn compile(root: &Value) -> Schema {
    let mut schema = Schema { rules: Vec::new(), named: IndexMap::new() };
    add(root, &mut schema);
    for (name, value) in root.get("$defs").and_then(Value::as_object).into_iter().flatten() {
        let rule = add(value, &mut schema);
        schema.named.insert(name.clone(), rule);
    }
    schema
}

fn add(value: &Value, schema: &mut Schema) -> usize {
    let number = schema.rules.len();
    schema.rules.push(Rule::default());
    let texts = |key: &str| -> Vec<String> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        value.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(text).collect()
    };
    let mut rule = Rule {
        reference: value
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|reference| reference.strip_prefix("#/$defs/"))
            .map(str::to_owned),
        types: match value.get("type") {
            Some(Value::String(name)) => Type::of(name).into_iter().collect(),
            Some(Value::Array(_)) => {
                texts("type").iter().filter_map(|name| Type::of(name)).collect()
            }
            _ => Vec::new(),
        },
        closed: value.get("additionalProperties") == Some(&Value::Bool(false)),
        required: texts("required"),
        unique: value.get("uniqueItems") == Some(&Value::Bool(true)),
        allowed: texts("enum"),
        pattern: value.get("pattern").and_then(Value::as_str).and_then(Pattern::of),
        minimum: value.get("minimum").and_then(Value::as_f64),
        maximum: value.get("maximum").and_then(Value::as_f64),
        ..Rule::default()
    };
    for (key, value) in value.get("properties").and_then(Value::as_object).into_iter().flatten() {
        rule.properties.insert(key.clone(), add(value, schema));
    }
    let patterns = value.get("patternProperties").and_then(Value::as_object);
    for (pattern, value) in patterns.into_iter().flatten() {
        if let Some(pattern) = Pattern::of(pattern) {
            rule.patterns.push((pattern, add(value, schema)));
        }
    }
    if let Some(additional @ Value::Object(_)) = value.get("additionalProperties") {
        rule.additional = Some(add(additional, schema));
    }
    if let Some(items) = value.get("items") {
        rule.items = Some(add(items, schema));
    }
    for value in value.get("oneOf").and_then(Value::as_array).into_iter().flatten() {
        let alternative = add(value, schema);
        rule.one_of.push(alternative);
    }
    schema.rules[number] = rule;
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keywords and patterns that are not compiled would not be checked.
    #[test]
    fn everything_the_schema_says_is_understood() {
        const KNOWN: &[&str] = &[
            "$comment",
            "$defs",
            "$id",
            "$ref",
            "$schema",
            "additionalProperties",
            "default",
            "deprecated",
            "description",
            "enum",
            "items",
            "maximum",
            "minimum",
            "oneOf",
            "pattern",
            "patternProperties",
            "properties",
            "required",
            "title",
            "type",
            "uniqueItems",
        ];
        fn check(value: &Value) {
            let Some(map) = value.as_object() else { return };
            for (key, value) in map {
                assert!(KNOWN.contains(&key.as_str()), "{key}");
                match (key.as_str(), value) {
                    ("pattern", Value::String(pattern)) => {
                        assert!(Pattern::of(pattern).is_some(), "{pattern}");
                    }
                    ("patternProperties", Value::Object(members)) => {
                        for (pattern, value) in members {
                            assert!(Pattern::of(pattern).is_some(), "{pattern}");
                            check(value);
                        }
                    }
                    ("properties" | "$defs", Value::Object(members)) => {
                        members.values().for_each(check);
                    }
                    ("oneOf", Value::Array(members)) => {
                        members.iter().for_each(check);
                    }
                    ("items" | "additionalProperties", value) => check(value),
                    ("$ref", Value::String(name)) => {
                        assert!(
                            SCHEMA.named.contains_key(name.trim_start_matches("#/$defs/")),
                            "{name}"
                        );
                    }
                    ("type", Value::String(name)) => assert!(Type::of(name).is_some(), "{name}"),
                    _ => {}
                }
            }
        }
        check(&serde_json::from_str(TEXT).unwrap());
        assert!(SCHEMA.rules.len() > 300);
    }
}
