//! What `container` prints of what is there. Shapes from its source; keys sorted.

use crate::{
    record::{Attached, Container, Image, Mount, MountKind, Network, State, Volume},
    store::{Store, iso},
};
use serde_json::{Map, Value, json};

/// Which generation prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Era {
    /// Before 1.0: the status of a container is a word.
    Old,
    /// From 1.0 on: it is an object.
    New,
}

impl Era {
    pub(super) fn of(version: &str) -> Self {
        if version.starts_with("0.") { Self::Old } else { Self::New }
    }
}

/// The same with the keys of all objects sorted.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut all: Vec<(String, Value)> = map.into_iter().collect();
            all.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(all.into_iter().map(|(key, value)| (key, sorted(value))).collect())
        }
        Value::Array(all) => Value::Array(all.into_iter().map(sorted).collect()),
        other => other,
    }
}

/// On one line, as lists are printed.
pub(super) fn compact(all: Vec<Value>) -> String {
    format!("{}\n", sorted(Value::Array(all)))
}

/// Over several lines, as Foundation's encoder does.
pub(super) fn pretty(all: Vec<Value>) -> String {
    let mut out = String::new();
    write(&sorted(Value::Array(all)), 0, &mut out);
    out.push('\n');
    out
}

fn write(value: &Value, depth: usize, out: &mut String) {
    let pad = |depth: usize| "  ".repeat(depth);
    match value {
        Value::Array(all) if all.is_empty() => out.push_str(&["[\n\n", &pad(depth), "]"].concat()),
        Value::Object(all) if all.is_empty() => out.push_str(&["{\n\n", &pad(depth), "}"].concat()),
        Value::Array(all) => {
            for (n, one) in all.iter().enumerate() {
                out.push_str(if n == 0 { "[\n" } else { ",\n" });
                out.push_str(&pad(depth + 1));
                write(one, depth + 1, out);
            }
            out.push_str(&["\n", &pad(depth), "]"].concat());
        }
        Value::Object(all) => {
            for (n, (key, one)) in all.iter().enumerate() {
                out.push_str(if n == 0 { "{\n" } else { ",\n" });
                let key = Value::String(key.clone()).to_string();
                out.push_str(&[&pad(depth + 1), &key, " : "].concat());
                write(one, depth + 1, out);
            }
            out.push_str(&["\n", &pad(depth), "}"].concat());
        }
        plain => out.push_str(&plain.to_string()),
    }
}

fn maybe(of: &mut Value, key: &str, value: Option<Value>) {
    if let (Value::Object(map), Some(value)) = (of, value) {
        map.insert(key.to_owned(), value);
    }
}

fn descriptor(digest: &str, size: u64) -> Value {
    json!({"digest": digest, "mediaType": "application/vnd.oci.image.index.v1+json", "size": size})
}

/// A container, for `list` and `inspect`.
pub(super) fn container(of: &Container, era: Era) -> Value {
    let shown = |flag: &str| of.shown.get(flag).cloned().unwrap_or_default();
    let one = |flag: &str| shown(flag).pop();
    let user = match of.user.split(':').map(str::parse::<u32>).collect::<Result<Vec<_>, _>>() {
        _ if of.user.is_empty() => json!({"id": {"uid": 0, "gid": 0}}),
        Ok(ids) => {
            let uid = ids.first().copied().unwrap_or(0);
            json!({"id": {"uid": uid, "gid": ids.get(1).copied().unwrap_or(uid)}})
        }
        Err(_) => json!({"raw": {"userString": of.user}}),
    };
    let (program, arguments) =
        of.command.split_first().map_or((String::new(), Vec::new()), |(program, arguments)| {
            (program.clone(), arguments.to_vec())
        });
    let number = |flag: &str, or: u64| one(flag).and_then(|text| text.parse().ok()).unwrap_or(or);
    let mut dns = json!({"nameservers": shown("--dns"), "searchDomains": shown("--dns-search"), "options": shown("--dns-option")});
    maybe(&mut dns, "domain", one("--dns-domain").map(Value::String));
    let mut configuration = json!({
        "capAdd": shown("--cap-add"),
        "capDrop": shown("--cap-drop"),
        "creationDate": iso(of.created),
        "dns": dns,
        "id": of.id,
        "image": {"descriptor": descriptor(&of.digest, 1024), "reference": of.image},
        "initProcess": {
            "executable": program,
            "arguments": arguments,
            "environment": of.env,
            "workingDirectory": of.workdir,
            "terminal": of.tty,
            "user": user,
            "supplementalGroups": [],
            "rlimits": shown("--ulimit"),
        },
        "labels": of.labels,
        "mounts": of.mounts.iter().map(mount).collect::<Vec<_>>(),
        "networks": of.networks.iter().map(wanted).collect::<Vec<_>>(),
        "platform": {"os": "linux", "architecture": "arm64"},
        "publishedPorts": of.ports.iter().map(|port| json!({
            "hostAddress": port.address, "hostPort": port.host, "containerPort": port.container,
            "proto": port.protocol, "count": port.count,
        })).collect::<Vec<_>>(),
        "publishedSockets": [],
        "readOnly": of.read_only,
        "resources": {"cpus": number("--cpus", 4), "memoryInBytes": number("memory", 1 << 30), "cpuOverhead": 1},
        "rosetta": of.shown.contains_key("--rosetta"),
        "runtimeHandler": "container-runtime-linux",
        "ssh": of.shown.contains_key("--ssh"),
        "sysctls": {},
        "useInit": of.shown.contains_key("--init"),
        "virtualization": of.shown.contains_key("--virtualization"),
    });
    let size = one("shm").and_then(|text| text.parse::<u64>().ok());
    maybe(&mut configuration, "shmSize", size.map(Value::from));
    let running = of.state == State::Running;
    let networks: Vec<Value> =
        if running { of.networks.iter().map(|at| attached(at, era)).collect() } else { Vec::new() };
    let state = if running { "running" } else { "stopped" };
    let started = of.started.map(|time| Value::String(iso(time)));
    let (mut all, status) = match era {
        Era::New => {
            let mut status = json!({"networks": networks, "state": state});
            maybe(&mut status, "startedDate", started);
            (json!({"configuration": configuration, "id": of.id}), status)
        }
        Era::Old => {
            let mut all = json!({"configuration": configuration, "networks": networks});
            maybe(&mut all, "startedDate", started);
            (all, Value::String(state.to_owned()))
        }
    };
    maybe(&mut all, "status", Some(status));
    all
}

fn mount(of: &Mount) -> Value {
    let kind = match of.kind {
        MountKind::Bind => json!({"virtiofs": {}}),
        MountKind::Tmpfs => json!({"tmpfs": {}}),
        MountKind::Volume => {
            json!({"volume": {"name": of.source, "format": "ext4", "cache": "on", "sync": "fsync"}})
        }
    };
    let source = match of.kind {
        MountKind::Volume => format!("/volumes/{}/volume.img", of.source),
        MountKind::Tmpfs => "tmpfs".to_owned(),
        MountKind::Bind => of.source.clone(),
    };
    let options: &[&str] = if of.read_only { &["ro"] } else { &[] };
    json!({"type": kind, "source": source, "destination": of.target, "options": options})
}

/// What was asked for of a network.
fn wanted(of: &Attached) -> Value {
    let mut options = json!({"hostname": of.hostname});
    maybe(&mut options, "mtu", of.mtu.map(Value::from));
    maybe(&mut options, "macAddress", of.mac.clone().map(Value::String));
    json!({"network": of.network, "options": options})
}

/// What came of it.
fn attached(of: &Attached, era: Era) -> Value {
    let (address, gateway) = match era {
        Era::New => ("ipv4Address", "ipv4Gateway"),
        Era::Old => ("address", "gateway"),
    };
    let mut all = json!({"network": of.network, "hostname": of.hostname, address: of.address, gateway: of.gateway});
    maybe(&mut all, "macAddress", of.mac.clone().map(Value::String));
    all
}

/// An image.
pub(super) fn image(reference: &str, of: &Image) -> Value {
    let digest = of.digest.trim_start_matches("sha256:");
    json!({
        "configuration": {
            "creationDate": iso(of.created),
            "descriptor": descriptor(&of.digest, 1024),
            "name": reference,
        },
        "id": digest,
        "variants": [{
            "platform": {"architecture": "arm64", "os": "linux"},
            "digest": of.digest,
            "size": of.size,
            "config": {
                "architecture": "arm64",
                "os": "linux",
                "created": iso(of.created),
                "config": {
                    "Cmd": of.command, "Entrypoint": of.entrypoint, "Env": of.env, "Labels": of.labels,
                    "User": of.user, "WorkingDir": of.workdir,
                },
            },
        }],
    })
}

/// A network.
pub(super) fn network(of: &Network) -> Value {
    let mut status = json!({"ipv4Subnet": of.subnet, "ipv4Gateway": format!("{}1", of.base())});
    maybe(&mut status, "ipv6Subnet", of.subnet6.clone().map(Value::String));
    json!({
        "configuration": {
            "creationDate": iso(of.created),
            "labels": of.labels,
            "mode": if of.internal { "hostOnly" } else { "nat" },
            "name": of.name,
            "options": of.options,
            "plugin": of.plugin,
        },
        "id": of.name,
        "status": status,
    })
}

/// A volume.
pub(super) fn volume(store: &Store, of: &Volume) -> Value {
    let mut configuration = json!({
        "creationDate": iso(of.created),
        "driver": "local",
        "format": "ext4",
        "labels": of.labels,
        "name": of.name,
        "options": of.options,
        "source": store.root().join("volumes").join(&of.name).display().to_string(),
    });
    maybe(&mut configuration, "sizeInBytes", of.size.map(Value::from));
    json!({"configuration": configuration, "id": of.name})
}

/// What a container uses.
pub(super) fn usage(id: &str) -> Value {
    let mut all = Map::new();
    all.insert("id".to_owned(), Value::from(id));
    for (key, value) in [
        ("cpuUsageUsec", 12_000_u64),
        ("memoryUsageBytes", 16_777_216),
        ("memoryLimitBytes", 1_073_741_824),
        ("networkRxBytes", 1024),
        ("networkTxBytes", 512),
        ("blockReadBytes", 4096),
        ("blockWriteBytes", 0),
        ("numProcesses", 1),
    ] {
        all.insert(key.to_owned(), Value::from(value));
    }
    Value::Object(all)
}
