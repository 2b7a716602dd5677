//! Which images a rule is for.

use perry_container_registry::Repository;
use std::fmt;

/// A canonical name (registry and path) in which `*` stands for one segment, and `**` at the end for the rest.
///
/// ```
/// # use perry_container_verify::ImagePattern;
/// # use perry_container_registry::Reference;
/// let image = |text: &str| text.parse::<Reference>().unwrap().repository;
/// let pattern = ImagePattern::parse("ghcr.io/acme/**")?;
/// assert!(pattern.matches(&image("ghcr.io/acme/tools/app:1")));
/// assert!(!pattern.matches(&image("ghcr.io/acme-evil/app")));
/// assert!(ImagePattern::parse("redis")?.matches(&image("docker.io/library/redis:7")));
/// # Ok::<_, String>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImagePattern(Vec<String>);

impl ImagePattern {
    /// Reads a pattern. Names without a registry are those of Docker Hub, as in references.
    ///
    /// # Errors
    /// In words.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() || text.contains(['@', ' ']) {
            return Err(format!("{text:?} is not a pattern of names of images"));
        }
        let stars = || {
            format!("{text:?}: * stands for a whole segment, ** for all that follow, at the end")
        };
        let mut segments: Vec<&str> = text.split('/').collect();
        let partly = |segment: &&str| segment.contains('*') && !["*", "**"].contains(segment);
        if segments.iter().any(partly) {
            return Err(stars());
        }
        let first = segments[0];
        let registry = first.contains(['.', ':', '*']) || first == "localhost";
        match (registry, segments.len()) {
            (true, 1) if first != "**" => {
                return Err(format!("{text:?} names a registry but no image; end it with /**"));
            }
            (true, _) => {}
            (false, 1) => segments.splice(0..0, ["docker.io", "library"]).for_each(drop),
            (false, _) => segments.insert(0, "docker.io"),
        }
        let last = segments.len() - 1;
        for (n, segment) in segments.iter().enumerate() {
            let star = *segment == "*" || *segment == "**" && n == last;
            if !star && (segment.contains('*') || segment.is_empty()) {
                return Err(stars());
            }
            if n > 0 && segment.contains(':') {
                return Err(format!("{text:?} names a tag; rules are for all tags of a name"));
            }
        }
        Ok(Self(segments.into_iter().map(str::to_owned).collect()))
    }

    /// Every image below.
    pub(super) fn all_of(registry: &str, path: &[&str]) -> Self {
        let mut segments = vec![registry.to_owned()];
        segments.extend(path.iter().map(|part| (*part).to_owned()));
        segments.push("**".to_owned());
        Self(segments)
    }

    pub(super) fn everything() -> Self {
        Self(vec!["**".to_owned()])
    }

    /// Whether an image is meant.
    pub fn matches(&self, image: &Repository) -> bool {
        let mut parts = std::iter::once(image.registry.as_str()).chain(image.path.split('/'));
        for segment in &self.0 {
            match (segment.as_str(), parts.next()) {
                ("**", Some(_)) => return true,
                ("*", Some(_)) => {}
                (wanted, Some(part)) if wanted == part => {}
                _ => return false,
            }
        }
        parts.next().is_none()
    }
}

impl fmt::Display for ImagePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("/"))
    }
}
