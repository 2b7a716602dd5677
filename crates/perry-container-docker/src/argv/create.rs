//! `create`: every property of a container as arguments.

use super::{Line, health, limits, mounts, network};
use crate::{
    dialect::{EntrypointSyntax, GpuSyntax, Lack, Traits},
    env,
    quote::{Fields, refuse},
};
use perry_container_policy::{STRICT, STRICT_SECCOMP};
use perry_container_protocol::{Arg, Invocation, ToolError};
use perry_container_spec::{
    ContainerSpec, DeviceRequest, Namespace, RestartPolicy, Sensitive, is_capability,
};

/// The `create` of a container. Never `run`: its exit codes 125 to 127 cannot be told from the command's own, and what
/// could not start would be left behind.
///
/// # Errors
/// [`ToolError::Unsupported`] for what this tool has no word for, [`ToolError::Refused`] for a value that its syntax
/// cannot hold. Nothing is silently dropped.
pub(crate) fn create(spec: &ContainerSpec, tool: &'static Traits) -> Result<Invocation, ToolError> {
    let mut line = Line::new(tool, &["create", "--pull=never"]);
    identity(&mut line, spec)?;
    process(&mut line, spec)?;
    network::of_container(&mut line, spec)?;
    mounts::of_container(&mut line, spec)?;
    security(&mut line, spec)?;
    devices(&mut line, spec)?;
    limits::of_container(&mut line, spec)?;
    lifecycle(&mut line, spec)?;
    env::pass(&mut line.call, &spec.env, tool)?;
    let before = entrypoint(&mut line, spec);
    let command = spec.command.iter().flatten().map(String::as_str);
    let operands = std::iter::once(spec.image.as_str()).chain(before).chain(command);
    Ok(line.operands(operands))
}

/// Labels and annotations that mean something to nerdctl and containerd.
const OWN_KEYS: &[&str] = &["nerdctl/", "containerd.io/", "io.containerd."];

fn identity(line: &mut Line, spec: &ContainerSpec) -> Result<(), ToolError> {
    line.need(Lack::Domainname, spec.domainname.is_some())?;
    if line.tool.keeps_notes {
        let own = spec.labels.keys().chain(spec.annotations.keys());
        if let Some(key) =
            own.into_iter().find(|key| OWN_KEYS.iter().any(|own| key.starts_with(own)))
        {
            return Err(refuse("key", key, "is one of those in which nerdctl keeps what it knows"));
        }
    }
    line.maybe("--name", spec.name.as_ref())
        .maybe("--platform", spec.platform.as_ref())
        .pairs("--label", &spec.labels)
        .pairs("--annotation", &spec.annotations)
        .maybe("--hostname", spec.hostname.as_ref())
        .maybe("--domainname", spec.domainname.as_ref());
    Ok(())
}

fn process(line: &mut Line, spec: &ContainerSpec) -> Result<(), ToolError> {
    line.maybe("--workdir", spec.workdir.as_ref())
        .maybe("--user", spec.user.as_ref())
        .each("--group-add", &spec.group_add)
        .switch("--tty", spec.tty)
        .switch("--interactive", spec.stdin_open)
        .maybe("--init", spec.init)
        .maybe("--userns", spec.userns.as_ref())
        .maybe("--pid", spec.pid.as_ref().map(namespace))
        .maybe("--ipc", spec.ipc.as_ref().map(namespace))
        .maybe("--uts", spec.uts.as_ref())
        .maybe("--cgroupns", spec.cgroupns.as_ref())
        .maybe("--cgroup-parent", spec.cgroup_parent.as_ref())
        .maybe("--runtime", spec.runtime.as_ref())
        .pairs("--sysctl", &spec.sysctls);
    line.need(Lack::StorageOpt, !spec.storage_opt.is_empty())?;
    line.pairs("--storage-opt", &spec.storage_opt);
    let isolation = spec.isolation.as_ref().filter(|mode| *mode != "default");
    line.need(Lack::Windows, isolation.is_some())?;
    line.maybe("--isolation", isolation);
    Ok(())
}

fn namespace(of: &Namespace) -> String {
    match of {
        Namespace::Mode(mode) => mode.clone(),
        Namespace::Container(id) => format!("container:{id}"),
    }
}

fn security(line: &mut Line, spec: &ContainerSpec) -> Result<(), ToolError> {
    if !line.tool.checks_capabilities {
        spec.cap_add.iter().chain(&spec.cap_drop).try_for_each(|name| known_capability(name))?;
    }
    line.switch("--privileged", spec.privileged)
        .each("--cap-add", &spec.cap_add)
        .each("--cap-drop", &spec.cap_drop);
    if spec.read_only {
        let further = line.tool.read_only;
        line.words(["--read-only"]).words(further.iter().copied());
    }
    // `no-new-privileges:true` is ignored by nerdctl; without a value it means the same on every tool.
    if spec.no_new_privileges {
        line.flag("--security-opt", "no-new-privileges");
    }
    match spec.seccomp.as_deref() {
        None | Some("default") => {} // the runtime's own; `seccomp=default` is refused by all
        // The client reads the file; the container keeps what is in it.
        Some(STRICT) => line.call.args.push(Arg::File {
            prefix: "--security-opt=seccomp=".to_owned(),
            content: Sensitive::new(STRICT_SECCOMP.as_bytes().to_vec()),
        }),
        Some(profile) => {
            line.flag("--security-opt", format_args!("seccomp={profile}"));
        }
    }
    for option in &spec.security_opt {
        match security_option(option, line.tool)? {
            Some(option) => line.flag("--security-opt", option),
            None => line,
        };
    }
    line.need(Lack::Windows, spec.credential_spec.is_some())?;
    if let Some(credential) = &spec.credential_spec {
        line.flag("--security-opt", format_args!("credentialspec={credential}"));
    }
    Ok(())
}

/// nerdctl goes on with a warning when it does not know a capability; every other engine refuses it.
fn known_capability(name: &str) -> Result<(), ToolError> {
    match is_capability(name) {
        true => Ok(()),
        false => Err(refuse("capability", name, "is not known")),
    }
}

/// A security option as the tool understands it; `None` for one that only says what is so anyway. nerdctl leaves out
/// what it does not know with a warning, `no-new-privileges:true` too, which docker and podman understand.
fn security_option<'a>(option: &'a str, tool: &Traits) -> Result<Option<&'a str>, ToolError> {
    let Some(known) = tool.security_options else { return Ok(Some(option)) };
    match option.replacen(':', "=", 1).as_str() {
        "no-new-privileges=true" => return Ok(Some("no-new-privileges")),
        "no-new-privileges=false" => return Ok(None),
        _ => {}
    }
    let is = |known: &&str| {
        if known.ends_with('=') { option.starts_with(known) } else { option == *known }
    };
    match known.iter().any(is) {
        true => Ok(Some(option)),
        false => Err(ToolError::Unsupported(format!(
            "{} does not know the security option `{}`",
            tool.name,
            option.escape_debug()
        ))),
    }
}

fn devices(line: &mut Line, spec: &ContainerSpec) -> Result<(), ToolError> {
    for device in &spec.devices {
        let cdi = !device.source.starts_with('/') && device.source.contains('=');
        if cdi {
            line.flag("--device", &device.source);
            continue;
        }
        let parts = [device.source.as_str(), device.target.as_str(), device.permissions.as_str()];
        if let Some(part) = parts.iter().find(|part| part.contains(':')) {
            return Err(refuse(
                "device",
                part,
                "holds a colon, which no device's argument can hold",
            ));
        }
        let given = parts.iter().rposition(|part| !part.is_empty()).map_or(0, |at| at + 1);
        line.flag("--device", parts[..given].join(":"));
    }
    line.need(Lack::DeviceCgroupRules, !spec.device_cgroup_rules.is_empty())?;
    line.each("--device-cgroup-rule", &spec.device_cgroup_rules);
    spec.device_requests.iter().try_for_each(|request| device_request(line, request))
}

/// What the tools themselves take for a GPU's driver when none is named.
const NVIDIA: &str = "nvidia";

fn device_request(line: &mut Line, request: &DeviceRequest) -> Result<(), ToolError> {
    let driver = request.driver.as_deref().filter(|driver| !driver.is_empty());
    if driver == Some("cdi") {
        line.each("--device", &request.device_ids);
        return Ok(());
    }
    if !request.capabilities.iter().any(|capability| capability == "gpu") {
        let text = format!(
            "{} can ask for devices with the capability gpu only, not {}",
            line.tool.name,
            request.capabilities.join(", "),
        );
        return Err(ToolError::Unsupported(text));
    }
    match line.tool.gpus {
        GpuSyntax::Gpus => {
            let mut fields = Fields::default();
            fields.maybe("driver", driver);
            if request.device_ids.is_empty() {
                let count = request.count.unwrap_or(-1);
                if count < 0 {
                    fields.add("count", "all")
                } else {
                    fields.add("count", count)
                };
            } else {
                fields.maybe("count", request.count).add("device", request.device_ids.join(","));
            }
            let others: Vec<&str> = request
                .capabilities
                .iter()
                .map(String::as_str)
                .filter(|one| *one != "gpu")
                .collect();
            if !others.is_empty() {
                fields.add("capabilities", others.join(",")); // the client adds gpu
            }
            if !request.options.is_empty() {
                let options: Vec<String> =
                    request.options.iter().map(|(key, value)| format!("{key}={value}")).collect();
                fields.add("options", options.join(","));
            }
            line.flag("--gpus", fields.text());
        }
        GpuSyntax::Cdi => {
            if driver.is_some_and(|driver| driver != NVIDIA) || !request.options.is_empty() {
                let text =
                    format!("{} knows CDI devices only; name one below devices", line.tool.name);
                return Err(ToolError::Unsupported(text));
            }
            match request.count {
                _ if !request.device_ids.is_empty() => {
                    line.each(
                        "--device",
                        request.device_ids.iter().map(|id| format!("nvidia.com/gpu={id}")),
                    );
                }
                Some(count) if count >= 0 => {
                    line.each(
                        "--device",
                        (0..count.min(64)).map(|n| format!("nvidia.com/gpu={n}")),
                    );
                }
                _ => {
                    line.flag("--device", "nvidia.com/gpu=all");
                }
            }
        }
    }
    Ok(())
}

fn lifecycle(line: &mut Line, spec: &ContainerSpec) -> Result<(), ToolError> {
    line.maybe("--restart", spec.restart.as_ref().map(restart))
        .switch("--rm", spec.auto_remove)
        .maybe("--stop-signal", spec.stop_signal.as_ref())
        .maybe("--stop-timeout", spec.stop_timeout.map(whole_seconds));
    if let Some(check) = &spec.healthcheck {
        health::of_container(line, check)?;
    }
    if let Some(logging) = &spec.logging {
        line.maybe("--log-driver", logging.driver.as_ref()).pairs("--log-opt", &logging.options);
    }
    Ok(())
}

/// Seconds, a started one counts.
fn whole_seconds(time: std::time::Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

pub(crate) fn restart(policy: &RestartPolicy) -> String {
    match policy {
        RestartPolicy::No => "no".to_owned(),
        RestartPolicy::Always => "always".to_owned(),
        RestartPolicy::UnlessStopped => "unless-stopped".to_owned(),
        RestartPolicy::OnFailure(None) => "on-failure".to_owned(),
        RestartPolicy::OnFailure(Some(most)) => format!("on-failure:{most}"),
    }
}

/// Writes the program; what does not fit into the flag goes before the command.
fn entrypoint<'a>(line: &mut Line, spec: &'a ContainerSpec) -> Vec<&'a str> {
    let Some(words) = &spec.entrypoint else { return Vec::new() };
    let (first, rest) =
        words.split_first().map_or(("", &words[..]), |(first, rest)| (first.as_str(), rest));
    match line.tool.entrypoint {
        EntrypointSyntax::Json if !words.is_empty() => {
            line.flag("--entrypoint", serde_json::json!(words));
            Vec::new()
        }
        EntrypointSyntax::Word | EntrypointSyntax::Json => {
            line.flag("--entrypoint", first);
            rest.iter().map(String::as_str).collect()
        }
    }
}
