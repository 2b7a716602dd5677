//! What the registry holds.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// Content by repository.
#[derive(Debug, Clone, Default)]
pub struct Store {
    blobs: BTreeMap<String, Bytes>,
    repos: BTreeMap<String, Repo>,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Repo {
    pub(super) tags: BTreeMap<String, String>,
    /// Media types by digest.
    pub(super) manifests: IndexMap<String, String>,
    pub(super) blobs: Vec<String>,
}

/// A content in a snapshot: text, bytes, or very many spaces and a text.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
struct Packed {
    b64: Option<String>,
    spaces: Option<usize>,
    #[serde(default)]
    then: String,
}

impl Store {
    /// A snapshot as `fixtures/sigs/registry.json` is one.
    ///
    /// # Panics
    /// When the text is none: it is part of the repository.
    pub fn from_snapshot(text: &str) -> Self {
        #[derive(Deserialize)]
        struct Snapshot {
            blobs: BTreeMap<String, Value>,
            repos: BTreeMap<String, Repo>,
        }
        let snapshot: Snapshot = serde_json::from_str(text).expect("a snapshot");
        let unpack = |packed: Value| match packed {
            Value::String(text) => Bytes::from(text),
            other => {
                let packed: Packed = serde_json::from_value(other).expect("a content");
                match (packed.b64, packed.spaces) {
                    (Some(text), _) => STANDARD.decode(text).expect("base64").into(),
                    (None, spaces) => {
                        let mut text = " ".repeat(spaces.unwrap_or(0));
                        text.push_str(&packed.then);
                        text.into()
                    }
                }
            }
        };
        let blobs = snapshot.blobs.into_iter().map(|(digest, b)| (digest, unpack(b))).collect();
        Self { blobs, repos: snapshot.repos }
    }

    /// Adds a content; its digest.
    pub fn put_blob(&mut self, repo: &str, bytes: impl Into<Bytes>) -> String {
        let bytes = bytes.into();
        let digest = digest(&bytes);
        self.blobs.insert(digest.clone(), bytes);
        self.repos.entry(repo.to_owned()).or_default().blobs.push(digest.clone());
        digest
    }

    /// Adds a manifest and moves a tag to it; its digest.
    pub fn put_manifest(
        &mut self,
        repo: &str,
        manifest: impl Into<Bytes>,
        media_type: &str,
        tag: Option<&str>,
    ) -> String {
        let bytes = manifest.into();
        let digest = digest(&bytes);
        self.blobs.insert(digest.clone(), bytes);
        let repo = self.repos.entry(repo.to_owned()).or_default();
        repo.manifests.insert(digest.clone(), media_type.to_owned());
        if let Some(tag) = tag {
            repo.tags.insert(tag.to_owned(), digest.clone());
        }
        digest
    }

    /// Adds an image without layers that differs by its text; its digest.
    pub fn put_image(&mut self, repo: &str, text: &str, tag: &str) -> String {
        let config =
            json!({"architecture": "amd64", "os": "linux", "config": {"Labels": {"text": text}}});
        let config = config.to_string();
        let media = "application/vnd.oci.image.manifest.v1+json";
        let manifest = json!({"schemaVersion": 2, "mediaType": media, "layers": [], "config": {
            "mediaType": "application/vnd.oci.image.config.v1+json", "size": config.len(),
            "digest": digest(config.as_bytes())}});
        self.put_blob(repo, config);
        self.put_manifest(repo, manifest.to_string(), media, Some(tag))
    }

    /// Copies a repository with all its tags.
    ///
    /// # Panics
    /// When there is no such repository.
    pub fn copy(&mut self, from: &str, to: &str) {
        let repo = self.repos.get(from).expect("a repository").clone();
        self.repos.insert(to.to_owned(), repo);
    }

    /// Every content of all repositories, by digest.
    pub const fn contents(&self) -> &BTreeMap<String, Bytes> {
        &self.blobs
    }

    /// The names of all repositories.
    pub fn repositories(&self) -> impl Iterator<Item = &str> {
        self.repos.keys().map(String::as_str)
    }

    /// The manifests of a repository and their media types.
    pub fn manifests(&self, repo: &str) -> impl Iterator<Item = (&str, &Bytes)> {
        let manifests = self.repos.get(repo).into_iter().flat_map(|repo| repo.manifests.keys());
        manifests.filter_map(|digest| Some((digest.as_str(), self.blobs.get(digest)?)))
    }

    /// The digest that a tag names.
    pub fn tag(&self, repo: &str, tag: &str) -> Option<&str> {
        self.repos.get(repo)?.tags.get(tag).map(String::as_str)
    }

    pub(super) fn repo(&self, repo: &str) -> Option<&Repo> {
        self.repos.get(repo)
    }

    pub(super) fn content(&self, digest: &str) -> Option<Bytes> {
        self.blobs.get(digest).cloned()
    }

    pub(super) fn referrers(&self, repo: &str, digest: &str) -> Value {
        let entries = self.repo(repo).into_iter().flat_map(|repo| &repo.manifests);
        let entries = entries.filter_map(|(own, media_type)| {
            let bytes = self.blobs.get(own)?;
            let manifest: Value = serde_json::from_slice(bytes).ok()?;
            if manifest.pointer("/subject/digest")?.as_str()? != digest {
                return None;
            }
            let about = manifest.get("artifactType").or(manifest.pointer("/config/mediaType"));
            let mut entry = json!({"mediaType": media_type, "size": bytes.len(), "digest": own, "artifactType": about});
            if let Some(annotations) = manifest.get("annotations") {
                entry["annotations"] = annotations.clone();
            }
            Some(entry)
        });
        let manifests: Vec<Value> = entries.collect();
        json!({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": manifests})
    }
}

pub(super) fn digest(bytes: &[u8]) -> String {
    let hex: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}
