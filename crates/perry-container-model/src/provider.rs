//! Services that a program outside provides.

use crate::de::one_or_many;
use crate::object::{Extensions, object};
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// `provider` of a service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", expecting = "a provider: a mapping with `type`")]
pub struct ComposeProvider {
    /// Name of the program.
    #[serde(rename = "type", skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// What it is told: any number of values by key.
    #[serde(default, deserialize_with = "options", skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, Vec<String>>,
    /// `x-` properties.
    #[serde(flatten, skip_deserializing)]
    pub extensions: Extensions,
}

object!(ComposeProvider);

fn options<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, Vec<String>>, D::Error> {
    deserializer.deserialize_map(OptionsVisitor)
}

struct OptionsVisitor;

impl<'de> Visitor<'de> for OptionsVisitor {
    type Value = BTreeMap<String, Vec<String>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping from names to values or lists of values")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        #[derive(Deserialize)]
        #[serde(transparent)]
        struct Values(#[serde(deserialize_with = "one_or_many")] Vec<String>);

        let mut options = BTreeMap::new();
        while let Some((name, Values(values))) = map.next_entry::<String, Values>()? {
            options.insert(name, values);
        }
        Ok(options)
    }
}
