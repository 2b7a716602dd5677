//! `image inspect`.

use super::{at, first, image_id, labels, reference, text, texts, time};
use perry_container_spec::ImageInfo;
use serde_json::Value;

/// An image without a reference, and the references and digests under which it is known.
#[derive(Debug, Clone)]
pub(crate) struct Image {
    info: ImageInfo,
    tags: Vec<String>,
}

pub(crate) fn image(value: &Value) -> Option<Image> {
    let id = first(value, &["Id", "ID"]);
    if id.is_empty() {
        return None;
    }
    let parts = ["Os", "Architecture", "Variant"].map(|key| text(value, &[key]));
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let config = at(value, &["Config"]);
    // podman shows no checks of images, so that nothing is known there; `NamesHistory` is in its answers only
    let test = texts(at(config, &["Healthcheck", "Test"]));
    let check = match test.first().map(String::as_str) {
        None if value["NamesHistory"].is_array() => None,
        None | Some("NONE") => Some(false),
        Some(_) => Some(true),
    };
    let info = ImageInfo {
        id: image_id(id),
        size: value["Size"].as_u64().unwrap_or_default(),
        created: time(text(value, &["Created"])),
        tagged: time(text(at(value, &["Metadata"]), &["LastTagTime"])),
        digests: digests(value),
        platform: parts.join("/"),
        has_healthcheck: check,
        entrypoint: Some(texts(at(config, &["Entrypoint"]))),
        labels: labels(&config["Labels"]),
        ..ImageInfo::default()
    };
    Some(Image { info, tags: texts(&value["RepoTags"]) })
}

fn digests(value: &Value) -> Vec<String> {
    let mut all: Vec<String> = texts(&value["RepoDigests"])
        .iter()
        .filter(|digest| !digest.contains("<none>"))
        .map(|digest| {
            let normal = reference::normal(digest);
            format!("{}@{}", normal.repository, normal.digest)
        })
        .collect();
    all.sort();
    all.dedup();
    all
}

impl Image {
    /// Whether it is what this reference means.
    fn is(&self, asked: &str) -> bool {
        let normal = reference::normal(asked);
        let id = asked.strip_prefix("sha256:").unwrap_or(asked);
        let hex = id.len() >= 4 && id.bytes().all(|b| b.is_ascii_hexdigit());
        self.tags.iter().any(|tag| reference::normal(tag) == normal)
            || !normal.digest.is_empty()
                && self.info.digests.contains(&format!("{}@{}", normal.repository, normal.digest))
            || hex && self.info.id.trim_start_matches("sha256:").starts_with(id)
    }

    fn may_be(&self, asked: &str) -> bool {
        let digests = self.info.digests.iter();
        self.tags
            .iter()
            .chain(digests)
            .any(|known| reference::short_of(asked, &reference::normal(known)))
    }

    /// As what was asked for.
    fn named(&self, asked: &str) -> ImageInfo {
        let normal = reference::normal(asked);
        let known = self.tags.iter().map(|tag| reference::normal(tag));
        let best = known
            .clone()
            .find(|tag| *tag == normal)
            .or_else(|| known.clone().find(|tag| reference::short_of(asked, tag)))
            .or_else(|| (!normal.digest.is_empty()).then_some(normal))
            .or_else(|| known.clone().next());
        let mut info = self.info.clone();
        if let Some(best) = best {
            (info.repository, info.tag) = (best.repository, best.tag);
        }
        info
    }

    /// Once for every tag; once without when it has none.
    pub(crate) fn each(&self) -> Vec<ImageInfo> {
        if self.tags.is_empty() {
            return vec![self.info.clone()];
        }
        self.tags.iter().map(|tag| self.named(tag)).collect()
    }
}

/// Which image each reference means. The tools print what they find in the order that was asked for and leave out what
/// is missing.
pub(crate) fn assign(asked: &[String], found: &[Image]) -> Vec<Option<ImageInfo>> {
    if asked.len() == found.len() {
        return asked.iter().zip(found).map(|(asked, image)| Some(image.named(asked))).collect();
    }
    let find = |asked: &String| {
        let exact = found.iter().find(|image| image.is(asked));
        exact
            .or_else(|| found.iter().find(|image| image.may_be(asked)))
            .map(|image| image.named(asked))
    };
    asked.iter().map(find).collect()
}
