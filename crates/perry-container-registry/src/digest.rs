//! Digests of content.

use crate::RegistryError;
use serde::{Deserialize, Deserializer, Serialize, de};
use sha2::{Digest as _, Sha256};
use std::{fmt, str::FromStr};

/// `sha256:` and 64 hexadecimal digits in lower case. Other algorithms are refused: what is signed is a SHA-256.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Digest(String);

impl Digest {
    /// The digest of these bytes.
    ///
    /// ```
    /// # use perry_container_registry::Digest;
    /// let empty = Digest::of(b"");
    /// assert!(empty.to_string().starts_with("sha256:e3b0c44298fc"));
    /// ```
    pub fn of(bytes: &[u8]) -> Self {
        use fmt::Write as _;
        let mut text = String::with_capacity(71);
        text.push_str("sha256:");
        for byte in Sha256::digest(bytes) {
            let _ = write!(text, "{byte:02x}");
        }
        Self(text)
    }

    /// The whole of it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The 64 digits.
    pub fn hex(&self) -> &str {
        &self.0[7..]
    }

    /// The 32 bytes.
    pub fn bytes(&self) -> [u8; 32] {
        let nibble = |c: u8| if c.is_ascii_digit() { c - b'0' } else { c - b'a' + 10 };
        let hex = self.hex().as_bytes();
        std::array::from_fn(|n| nibble(hex[2 * n]) << 4 | nibble(hex[2 * n + 1]))
    }
}

impl FromStr for Digest {
    type Err = RegistryError;

    fn from_str(text: &str) -> Result<Self, RegistryError> {
        let fault = |why: &str| {
            Err(RegistryError::Reference { text: text.to_owned(), why: why.to_owned() })
        };
        let Some(hex) = text.strip_prefix("sha256:") else {
            return fault("its digest is not of SHA-256; write sha256: and 64 hexadecimal digits");
        };
        let lower = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if hex.len() != 64 || !hex.bytes().all(lower) {
            return fault("its digest is not sha256: and 64 hexadecimal digits in lower case");
        }
        Ok(Self(text.to_owned()))
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
