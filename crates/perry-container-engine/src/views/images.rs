//! `images`: what the containers of a project are made of.

use super::words;
use indexmap::{IndexMap, IndexSet};
use perry_container_reconcile::service_of;
use perry_container_spec::{ContainerInfo, Id, ImageInfo, Observed};
use serde::Serialize;

/// The image of one container. Serialised it is an item of docker compose's `images --format json`: its names, their
/// order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ImageRow {
    /// The image's id.
    #[serde(rename = "ID")]
    pub id: Id,
    /// The container's name.
    pub container_name: String,
    /// As people write it (`redis`, `ghcr.io/x/y`); empty when the container's image has lost its name.
    pub repository: String,
    /// The tag; empty as well.
    pub tag: String,
    /// `os/arch[/variant]`; empty when the image is gone.
    pub platform: String,
    /// Bytes.
    pub size: u64,
    /// When it was tagged last, where the runtime tells, else when it was made; empty when it is gone.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub last_tag_time: String,
}

impl ImageRow {
    /// `10 minutes ago`, or `N/A`.
    pub fn created(&self, now: jiff::Timestamp) -> String {
        let ago = words::since(&self.last_tag_time, now).map(words::human_duration);
        ago.map_or_else(|| "N/A".to_owned(), |ago| format!("{ago} ago"))
    }

    /// `1.98MB`: three digits, in powers of thousand.
    pub fn human_size(&self) -> String {
        human_size(self.size)
    }
}

/// The containers of these services (empty: all), sorted by name.
pub(crate) fn of_services<'a>(
    observed: &'a Observed,
    services: &IndexSet<String>,
) -> Vec<&'a ContainerInfo> {
    let wanted = |seen: &&ContainerInfo| {
        services.is_empty() || service_of(seen).is_some_and(|service| services.contains(service))
    };
    let mut found: Vec<&ContainerInfo> = observed.containers.values().filter(wanted).collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

/// The images of containers, by what the runtime says of the references and ids in `known`.
pub fn images(containers: &[&ContainerInfo], known: &IndexMap<String, ImageInfo>) -> Vec<ImageRow> {
    containers.iter().map(|seen| row(seen, known)).collect()
}

fn row(seen: &ContainerInfo, known: &IndexMap<String, ImageInfo>) -> ImageRow {
    let named = known.get(&seen.image).filter(|info| is_its(seen, info));
    let (repository, tag) = named.and_then(|_| familiar(&seen.image)).unwrap_or_default();
    let info = named.or_else(|| known.get(&seen.image_id));
    let time = info.map(|info| if info.tagged.is_empty() { &info.created } else { &info.tagged });
    ImageRow {
        id: info.map_or_else(|| seen.image_id.clone(), |info| info.id.clone()),
        container_name: seen.name.clone(),
        repository,
        tag,
        platform: info.map(|info| info.platform.clone()).unwrap_or_default(),
        size: info.map_or(0, |info| info.size),
        last_tag_time: time.cloned().unwrap_or_default(),
    }
}

/// Whether a reference still means the image that the container was made of.
pub(crate) fn is_its(seen: &ContainerInfo, info: &ImageInfo) -> bool {
    seen.image_id.is_empty() || seen.image_id == info.id
}

/// Repository and tag as docker prints them: without its own registry's name, `latest` where nothing is said. A digest
/// takes the tag's place, and an id is no name.
fn familiar(reference: &str) -> Option<(String, String)> {
    let id = reference.strip_prefix("sha256:").unwrap_or(reference);
    if id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let (name, digest) = match reference.split_once('@') {
        Some((name, _)) => (name, true),
        None => (reference, false),
    };
    let (name, tag) = match name.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, tag),
        _ => (name, "latest"),
    };
    let short = name.strip_prefix("docker.io/").or_else(|| name.strip_prefix("index.docker.io/"));
    let short = short.map_or(name, |short| short.strip_prefix("library/").unwrap_or(short));
    Some((short.to_owned(), if digest { String::new() } else { tag.to_owned() }))
}

/// As `units.HumanSizeWithPrecision(size, 3)` of docker/go-units prints it.
fn human_size(bytes: u64) -> String {
    let (mut size, mut units) = (bytes as f64, ["B", "kB", "MB", "GB", "TB", "PB", "EB"].iter());
    let mut unit = units.next();
    while size >= 1000.0 {
        (size, unit) = (size / 1000.0, units.next());
    }
    let digits = match size {
        100.0.. => 0,
        10.0.. => 1,
        _ => 2,
    };
    let text = format!("{size:.digits$}");
    let text =
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    let text = if text == "1000" { "1e+03" } else { text };
    format!("{text}{}", unit.unwrap_or(&"B"))
}

#[cfg(test)]
mod tests {
    use super::{familiar, human_size};

    #[test]
    fn sizes_are_dockers() {
        let sizes = [0, 7, 999, 1000, 1_982_662, 77_800_000, 123_400_000, 999_900_000, 10_000_000];
        let text = sizes.map(human_size).join(" ");
        assert_eq!(text, "0B 7B 999B 1kB 1.98MB 77.8MB 123MB 1e+03MB 10MB");
    }

    #[test]
    fn names_are_familiar() {
        let name = |text| familiar(text).map(|(name, tag)| format!("{name} {tag}"));
        assert_eq!(name("redis").as_deref(), Some("redis latest"));
        assert_eq!(name("docker.io/library/redis:7").as_deref(), Some("redis 7"));
        assert_eq!(name("docker.io/lab/x:1").as_deref(), Some("lab/x 1"));
        assert_eq!(name("127.0.0.1:5000/lab/x").as_deref(), Some("127.0.0.1:5000/lab/x latest"));
        assert_eq!(name("x:1@sha256:00").as_deref(), Some("x "));
        assert_eq!(name(&format!("sha256:{}", "0".repeat(64))), None);
    }
}
