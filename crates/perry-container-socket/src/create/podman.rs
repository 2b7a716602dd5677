//! A container's specification as podman's own (`SpecGenerator`, podman 4.3.1 and 5.8.6), which says what the compatible
//! body cannot: a root that is read-only everywhere, words of a health check that stay words, a source that must be there.

mod limits;
mod storage;

pub(crate) use limits::resources;
pub(crate) use storage::directories;

use super::{invalid, is_cdi, is_path, seccomp_of};
use indexmap::IndexMap;
use perry_container_backend::Result;
use perry_container_policy::STRICT;
use perry_container_spec::{
    Attachment, ContainerSpec, ErrorKind, HealthTest, Healthcheck, Namespace, Network,
    RestartPolicy,
};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// Fields that are left out when there is nothing to say.
#[derive(Debug, Default)]
struct Body(Map<String, Value>);

impl Body {
    fn set(&mut self, key: &str, value: impl Into<Value>) {
        let value = value.into();
        let empty = match &value {
            Value::Null | Value::Bool(false) => true,
            Value::Array(all) => all.is_empty(),
            Value::Object(all) => all.is_empty(),
            Value::Bool(true) | Value::Number(_) | Value::String(_) => false,
        };
        if !empty {
            self.0.insert(key.to_owned(), value);
        }
    }

    fn maybe(&mut self, key: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.set(key, value);
        }
    }
}

/// `{"nsmode": "container", "value": "<id>"}` of `container:<id>`.
fn namespace(mode: &str) -> Value {
    match mode.split_once(':') {
        Some(("ns", path)) => json!({"nsmode": "path", "value": path}),
        Some((mode, value)) => json!({"nsmode": mode, "value": value}),
        None => json!({"nsmode": mode}),
    }
}

fn of(namespace_of: &Namespace) -> Value {
    match namespace_of {
        Namespace::Mode(mode) => namespace(mode),
        Namespace::Container(id) => json!({"nsmode": "container", "value": id}),
    }
}

fn pairs(map: &IndexMap<String, String>) -> Value {
    map.iter()
        .map(|(key, value)| (key.clone(), Value::from(value.as_str())))
        .collect::<Map<_, _>>()
        .into()
}

/// The body. `inherited` is the test of the image's own health check, where the specification changes only its times.
pub(crate) fn body(spec: &ContainerSpec, inherited: &[String]) -> Result<Value> {
    lacking(spec)?;
    let mut body = Body::default();
    body.set("image", spec.image.as_str());
    body.maybe("name", spec.name.as_deref());
    body.maybe("command", spec.command.clone());
    let entrypoint = spec.entrypoint.clone();
    body.maybe(
        "entrypoint",
        entrypoint.map(|words| if words.is_empty() { vec![String::new()] } else { words }),
    );
    let env =
        spec.env.iter().map(|(name, value)| (name.clone(), Value::from(value.expose().as_str())));
    body.set("env", env.collect::<Map<_, _>>());
    body.set("labels", pairs(&spec.labels));
    body.set("annotations", pairs(&spec.annotations));
    body.maybe("work_dir", spec.workdir.as_deref());
    body.maybe("user", spec.user.as_deref());
    body.set("groups", spec.group_add.clone());
    body.maybe("hostname", spec.hostname.as_deref());
    body.set("terminal", spec.tty);
    body.set("stdin", spec.stdin_open);
    body.maybe("init", spec.init);
    body.set("remove", spec.auto_remove);
    body.maybe("oci_runtime", spec.runtime.as_deref());
    body.set("sysctl", pairs(&spec.sysctls));
    body.set("storage_opts", pairs(&spec.storage_opt));
    body.maybe("shm_size", spec.shm_size);
    body.maybe("stop_timeout", spec.stop_timeout.map(super::seconds));
    if let Some(signal) = &spec.stop_signal {
        let number = signal_number(signal)
            .ok_or_else(|| invalid(spec, ErrorKind::Invalid, format!("`{signal}` is no signal")))?;
        body.set("stop_signal", number);
    }
    if let Some((name, most)) = spec.restart.as_ref().map(restart) {
        body.set("restart_policy", name);
        body.maybe("restart_tries", most);
    }
    if let Some(logging) = &spec.logging {
        let mut log = Body::default();
        log.maybe("driver", logging.driver.as_deref());
        log.set("options", pairs(&logging.options));
        body.set("log_configuration", log.0);
    }
    if let Some(check) = &spec.healthcheck {
        body.set("healthconfig", health(check, inherited));
    }
    for (key, value) in [
        ("pidns", spec.pid.as_ref().map(of)),
        ("ipcns", spec.ipc.as_ref().map(of)),
        ("utsns", spec.uts.as_deref().map(namespace)),
        ("userns", spec.userns.as_deref().map(namespace)),
        ("cgroupns", spec.cgroupns.as_deref().map(namespace)),
    ] {
        body.maybe(key, value);
    }
    body.maybe("cgroup_parent", spec.cgroup_parent.as_deref());
    network(&mut body, spec)?;
    storage::of(&mut body, spec);
    security(&mut body, spec)?;
    devices(&mut body, spec)?;
    limits::of(&mut body, spec);
    let mut body = Value::from(body.0);
    body.sort_all_objects();
    Ok(body)
}

/// Its name, and how often at most.
pub(crate) fn restart(policy: &RestartPolicy) -> (&'static str, Option<u32>) {
    match policy {
        RestartPolicy::No => ("no", None),
        RestartPolicy::Always => ("always", None),
        RestartPolicy::UnlessStopped => ("unless-stopped", None),
        RestartPolicy::OnFailure(most) => ("on-failure", *most),
    }
}

/// Nothing is silently left out: what podman has no word for is refused.
fn lacking(spec: &ContainerSpec) -> Result<()> {
    let endpoints = spec.network.attachments();
    let lacks = [
        (spec.domainname.is_some(), "domain names"),
        (!spec.links.is_empty(), "links"),
        (spec.isolation.as_deref().is_some_and(|mode| mode != "default"), "isolation"),
        (spec.credential_spec.is_some(), "credential specifications"),
        (
            spec.resources.cpu_count.is_some() || spec.resources.cpu_percent.is_some(),
            "limits of Windows",
        ),
        (
            spec.healthcheck.as_ref().is_some_and(|check| check.start_interval.is_some()),
            "start intervals",
        ),
        (endpoints.iter().any(|a| !a.driver_opts.is_empty()), "options of endpoints"),
        (endpoints.iter().any(|a| a.gw_priority.is_some()), "gateway priorities"),
        (endpoints.iter().any(|a| !a.link_local_ips.is_empty()), "link-local addresses"),
        (spec.mounts.iter().any(|m| !m.labels.is_empty()), "labels of anonymous volumes"),
        (spec.mounts.iter().any(|m| m.no_copy), "volumes that are not filled from the image"),
        (spec.mounts.iter().any(|m| m.recursive.is_some()), "a choice of recursion"),
    ];
    match lacks.iter().find(|(asked, _)| *asked) {
        Some((_, what)) => {
            Err(invalid(spec, ErrorKind::Unsupported, format!("podman has no {what}")))
        }
        None => Ok(()),
    }
}

/// podman counts with no default where the compatible body has one.
fn health(check: &Healthcheck, inherited: &[String]) -> Value {
    let nanos = |time: Option<Duration>, default: u64| {
        time.map_or(default * 1_000_000_000, |t| u64::try_from(t.as_nanos()).unwrap_or(u64::MAX))
    };
    let test: Vec<String> = match &check.test {
        HealthTest::Inherit => inherited.to_vec(),
        HealthTest::Disabled => vec!["NONE".to_owned()],
        HealthTest::Shell(script) => vec!["CMD-SHELL".to_owned(), script.clone()],
        HealthTest::Command(words) => {
            std::iter::once("CMD".to_owned()).chain(words.iter().cloned()).collect()
        }
    };
    json!({
        "Test": test,
        "Interval": nanos(check.interval, 30),
        "Timeout": nanos(check.timeout, 30),
        "StartPeriod": nanos(check.start_period, 0),
        "Retries": check.retries.unwrap_or(3),
    })
}

fn endpoint(attachment: &Attachment) -> Value {
    let mut endpoint = Body::default();
    endpoint.set("aliases", attachment.aliases.clone());
    let addresses = attachment.ipv4.iter().chain(&attachment.ipv6).cloned();
    endpoint.set("static_ips", addresses.collect::<Vec<_>>());
    endpoint.maybe("static_mac", attachment.mac.as_deref());
    endpoint.maybe("interface_name", attachment.interface_name.as_deref());
    endpoint.0.into()
}

fn network(body: &mut Body, spec: &ContainerSpec) -> Result<()> {
    let mode = match &spec.network {
        Network::Default => None,
        Network::None => Some(namespace("none")),
        Network::Host => Some(namespace("host")),
        Network::Container(id) => Some(json!({"nsmode": "container", "value": id})),
        Network::Named(mode) if is_mode(mode) => Some(namespace(mode)),
        Network::Named(name) => {
            body.set("Networks", json!({name.as_str(): {}}));
            Some(namespace("bridge"))
        }
        Network::Attached(all) if all.is_empty() => None,
        Network::Attached(all) => {
            body.set(
                "Networks",
                all.iter().map(|a| (a.network.clone(), endpoint(a))).collect::<Map<_, _>>(),
            );
            Some(namespace("bridge"))
        }
    };
    body.maybe("netns", mode);
    let mut ports = Vec::new();
    for port in &spec.ports {
        let host = match port.host {
            None => 0,
            Some((first, last)) if first == last => first,
            Some((first, last)) => {
                let text =
                    format!("podman takes no port out of the range {first}-{last}; name one");
                return Err(invalid(spec, ErrorKind::Unsupported, text));
            }
        };
        let mut row = Body::default();
        row.maybe("host_ip", port.ip.map(|ip| ip.to_string()));
        row.set("container_port", port.container);
        row.set("host_port", host);
        row.set("protocol", port.protocol.as_str());
        ports.push(Value::from(row.0));
    }
    body.set("portmappings", ports);
    // One protocol list per port: `{"53": "tcp,udp"}`.
    let mut exposed: IndexMap<String, Vec<String>> = IndexMap::new();
    for port in &spec.expose {
        let (port, protocol) = port.split_once('/').unwrap_or((port, "tcp"));
        exposed.entry(port.to_owned()).or_default().push(protocol.to_owned());
    }
    body.set(
        "expose",
        exposed.into_iter().map(|(port, all)| (port, all.join(",").into())).collect::<Map<_, _>>(),
    );
    body.set("dns_server", spec.dns.clone());
    body.set("dns_search", spec.dns_search.clone());
    body.set("dns_option", spec.dns_opt.clone());
    let hosts = spec.extra_hosts.iter().map(|(name, address)| format!("{name}:{address}"));
    body.set("hostadd", hosts.collect::<Vec<_>>());
    Ok(())
}

/// What podman takes as a mode and not as the name of a network.
fn is_mode(text: &str) -> bool {
    let mode = text.split_once(':').map_or(text, |(mode, _)| mode);
    matches!(
        mode,
        "bridge"
            | "none"
            | "host"
            | "private"
            | "slirp4netns"
            | "pasta"
            | "ns"
            | "container"
            | "pod"
    )
}

fn security(body: &mut Body, spec: &ContainerSpec) -> Result<()> {
    body.set("privileged", spec.privileged);
    body.set("read_only_filesystem", spec.read_only);
    body.set("cap_add", spec.cap_add.clone());
    body.set("cap_drop", spec.cap_drop.clone());
    let mut no_new = spec.no_new_privileges;
    let (mut selinux, mut masks, mut unmasks) = (Vec::new(), Vec::new(), Vec::new());
    if let Some(profile) = &spec.seccomp {
        seccomp(body, spec, profile)?;
    }
    let list = |paths: &str| paths.split(':').map(str::to_owned).collect::<Vec<_>>();
    for option in &spec.security_opt {
        if let Some(profile) = seccomp_of(option) {
            seccomp(body, spec, profile)?;
            continue;
        }
        let (key, value) =
            option.split_once('=').or_else(|| option.split_once(':')).unwrap_or((option, ""));
        match (key, value) {
            ("no-new-privileges", "" | "true") => no_new = true,
            ("no-new-privileges", "false") => no_new = false,
            ("systempaths", "unconfined") => unmasks.push("ALL".to_owned()),
            ("apparmor", profile) => body.set("apparmor_profile", profile),
            ("label", label) => selinux.push(label.to_owned()),
            ("mask", paths) => masks.extend(list(paths)),
            ("unmask", paths) => unmasks.extend(list(paths)),
            ("proc-opts", options) => {
                body.set("procfs_opts", options.split(',').map(str::to_owned).collect::<Vec<_>>());
            }
            _ => {
                return Err(invalid(
                    spec,
                    ErrorKind::Invalid,
                    format!("`{option}` is no security option of podman"),
                ));
            }
        }
    }
    body.set("no_new_privileges", no_new);
    body.set("selinux_opts", selinux);
    body.set("mask", masks);
    body.set("unmask", unmasks);
    Ok(())
}

fn seccomp(body: &mut Body, spec: &ContainerSpec, profile: &str) -> Result<()> {
    match profile {
        "" | "default" => Ok(()),
        STRICT => {
            let text = "podman reads a seccomp profile from a file of its own machine; the strict one is not there";
            Err(invalid(spec, ErrorKind::Unsupported, text))
        }
        "unconfined" => {
            body.set("seccomp_profile_path", profile);
            Ok(())
        }
        path if is_path(path) => {
            body.set("seccomp_profile_path", path);
            Ok(())
        }
        _ => {
            Err(invalid(spec, ErrorKind::Unsupported, "podman reads a seccomp profile from a file"))
        }
    }
}

/// By path, `source:target:permissions`, or by CDI name; a GPU is a CDI device of NVIDIA's.
fn devices(body: &mut Body, spec: &ContainerSpec) -> Result<()> {
    let mut names = Vec::new();
    for device in &spec.devices {
        if is_cdi(device) {
            names.push(device.source.clone());
            continue;
        }
        let parts = [&device.source, &device.target, &device.permissions];
        if let Some(part) = parts.iter().find(|part| part.contains(':')) {
            return Err(invalid(
                spec,
                ErrorKind::Unsupported,
                format!("podman's devices hold no colon: `{part}`"),
            ));
        }
        let given = parts.iter().rposition(|part| !part.is_empty()).map_or(0, |at| at + 1);
        names.push(parts[..given].iter().map(|part| part.as_str()).collect::<Vec<_>>().join(":"));
    }
    for request in &spec.device_requests {
        let driver = request.driver.as_deref().filter(|driver| !driver.is_empty());
        match (driver, request.count) {
            (Some("cdi"), _) => names.extend(request.device_ids.iter().cloned()),
            (None | Some("nvidia"), _) if !request.device_ids.is_empty() => {
                names.extend(request.device_ids.iter().map(|id| format!("nvidia.com/gpu={id}")));
            }
            (None | Some("nvidia"), Some(count)) if count >= 0 => {
                names.extend((0..count.min(64)).map(|n| format!("nvidia.com/gpu={n}")));
            }
            (None | Some("nvidia"), _) => names.push("nvidia.com/gpu=all".to_owned()),
            (Some(_), _) => {
                return Err(invalid(
                    spec,
                    ErrorKind::Unsupported,
                    "podman knows CDI devices only; name one below devices",
                ));
            }
        }
    }
    body.set("devices", names.into_iter().map(|name| json!({"path": name})).collect::<Vec<_>>());
    let rules = spec.device_cgroup_rules.iter().map(|rule| {
        cgroup_rule(rule).ok_or_else(|| {
            invalid(
                spec,
                ErrorKind::Invalid,
                format!("`{rule}` is no rule of devices, such as `c 1:3 mr`"),
            )
        })
    });
    body.set("device_cgroup_rule", rules.collect::<Result<Vec<_>>>()?);
    Ok(())
}

/// `c 1:3 mr`; a star is any number.
fn cgroup_rule(rule: &str) -> Option<Value> {
    let mut words = rule.split_whitespace();
    let (kind, numbers, access) = (words.next()?, words.next()?, words.next()?);
    let (major, minor) = numbers.split_once(':')?;
    let number = |text: &str| match text {
        "*" => Some(None),
        text => text.parse::<i64>().ok().map(Some),
    };
    let mut row = Body::default();
    row.set("allow", true);
    row.set("type", kind);
    row.maybe("major", number(major)?);
    row.maybe("minor", number(minor)?);
    row.set("access", access);
    (words.next().is_none() && matches!(kind, "a" | "b" | "c")).then(|| row.0.into())
}

/// Linux's numbers; podman's own specification takes nothing else.
fn signal_number(text: &str) -> Option<i32> {
    const NAMES: [&str; 31] = [
        "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
        "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG",
        "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ];
    if let Ok(number) = text.parse() {
        return (1..=64).contains(&number).then_some(number);
    }
    let name = text.to_ascii_uppercase();
    let name = name.strip_prefix("SIG").unwrap_or(&name);
    if let Some(more) = name.strip_prefix("RTMIN") {
        let more = if more.is_empty() { 0 } else { more.strip_prefix('+')?.parse().ok()? };
        return (0..=30).contains(&more).then_some(34 + more);
    }
    if let Some(less) = name.strip_prefix("RTMAX") {
        let less = if less.is_empty() { 0 } else { less.strip_prefix('-')?.parse().ok()? };
        return (0..=30).contains(&less).then_some(64 - less);
    }
    let at = NAMES.iter().position(|known| *known == name)?;
    i32::try_from(at + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals() {
        let all = [
            "SIGTERM",
            "usr1",
            "9",
            "SIGRTMIN",
            "SIGRTMIN+3",
            "SIGRTMAX-1",
            "SIGSYS",
            "SIGNONE",
            "0",
            "65",
            "RTMIN3",
        ];
        let numbers: Vec<_> = all.into_iter().map(signal_number).collect();
        let expected = [
            Some(15),
            Some(10),
            Some(9),
            Some(34),
            Some(37),
            Some(63),
            Some(31),
            None,
            None,
            None,
            None,
        ];
        assert_eq!(numbers, expected);
    }

    #[test]
    fn rules_of_devices() {
        let text = |rule| cgroup_rule(rule).map(|v| v.to_string());
        assert_eq!(
            text("c 1:3 mr").as_deref(),
            Some(r#"{"allow":true,"type":"c","major":1,"minor":3,"access":"mr"}"#)
        );
        assert_eq!(
            text("a *:* rwm").as_deref(),
            Some(r#"{"allow":true,"type":"a","access":"rwm"}"#)
        );
        assert_eq!(text("x 1:3 mr"), None);
        assert_eq!(text("c 1 mr"), None);
    }
}
