//! References of images.

/// A reference, taken apart and with everything written out that docker leaves out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    /// `docker.io/library/redis`.
    pub(crate) repository: String,
    /// `latest` when neither tag nor digest was given, empty when only a digest was.
    pub(crate) tag: String,
    /// `sha256:...`; empty when none was given.
    pub(crate) digest: String,
}

/// Takes a reference apart as docker does (`distribution/reference`): the first component is a registry when it has a
/// dot or a colon or is `localhost`, else everything is at docker.io, and a single component below `library`.
pub(crate) fn normal(text: &str) -> Reference {
    let (rest, digest) = text.split_once('@').unwrap_or((text, ""));
    let (name, tag) = match rest.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, tag),
        _ => (rest, ""),
    };
    let repository = match name.split_once('/') {
        Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => name.to_owned(),
        Some(_) => format!("docker.io/{name}"),
        None => format!("docker.io/library/{name}"),
    };
    // an old name of the same registry
    let repository = match repository.strip_prefix("index.docker.io/") {
        Some(rest) => format!("docker.io/{rest}"),
        None => repository,
    };
    let tag = if tag.is_empty() && digest.is_empty() { "latest" } else { tag };
    Reference { repository, tag: tag.to_owned(), digest: digest.to_owned() }
}

/// Whether a reference that was written without a registry may mean this normalised one: podman searches several
/// registries for it, and `localhost`.
pub(crate) fn short_of(text: &str, full: &Reference) -> bool {
    let asked = normal(text);
    let Some(short) = asked.repository.strip_prefix("docker.io/") else { return false };
    let short = short.strip_prefix("library/").unwrap_or(short);
    let same = full.tag == asked.tag || !asked.digest.is_empty() && full.digest == asked.digest;
    !text.starts_with("docker.io/") && same && full.repository.ends_with(&format!("/{short}"))
}
