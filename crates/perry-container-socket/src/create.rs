//! A container's specification as the body of `POST /containers/create`, as docker compose 2.40.3 sends it.

mod limits;
mod mounts;
mod network;
pub(crate) mod podman;
#[cfg(test)]
mod tests;

pub(crate) use limits::{holds_fixed, updated};

use bollard::models::{
    ContainerCreateBody, DeviceMapping, DeviceRequest, HealthConfig, HostConfig,
    HostConfigLogConfig, RestartPolicy as RestartBody, RestartPolicyNameEnum,
};
use indexmap::IndexMap;
use perry_container_backend::{BackendError, Result};
use perry_container_policy::{STRICT, STRICT_SECCOMP};
use perry_container_spec::{
    ContainerSpec, Device, ErrorKind, HealthTest, Healthcheck, Namespace, RestartPolicy,
};
use serde_json::Value;
use std::time::Duration;

/// What the body depends on besides the specification.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target<'a> {
    /// The version of the API that is spoken: (1, 51).
    pub(crate) api: (u32, u32),
    /// The content of each seccomp profile that is named by path; docker wants it inlined.
    pub(crate) profiles: &'a IndexMap<String, String>,
}

/// A network that must be connected by a call of its own, because this engine takes only one at creation.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Later {
    pub(crate) network: String,
    pub(crate) endpoint: bollard::models::EndpointSettings,
}

fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

/// An empty map is left out.
fn map<'a, M: FromIterator<(String, String)>>(pairs: &'a IndexMap<String, String>) -> Option<M>
where
    IndexMap<String, String>: 'a,
{
    (!pairs.is_empty()).then(|| pairs.iter().map(|(k, v)| (k.clone(), v.clone())).collect())
}

/// The profiles of seccomp that are named by path.
pub(crate) fn profiles(spec: &ContainerSpec) -> Vec<String> {
    let from_options = spec.security_opt.iter().filter_map(|option| seccomp_of(option));
    spec.seccomp
        .as_deref()
        .into_iter()
        .chain(from_options)
        .filter(|p| is_path(p))
        .map(str::to_owned)
        .collect()
}

fn seccomp_of(option: &str) -> Option<&str> {
    option.strip_prefix("seccomp=").or_else(|| option.strip_prefix("seccomp:"))
}

fn is_path(profile: &str) -> bool {
    !matches!(profile, "" | "default" | "builtin" | "unconfined" | STRICT)
        && !profile.starts_with('{')
}

/// Without its line ends, as docker's client sends a profile.
pub(crate) fn on_one_line(profile: &str) -> String {
    serde_json::from_str::<Value>(profile)
        .map_or_else(|_| profile.to_owned(), |json| json.to_string())
}

fn invalid(spec: &ContainerSpec, kind: ErrorKind, why: impl Into<String>) -> BackendError {
    BackendError::new("create", spec.name.as_deref().unwrap_or(&spec.image), kind, why)
}

/// The body, and the networks that are connected afterwards.
pub(crate) fn body(spec: &ContainerSpec, to: Target<'_>) -> Result<(Value, Vec<Later>)> {
    let (networking, mode, later) = network::of(spec, to);
    let host = host(spec, to, mode)?;
    let body = ContainerCreateBody {
        hostname: spec.hostname.clone(),
        domainname: spec.domainname.clone(),
        user: spec.user.clone(),
        exposed_ports: some(network::exposed(spec)),
        tty: spec.tty.then_some(true),
        open_stdin: spec.stdin_open.then_some(true),
        env: some(
            spec.env.iter().map(|(name, value)| format!("{name}={}", value.expose())).collect(),
        ),
        cmd: spec.command.clone(),
        // An empty list would mean the image's; one empty word means none (docker CLI, `--entrypoint ""`).
        entrypoint: spec
            .entrypoint
            .clone()
            .map(|words| if words.is_empty() { vec![String::new()] } else { words }),
        healthcheck: spec.healthcheck.as_ref().map(health),
        image: Some(spec.image.clone()),
        working_dir: spec.workdir.clone(),
        labels: map(&spec.labels),
        stop_signal: spec.stop_signal.clone(),
        stop_timeout: spec.stop_timeout.map(seconds),
        host_config: Some(host),
        networking_config: networking,
        ..ContainerCreateBody::default()
    };
    let mut body = serde_json::to_value(body).map_err(|error| {
        invalid(spec, ErrorKind::Invalid, format!("it cannot be written as JSON: {error}"))
    })?;
    // Before 1.44 the address of a card is the container's, not the endpoint's; bollard's type has forgotten the field.
    let mac = spec.network.attachments().first().and_then(|a| a.mac.clone());
    if let (Some(mac), true, Some(fields)) = (mac, to.api < (1, 44), body.as_object_mut()) {
        fields.insert("MacAddress".into(), mac.into());
    }
    body.sort_all_objects(); // bollard's maps have no order
    Ok((body, later))
}

fn host(spec: &ContainerSpec, to: Target<'_>, network_mode: Option<String>) -> Result<HostConfig> {
    let (binds, mounts, tmpfs) = mounts::of(spec);
    let (security_opt, unmasked) = security(spec, to)?;
    let cgroupns_mode = match spec.cgroupns.as_deref() {
        None => None,
        Some(mode) => Some(mode.parse().map_err(|_| {
            invalid(
                spec,
                ErrorKind::Invalid,
                format!("`{mode}` is no mode of a cgroup namespace: host, private"),
            )
        })?),
    };
    let isolation = match spec.isolation.as_deref() {
        None => None,
        Some(mode) => Some(mode.parse().map_err(|_| {
            invalid(
                spec,
                ErrorKind::Invalid,
                format!("`{mode}` is no isolation: default, process, hyperv"),
            )
        })?),
    };
    let (devices, requests) = devices(spec);
    let mut host = HostConfig {
        binds: some(binds),
        mounts: some(mounts),
        tmpfs: map(&tmpfs),
        network_mode,
        port_bindings: network::bindings(spec),
        restart_policy: spec.restart.as_ref().map(restart),
        auto_remove: spec.auto_remove.then_some(true),
        volumes_from: some(
            spec.volumes_from
                .iter()
                .map(|from| {
                    if from.read_only {
                        format!("{}:ro", from.container)
                    } else {
                        from.container.clone()
                    }
                })
                .collect(),
        ),
        annotations: map(&spec.annotations),
        cap_add: some(spec.cap_add.clone()),
        cap_drop: some(spec.cap_drop.clone()),
        cgroupns_mode,
        cgroup_parent: spec.cgroup_parent.clone(),
        dns: some(spec.dns.clone()),
        dns_options: some(spec.dns_opt.clone()),
        dns_search: some(spec.dns_search.clone()),
        extra_hosts: some(
            spec.extra_hosts.iter().map(|(name, address)| format!("{name}:{address}")).collect(),
        ),
        group_add: some(spec.group_add.clone()),
        ipc_mode: spec.ipc.as_ref().map(namespace),
        pid_mode: spec.pid.as_ref().map(namespace),
        uts_mode: spec.uts.clone(),
        userns_mode: spec.userns.clone(),
        links: some(
            spec.links.iter().map(|link| format!("{}:{}", link.container, link.alias)).collect(),
        ),
        privileged: spec.privileged.then_some(true),
        readonly_rootfs: spec.read_only.then_some(true),
        security_opt: some(security_opt),
        storage_opt: map(&spec.storage_opt),
        sysctls: map(&spec.sysctls),
        shm_size: spec.shm_size.map(|size| i64::try_from(size).unwrap_or(i64::MAX)),
        runtime: spec.runtime.clone(),
        isolation,
        init: spec.init,
        log_config: spec.logging.as_ref().map(|logging| HostConfigLogConfig {
            typ: logging.driver.clone(),
            config: map(&logging.options),
        }),
        devices: some(devices),
        device_cgroup_rules: some(spec.device_cgroup_rules.clone()),
        device_requests: some(requests),
        masked_paths: unmasked.then(Vec::new),
        readonly_paths: unmasked.then(Vec::new),
        ..HostConfig::default()
    };
    limits::apply(spec, &mut host);
    Ok(host)
}

fn namespace(of: &Namespace) -> String {
    match of {
        Namespace::Mode(mode) => mode.clone(),
        Namespace::Container(id) => format!("container:{id}"),
    }
}

pub(crate) fn restart(policy: &RestartPolicy) -> RestartBody {
    let (name, count) = match policy {
        RestartPolicy::No => (RestartPolicyNameEnum::NO, None),
        RestartPolicy::Always => (RestartPolicyNameEnum::ALWAYS, None),
        RestartPolicy::UnlessStopped => (RestartPolicyNameEnum::UNLESS_STOPPED, None),
        RestartPolicy::OnFailure(count) => {
            (RestartPolicyNameEnum::ON_FAILURE, count.map(i64::from))
        }
    };
    RestartBody { name: Some(name), maximum_retry_count: count }
}

fn health(check: &Healthcheck) -> HealthConfig {
    let nanos =
        |time: Option<Duration>| time.map(|t| i64::try_from(t.as_nanos()).unwrap_or(i64::MAX));
    HealthConfig {
        test: match &check.test {
            HealthTest::Inherit => None,
            HealthTest::Disabled => Some(vec!["NONE".into()]),
            HealthTest::Shell(script) => Some(vec!["CMD-SHELL".into(), script.clone()]),
            HealthTest::Command(words) => {
                Some(std::iter::once("CMD".to_owned()).chain(words.iter().cloned()).collect())
            }
        },
        interval: nanos(check.interval),
        timeout: nanos(check.timeout),
        retries: check.retries.map(i64::from),
        start_period: nanos(check.start_period),
        start_interval: nanos(check.start_interval),
    }
}

/// Whole seconds; one that has begun counts.
fn seconds(time: Duration) -> i64 {
    i64::try_from(time.as_secs() + u64::from(time.subsec_nanos() > 0)).unwrap_or(i64::MAX)
}

/// Security options, and whether no path is masked: the engine has no option for `systempaths=unconfined`, its client
/// sends empty lists (docker CLI 28).
fn security(spec: &ContainerSpec, to: Target<'_>) -> Result<(Vec<String>, bool)> {
    let profile = |name: &str| -> Result<Option<String>> {
        Ok(match name {
            "" | "default" => None,
            STRICT => Some(format!("seccomp={}", on_one_line(STRICT_SECCOMP))),
            "unconfined" => Some("seccomp=unconfined".to_owned()),
            path if is_path(path) => {
                let content = to.profiles.get(path).ok_or_else(|| {
                    invalid(
                        spec,
                        ErrorKind::Invalid,
                        format!("the seccomp profile `{path}` was not read"),
                    )
                })?;
                Some(format!("seccomp={content}"))
            }
            inline => Some(format!("seccomp={inline}")),
        })
    };
    let (mut options, mut unmasked) = (Vec::new(), false);
    if spec.no_new_privileges {
        options.push("no-new-privileges".to_owned());
    }
    if let Some(name) = &spec.seccomp {
        options.extend(profile(name)?);
    }
    for option in &spec.security_opt {
        match (seccomp_of(option), option.as_str()) {
            (Some(name), _) => options.extend(profile(name)?),
            (None, "systempaths=unconfined") => unmasked = true,
            (None, _) => options.push(option.clone()),
        }
    }
    if let Some(credential) = &spec.credential_spec {
        options.push(format!("credentialspec={credential}"));
    }
    Ok((options, unmasked))
}

/// `vendor.com/class=name`.
fn is_cdi(device: &Device) -> bool {
    !device.source.starts_with('/') && device.source.contains('=')
}

/// Devices by path, and those by driver.
fn devices(spec: &ContainerSpec) -> (Vec<DeviceMapping>, Vec<DeviceRequest>) {
    let cdi = |device: &&Device| is_cdi(device);
    let paths = spec.devices.iter().filter(|d| !cdi(d)).map(|device| DeviceMapping {
        path_on_host: Some(device.source.clone()),
        path_in_container: Some(device.target.clone()),
        cgroup_permissions: Some(device.permissions.clone()),
    });
    let mut requests: Vec<_> = spec
        .device_requests
        .iter()
        .map(|request| DeviceRequest {
            driver: request.driver.clone(),
            count: request.count,
            device_ids: some(request.device_ids.clone()),
            capabilities: some(request.capabilities.clone()).map(|all| vec![all]),
            options: map(&request.options),
        })
        .collect();
    let names: Vec<_> =
        spec.devices.iter().filter(cdi).map(|device| device.source.clone()).collect();
    if !names.is_empty() {
        requests.push(DeviceRequest {
            driver: Some("cdi".into()),
            device_ids: Some(names),
            ..DeviceRequest::default()
        });
    }
    (paths.collect(), requests)
}
