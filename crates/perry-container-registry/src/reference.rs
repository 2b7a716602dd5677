//! References of images, in full.

use crate::{Digest, RegistryError};
use std::{fmt, str::FromStr};

/// Where images of one name lie: `docker.io/library/redis`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Repository {
    /// Host and port: `docker.io`, `127.0.0.1:5000`.
    pub registry: String,
    /// The path in it: `library/redis`.
    pub path: String,
}

/// An image by tag, by digest, or by both (the digest counts).
///
/// ```
/// # use perry_container_registry::Reference;
/// let redis: Reference = "redis".parse()?;
/// assert_eq!(redis.to_string(), "docker.io/library/redis:latest");
/// let local: Reference = "localhost:5000/a/b:1".parse()?;
/// assert_eq!((local.repository.registry.as_str(), local.tag.as_deref()), ("localhost:5000", Some("1")));
/// # Ok::<_, perry_container_registry::RegistryError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    /// Where it lies.
    pub repository: Repository,
    /// Its tag; `latest` when neither tag nor digest is said.
    pub tag: Option<String>,
    /// Its digest.
    pub digest: Option<Digest>,
}

impl Reference {
    /// Reads a reference as docker does. No regular expression is involved.
    ///
    /// # Errors
    /// [`RegistryError::Reference`] says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, RegistryError> {
        let fault = |why: String| RegistryError::Reference { text: text.to_owned(), why };
        let (rest, digest) = match text.split_once('@') {
            None => (text, None),
            Some((rest, digest)) => {
                let digest = digest.parse().map_err(|error| match error {
                    RegistryError::Reference { why, .. } => fault(why),
                    other => other,
                })?;
                (rest, Some(digest))
            }
        };
        let (name, tag) = match rest.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
            _ => (rest, None),
        };
        if let Some(tag) = tag
            && !is_tag(tag)
        {
            return Err(fault(format!("{tag:?} is not a tag")));
        }
        let repository = Repository::parse(name).map_err(fault)?;
        let tag = match (tag, &digest) {
            (None, None) => Some("latest".to_owned()),
            (tag, _) => tag.map(str::to_owned),
        };
        Ok(Self { repository, tag, digest })
    }

    /// The same image by this digest alone.
    #[must_use]
    pub fn at(&self, digest: &Digest) -> Self {
        Self { repository: self.repository.clone(), tag: None, digest: Some(digest.clone()) }
    }
}

impl FromStr for Reference {
    type Err = RegistryError;

    fn from_str(text: &str) -> Result<Self, RegistryError> {
        Self::parse(text)
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        match &self.digest {
            Some(digest) => write!(f, "@{digest}"),
            None => Ok(()),
        }
    }
}

impl Repository {
    fn parse(name: &str) -> Result<Self, String> {
        let host = name.split_once('/').filter(|(host, _)| {
            host.contains(['.', ':'])
                || *host == "localhost"
                || host.chars().any(char::is_uppercase)
        });
        let (registry, path) = match host {
            None => ("docker.io", name),
            Some(("index.docker.io" | "registry-1.docker.io", path)) => ("docker.io", path),
            Some((host, path)) => (host, path),
        };
        let path = if registry == "docker.io" && !path.contains('/') {
            format!("library/{path}")
        } else {
            path.to_owned()
        };
        if !is_host(registry) {
            return Err(format!("{registry:?} is not the host of a registry"));
        }
        if name.is_empty() || path.len() > 255 {
            return Err("a name has 1 to 255 characters".to_owned());
        }
        if let Some(part) = path.split('/').find(|part| !is_part(part)) {
            return Err(format!(
                "{part:?} is not part of a name: lower case letters and digits, separated by '.', '_', '__' or '-'"
            ));
        }
        Ok(Self { registry: registry.to_owned(), path })
    }
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.path)
    }
}

/// `[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}`
fn is_tag(tag: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    (1..=128).contains(&tag.len())
        && word(tag.as_bytes()[0])
        && tag.bytes().all(|b| word(b) || b == b'.' || b == b'-')
}

/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`
fn is_part(part: &str) -> bool {
    let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = part.as_bytes();
    let ends = bytes.first().zip(bytes.last()).is_some_and(|(a, z)| word(*a) && word(*z));
    let separators = part.split(|c: char| word(u8::try_from(c).unwrap_or(0)));
    ends && separators.into_iter().all(|between| {
        matches!(between, "" | "." | "_" | "__") || between.bytes().all(|b| b == b'-')
    })
}

/// A name, an IPv4 address, or an IPv6 address in brackets, with or without a port.
fn is_host(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((address, rest)) if address.parse::<std::net::Ipv6Addr>().is_ok() => match rest {
                "" => return true,
                rest => match rest.strip_prefix(':') {
                    Some(port) => ("x", Some(port)),
                    None => return false,
                },
            },
            _ => return false,
        },
        None => match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    let label = |label: &str| {
        let word = |b: u8| b.is_ascii_alphanumeric();
        let bytes = label.as_bytes();
        bytes.first().zip(bytes.last()).is_some_and(|(a, z)| word(*a) && word(*z))
            && label.bytes().all(|b| word(b) || b == b'-')
    };
    host.len() <= 253
        && host.split('.').all(label)
        && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0))
}
