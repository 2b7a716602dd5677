//! References with digests: what `config --resolve-image-digests` and `--lock-image-digests` write.

use std::collections::BTreeMap;

/// Digests (`sha256:...`) by reference, as [`unpinned`](crate::unpinned_images) names them.
pub type Digests = BTreeMap<String, String>;

/// A reference of an image in full: `docker.io/library/httpd:2`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FullReference {
    /// Registry and path.
    name: String,
    /// Empty when there is a digest.
    tag: String,
    digest: Option<String>,
}

impl FullReference {
    /// As `docker/distribution` reads a familiar name: without a tag it is `latest`, with a digest the tag says nothing.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest.to_owned())),
            None => (text, None),
        };
        // A colon before a slash is the port of the registry.
        let (name, tag) = match rest.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, tag),
            _ => (rest, "latest"),
        };
        let (registry, path) = match name.split_once('/') {
            Some((first, path))
                if first.contains(['.', ':']) || first == "localhost" || upper(first) =>
            {
                (first, path.to_owned())
            }
            Some(_) => ("docker.io", name.to_owned()),
            None => ("docker.io", format!("library/{name}")),
        };
        let registry = if registry == "index.docker.io" { "docker.io" } else { registry };
        let word = |text: &str, more: &str| {
            !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c))
        };
        let good = word(registry, ".:-[]")
            && path.split('/').all(|part| word(part, "._-") && !upper(part))
            && word(tag, "._-")
            && digest.as_deref().is_none_or(|digest| word(digest, ":") && digest.contains(':'));
        let tag = if digest.is_some() { String::new() } else { tag.to_owned() };
        good.then(|| Self { name: format!("{registry}/{path}"), tag, digest })
    }

    /// Whether a registry must be asked.
    pub(crate) const fn is_open(&self) -> bool {
        self.digest.is_none()
    }

    /// In full, with the digest that is known of it.
    pub(crate) fn pinned(&self, digests: &Digests) -> String {
        let text = self.to_string();
        match digests.get(&text) {
            Some(digest) if self.is_open() => format!("{text}@{digest}"),
            _ => text,
        }
    }
}

fn upper(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_uppercase())
}

impl std::fmt::Display for FullReference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.digest {
            Some(digest) => write!(f, "{}@{digest}", self.name),
            None => write!(f, "{}:{}", self.name, self.tag),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Digests, FullReference};
    use snapbox::{assert_data_eq, str};

    #[test]
    fn references_in_full() {
        let digests: Digests =
            [("docker.io/library/httpd:2".to_owned(), "sha256:abc".to_owned())].into();
        let mut text = String::new();
        for asked in [
            "httpd",
            "httpd:2",
            "httpd:2@sha256:def",
            "me/app",
            "localhost/app:1",
            "127.0.0.1:5000/lab/x",
            "Reg/app",
            "index.docker.io/me/app",
            "App",
            "x:${TAG}",
            "x@sha",
            "",
            "a//b",
        ] {
            let full = FullReference::parse(asked);
            let full = full.map_or_else(|| "none".to_owned(), |full| full.pinned(&digests));
            text.extend([asked, " -> ", &full, "\n"]);
        }
        assert_data_eq!(
            text,
            str![[r#"
httpd -> docker.io/library/httpd:latest
httpd:2 -> docker.io/library/httpd:2@sha256:abc
httpd:2@sha256:def -> docker.io/library/httpd@sha256:def
me/app -> docker.io/me/app:latest
localhost/app:1 -> localhost/app:1
127.0.0.1:5000/lab/x -> 127.0.0.1:5000/lab/x:latest
Reg/app -> Reg/app:latest
index.docker.io/me/app -> docker.io/me/app:latest
App -> none
x:${TAG} -> none
x@sha -> none
 -> none
a//b -> none

"#]]
        );
    }
}
