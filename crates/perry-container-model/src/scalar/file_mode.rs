use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// Permission bits of a file, printed as octal text: `0440`.
///
/// ```
/// # use perry_container_model::FileMode;
/// assert_eq!("440".parse::<FileMode>()?, FileMode(0o440));
/// assert_eq!(FileMode(0o440).to_string(), "0440");
/// # Ok::<(), perry_container_model::FileModeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileMode(pub u32);

/// The text is no octal number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid file mode `{0}`, expected an octal number such as `0440`")]
pub struct FileModeError(String);

impl FromStr for FileMode {
    type Err = FileModeError;

    fn from_str(text: &str) -> Result<Self, FileModeError> {
        let octal = !text.is_empty() && text.bytes().all(|b| matches!(b, b'0'..=b'7'));
        let bits = if octal { u32::from_str_radix(text, 8).ok() } else { None };
        bits.map(Self).ok_or_else(|| FileModeError(text.to_owned()))
    }
}

impl fmt::Display for FileMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0{:o}", self.0)
    }
}

impl Serialize for FileMode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for FileMode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ModeVisitor)
    }
}

struct ModeVisitor;

impl Visitor<'_> for ModeVisitor {
    type Value = FileMode;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a file mode such as `0440`")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<FileMode, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_u64<E: Error>(self, bits: u64) -> Result<FileMode, E> {
        match u32::try_from(bits) {
            Ok(bits) => Ok(FileMode(bits)),
            Err(_) => Err(E::custom(format_args!("file mode {bits} is out of range"))),
        }
    }

    fn visit_i64<E: Error>(self, bits: i64) -> Result<FileMode, E> {
        match u64::try_from(bits) {
            Ok(bits) => self.visit_u64(bits),
            Err(_) => Err(E::custom(format_args!("file mode {bits} is negative"))),
        }
    }
}
