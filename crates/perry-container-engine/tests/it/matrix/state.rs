//! The simulated world as text, in three grains.

use perry_container_backend::ContainerBackend as _;
use perry_container_spec::{ContainerInfo, Observed, Parts, Selector};
use perry_container_testkit::Sim;
use std::collections::{BTreeMap, BTreeSet};

const PROJECT: &str = "com.docker.compose.project";

/// Everything there is.
pub(super) async fn seen(sim: &Sim) -> Observed {
    sim.observe(&Selector::default(), Parts::ALL).await.unwrap()
}

fn ours(labels: &indexmap::IndexMap<String, String>) -> bool {
    labels.get(PROJECT).is_some_and(|of| of == "m")
}

pub(super) fn is_ours(seen: &ContainerInfo) -> bool {
    ours(&seen.labels)
}

/// The engines name anonymous volumes with 64 hexadecimal digits.
pub(super) fn is_anonymous(name: &str) -> bool {
    name.len() == 64
}

/// A container without what differs between two that are alike.
pub(super) fn shape(c: &ContainerInfo) -> String {
    let hash = c.labels.get("perry.compose.spec_hash").map_or("", String::as_str);
    let networks: Vec<String> = (c.networks.iter())
        .map(|(name, end)| {
            let mut names: Vec<&String> =
                end.aliases.iter().filter(|alias| !c.id.starts_with(*alias)).collect();
            names.sort();
            format!("{name}{names:?}")
        })
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let mounts: BTreeSet<String> = (c.mounts.iter())
        .map(|m| {
            let name = m.name.as_deref().unwrap_or_default();
            format!("{}={}", m.target, if is_anonymous(name) { "anonymous" } else { name })
        })
        .collect();
    let (name, image, state) = (&c.name, &c.image, c.state);
    format!("container {name} {image} {hash:.8} {state} {networks:?} {mounts:?}")
}

/// The same with its id and the names of its anonymous volumes: it is the very one.
pub(super) fn exact(c: &ContainerInfo) -> String {
    let anonymous: BTreeSet<&String> =
        c.mounts.iter().filter_map(|m| m.name.as_ref()).filter(|name| is_anonymous(name)).collect();
    format!("{} {} {anonymous:?}", shape(c), c.id)
}

/// Networks and named volumes: their names, and the hashes of what they were made from.
pub(super) fn stands(seen: &Observed, all: bool) -> BTreeSet<String> {
    let networks = seen.networks.values().filter(|n| n.name != "bridge");
    let networks = networks.filter(|n| all || ours(&n.labels)).map(|n| {
        let hash = n.labels.get("perry.compose.spec-hash").map_or("", String::as_str);
        format!("network {} {hash:.8}", n.name)
    });
    let volumes = seen.volumes.values().filter(|v| !is_anonymous(&v.name));
    let volumes = volumes.filter(|v| all || ours(&v.labels)).map(|v| format!("volume {}", v.name));
    networks.chain(volumes).collect()
}

/// All that a failed `up` must bring back.
pub(super) fn whole(seen: &Observed) -> BTreeSet<String> {
    let anonymous = seen.volumes.keys().filter(|name| is_anonymous(name));
    (seen.containers.values().map(exact))
        .chain(stands(seen, true))
        .chain(anonymous.map(|name| format!("volume {name}")))
        .collect()
}

/// The project as anybody would call it the same.
pub(super) fn shapes(seen: &Observed) -> BTreeSet<String> {
    let containers = seen.containers.values().filter(|c| is_ours(c));
    containers.map(shape).chain(stands(seen, false)).collect()
}

/// What belongs to others.
pub(super) fn foreign(seen: &Observed) -> BTreeSet<String> {
    let containers = seen.containers.values().filter(|c| !is_ours(c));
    let project = stands(seen, false);
    containers.map(exact).chain(stands(seen, true).difference(&project).cloned()).collect()
}

/// The anonymous volume at each place of each container, by the container's own name.
pub(super) fn anonymous(seen: &Observed) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for c in seen.containers.values().filter(|c| is_ours(c)) {
        for mount in &c.mounts {
            if let Some(name) = mount.name.as_ref().filter(|name| is_anonymous(name)) {
                found.insert(format!("{}:{}", c.name, mount.target), name.clone());
            }
        }
    }
    found
}

pub(super) fn lines(of: &BTreeSet<String>) -> String {
    of.iter().map(|line| format!("  {line}\n")).collect()
}
