//! How the mappings of a compose document are read: known properties, `x-` extensions, nothing else.

use crate::nearest::nearest;
use indexmap::IndexMap;
use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, Error, IntoDeserializer as _, MapAccess, Visitor};
use serde::forward_to_deserialize_any;
use std::fmt;
use std::marker::PhantomData;

/// The `x-` properties of a mapping, in the order of the document. Kept as they are; no rule reads them but ours
/// (`x-perry-...`).
pub type Extensions = IndexMap<String, serde_json::Value>;

/// Implements `Serialize`, `Deserialize` and [`Bare`] for a struct that derives the first two with
/// `#[serde(remote = "Self")]` and has a field `extensions`. In brackets: its fields that hold such structs.
macro_rules! object {
    ($type:ty $([$($field:ident),+ $(,)?])?) => {
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let mut extensions = $crate::object::Extensions::new();
                let mut value =
                    <$type>::deserialize($crate::object::Object::new(deserializer, &mut extensions))?;
                value.extensions = extensions;
                Ok(value)
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                <$type>::serialize(self, serializer)
            }
        }

        impl $crate::object::Bare for $type {
            fn bare(&mut self) {
                self.extensions.clear();
                $($($crate::object::Bare::bare(&mut self.$field);)+)?
            }
        }
    };
}
pub(crate) use object;

/// What can do without its `x-` properties, which docker compose neither prints as JSON nor hashes.
pub(crate) trait Bare {
    /// Removes the `x-` properties, here and below.
    fn bare(&mut self);
}

impl<T: Bare> Bare for Option<T> {
    fn bare(&mut self) {
        if let Some(value) = self {
            value.bare();
        }
    }
}

impl<T: Bare> Bare for Vec<T> {
    fn bare(&mut self) {
        for value in self {
            value.bare();
        }
    }
}

impl<T: Bare> Bare for IndexMap<String, T> {
    fn bare(&mut self) {
        for value in self.values_mut() {
            value.bare();
        }
    }
}

/// A deserializer of a derived struct that sets `x-` properties aside and refuses unknown ones, naming the nearest
/// known one. (Serde's own `flatten` would buffer the values and lose the path of an error.)
pub(crate) struct Object<'a, D> {
    inner: D,
    extensions: &'a mut Extensions,
}

impl<'a, D> Object<'a, D> {
    pub(crate) fn new(inner: D, extensions: &'a mut Extensions) -> Self {
        Self { inner, extensions }
    }
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Object<'_, D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.inner.deserialize_any(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.inner.deserialize_map(ObjectVisitor { visitor, fields, extensions: self.extensions })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

struct ObjectVisitor<'a, V> {
    visitor: V,
    fields: &'static [&'static str],
    extensions: &'a mut Extensions,
}

impl<'de, V: Visitor<'de>> Visitor<'de> for ObjectVisitor<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        let Self { visitor, fields, extensions } = self;
        visitor.visit_map(Known { map, fields, extensions })
    }
}

/// The known properties of a mapping.
struct Known<'a, A> {
    map: A,
    fields: &'static [&'static str],
    extensions: &'a mut Extensions,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Known<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        while let Some(key) = self.map.next_key::<String>()? {
            if self.fields.contains(&key.as_str()) {
                let key: StrDeserializer<'_, A::Error> = key.as_str().into_deserializer();
                return seed.deserialize(key).map(Some);
            }
            let rest = Checked { key: &key, fields: self.fields };
            let value = self.map.next_value_seed(rest)?;
            self.extensions.insert(key, value);
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}

/// The value of a key that is not a known property. The refusal happens here and not on the key, so that a path
/// recorded on the way leads to the property itself.
struct Checked<'a> {
    key: &'a str,
    fields: &'static [&'static str],
}

impl<'de> DeserializeSeed<'de> for Checked<'_> {
    type Value = serde_json::Value;

    fn deserialize<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<serde_json::Value, D::Error> {
        if self.key.starts_with("x-") {
            return serde::Deserialize::deserialize(deserializer);
        }
        Err(D::Error::custom(match nearest(self.key, self.fields) {
            Some(known) => {
                format_args!("unknown property `{}`; the nearest known one is `{known}`", self.key)
                    .to_string()
            }
            None => format_args!("unknown property `{}`", self.key).to_string(),
        }))
    }
}

/// Reads a value by its `FromStr`.
pub(crate) struct FromText<T>(pub(crate) &'static str, pub(crate) PhantomData<T>);

impl<T> FromText<T> {
    pub(crate) const fn expecting(what: &'static str) -> Self {
        Self(what, PhantomData)
    }
}

impl<T> Visitor<'_> for FromText<T>
where
    T: std::str::FromStr,
    T::Err: fmt::Display,
{
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}
