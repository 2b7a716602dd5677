//! `container inspect`.

use super::{at, first, image_id, labels, nerdctl, text, texts, time};
use perry_container_spec::{
    ContainerInfo, Endpoint, Health, HealthTest, Healthcheck, MountInfo, Protocol, PublishedPort,
    RestartPolicy, State,
};
use serde_json::Value;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A container as the tools show it; `None` when it is none.
pub(crate) fn container(value: &Value) -> Option<ContainerInfo> {
    let id = first(value, &["Id", "ID"]);
    if id.is_empty() {
        return None;
    }
    let state = at(value, &["State"]);
    let image = asked_for(value).unwrap_or_else(|| match text(value, &["Config", "Image"]) {
        "" => first(value, &["ImageName", "Image"]),
        image => image,
    });
    let mut info = ContainerInfo::new(id, text(value, &["Name"]).trim_start_matches('/'), image);
    info.image_id = image_id(text(value, &["Image"]));
    info.state = word(text(state, &["Status"]));
    let check = health_of(value, state, info.state);
    (info.health, info.health_output) = check;
    info.healthcheck = check_of(at(value, &["Config", "Healthcheck"]));
    info.restart = restart(at(value, &["HostConfig", "RestartPolicy"]));
    if matches!(info.state, State::Exited | State::Dead | State::Restarting) {
        info.exit_code = state["ExitCode"].as_i64().and_then(|code| i32::try_from(code).ok());
    }
    info.oom_killed = state["OOMKilled"].as_bool().unwrap_or_default();
    info.error = Some(text(state, &["Error"])).filter(|error| !error.is_empty()).map(str::to_owned);
    info.created = time(text(value, &["Created"]));
    info.started = time(text(state, &["StartedAt"]));
    info.finished = time(text(state, &["FinishedAt"]));
    info.restart_count = value["RestartCount"]
        .as_u64()
        .and_then(|count| u32::try_from(count).ok())
        .unwrap_or_default();
    info.labels = labels(at(value, &["Config", "Labels"]));
    if info.state.is_up() {
        // docker forgets the ports of what does not run, podman does not
        info.ports = ports(at(value, &["NetworkSettings", "Ports"]));
    }
    info.networks = at(value, &["NetworkSettings", "Networks"])
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.clone(), endpoint(value, id)))
        .collect();
    info.mounts = value["Mounts"].as_array().into_iter().flatten().filter_map(mount).collect();
    info.mounts.sort_by(|a, b| a.target.cmp(&b.target)); // podman's order is its own
    info.command = command(value);
    info.tty = at(value, &["Config", "Tty"]).as_bool().unwrap_or_default();
    nerdctl::complete(&mut info, value);
    Some(info)
}

/// The image as it was asked for, out of the command line that podman keeps: elsewhere it shows what it found for it
/// (`localhost/x` for `x`). Only a line of ours tells for sure where the image stands.
fn asked_for(value: &Value) -> Option<&str> {
    let line = at(value, &["Config", "CreateCommand"]).as_array()?;
    let dashes = line.iter().position(|word| word == "--")?;
    let ours = line.get(1).is_some_and(|verb| verb == "create")
        && line.get(2).is_some_and(|word| word == "--pull=never");
    line.get(dashes + 1).filter(|_| ours)?.as_str()
}

/// Program and arguments; podman shows its init process before them, docker does not. Of a program without arguments
/// podman 4.3.1 says that it is its own argument.
fn command(value: &Value) -> Vec<String> {
    let mut words = texts(&value["Path"]);
    words.retain(|path| !path.is_empty());
    words.extend(texts(&value["Args"]));
    let asked =
        ["Entrypoint", "Cmd"].into_iter().flat_map(|key| texts(at(value, &["Config", key])));
    let alone = asked.filter(|word| !word.is_empty()).count() == 1;
    match &words[..] {
        [program, again] if program == again && alone => vec![program.clone()],
        [init, dashes, rest @ ..] if init == "/run/podman-init" && dashes == "--" => rest.to_vec(),
        _ => words,
    }
}

/// The tools' words for states.
pub(crate) fn word(word: &str) -> State {
    match word {
        "running" | "stopping" => State::Running,
        "paused" => State::Paused,
        "restarting" => State::Restarting,
        "exited" | "stopped" => State::Exited,
        "dead" => State::Dead,
        "removing" => State::Removing,
        _ => State::Created, // created, configured, initialized, unknown, and nerdctl's empty word
    }
}

/// docker leaves the health of a container without a check out, podman shows an empty word.
fn health_of(value: &Value, state: &Value, is: State) -> (Option<Health>, Option<String>) {
    let of = if state["Health"].is_object() { &state["Health"] } else { &state["Healthcheck"] };
    let test = at(value, &["Config", "Healthcheck", "Test"]);
    let health = match text(of, &["Status"]) {
        "starting" => Some(Health::Starting),
        "healthy" => Some(Health::Healthy),
        "unhealthy" => Some(Health::Unhealthy),
        "" if is.is_up()
            && !matches!(texts(test).first().map(String::as_str), None | Some("NONE")) =>
        {
            Some(Health::Starting) // podman before the first run
        }
        _ => None,
    };
    let last = of["Log"].as_array().and_then(|log| log.last());
    let output =
        last.map(|last| text(last, &["Output"]).trim()).filter(|output| !output.is_empty());
    (health, output.map(str::to_owned).filter(|_| health.is_some()))
}

/// `{"Name": "on-failure", "MaximumRetryCount": 3}`; without a policy the name is `no` or empty.
fn restart(value: &Value) -> Option<RestartPolicy> {
    let most = value["MaximumRetryCount"].as_u64().and_then(|most| u32::try_from(most).ok());
    RestartPolicy::of_engine(text(value, &["Name"]), most.unwrap_or_default())
}

/// The check itself, as the engines keep it: times in nanoseconds, nothing for what nobody said.
fn check_of(value: &Value) -> Option<Healthcheck> {
    let words = texts(&value["Test"]);
    let test = match words.split_first()? {
        (kind, [script, ..]) if kind == "CMD-SHELL" => HealthTest::Shell(script.clone()),
        (kind, words) if kind == "CMD" && !words.is_empty() => HealthTest::Command(words.to_vec()),
        _ => return None,
    };
    let time = |name: &str| {
        value[name].as_u64().filter(|nanos| *nanos > 0).map(std::time::Duration::from_nanos)
    };
    let retries = value["Retries"].as_u64().and_then(|count| u32::try_from(count).ok());
    Some(Healthcheck {
        test,
        interval: time("Interval"),
        timeout: time("Timeout"),
        start_period: time("StartPeriod"),
        start_interval: time("StartInterval"),
        retries: retries.filter(|count| *count > 0),
    })
}

/// `{"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}, ...], "9000/tcp": null}`.
///
/// docker shows a port that is published on all addresses twice, for IPv4 and IPv6, podman once and without an
/// address: it is one entry with `0.0.0.0` here.
pub(crate) fn ports(value: &Value) -> Vec<PublishedPort> {
    let mut all = Vec::new();
    for (key, bindings) in value.as_object().into_iter().flatten() {
        let (container, protocol) = key.split_once('/').unwrap_or((key, "tcp"));
        let protocol = match protocol {
            "udp" => Protocol::Udp,
            "sctp" => Protocol::Sctp,
            _ => Protocol::Tcp,
        };
        let Ok(container) = container.parse() else { continue };
        let bindings: Vec<_> = bindings.as_array().into_iter().flatten().collect();
        if bindings.is_empty() {
            all.push(PublishedPort { container, protocol, ip: None, host: None });
        }
        for binding in bindings {
            let Ok(host) = text(binding, &["HostPort"]).parse() else { continue };
            let ip = text(binding, &["HostIp"]).parse().unwrap_or(EVERY_V4);
            all.push(PublishedPort { container, protocol, ip: Some(ip), host: Some(host) });
        }
    }
    all.sort();
    all.dedup();
    let v4 = all.clone();
    all.retain(|port| {
        let twin = PublishedPort { ip: Some(EVERY_V4), ..port.clone() };
        port.ip != Some(IpAddr::V6(Ipv6Addr::UNSPECIFIED)) || !v4.contains(&twin)
    });
    all
}

const EVERY_V4: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

fn endpoint(value: &Value, container: &str) -> Endpoint {
    let mut aliases = texts(&value["Aliases"]);
    aliases.retain(|alias| !(alias.len() == 12 && container.starts_with(alias.as_str())));
    Endpoint {
        network_id: text(value, &["NetworkID"]).to_owned(),
        ipv4: text(value, &["IPAddress"]).to_owned(),
        ipv6: text(value, &["GlobalIPv6Address"]).to_owned(),
        mac: text(value, &["MacAddress"]).to_owned(),
        aliases,
    }
}

fn mount(value: &Value) -> Option<MountInfo> {
    let target = first(value, &["Destination", "Target"]);
    (!target.is_empty()).then(|| MountInfo {
        kind: text(value, &["Type"]).to_owned(),
        name: Some(text(value, &["Name"])).filter(|name| !name.is_empty()).map(str::to_owned),
        source: text(value, &["Source"]).to_owned(),
        target: target.to_owned(),
        writable: value["RW"].as_bool().unwrap_or(true),
    })
}
