//! Images as engines list and inspect them.

use crate::{
    ask::Ask,
    containers::{image_id, words_of},
    fault::Flavour,
    moment,
    reference::{Reference, is_id},
    shape::{ImageShape, ImageSummary},
};
use indexmap::IndexMap;
use perry_container_spec::{Id, ImageInfo};

/// What never changes of an image, because its id is the hash of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fixed {
    pub(crate) platform: String,
    pub(crate) has_healthcheck: bool,
    pub(crate) entrypoint: Vec<String>,
    /// `80/tcp`.
    pub(crate) exposed: Vec<String>,
    pub(crate) created: String,
}

impl Fixed {
    pub(crate) fn of(shape: &ImageShape) -> Self {
        let mut platform = format!("{}/{}", shape.os, shape.architecture);
        if !shape.variant.is_empty() {
            platform = format!("{platform}/{}", shape.variant);
        }
        if shape.os.is_empty() {
            platform.clear();
        }
        let tests = |test: &[String]| !test.is_empty() && test != ["NONE"];
        Self {
            platform,
            has_healthcheck: tests(&shape.config.healthcheck.test)
                || tests(&shape.healthcheck.test),
            entrypoint: words_of(&shape.config.entrypoint),
            exposed: shape.config.exposed.keys().cloned().collect(),
            created: moment::utc(&shape.created),
        }
    }
}

/// Only podman's own inspection tells the health check of an image.
pub(crate) fn inspect(flavour: Flavour, reference: &str) -> Ask {
    let ask = Ask::get("inspect image", reference);
    let ask = if flavour == Flavour::Podman { ask.libpod() } else { ask };
    ask.at("images").reference(reference).at("json")
}

/// The image under the reference that was asked for: its repository and tag are those of the reference, unless it is an id.
pub(crate) fn info(shape: ImageShape, asked: &str) -> ImageInfo {
    let fixed = Fixed::of(&shape);
    let (repository, tag) = named(asked, &shape.tags);
    ImageInfo {
        id: image_id(&shape.id),
        repository,
        tag,
        size: shape.size,
        created: fixed.created,
        tagged: moment::utc(&shape.metadata.tagged),
        digests: digests(&shape.digests),
        platform: fixed.platform,
        has_healthcheck: Some(fixed.has_healthcheck),
        entrypoint: Some(fixed.entrypoint),
        labels: shape.config.labels,
    }
}

fn named(asked: &str, tags: &[String]) -> (String, String) {
    let first = tags.first().map(String::as_str);
    let by = if is_id(asked) {
        first
    } else {
        found(asked, tags).or_else(|| asked.contains('@').then_some(asked)).or(first)
    };
    let Some(by) = by else { return (String::new(), String::new()) };
    let full = Reference::parse(by);
    (full.repository, full.tag.unwrap_or_default())
}

/// Digests by normalised repository.
fn digests(all: &[String]) -> Vec<String> {
    let mut all: Vec<_> = all
        .iter()
        .filter(|digest| !digest.starts_with("<none>"))
        .filter_map(|digest| {
            let (name, digest) = digest.split_once('@')?;
            Some(format!("{}@{digest}", Reference::parse(name).repository))
        })
        .collect();
    all.sort();
    all.dedup();
    all
}

/// Which of an image's tags a reference means: the same in full, else one of another registry (podman).
fn found<'t>(asked: &str, tags: &'t [String]) -> Option<&'t str> {
    let wanted = Reference::parse(asked).tagged()?;
    let full = |tag: &str| Reference::parse(tag).tagged();
    let end = format!("/{}", with_tag(asked));
    let exact = tags.iter().find(|tag| full(tag).as_ref() == Some(&wanted));
    exact.or_else(|| tags.iter().find(|tag| tag.ends_with(&end))).map(String::as_str)
}

/// The image that a reference means, among all that are there. podman 4.3.1 looks for `localhost/x`, then `docker.io/x`,
/// then for any repository that ends in the name (`libimage.lookupImageInDigestsAndRepoTags`).
pub(crate) fn lookup<'i>(
    asked: &str,
    all: &'i [ImageSummary],
    flavour: Flavour,
) -> Option<(&'i ImageSummary, String)> {
    let asked_id = asked.strip_prefix("sha256:").unwrap_or(asked);
    let by_id = || {
        let image = all.iter().find(|image| {
            image_id(&image.id).trim_start_matches("sha256:").starts_with(asked_id)
        })?;
        Some((image, image.tags.first().cloned().unwrap_or_default()))
    };
    if asked.starts_with("sha256:") {
        return by_id();
    }
    let wanted = Reference::parse(asked);
    let short = flavour == Flavour::Podman
        && wanted.repository.starts_with("docker.io/")
        && !asked.starts_with("docker.io/");
    let tagged = |tag: &str| {
        all.iter().find_map(|image| {
            let own = image
                .tags
                .iter()
                .find(|own| Reference::parse(own).tagged().as_deref() == Some(tag))?;
            Some((image, own.clone()))
        })
    };
    let found = match (&wanted.digest, wanted.tagged()) {
        (Some(digest), _) => all.iter().find_map(|image| {
            let own = format!("{}@{digest}", wanted.repository);
            digests(&image.digests).contains(&own).then_some((image, own))
        }),
        (None, Some(tag)) => {
            let local = short.then(|| tagged(&format!("localhost/{}", with_tag(asked)))).flatten();
            local.or_else(|| tagged(&tag)).or_else(|| {
                let end = format!("/{}", with_tag(asked));
                let any = |image: &'i ImageSummary| {
                    let own = image.tags.iter().find(|own| own.ends_with(&end))?;
                    Some((image, own.clone()))
                };
                short.then(|| all.iter().find_map(any)).flatten()
            })
        }
        (None, None) => None,
    };
    found.or_else(|| is_id(asked).then(by_id).flatten())
}

fn with_tag(short: &str) -> String {
    match short.rsplit_once(':') {
        Some((_, tag)) if !tag.contains('/') => short.to_owned(),
        _ => format!("{short}:latest"),
    }
}

/// A row of the list under one of its names; what the list does not tell comes from `fixed`.
pub(crate) fn listed(row: &ImageSummary, name: &str, fixed: Option<&Fixed>) -> ImageInfo {
    let full = (!name.is_empty()).then(|| Reference::parse(name));
    let mut info = ImageInfo {
        id: image_id(&row.id),
        repository: full.as_ref().map(|full| full.repository.clone()).unwrap_or_default(),
        tag: full.and_then(|full| full.tag).unwrap_or_default(),
        size: row.size,
        created: moment::unix(row.created),
        digests: digests(&row.digests),
        labels: row.labels.clone(),
        ..ImageInfo::default()
    };
    if let Some(fixed) = fixed {
        info.platform.clone_from(&fixed.platform);
        info.has_healthcheck = Some(fixed.has_healthcheck);
        info.entrypoint = Some(fixed.entrypoint.clone());
        info.created.clone_from(&fixed.created);
    }
    info
}

/// One value per tag; one without a tag has empty names.
pub(crate) fn all(rows: &[ImageSummary]) -> Vec<ImageInfo> {
    rows.iter()
        .flat_map(|row| {
            let tags = row.tags.iter().map(String::as_str).filter(|tag| *tag != "<none>:<none>");
            let mut values: Vec<_> = tags.map(|tag| listed(row, tag, None)).collect();
            if values.is_empty() {
                values.push(listed(row, "", None));
            }
            values
        })
        .collect()
}

/// By image id; bounded, because a process may live long.
#[derive(Debug, Default)]
pub(crate) struct Known(std::sync::Mutex<IndexMap<Id, Fixed>>);

impl Known {
    const MOST: usize = 4096;

    pub(crate) fn get(&self, id: &str) -> Option<Fixed> {
        self.0.lock().ok()?.get(id).cloned()
    }

    pub(crate) fn put(&self, id: &str, fixed: Fixed) {
        if let Ok(mut all) = self.0.lock() {
            if all.len() >= Self::MOST {
                all.clear();
            }
            all.insert(id.to_owned(), fixed);
        }
    }
}
