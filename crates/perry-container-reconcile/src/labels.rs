//! The labels by which objects are found again, by us and by docker compose.

use indexmap::IndexMap;
use perry_container_spec::{ContainerInfo, UnitId};

pub(crate) const PROJECT: &str = "com.docker.compose.project";
pub(crate) const SERVICE: &str = "com.docker.compose.service";
pub(crate) const NUMBER: &str = "com.docker.compose.container-number";
pub(crate) const ONEOFF: &str = "com.docker.compose.oneoff";
pub(crate) const CONFIG_HASH: &str = "com.docker.compose.config-hash";
pub(crate) const DEPENDS_ON: &str = "com.docker.compose.depends_on";
pub(crate) const WORKING_DIR: &str = "com.docker.compose.project.working_dir";
pub(crate) const CONFIG_FILES: &str = "com.docker.compose.project.config_files";
pub(crate) const ENVIRONMENT_FILE: &str = "com.docker.compose.project.environment_file";
pub(crate) const VERSION: &str = "com.docker.compose.version";
pub(crate) const NETWORK: &str = "com.docker.compose.network";
pub(crate) const VOLUME: &str = "com.docker.compose.volume";
pub(crate) const IMAGE: &str = "com.docker.compose.image";

pub(crate) const OUR_PROJECT: &str = "perry.compose.project";
pub(crate) const OUR_SERVICE: &str = "perry.compose.service";
/// On containers: which run made it, so that one that appears late is known as the run's own.
pub(crate) const RUN: &str = "perry.compose.run";
/// On containers that refer to others: the ids of those, sorted and joined by commas.
pub(crate) const USES: &str = "perry.compose.uses";
pub(crate) const SPEC_HASH: &str = "perry.compose.spec_hash";
pub(crate) const SPEC_HASHES: &str = "perry.compose.spec_hashes";
/// On networks: apple's network labels take no underscore.
pub(crate) const NETWORK_SPEC_HASH: &str = "perry.compose.spec-hash";

/// Which unit a container is, by its labels; none for one-off containers and what is not of a project.
///
/// ```
/// # use perry_container_spec::{ContainerInfo, UnitId};
/// let mut seen = ContainerInfo::new("8f3c", "p-web-2", "lab/base:1");
/// seen.labels.insert("com.docker.compose.service".to_owned(), "web".to_owned());
/// seen.labels.insert("com.docker.compose.container-number".to_owned(), "2".to_owned());
/// assert_eq!(perry_container_reconcile::unit_of(&seen), Some(UnitId::new("web", 2)));
/// ```
pub fn unit_of(seen: &ContainerInfo) -> Option<UnitId> {
    if is_oneoff(seen) {
        return None;
    }
    let service = service_of(seen)?;
    let number = seen.labels.get(NUMBER).and_then(|number| number.parse().ok()).unwrap_or(1);
    Some(UnitId::new(service, number))
}

/// The service that a container belongs to, also of one-off containers.
pub fn service_of(seen: &ContainerInfo) -> Option<&str> {
    service_in(&seen.labels)
}

/// The service that a container with these labels belongs to.
pub fn service_in(labels: &IndexMap<String, String>) -> Option<&str> {
    labels.get(SERVICE).or_else(|| labels.get(OUR_SERVICE)).map(String::as_str)
}

/// Whether a container was made by `run`.
pub fn is_oneoff(seen: &ContainerInfo) -> bool {
    is_oneoff_in(&seen.labels)
}

/// Whether a container with these labels was made by `run`.
pub fn is_oneoff_in(labels: &IndexMap<String, String>) -> bool {
    labels.get(ONEOFF).is_some_and(|flag| flag.eq_ignore_ascii_case("true"))
}

/// The project that a container belongs to.
pub fn project_of(seen: &ContainerInfo) -> Option<&str> {
    seen.labels.get(PROJECT).map(String::as_str)
}

/// The compose files that a container was made of, comma separated.
pub fn config_files_of(seen: &ContainerInfo) -> Option<&str> {
    seen.labels.get(CONFIG_FILES).map(String::as_str)
}

/// Whether a label is docker compose's or ours, and not the user's or the image's.
pub fn is_compose_label(key: &str) -> bool {
    key.starts_with("com.docker.compose.") || key.starts_with("perry.compose.")
}

/// What a container waits for, as its label says: service, condition, restart.
pub(crate) fn depends_on(seen: &ContainerInfo) -> Vec<(&str, &str, bool)> {
    let text = seen.labels.get(DEPENDS_ON).map_or("", String::as_str);
    let one = |text| {
        let mut parts = str::split(text, ':');
        let service = parts.next().filter(|service| !service.is_empty())?;
        let condition = parts.next().unwrap_or("service_started");
        Some((service, condition, parts.next() == Some("true")))
    };
    text.split(',').filter_map(one).collect()
}
