//! Readers shared by the properties of several types.

use crate::scalar::go_float;
use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Unexpected, Visitor};
use std::fmt;
use std::marker::PhantomData;

/// Absent, and so not written: what docker compose omits as the zero value of a type.
#[expect(clippy::ref_option, reason = "the signature serde wants")]
pub(crate) fn blank<T: Default + PartialEq>(value: &Option<T>) -> bool {
    value.as_ref().is_none_or(|value| *value == T::default())
}

/// `false` is not written.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde wants")]
pub(crate) fn is_false(value: &bool) -> bool {
    !value
}

/// A value, or `None` for `null` and for the zero value of the type.
pub(crate) fn present<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default + PartialEq,
{
    Ok(Option::<T>::deserialize(deserializer)?.filter(|value| *value != T::default()))
}

/// Text; a number or boolean is written as Go's `%v` does, `null` is empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ScalarText(pub(crate) String);

impl<'de> Deserialize<'de> for ScalarText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_any(ScalarVisitor("text, a number, a boolean or null"))
            .map(|text| Self(text.unwrap_or_default()))
    }
}

/// Reads a scalar as text, `null` as `None`.
pub(crate) struct ScalarVisitor(pub(crate) &'static str);

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(text.to_owned()))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Self::Value, E> {
        Ok(Some(text))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Some(value.to_string()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Some(value.to_string()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Some(value.to_string()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Some(go_float(value)))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// A list of texts; numbers and booleans in it are written as text.
pub(crate) fn scalar_texts<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<String>, D::Error> {
    Ok(Vec::<ScalarText>::deserialize(deserializer)?.into_iter().map(|text| text.0).collect())
}

/// A list, or one value instead of a list of one.
pub(crate) fn one_or_many<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<String>, D::Error> {
    deserializer.deserialize_any(OneOrMany)
}

struct OneOrMany;

impl<'de> Visitor<'de> for OneOrMany {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text or a list of texts")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Vec<String>, E> {
        Ok(vec![text.to_owned()])
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<String>, A::Error> {
        let mut texts = Vec::new();
        while let Some(ScalarText(text)) = seq.next_element()? {
            texts.push(text);
        }
        Ok(texts)
    }
}

/// A whole number, or `None` for `null`.
pub(crate) fn whole<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<i128> + Bounded,
{
    deserializer.deserialize_any(WholeVisitor(PhantomData))
}

/// A whole number, or `None` for `null` and for zero, which is absent.
pub(crate) fn nonzero<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<i128> + Bounded + Default + PartialEq,
{
    Ok(whole(deserializer)?.filter(|value| *value != T::default()))
}

/// A type of whole numbers, and its numbers in words.
pub(crate) trait Bounded {
    /// What is expected.
    const WHAT: &'static str;
}

impl Bounded for i64 {
    const WHAT: &'static str = "a whole number";
}

impl Bounded for u64 {
    const WHAT: &'static str = "a whole number from 0 on";
}

impl Bounded for u32 {
    const WHAT: &'static str = "a whole number from 0 to 4294967295";
}

impl Bounded for u16 {
    const WHAT: &'static str = "a whole number from 0 to 65535";
}

struct WholeVisitor<T>(PhantomData<T>);

impl<T: TryFrom<i128> + Bounded> Visitor<'_> for WholeVisitor<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::WHAT)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Option<T>, E> {
        match T::try_from(value.into()) {
            Ok(value) => Ok(Some(value)),
            Err(_) => Err(E::invalid_value(Unexpected::Signed(value), &self)),
        }
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Option<T>, E> {
        match T::try_from(value.into()) {
            Ok(value) => Ok(Some(value)),
            Err(_) => Err(E::invalid_value(Unexpected::Unsigned(value), &self)),
        }
    }

    fn visit_unit<E: Error>(self) -> Result<Option<T>, E> {
        Ok(None)
    }
}
