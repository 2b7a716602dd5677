//! Nodes as serde reads them: what [`to_json`](crate::bind::to_json) would give, without making it.

use perry_container_yaml::{Entry, Kind, Node, float_text};
use serde::de::value::{MapDeserializer, SeqDeserializer, StrDeserializer};
use serde::de::{Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

/// As serde_json words them.
type Error = serde_json::Error;

#[derive(Clone, Copy)]
pub(crate) struct Reader<'n> {
    node: &'n Node,
    /// A member of the map that is left out.
    without: Option<&'static str>,
}

impl<'n> Reader<'n> {
    pub(crate) fn of(node: &'n Node) -> Self {
        Self { node, without: None }
    }

    pub(crate) fn without(node: &'n Node, member: &'static str) -> Self {
        Self { node, without: Some(member) }
    }
}

impl<'n> IntoDeserializer<'n, Error> for Reader<'n> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Reader<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.node.kind {
            Kind::Null => visitor.visit_unit(),
            Kind::Bool(value) => visitor.visit_bool(*value),
            Kind::Int(int) => match (u64::try_from(*int), i64::try_from(*int)) {
                (Ok(int), _) => visitor.visit_u64(int),
                (_, Ok(int)) => visitor.visit_i64(int),
                _ => visitor.visit_string(int.to_string()),
            },
            Kind::Float(float) if float.is_finite() => visitor.visit_f64(*float),
            Kind::Float(float) => visitor.visit_string(float_text(*float)),
            Kind::Str(text) | Kind::Timestamp(text) => visitor.visit_borrowed_str(text),
            Kind::Seq(items) => {
                let mut items = SeqDeserializer::new(items.iter().map(Self::of));
                let value = visitor.visit_seq(&mut items)?;
                items.end()?;
                Ok(value)
            }
            Kind::Map(map) => {
                let kept = map.iter().filter(|(key, _)| self.without != Some(key.as_str()));
                let member = |(key, entry): (&'de String, &'de Entry)| {
                    (key.as_str(), Self::of(&entry.value))
                };
                let mut members = MapDeserializer::new(kept.map(member));
                let value = visitor.visit_map(&mut members)?;
                members.end()?;
                Ok(value)
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.node.kind {
            Kind::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let text = self.node.as_str().unwrap_or_default();
        StrDeserializer::new(text).deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

#[cfg(all(test, feature = "yaml"))]
mod tests {
    use super::Reader;
    use crate::bind::to_json;
    use perry_container_yaml::parse;
    use serde::Deserialize as _;
    use serde_json::Value;

    #[test]
    fn a_reader_gives_what_json_would() {
        let text = "a: [1, -1, 18446744073709551615, 123456789012345678901234567890, 1.5, .inf, true, ~]\nb: {c: text, d: 2024-01-02, e: {}, f: []}\n";
        let node = &parse(text, None).unwrap()[0];
        assert_eq!(Value::deserialize(Reader::of(node)).unwrap(), to_json(node));
        let rest = Value::deserialize(Reader::without(node, "a")).unwrap();
        assert_eq!(rest, serde_json::json!({"b": to_json(node)["b"]}));
    }
}
