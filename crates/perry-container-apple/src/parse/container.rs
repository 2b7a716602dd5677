//! A container.

use super::{first, map, text, texts};
use crate::{encode, notes};
use indexmap::IndexMap;
use perry_container_spec::{
    ContainerInfo, Endpoint, HealthTest, MountInfo, Protocol, PublishedPort, State,
};
use serde_json::Value;

/// Reads one; none without an id.
pub(crate) fn container(value: &Value) -> Option<ContainerInfo> {
    let configuration = &value["configuration"];
    let id = first(value, &[&["id"], &["configuration", "id"]]);
    if id.is_empty() {
        return None;
    }
    let status = &value["status"];
    let (word, beside) = match status.as_str() {
        Some(word) => (word, value),
        None => (text(status, &["state"]), status),
    };
    let started = beside["startedDate"].as_str().unwrap_or_default();
    let state = match word {
        "running" | "stopping" => State::Running,
        "stopped" if started.is_empty() => State::Created,
        "stopped" => State::Exited,
        _ => State::Dead,
    };
    let mut labels: IndexMap<String, String> = map(&configuration["labels"])
        .into_iter()
        .map(|(key, value)| (key, encode::meant(&value)))
        .collect();
    let notes = labels.shift_remove(notes::LABEL);
    let notes = notes.and_then(|text| notes::Notes::read(&text)).unwrap_or_default();
    let shown = text(configuration, &["image", "reference"]);
    let image = if notes.image.is_empty() { shown } else { &notes.image };
    let process = &configuration["initProcess"];
    let mut command = vec![text(process, &["executable"]).to_owned()];
    command.extend(texts(&process["arguments"]));
    let own = |test: &HealthTest| matches!(test, HealthTest::Shell(_) | HealthTest::Command(_));
    let mut info = ContainerInfo::new(id, id, image);
    text(configuration, &["image", "descriptor", "digest"]).clone_into(&mut info.image_id);
    info.state = state;
    info.healthcheck = notes.healthcheck.filter(|check| own(&check.test));
    info.restart = notes.restart;
    info.ports = ports(&configuration["publishedPorts"]);
    text(configuration, &["creationDate"]).clone_into(&mut info.created);
    started.clone_into(&mut info.started);
    info.labels = labels;
    info.networks = networks(configuration, &beside["networks"]);
    info.mounts =
        configuration["mounts"].as_array().into_iter().flatten().filter_map(mount).collect();
    info.command = command;
    info.tty = process["terminal"].as_bool() == Some(true);
    Some(info)
}

fn ports(value: &Value) -> Vec<PublishedPort> {
    let mut all = Vec::new();
    for one in value.as_array().into_iter().flatten() {
        let number = |key: &str| one[key].as_u64().and_then(|n| u16::try_from(n).ok());
        let (Some(host), Some(container)) = (number("hostPort"), number("containerPort")) else {
            continue;
        };
        let protocol = if text(one, &["proto"]) == "udp" { Protocol::Udp } else { Protocol::Tcp };
        let ip = text(one, &["hostAddress"]).parse().ok();
        for n in 0..number("count").unwrap_or(1) {
            let (host, container) = (host.saturating_add(n), container.saturating_add(n));
            all.push(PublishedPort { container, protocol, ip, host: Some(host) });
        }
    }
    all.sort();
    all
}

/// What was asked for, with the addresses of one that runs.
fn networks(configuration: &Value, attached: &Value) -> IndexMap<String, Endpoint> {
    let asked = configuration["networks"].as_array().into_iter().flatten();
    let name = |one: &Value| match one.as_str() {
        Some(name) => name.to_owned(), // before 0.5
        None => text(one, &["network"]).to_owned(),
    };
    let mut all: IndexMap<String, Endpoint> = asked
        .map(|one| (name(one), Endpoint { network_id: name(one), ..Endpoint::default() }))
        .filter(|(name, _)| !name.is_empty())
        .collect();
    for one in attached.as_array().into_iter().flatten() {
        let bare = |text: &str| text.split('/').next().unwrap_or_default().to_owned();
        let endpoint = Endpoint {
            network_id: name(one),
            ipv4: bare(first(one, &[&["ipv4Address"], &["address"]])),
            ipv6: bare(text(one, &["ipv6Address"])),
            mac: text(one, &["macAddress"]).to_owned(),
            aliases: Vec::new(),
        };
        all.insert(name(one), endpoint);
    }
    all
}

fn mount(value: &Value) -> Option<MountInfo> {
    let kind = &value["type"];
    let (word, name) = match kind.as_object()?.keys().next()?.as_str() {
        "virtiofs" => ("bind", None),
        "volume" => ("volume", Some(text(kind, &["volume", "name"]).to_owned())),
        other => (other, None),
    };
    Some(MountInfo {
        kind: word.to_owned(),
        name: name.filter(|name| !name.is_empty()),
        source: if word == "tmpfs" { String::new() } else { text(value, &["source"]).to_owned() },
        target: text(value, &["destination"]).to_owned(),
        writable: !texts(&value["options"]).iter().any(|option| option == "ro"),
    })
}
