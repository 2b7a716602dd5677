//! Properties that name other files. Loading follows them, so a loaded model has none.

use crate::de::{blank, one_or_many, present};
use crate::object::{Extensions, Object, object};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde::ser::SerializeStruct as _;
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;

/// One entry of `env_file`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvFile {
    /// Path, absolute once loaded.
    pub path: String,
    /// Whether it must be there.
    pub required: bool,
    /// Grammar; absent means compose's own, `raw` docker's.
    pub format: Option<String>,
}

impl Serialize for EnvFile {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.required && self.format.is_none() {
            return serializer.serialize_str(&self.path);
        }
        let mut map =
            serializer.serialize_struct("EnvFile", 2 + usize::from(self.format.is_some()))?;
        map.serialize_field("path", &self.path)?;
        map.serialize_field("required", &self.required)?;
        if let Some(format) = &self.format {
            map.serialize_field("format", format)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for EnvFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EnvFileVisitor)
    }
}

struct EnvFileVisitor;

impl<'de> Visitor<'de> for EnvFileVisitor {
    type Value = EnvFile;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a path, or a mapping with `path`")
    }

    fn visit_str<E: Error>(self, path: &str) -> Result<EnvFile, E> {
        Ok(EnvFile { path: path.to_owned(), required: true, format: None })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<EnvFile, A::Error> {
        #[derive(Deserialize)]
        struct Long {
            path: String,
            #[serde(default = "yes")]
            required: bool,
            #[serde(default, deserialize_with = "present")]
            format: Option<String>,
        }
        const fn yes() -> bool {
            true
        }
        let mut extensions = Extensions::new();
        let long =
            Long::deserialize(Object::new(MapAccessDeserializer::new(map), &mut extensions))?;
        if let Some(key) = extensions.keys().next() {
            return Err(A::Error::custom(format_args!("unknown property `{key}`")));
        }
        Ok(EnvFile { path: long.path, required: long.required, format: long.format })
    }
}

/// One entry of `include`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", default, expecting = "an include: a mapping with `path`")]
pub struct ComposeInclude {
    /// The first is the main file, the others override it.
    #[serde(deserialize_with = "one_or_many", skip_serializing_if = "Vec::is_empty")]
    pub path: Vec<String>,
    /// Files with variables for its interpolation.
    #[serde(deserialize_with = "one_or_many", skip_serializing_if = "Vec::is_empty")]
    pub env_file: Vec<String>,
    /// Base of its relative paths.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub project_directory: Option<String>,
    /// `x-` properties.
    #[serde(flatten, skip_deserializing)]
    pub extensions: Extensions,
}

/// `extends` of a service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", expecting = "a service to extend: a mapping with `service`")]
pub struct ComposeExtends {
    /// File of the service; absent means this one.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "blank")]
    pub file: Option<String>,
    /// The service.
    pub service: String,
    /// `x-` properties.
    #[serde(flatten, skip_deserializing)]
    pub extensions: Extensions,
}

object!(ComposeInclude);
object!(ComposeExtends);

/// One entry, or a list of them.
pub(crate) fn env_files<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<EnvFile>, D::Error> {
    struct OneOrMany;

    impl<'de> Visitor<'de> for OneOrMany {
        type Value = Vec<EnvFile>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a path, or a list of paths and mappings with `path`")
        }

        fn visit_str<E: Error>(self, path: &str) -> Result<Vec<EnvFile>, E> {
            Ok(vec![EnvFileVisitor.visit_str(path)?])
        }

        fn visit_seq<A: serde::de::SeqAccess<'de>>(
            self,
            mut seq: A,
        ) -> Result<Vec<EnvFile>, A::Error> {
            let mut files = Vec::new();
            while let Some(file) = seq.next_element()? {
                files.push(file);
            }
            Ok(files)
        }
    }

    deserializer.deserialize_any(OneOrMany)
}
