//! What `run` and `create` ask for: checked as the tool checks it.

use crate::{
    grammar::Call,
    record::{Attached, Container, Image, Mount, MountKind, Port},
    store::full_reference,
};
use std::{collections::BTreeMap, fs, path::Path};

/// A letter or digit, then what names hold.
pub(super) fn is_name(text: &str, least: usize) -> bool {
    text.len() >= least
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c))
}

/// `^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$`
pub(super) fn is_network_name(text: &str) -> bool {
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    text.len() <= 63
        && text.starts_with(good)
        && text.ends_with(good)
        && text.chars().all(|c| good(c) || "._-".contains(c))
}

/// `key=value`, where the value holds no further `=`.
pub(super) fn labels(all: &[String]) -> Result<BTreeMap<String, String>, String> {
    let pair = |text: &String| {
        let parts: Vec<&str> = text.split('=').collect();
        match parts[..] {
            [key] if !key.is_empty() => Ok((key.to_owned(), String::new())),
            [key, value] if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
            _ => Err(format!("invalid label format: {text}")),
        }
    };
    all.iter().map(pair).collect()
}

/// Labels of networks: keys are lower-case words with dots.
pub(super) fn network_labels(all: &[String]) -> Result<BTreeMap<String, String>, String> {
    let found = labels(all)?;
    let good = |key: &str| {
        key.split('.').all(|word| {
            let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            !word.is_empty()
                && word.chars().all(inner)
                && !word.starts_with('-')
                && !word.ends_with('-')
        })
    };
    match found.keys().find(|key| !good(key)) {
        Some(key) => Err(format!("invalid label key: {key}")),
        None => Ok(found),
    }
}

/// Bytes: `512M`, `1g`, `1048576`.
pub(super) fn bytes(text: &str) -> Result<u64, String> {
    let lower = text.to_ascii_lowercase();
    let lower = lower.trim_end_matches('b').trim_end_matches('i');
    let (digits, shift) = match lower.chars().last() {
        Some('k') => (&lower[..lower.len() - 1], 10),
        Some('m') => (&lower[..lower.len() - 1], 20),
        Some('g') => (&lower[..lower.len() - 1], 30),
        Some('t') => (&lower[..lower.len() - 1], 40),
        _ => (lower, 0),
    };
    let number = digits.parse::<u64>().map_err(|_| format!("invalid memory size: {text}"))?;
    Ok(number << shift)
}

/// `NAME=value`, `NAME` for one that is inherited, and files of such lines.
pub(super) fn environment(
    call: &Call,
    inherited: &impl Fn(&str) -> Option<String>,
) -> Result<Vec<String>, String> {
    let mut lines = Vec::new();
    for path in call.values("--env-file") {
        let text =
            fs::read_to_string(path).map_err(|_| format!("failed to read envfile at {path}"))?;
        let own = text.lines().map(str::trim_start);
        lines.extend(own.filter(|l| !l.is_empty() && !l.starts_with('#')).map(str::to_owned));
    }
    lines.extend(call.values("--env").iter().cloned());
    let full = |line: String| match line.contains('=') {
        true => Some(line),
        false => inherited(&line).map(|value| format!("{line}={value}")),
    };
    Ok(lines.into_iter().filter_map(full).collect())
}

fn network(text: &str, hostname: &str) -> Result<Attached, String> {
    let mut parts = text.split(',');
    let mut found = Attached {
        network: parts.next().unwrap_or_default().to_owned(),
        hostname: hostname.to_owned(),
        ..Attached::default()
    };
    for part in parts {
        match part.split_once('=') {
            Some(("mac", mac)) if mac.split(':').count() == 6 => found.mac = Some(mac.to_owned()),
            Some(("mtu", mtu)) if mtu.parse::<u32>().is_ok() => found.mtu = mtu.parse().ok(),
            _ => return Err(format!("invalid network property: {part}")),
        }
    }
    Ok(found)
}

fn port(text: &str) -> Result<Port, String> {
    let bad = || format!("invalid publish value: {text}");
    let (rest, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
    if !matches!(protocol, "tcp" | "udp") {
        return Err(bad());
    }
    let (public, container) = rest.rsplit_once(':').ok_or_else(bad)?;
    let (address, host) = public.rsplit_once(':').unwrap_or(("0.0.0.0", public));
    let address = address.trim_start_matches('[').trim_end_matches(']');
    address.parse::<std::net::IpAddr>().map_err(|_| bad())?;
    let range = |text: &str| {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let (first, last) = (first.parse::<u16>().ok()?, last.parse::<u16>().ok()?);
        (first > 0 && first <= last).then(|| (first, last - first + 1))
    };
    let ((host, count), (container, inner)) =
        (range(host).ok_or_else(bad)?, range(container).ok_or_else(bad)?);
    if count != inner {
        return Err(bad());
    }
    Ok(Port { address: address.to_owned(), host, container, protocol: protocol.to_owned(), count })
}

fn volume(text: &str) -> Result<Mount, String> {
    let parts: Vec<&str> = text.split(':').collect();
    let (source, target, options) = match parts[..] {
        [target] => ("", target, ""),
        [source, target] => (source, target, ""),
        [source, target, options] => (source, target, options),
        _ => return Err(format!("invalid volume format {text}")),
    };
    let read_only = match options {
        "" | "rw" => false,
        "ro" => true,
        _ => return Err(format!("invalid volume option {options}")),
    };
    let (source, target) = (source.to_owned(), target.to_owned());
    if !target.starts_with('/') {
        return Err(format!("invalid volume format {text}"));
    }
    if source.starts_with(['/', '.', '~']) {
        if !Path::new(&source).exists() {
            return Err(format!("path '{source}' does not exist"));
        }
        return Ok(Mount { kind: MountKind::Bind, source, target, read_only });
    }
    if !source.is_empty() && !is_name(&source, 1) {
        return Err(format!("invalid volume name '{source}'"));
    }
    Ok(Mount { kind: MountKind::Volume, source, target, read_only })
}

fn mount(text: &str) -> Result<Mount, String> {
    let (mut kind, mut source, mut target, mut read_only) =
        (None, String::new(), String::new(), false);
    for part in text.split(',') {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        match key {
            "type" => {
                kind = Some(match value {
                    "bind" | "virtiofs" => MountKind::Bind,
                    "volume" => MountKind::Volume,
                    "tmpfs" => MountKind::Tmpfs,
                    _ => return Err(format!("invalid mount type {value}")),
                });
            }
            "source" | "src" => value.clone_into(&mut source),
            "target" | "destination" | "dst" => value.clone_into(&mut target),
            "readonly" | "ro" if value.is_empty() => read_only = true,
            "size" | "mode" => {}
            _ => return Err(format!("unknown directive {part} when parsing mount {text}")),
        }
    }
    let kind = kind.ok_or_else(|| format!("mount type must be specified in {text}"))?;
    if !target.starts_with('/') {
        return Err(format!("invalid mount {text}: no target"));
    }
    if kind == MountKind::Bind && !Path::new(&source).is_dir() {
        return Err(match Path::new(&source).exists() {
            true => format!("path '{source}' is not a directory"),
            false => format!("path '{source}' does not exist"),
        });
    }
    Ok(Mount { kind, source, target, read_only })
}

/// Flags that are shown again as they were given.
const SHOWN: &[&str] = &[
    "--cap-add",
    "--cap-drop",
    "--cpus",
    "--dns",
    "--dns-domain",
    "--dns-option",
    "--dns-search",
    "--init",
    "--rosetta",
    "--ssh",
    "--ulimit",
    "--virtualization",
];

/// A container as a call asks for it. `made_up` is the name of one that was given none.
pub(super) fn container(
    call: &Call,
    image: &Image,
    made_up: String,
    inherited: &impl Fn(&str) -> Option<String>,
) -> Result<Container, String> {
    let name = call.value("--name").map_or(made_up, str::to_owned);
    if !is_name(&name, 2) || name.len() > 63 {
        return Err(format!("invalid container name: {name}"));
    }
    let mut shown: BTreeMap<String, Vec<String>> = SHOWN
        .iter()
        .filter(|flag| call.on(flag))
        .map(|flag| ((*flag).to_owned(), call.values(flag).to_vec()))
        .collect();
    if let Some(memory) = call.value("--memory") {
        let bytes = bytes(memory)?;
        if bytes < 200 << 20 {
            return Err(format!("minimum memory amount allowed is 200 MiB, got {memory}"));
        }
        shown.insert("memory".to_owned(), vec![bytes.to_string()]);
    }
    if let Some(size) = call.value("--shm-size") {
        shown.insert("shm".to_owned(), vec![bytes(size)?.to_string()]);
    }
    for limit in call.values("--ulimit") {
        let kind = limit.split_once('=').map(|(kind, _)| kind);
        if !kind.is_some_and(|kind| ULIMITS.contains(&kind)) {
            return Err(format!("invalid ulimit: {limit}"));
        }
    }
    let networks = match call.values("--network") {
        [] => vec![network("default", &name)?],
        [none] if none == "none" => Vec::new(),
        all if all.iter().any(|one| one == "none") => {
            return Err("no other networks may be created along with network none".to_owned());
        }
        all => all.iter().map(|one| network(one, &name)).collect::<Result<_, _>>()?,
    };
    let mut mounts = Vec::new();
    for one in call.values("--volume") {
        mounts.push(volume(one)?);
    }
    for one in call.values("--mount") {
        mounts.push(mount(one)?);
    }
    for path in call.values("--tmpfs") {
        if !path.starts_with('/') || path.contains(':') {
            return Err(format!("invalid tmpfs path: {path}"));
        }
        let (kind, source, target) = (MountKind::Tmpfs, String::new(), path.clone());
        mounts.push(Mount { kind, source, target, read_only: false });
    }
    let arguments = call.rest.clone();
    let command = match call.value("--entrypoint").filter(|program| !program.is_empty()) {
        Some(program) => std::iter::once(program.to_owned()).chain(arguments).collect(),
        None if arguments.is_empty() => [&image.entrypoint[..], &image.command].concat(),
        None => [&image.entrypoint[..], &arguments].concat(),
    };
    let mut env = image.env.clone();
    for line in environment(call, inherited)? {
        let name = line.split('=').next().unwrap_or_default().to_owned();
        env.retain(|other| other.split('=').next() != Some(&name));
        env.push(line);
    }
    let user = match (call.value("--user"), call.value("--uid"), call.value("--gid")) {
        (Some(user), ..) => user.to_owned(),
        (None, Some(uid), Some(gid)) => format!("{uid}:{gid}"),
        (None, Some(uid), None) => uid.to_owned(),
        (None, None, _) => image.user.clone(),
    };
    Ok(Container {
        id: name.clone(),
        image: full_reference(call.operand(0)),
        command,
        env,
        workdir: call.value("--workdir").unwrap_or(&image.workdir).to_owned(),
        user,
        hostname: None,
        tty: call.on("--tty"),
        interactive: call.on("--interactive"),
        labels: labels(call.values("--label"))?,
        mounts,
        networks,
        ports: call.values("--publish").iter().map(|p| port(p)).collect::<Result<_, _>>()?,
        read_only: call.on("--read-only"),
        remove: call.on("--remove"),
        shown,
        name,
        ..Container::default()
    })
}

/// Names of limits.
const ULIMITS: &[&str] = &[
    "core",
    "cpu",
    "data",
    "fsize",
    "locks",
    "memlock",
    "msgqueue",
    "nice",
    "nofile",
    "nproc",
    "rss",
    "rtprio",
    "rttime",
    "sigpending",
    "stack",
];
