//! Images.

use super::{first, map, text, texts};
use crate::encode;
use perry_container_spec::ImageInfo;
use serde_json::Value;

/// One reference; none without a name.
pub(crate) fn image(value: &Value) -> Option<ImageInfo> {
    let name = first(value, &[&["configuration", "name"], &["reference"], &["name"]]);
    if name.is_empty() {
        return None;
    }
    let (repository, tag, digest) = normal(name);
    let id = first(value, &[&["configuration", "descriptor", "digest"], &["descriptor", "digest"]]);
    let hex = text(value, &["id"]);
    let id = match (id, hex) {
        ("", "") => digest.clone(),
        ("", hex) => format!("sha256:{hex}"),
        (id, _) => id.to_owned(),
    };
    let variants = value["variants"].as_array().into_iter().flatten();
    let linux = |one: &&Value| text(one, &["platform", "os"]) == "linux";
    let variant = variants.clone().find(linux).or_else(|| variants.clone().next());
    let variant = variant.unwrap_or(&Value::Null);
    let config = &variant["config"]["config"];
    let (os, arch) =
        (text(variant, &["platform", "os"]), text(variant, &["platform", "architecture"]));
    let kind = text(variant, &["platform", "variant"]);
    let platform = [os, arch, kind].into_iter().filter(|part| !part.is_empty());
    let labels = map(&config["Labels"]);
    Some(ImageInfo {
        digests: vec![format!("{repository}@{id}")],
        id,
        repository,
        tag,
        size: variant["size"].as_u64().unwrap_or_default(),
        created: first(value, &[&["configuration", "creationDate"]]).to_owned(),
        tagged: String::new(),
        platform: platform.collect::<Vec<_>>().join("/"),
        has_healthcheck: config["Healthcheck"].is_object().then_some(true),
        entrypoint: config.is_object().then(|| texts(&config["Entrypoint"])),
        labels: labels.into_iter().map(|(key, value)| (key, encode::meant(&value))).collect(),
    })
}

/// Repository, tag and digest with everything written out that people leave out.
fn normal(text: &str) -> (String, String, String) {
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
    let tag = if tag.is_empty() && digest.is_empty() { "latest" } else { tag };
    (repository, tag.to_owned(), digest.to_owned())
}

/// Which image each reference means: by its name, its digest or the beginning of its id.
pub(crate) fn assign(asked: &[String], found: &[ImageInfo]) -> Vec<Option<ImageInfo>> {
    let find = |asked: &String| {
        let (repository, tag, digest) = normal(asked);
        let named = found.iter().find(|image| {
            image.repository == repository
                && if digest.is_empty() { image.tag == tag } else { image.id == digest }
        });
        let id = asked.strip_prefix("sha256:").unwrap_or(asked);
        let hex = id.len() >= 4 && id.bytes().all(|b| b.is_ascii_hexdigit());
        let by_id = || {
            let is = |image: &&ImageInfo| image.id.trim_start_matches("sha256:").starts_with(id);
            hex.then(|| found.iter().find(is)).flatten()
        };
        named.or_else(by_id).cloned()
    };
    asked.iter().map(find).collect()
}
