//! References of images, normalised: `redis` is `docker.io/library/redis:latest`.

/// A reference in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    /// `docker.io/library/redis`.
    pub(crate) repository: String,
    /// Absent beside a digest, `latest` when nothing was said.
    pub(crate) tag: Option<String>,
    /// `sha256:...`.
    pub(crate) digest: Option<String>,
}

impl Reference {
    pub(crate) fn parse(text: &str) -> Self {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest.to_owned())),
            None => (text, None),
        };
        let (name, tag) = match rest.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag.to_owned())),
            _ => (rest, None),
        };
        let tag = tag.or_else(|| digest.is_none().then(|| "latest".to_owned()));
        Self { repository: repository(name), tag, digest }
    }

    /// The registry's host, as credentials are filed under.
    pub(crate) fn registry(&self) -> &str {
        self.repository.split('/').next().unwrap_or_default()
    }

    /// `docker.io/library/redis:7`.
    pub(crate) fn tagged(&self) -> Option<String> {
        self.tag.as_ref().map(|tag| format!("{}:{tag}", self.repository))
    }
}

fn repository(name: &str) -> String {
    let registry = name.split_once('/').filter(|(host, _)| {
        host.contains(['.', ':']) || *host == "localhost" || host.chars().any(char::is_uppercase)
    });
    match registry {
        Some(("index.docker.io" | "docker.io", rest)) => repository(rest),
        Some(_) => name.to_owned(),
        None if name.contains('/') => format!("docker.io/{name}"),
        None => format!("docker.io/library/{name}"),
    }
}

/// Whether this names an image by its id, whole or shortened, rather than by a reference.
pub(crate) fn is_id(text: &str) -> bool {
    let hex = text.strip_prefix("sha256:").unwrap_or(text);
    let long = if text.starts_with("sha256:") { 1 } else { 12 };
    (long..=64).contains(&hex.len())
        && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_in_full() {
        let full = |text: &str| {
            let r = Reference::parse(text);
            format!(
                "{} {} {}",
                r.repository,
                r.tag.as_deref().unwrap_or("-"),
                r.digest.as_deref().unwrap_or("-")
            )
        };
        assert_eq!(full("redis"), "docker.io/library/redis latest -");
        assert_eq!(full("lab/base:1"), "docker.io/lab/base 1 -");
        assert_eq!(full("docker.io/redis:7"), "docker.io/library/redis 7 -");
        assert_eq!(full("127.0.0.1:5000/lab/base"), "127.0.0.1:5000/lab/base latest -");
        assert_eq!(full("localhost/x@sha256:ab"), "localhost/x - sha256:ab");
        assert_eq!(Reference::parse("127.0.0.1:5000/a:1").registry(), "127.0.0.1:5000");
    }

    #[test]
    fn ids() {
        assert!(is_id("sha256:dac0") && is_id("dac019afbe4f"));
        assert!(!is_id("redis") && !is_id("cafe") && !is_id("dac019afbe4f:1"));
    }
}
