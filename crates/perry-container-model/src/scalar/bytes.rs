use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// A number of bytes, read as `64m` or `1.5 GiB` (base 1024) and printed as decimal text. Zero is absent; -1 means
/// unlimited where the engine knows that.
///
/// ```
/// # use perry_container_model::ByteSize;
/// assert_eq!("1.5k".parse::<ByteSize>()?, ByteSize(1536));
/// assert_eq!(ByteSize(1536).to_string(), "1536");
/// assert_eq!("lots".parse::<ByteSize>().unwrap_err().to_string(), "invalid size: `lots`");
/// # Ok::<(), perry_container_model::ByteSizeError>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteSize(pub i64);

/// Why a text is no [`ByteSize`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ByteSizeError {
    /// No number in front, or a negative one.
    #[error("invalid size: `{0}`")]
    Size(String),
    /// A suffix other than k, m, g, t, p with an optional `b` or `ib`.
    #[error("invalid suffix: `{0}`")]
    Suffix(String),
}

impl FromStr for ByteSize {
    type Err = ByteSizeError;

    fn from_str(text: &str) -> Result<Self, ByteSizeError> {
        let size = || ByteSizeError::Size(text.to_owned());
        // What follows the last digit, dot or underscore is the suffix, with at most one blank between.
        let end = text.rfind(|c: char| c.is_ascii_digit() || c == '.').ok_or_else(size)? + 1;
        let (number, suffix) = text.split_at(end);
        let number = number.replace('_', "");
        let starts = number.strip_prefix('+').unwrap_or(&number);
        if !starts.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            return Err(size());
        }
        let number: f64 = number.parse().map_err(|_| size())?;
        let suffix = suffix.strip_prefix(' ').unwrap_or(suffix).to_ascii_lowercase();
        let power =
            match suffix.strip_suffix("ib").or_else(|| suffix.strip_suffix('b')).unwrap_or(&suffix)
            {
                "" if suffix != "ib" => 0,
                "k" => 1,
                "m" => 2,
                "g" => 3,
                "t" => 4,
                "p" => 5,
                _ => return Err(ByteSizeError::Suffix(suffix)),
            };
        #[expect(
            clippy::cast_possible_truncation,
            reason = "saturates, and fractions of a byte are cut as Go does"
        )]
        let bytes = (number * 1024_f64.powi(power)) as i64;
        Ok(Self(bytes))
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for ByteSize {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ByteSize {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SizeVisitor)
    }
}

struct SizeVisitor;

impl Visitor<'_> for SizeVisitor {
    type Value = ByteSize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a size such as `64m` or a whole number of bytes")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<ByteSize, E> {
        // The canonical text of a negative size, which the grammar of a file does not have.
        if let Ok(bytes @ ..0) = text.parse::<i64>() {
            return Ok(ByteSize(bytes));
        }
        text.parse().map_err(E::custom)
    }

    fn visit_f64<E: Error>(self, bytes: f64) -> Result<ByteSize, E> {
        // `1e3` is a number of bytes as well as 1000; a fraction of a byte is none.
        #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
        if bytes.fract() == 0.0 && bytes.abs() < 9e15 {
            return Ok(ByteSize(bytes as i64));
        }
        Err(E::invalid_type(Unexpected::Float(bytes), &self))
    }

    fn visit_i64<E: Error>(self, bytes: i64) -> Result<ByteSize, E> {
        Ok(ByteSize(bytes))
    }

    fn visit_u64<E: Error>(self, bytes: u64) -> Result<ByteSize, E> {
        Ok(ByteSize(i64::try_from(bytes).unwrap_or(i64::MAX)))
    }
}
