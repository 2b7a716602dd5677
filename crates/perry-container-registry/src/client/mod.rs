//! Reading from registries.

mod fetch;
mod token;

use crate::{
    CredentialFiles, Descriptor, Digest, Helpers, Manifest, Reference, Referrers, RegistryError,
    Repository, place,
};
use bytes::Bytes;
use fetch::Ask;
use reqwest::{Client, Url};
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};

/// What a manifest may be.
const MANIFESTS: &str = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, \
    application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// Bounds of what is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one answer.
    pub body: usize,
    /// Entries of a list of referrers.
    pub referrers: usize,
    /// Until a connection stands.
    pub connect: Duration,
    /// Between two bytes.
    pub silence: Duration,
    /// For one call, whatever it takes.
    pub whole: Duration,
    /// Redirects of one request.
    pub redirects: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 4 << 20,
            referrers: 200,
            connect: Duration::from_secs(3),
            silence: Duration::from_secs(5),
            whole: Duration::from_secs(30),
            redirects: 10,
        }
    }
}

/// How registries are read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Bounds.
    pub limits: Limits,
    /// Registries (host and port) that are talked to without TLS, besides those of this machine.
    pub insecure: Vec<String>,
}

/// All registries. It keeps connections and tokens; clones share them.
#[derive(Clone)]
pub struct Registry(Arc<Inner>);

struct Inner {
    options: Options,
    files: CredentialFiles,
    helpers: Option<Arc<dyn Helpers>>,
    // Apart, because the one for this machine needs neither certificates (reading them takes longer than all the rest)
    // nor a proxy.
    near: OnceLock<Client>,
    far: OnceLock<Client>,
    tokens: Mutex<BTreeMap<Repository, token::Slot>>,
}

impl Registry {
    /// Reads nothing yet.
    pub fn new(
        options: Options,
        files: CredentialFiles,
        helpers: Option<Arc<dyn Helpers>>,
    ) -> Self {
        let (near, far) = (OnceLock::new(), OnceLock::new());
        let tokens = Mutex::default();
        Self(Arc::new(Inner { options, files, helpers, near, far, tokens }))
    }

    /// Its bounds.
    pub fn limits(&self) -> &Limits {
        &self.0.options.limits
    }

    /// The manifest or index that a reference names now. With a digest in the reference, that one.
    ///
    /// # Errors
    /// [`RegistryError`].
    pub async fn resolve(&self, image: &Reference) -> Result<Manifest, RegistryError> {
        match (&image.digest, &image.tag) {
            (Some(digest), _) => self.manifest(&image.repository, digest).await,
            (None, tag) => {
                let tag = tag.as_deref().unwrap_or("latest");
                let what = format!("manifest {}:{tag}", image.repository);
                let found = self.0.bounded(&what, self.0.by_tag(&image.repository, tag, &what));
                found.await?.ok_or(RegistryError::NotFound { what })
            }
        }
    }

    /// The manifest or index with this digest.
    ///
    /// # Errors
    /// [`RegistryError`].
    pub async fn manifest(
        &self,
        of: &Repository,
        digest: &Digest,
    ) -> Result<Manifest, RegistryError> {
        let what = format!("manifest {of}@{digest}");
        let found = self.0.bounded(&what, self.0.by_tag(of, digest.as_str(), &what)).await?;
        let found = found.ok_or_else(|| RegistryError::NotFound { what: what.clone() })?;
        if found.digest != *digest {
            return Err(RegistryError::WrongDigest { what, found: found.digest });
        }
        Ok(found)
    }

    /// The manifest or index that a tag names; none when there is no such tag, which is no error for signatures.
    ///
    /// # Errors
    /// [`RegistryError`].
    pub async fn tag(&self, of: &Repository, tag: &str) -> Result<Option<Manifest>, RegistryError> {
        let what = format!("manifest {of}:{tag}");
        self.0.bounded(&what, self.0.by_tag(of, tag, &what)).await
    }

    /// The content with this digest.
    ///
    /// # Errors
    /// [`RegistryError`].
    pub async fn blob(&self, of: &Repository, digest: &Digest) -> Result<Bytes, RegistryError> {
        let what = format!("blob {of}@{digest}");
        let url = self.0.url(of, &format!("blobs/{digest}"))?;
        let ask = Ask { repository: of, what: &what, accept: "*/*" };
        let answer = self.0.bounded(&what, self.0.get(&ask, url)).await?;
        if answer.status != 200 {
            return Err(answer.fault(&what));
        }
        let found = Digest::of(&answer.body);
        if found != *digest {
            return Err(RegistryError::WrongDigest { what, found });
        }
        Ok(answer.body)
    }

    /// What refers to an image: the API of OCI 1.1, or, where a registry has none, the fallback tag.
    ///
    /// # Errors
    /// [`RegistryError`].
    pub async fn referrers(
        &self,
        of: &Repository,
        digest: &Digest,
    ) -> Result<Referrers, RegistryError> {
        let what = format!("referrers of {of}@{digest}");
        self.0.bounded(&what, self.0.referrers(of, digest, &what)).await
    }
}

#[derive(Deserialize)]
struct Index {
    // An index that says nothing of manifests is none: an error of the registry would otherwise be an empty list.
    manifests: Vec<Descriptor>,
}

impl Inner {
    fn is_plain(&self, registry: &str) -> bool {
        let host = match registry.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
            _ => registry,
        };
        place::is_loopback(host) || self.options.insecure.iter().any(|one| one == registry)
    }

    fn url(&self, of: &Repository, rest: &str) -> Result<Url, RegistryError> {
        let scheme = if self.is_plain(&of.registry) { "http" } else { "https" };
        let host = if of.registry == "docker.io" { "registry-1.docker.io" } else { &of.registry };
        let text = format!("{scheme}://{host}/v2/{}/{rest}", of.path);
        Url::parse(&text).map_err(|error| RegistryError::Reference { text, why: error.to_string() })
    }

    async fn bounded<T>(
        &self,
        what: &str,
        call: impl Future<Output = Result<T, RegistryError>>,
    ) -> Result<T, RegistryError> {
        let whole = self.options.limits.whole;
        tokio::time::timeout(whole, call).await.unwrap_or_else(|_| {
            let why = format!("no whole answer within {} s", whole.as_secs());
            Err(RegistryError::Unreachable { what: what.to_owned(), why, retry_after: None })
        })
    }

    async fn by_tag(
        &self,
        of: &Repository,
        tag: &str,
        what: &str,
    ) -> Result<Option<Manifest>, RegistryError> {
        let url = self.url(of, &format!("manifests/{tag}"))?;
        let answer = self.get(&Ask { repository: of, what, accept: MANIFESTS }, url).await?;
        match answer.status {
            200 => {}
            404 => return Ok(None),
            _ => return Err(answer.fault(what)),
        }
        let media_type = answer.header("content-type").unwrap_or_default();
        let media_type = media_type.split(';').next().unwrap_or_default().trim().to_owned();
        Ok(Some(Manifest { digest: Digest::of(&answer.body), media_type, bytes: answer.body }))
    }

    async fn referrers(
        &self,
        of: &Repository,
        digest: &Digest,
        what: &str,
    ) -> Result<Referrers, RegistryError> {
        let most = self.options.limits.referrers;
        let mut next = Some(self.url(of, &format!("referrers/{digest}"))?);
        let (mut all, mut first) = (Referrers::default(), true);
        while let Some(url) = next.take() {
            let answer = self.get(&Ask { repository: of, what, accept: INDEX }, url).await?;
            let page = match answer.status {
                200 => index(&answer.body, what)?,
                // As other clients take it: the registry does not know the API.
                400 | 404 | 405 | 406 if first => {
                    let tag = format!("sha256-{}", digest.hex());
                    match self.by_tag(of, &tag, what).await? {
                        None => Index { manifests: Vec::new() },
                        Some(manifest) => index(&manifest.bytes, what)?,
                    }
                }
                _ => return Err(answer.fault(what)),
            };
            let (was, count) = (all.entries.len(), page.manifests.len());
            all.entries.extend(page.manifests.into_iter().take(most - was));
            let link = answer.header("link").and_then(next_link);
            if let Some(link) = link.filter(|_| answer.status == 200) {
                let to = place::follow(&answer.url, &link, what)?;
                // A page without entries that points to another is a loop, or wants to be one.
                if !place::same_origin(&to, &answer.url) || count == 0 {
                    let (what, to) = (what.to_owned(), to.to_string());
                    return Err(RegistryError::Redirect { what, to, why: "which is no next page" });
                }
                next = Some(to);
            }
            if all.entries.len() >= most {
                all.more = next.is_some() || was + count > most;
                break;
            }
            first = false;
        }
        Ok(all)
    }
}

fn index(bytes: &[u8], what: &str) -> Result<Index, RegistryError> {
    serde_json::from_slice(bytes).map_err(|error| RegistryError::Malformed {
        what: what.to_owned(),
        why: format!("it is no index ({error})"),
    })
}

/// `<URL>; rel="next"`.
fn next_link(header: &str) -> Option<String> {
    let (url, rest) = header.trim().strip_prefix('<')?.split_once('>')?;
    let rest = rest.to_ascii_lowercase();
    (rest.contains("rel=\"next\"") || rest.contains("rel=next")).then(|| url.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_registries_are_plain() {
        let options = Options { insecure: vec!["r.lab:5000".to_owned()], ..Options::default() };
        let registry = Registry::new(options, CredentialFiles::default(), None);
        let url = |text: &str| {
            let image = Reference::parse(text).unwrap();
            registry.0.url(&image.repository, "x").unwrap().to_string()
        };
        assert_eq!(url("redis"), "https://registry-1.docker.io/v2/library/redis/x");
        assert_eq!(url("127.0.0.1:5000/a"), "http://127.0.0.1:5000/v2/a/x");
        assert_eq!(url("[::1]:5000/a"), "http://[::1]:5000/v2/a/x");
        assert_eq!(url("localhost/a"), "http://localhost/v2/a/x");
        assert_eq!(url("r.lab:5000/a"), "http://r.lab:5000/v2/a/x");
        assert_eq!(url("r.lab/a"), "https://r.lab/v2/a/x");
        assert_eq!(url("localhost.example/a"), "https://localhost.example/v2/a/x");
    }

    #[test]
    fn pages() {
        assert_eq!(next_link(r#"</v2/a?last=x>; rel="next""#).as_deref(), Some("/v2/a?last=x"));
        assert_eq!(next_link(r#"</v2/a>; rel="prev""#), None);
        assert_eq!(next_link("nonsense"), None);
    }
}
