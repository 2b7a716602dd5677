//! What nerdctl tells of a container in labels only.

use super::{at, container, first, map, text, texts};
use crate::notes::{LABEL, Notes};
use indexmap::IndexMap;
use perry_container_spec::{ContainerInfo, Endpoint, PublishedPort, RestartPolicy};
use serde_json::Value;

/// Completes what the common part of `container inspect` says.
pub(crate) fn complete(info: &mut ContainerInfo, value: &Value) {
    let labels = map(at(value, &["Config", "Labels"]));
    let label = |name: &str| labels.get(name).map(String::as_str).unwrap_or_default();
    if label("nerdctl/namespace").is_empty() {
        return;
    }
    let shown = info.image.clone();
    let notes = Notes::read(label(LABEL), &shown).unwrap_or_default();
    info.image_id = notes.image_id;
    if !notes.image.is_empty() {
        info.image = notes.image;
    }
    info.labels.extend(notes.empty.into_iter().map(|key| (key, String::new())));
    if info.state.is_up() {
        let ports = notes.exposed.iter().map(|port| (port.clone(), Value::Null)).collect();
        let exposed = container::ports(&Value::Object(ports));
        let published = info.ports.clone();
        let same = |a: &PublishedPort, b: &PublishedPort| {
            (a.container, a.protocol) == (b.container, b.protocol)
        };
        info.ports
            .extend(exposed.into_iter().filter(|one| !published.iter().any(|p| same(p, one))));
        info.ports.sort();
    }
    info.restart = policy(label("containerd.io/restart.policy"));
    info.restart_count = label("containerd.io/restart.count").parse().unwrap_or_default();
    // its log begins with the newest
    let newest = &at(value, &["State", "Health", "Log"])[0];
    let output = text(newest, &["Output"]).trim();
    info.health_output = Some(output).filter(|output| !output.is_empty()).map(str::to_owned);
    info.networks = networks(label("nerdctl/networks"), value, notes.aliases);
    // files that it binds itself, and mounts of memory, which other tools do not show
    let own = [
        first(value, &["ResolvConfPath"]),
        first(value, &["HostnamePath"]),
        first(value, &["HostsPath"]),
    ];
    info.mounts.retain(|mount| !own.contains(&mount.source.as_str()) && mount.kind != "tmpfs");
}

/// `always`, `on-failure:3`.
fn policy(text: &str) -> Option<RestartPolicy> {
    let (name, most) = text.split_once(':').unwrap_or((text, ""));
    RestartPolicy::of_engine(name, most.parse().unwrap_or_default())
}

/// The names are in a label, in the order of the interfaces, which are called `unknown-eth0`, `unknown-eth1`, ...
fn networks(
    names: &str,
    value: &Value,
    mut aliases: IndexMap<String, Vec<String>>,
) -> IndexMap<String, Endpoint> {
    let names: Value = serde_json::from_str(names).unwrap_or_default();
    let shown = at(value, &["NetworkSettings", "Networks"]);
    let one = |(n, name): (usize, String)| {
        let shown = &shown[format!("unknown-eth{n}")];
        let endpoint = Endpoint {
            network_id: String::new(),
            ipv4: text(shown, &["IPAddress"]).to_owned(),
            ipv6: text(shown, &["GlobalIPv6Address"]).to_owned(),
            mac: text(shown, &["MacAddress"]).to_owned(),
            aliases: aliases.shift_remove(&name).unwrap_or_default(),
        };
        (name, endpoint)
    };
    let own = |name: &String| !name.starts_with("container:");
    texts(&names).into_iter().filter(own).enumerate().map(one).collect()
}
