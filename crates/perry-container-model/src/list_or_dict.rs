//! What may be written as a list `KEY=VALUE` or as a mapping.

use crate::de::ScalarVisitor;
use perry_container_spec::Sensitive;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

/// Keys with values, read from a mapping or from a list of `KEY=VALUE` (`ListOrDict` of the schema). Sorted by key, and
/// written as a mapping; a later item of a list wins.
///
/// ```
/// # use perry_container_model::Labels;
/// let list: Labels = serde_json::from_str(r#"["b=1", "a", "b=2"]"#)?;
/// let map: Labels = serde_json::from_str(r#"{"a": null, "b": 2}"#)?;
/// assert_eq!(list, map);
/// assert_eq!(serde_json::to_string(&map)?, r#"{"a":"","b":"2"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListOrDict<V>(pub BTreeMap<String, V>);

/// Text by key; no value is the empty text.
pub type Labels = ListOrDict<String>;

/// Variables. No value (`None`) means: taken from the environment when it is there. `Debug` shows no value.
pub type Environment = ListOrDict<Option<Sensitive<String>>>;

/// Options of a driver: text by key.
pub type Options = ListOrDict<String>;

/// What an entry without a value becomes.
pub trait EntryValue: Sized {
    /// From the text behind `=` or beside the key, `None` when there is none.
    fn from_entry(text: Option<String>) -> Self;
}

impl EntryValue for String {
    fn from_entry(text: Option<String>) -> Self {
        text.unwrap_or_default()
    }
}

impl EntryValue for Option<Sensitive<String>> {
    fn from_entry(text: Option<String>) -> Self {
        text.map(Sensitive::new)
    }
}

impl<V> Default for ListOrDict<V> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<V> ListOrDict<V> {
    /// Nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many keys.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&V> {
        self.0.get(key)
    }

    /// Keys and values, by key.
    pub fn iter(&self) -> std::collections::btree_map::Iter<'_, String, V> {
        self.0.iter()
    }

    /// Sets the value of a key.
    pub fn insert(&mut self, key: impl Into<String>, value: V) -> Option<V> {
        self.0.insert(key.into(), value)
    }
}

impl<'a, V> IntoIterator for &'a ListOrDict<V> {
    type Item = (&'a String, &'a V);
    type IntoIter = std::collections::btree_map::Iter<'a, String, V>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<V> IntoIterator for ListOrDict<V> {
    type Item = (String, V);
    type IntoIter = std::collections::btree_map::IntoIter<String, V>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<K: Into<String>, V> FromIterator<(K, V)> for ListOrDict<V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        Self(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }
}

impl<V: Serialize> Serialize for ListOrDict<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(&self.0)
    }
}

impl<'de, V: EntryValue> Deserialize<'de> for ListOrDict<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EntriesVisitor(PhantomData))
    }
}

struct EntriesVisitor<V>(PhantomData<V>);

impl<'de, V: EntryValue> Visitor<'de> for EntriesVisitor<V> {
    type Value = ListOrDict<V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping, or a list of `KEY=VALUE`")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<ListOrDict<V>, A::Error> {
        let mut entries = BTreeMap::new();
        while let Some(item) = seq.next_element::<String>()? {
            let (key, value) = match item.split_once('=') {
                Some((key, value)) => (key.to_owned(), Some(value.to_owned())),
                None => (item, None),
            };
            entries.insert(key, V::from_entry(value));
        }
        Ok(ListOrDict(entries))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ListOrDict<V>, A::Error> {
        let mut entries = BTreeMap::new();
        while let Some(key) = map.next_key::<String>()? {
            let value = map.next_value_seed(Entry)?;
            entries.insert(key, V::from_entry(value));
        }
        Ok(ListOrDict(entries))
    }
}

struct Entry;

impl<'de> DeserializeSeed<'de> for Entry {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<Option<String>, D::Error> {
        deserializer.deserialize_any(ScalarVisitor("text, a number, a boolean or null"))
    }
}
