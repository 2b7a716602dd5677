//! Containers as engines list and inspect them, in the words of the seam.

use crate::{
    fault::Flavour,
    moment,
    shape::{EndpointShape, HealthcheckShape, Inspect, MountPoint, PodSummary, Summary},
    verbs::own_test,
};
use indexmap::IndexMap;
use perry_container_spec::{
    ContainerInfo, ENTRYPOINT_LABEL, Endpoint, Health, HealthTest, Healthcheck, MountInfo,
    Protocol, PublishedPort, RestartPolicy, State,
};
use std::net::{IpAddr, Ipv4Addr};

fn state(word: &str) -> State {
    match word {
        "running" | "stopping" => State::Running,
        "paused" => State::Paused,
        "restarting" => State::Restarting,
        "exited" | "stopped" => State::Exited,
        "dead" => State::Dead,
        "removing" => State::Removing,
        _ => State::Created, // created, and podman's configured and initialized
    }
}

fn health(word: &str) -> Option<Health> {
    match word {
        "starting" => Some(Health::Starting),
        "healthy" => Some(Health::Healthy),
        "unhealthy" => Some(Health::Unhealthy),
        _ => None,
    }
}

/// The check of a container, its image's included. Nothing for what nobody said.
fn healthcheck(shape: &HealthcheckShape) -> Option<Healthcheck> {
    let test = own_test(&shape.test);
    let time = |nanos: u64| (nanos > 0).then(|| std::time::Duration::from_nanos(nanos));
    (test != HealthTest::Disabled).then(|| Healthcheck {
        test,
        interval: time(shape.interval),
        timeout: time(shape.timeout),
        start_period: time(shape.start_period),
        start_interval: time(shape.start_interval),
        retries: (shape.retries > 0).then_some(shape.retries),
    })
}

/// podman's id has no algorithm in some places.
pub(crate) fn image_id(id: &str) -> String {
    if id.is_empty() || id.contains(':') { id.to_owned() } else { format!("sha256:{id}") }
}

fn protocol(word: &str) -> Option<Protocol> {
    match word {
        "tcp" => Some(Protocol::Tcp),
        "udp" => Some(Protocol::Udp),
        "sctp" => Some(Protocol::Sctp),
        _ => None,
    }
}

/// All addresses where the engine names none (podman).
fn address(text: &str) -> Option<IpAddr> {
    if text.is_empty() { Some(IpAddr::V4(Ipv4Addr::UNSPECIFIED)) } else { text.parse().ok() }
}

fn endpoint(shape: EndpointShape) -> Endpoint {
    Endpoint {
        network_id: shape.network_id,
        ipv4: shape.ipv4,
        ipv6: shape.ipv6,
        mac: shape.mac,
        aliases: shape.aliases,
    }
}

fn mounts(shapes: Vec<MountPoint>) -> Vec<MountInfo> {
    let mut all: Vec<_> = shapes
        .into_iter()
        .map(|m| MountInfo {
            name: (!m.name.is_empty()).then_some(m.name),
            kind: m.kind,
            source: m.source,
            target: m.destination,
            writable: m.writable,
        })
        .collect();
    all.sort_by(|a, b| a.target.cmp(&b.target));
    all
}

fn networks(shapes: IndexMap<String, EndpointShape>) -> IndexMap<String, Endpoint> {
    let mut all: IndexMap<_, _> =
        shapes.into_iter().map(|(name, shape)| (name, endpoint(shape))).collect();
    all.sort_keys();
    all
}

/// What `Status` of docker's list tells: `Up 3 seconds (healthy)`, `Exited (3) 2 hours ago`, `Restarting (1) ...`.
#[derive(Debug, Default, PartialEq, Eq)]
struct Told {
    exit_code: Option<i32>,
    health: Option<Health>,
    /// How long ago it changed, in seconds.
    ago: Option<i64>,
}

fn told(status: &str) -> Told {
    let mut told = Told::default();
    if let Some(rest) = status.strip_prefix("Up ") {
        let (since, note) = rest.split_once(" (").unwrap_or((rest, ""));
        told.ago = moment::words(since);
        told.health = health(note.trim_end_matches(')').trim_start_matches("health: "));
    } else if let Some((_, rest)) = status.split_once('(')
        && let Some((code, ago)) = rest.split_once(')')
    {
        told.exit_code = code.parse().ok();
        told.ago = moment::words(ago);
    }
    told
}

/// Program and arguments of docker's list, where an argument with a space is put between single quotes, unescaped
/// (moby `daemon/list.go`).
fn words(command: &str) -> Vec<String> {
    let (mut words, mut rest) = (Vec::new(), command);
    while !rest.is_empty() {
        let quoted = rest.strip_prefix('\'').and_then(|inner| {
            let end = inner.find("' ").or_else(|| inner.strip_suffix('\'').map(str::len))?;
            inner[..end].contains(' ').then(|| (&inner[..end], &inner[end + 1..]))
        });
        let (word, left) =
            quoted.unwrap_or_else(|| rest.split_at(rest.find(' ').unwrap_or(rest.len())));
        words.push(word.to_owned());
        rest = left.strip_prefix(' ').unwrap_or(left);
    }
    words
}

/// A row of the list, and of podman's own list where it is podman. `now` is the engine's clock in seconds since 1970.
///
/// docker's list has no times of start and end; they are told from the words of `Status`, as coarse as those are. One that
/// has ended was started when it was created at the earliest, and that is what `started` says of it then.
pub(crate) fn listed(row: Summary, more: Option<&PodSummary>, now: i64) -> ContainerInfo {
    let name = row.names.first().map_or("", |name| name.trim_start_matches('/'));
    let mut info = ContainerInfo::new(row.id, name, row.image);
    info.image_id = image_id(&row.image_id);
    info.state = state(&row.state);
    info.created = moment::unix(row.created);
    // podman's two lists are of two moments: how it ended is told by the one that says that it did.
    if let Some(own) = more.map(|own| own.state.as_str()).filter(|own| !own.is_empty()) {
        info.state = state(own);
    }
    let ended = matches!(info.state, State::Exited | State::Dead | State::Restarting);
    match more {
        Some(more) => {
            info.created = moment::utc(&more.created);
            info.started = moment::unix(more.started);
            info.finished = moment::unix(more.exited);
            info.exit_code = ended.then_some(more.exit_code);
            info.health = health(&more.status);
            info.restart_count = more.restarts;
            // podman lists the arguments without the program, which only our own containers tell.
            if let Some(program) = row.labels.get(ENTRYPOINT_LABEL)
                && let Ok(mut words) = serde_json::from_str::<Vec<String>>(program)
            {
                words.extend(more.command.iter().cloned());
                info.command = words;
            }
        }
        None => {
            let told = told(&row.status);
            info.health = told.health;
            let since = told.ago.map(|ago| moment::before(now, ago)).unwrap_or_default();
            if ended {
                info.exit_code = told.exit_code;
                info.started = info.created.clone();
                info.finished = since;
            } else if info.state.is_up() {
                info.started = since;
            }
            info.command = words(&row.command);
        }
    }
    info.ports = ports(row.ports.into_iter().filter_map(|port| {
        Some(PublishedPort {
            container: port.private,
            protocol: protocol(&port.kind)?,
            ip: if port.public == 0 { None } else { address(&port.ip) },
            host: (port.public != 0).then_some(port.public),
        })
    }));
    info.labels = row.labels;
    info.networks = networks(row.networks.networks);
    info.mounts = mounts(row.mounts);
    info
}

fn ports(all: impl Iterator<Item = PublishedPort>) -> Vec<PublishedPort> {
    let mut ports: Vec<_> = all.collect();
    ports.sort();
    ports.dedup();
    ports
}

/// Program and arguments; `asked` is how many words the entrypoint and the command have. podman 4.3.1 tells the program
/// twice when it has no arguments or was never started, and its init process before it.
fn program(path: String, args: Vec<String>, asked: usize) -> Vec<String> {
    let mut words: Vec<String> = std::iter::once(path).chain(args).collect();
    if words.first().is_some_and(String::is_empty) {
        words.remove(0);
    }
    match &words[..] {
        [init, dashes, ..] if init == "/run/podman-init" && dashes == "--" => words.split_off(2),
        [first, again, ..] if first == again && words.len() == asked + 1 => words.split_off(1),
        _ => words,
    }
}

/// Of a list of words, or of one word as podman tells some.
pub(crate) fn words_of(value: &serde_json::Value) -> Vec<String> {
    match value {
        serde_json::Value::String(word) if !word.is_empty() => vec![word.clone()],
        serde_json::Value::Array(words) => {
            words.iter().filter_map(|word| word.as_str().map(str::to_owned)).collect()
        }
        _ => Vec::new(),
    }
}

/// One that was looked at by itself.
pub(crate) fn inspected(shape: Inspect, flavour: Flavour) -> ContainerInfo {
    let mut info =
        ContainerInfo::new(shape.id, shape.name.trim_start_matches('/'), shape.config.image);
    info.image_id = image_id(&shape.image_id);
    info.state = state(&shape.state.status);
    info.health = health(&shape.state.health.status);
    info.health_output =
        shape.state.health.log.last().map(|probe| probe.output.trim_end().to_owned());
    info.healthcheck = healthcheck(&shape.config.healthcheck);
    info.restart = RestartPolicy::of_engine(&shape.host.restart.name, shape.host.restart.most);
    let ended = matches!(info.state, State::Exited | State::Dead | State::Restarting);
    info.exit_code = ended.then_some(shape.state.exit_code);
    info.oom_killed = shape.state.oom;
    info.error = (!shape.state.error.is_empty()).then_some(shape.state.error);
    info.created = moment::utc(&shape.created);
    info.started = moment::utc(&shape.state.started);
    info.finished = moment::utc(&shape.state.finished);
    info.restart_count = shape.restart_count;
    info.labels = shape.config.labels;
    info.tty = shape.config.tty;
    let asked = [&shape.config.entrypoint, &shape.config.cmd].into_iter().map(words_of);
    info.command = program(shape.path, shape.args, asked.map(|words| words.len()).sum());
    info.mounts = mounts(shape.mounts);
    info.networks = networks(shape.network.networks);
    let published = shape.network.ports.into_iter().flat_map(|(port, hosts)| {
        let (container, kind) = port.split_once('/').unwrap_or((&port, "tcp"));
        let inside = container.parse().ok().zip(protocol(kind));
        let hosts = hosts.filter(|hosts| !hosts.is_empty());
        let rows: Vec<_> = match (inside, hosts) {
            (None, _) => Vec::new(),
            (Some((container, protocol)), None) => {
                vec![PublishedPort { container, protocol, ip: None, host: None }]
            }
            (Some((container, protocol)), Some(hosts)) => hosts
                .into_iter()
                .filter_map(|host| {
                    let port = host.port.parse().ok()?;
                    Some(PublishedPort {
                        container,
                        protocol,
                        ip: address(&host.ip),
                        host: Some(port),
                    })
                })
                .collect(),
        };
        rows
    });
    // podman tells the ports of one that is down, docker does not.
    let show = info.state.is_up() || flavour == Flavour::Docker;
    info.ports = if show { ports(published) } else { Vec::new() };
    info
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_that_podman_tells_twice() {
        let words = |text: &str, asked| {
            let mut words = text.split(' ').map(str::to_owned);
            program(words.next().unwrap_or_default(), words.collect(), asked).join(" ")
        };
        assert_eq!(words("web web", 1), "web");
        assert_eq!(words("web web", 2), "web web"); // it was asked for so
        assert_eq!(words("sh sh -c true", 3), "sh -c true");
        assert_eq!(words("sh -c true", 3), "sh -c true");
        assert_eq!(words("/run/podman-init -- web", 1), "web");
        assert_eq!(words("", 0), "");
    }

    #[test]
    fn what_docker_says_in_words() {
        assert_eq!(words("sh -c 'sleep 0.3; exit 4'"), ["sh", "-c", "sleep 0.3; exit 4"]);
        assert_eq!(words("echo 'a b' c 'd e'"), ["echo", "a b", "c", "d e"]);
        assert_eq!(words("echo 'it is' it's 'x"), ["echo", "it is", "it's", "'x"]);
        assert_eq!(words(""), Vec::<String>::new());
        assert_eq!(words("'"), ["'"]);
        assert_eq!(words("a  b"), ["a", "", "b"]);
        let told = |status: &str| format!("{:?}", told(status));
        assert_eq!(
            told("Up 3 seconds (healthy)"),
            "Told { exit_code: None, health: Some(Healthy), ago: Some(3) }"
        );
        assert_eq!(
            told("Up 3 seconds (health: starting)"),
            "Told { exit_code: None, health: Some(Starting), ago: Some(3) }"
        );
        assert_eq!(
            told("Up About a minute (Paused)"),
            "Told { exit_code: None, health: None, ago: Some(60) }"
        );
        assert_eq!(
            told("Exited (137) 2 hours ago"),
            "Told { exit_code: Some(137), health: None, ago: Some(7200) }"
        );
        assert_eq!(
            told("Restarting (1) Less than a second ago"),
            "Told { exit_code: Some(1), health: None, ago: Some(0) }"
        );
        assert_eq!(
            told("Removal In Progress"),
            "Told { exit_code: None, health: None, ago: None }"
        );
        assert_eq!(told("Created"), "Told { exit_code: None, health: None, ago: None }");
    }
}
