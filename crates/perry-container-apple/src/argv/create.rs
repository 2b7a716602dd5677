//! `create`.

use super::{label, operand};
use crate::{env, errors::refused, lacks, notes};
use perry_container_protocol::{Invocation, ToolError};
use perry_container_spec::{ContainerSpec, Mount, MountKind, Network, PortBinding, Ulimit};

/// A mebibyte.
const MIB: i64 = 1 << 20;

/// `create`.
///
/// # Errors
/// What the tool has no word for, or would misunderstand.
pub(crate) fn create(spec: &ContainerSpec) -> Result<Invocation, ToolError> {
    lacks::check(spec)?;
    let mut call = Invocation::new(["create"]);
    call.maybe("--name", spec.name.as_ref())
        .maybe("--platform", spec.platform.as_ref())
        .maybe("--workdir", spec.workdir.as_ref())
        .maybe("--user", spec.user.as_ref())
        .switch("--tty", spec.tty)
        .switch("--interactive", spec.stdin_open)
        .switch("--init", spec.init == Some(true))
        .switch("--read-only", spec.read_only)
        .switch("--rm", spec.auto_remove)
        .maybe("--runtime", spec.runtime.as_ref())
        .each("--cap-add", &spec.cap_add)
        .each("--cap-drop", &spec.cap_drop)
        .each("--dns", &spec.dns)
        .each("--dns-search", &spec.dns_search)
        .each("--dns-option", &spec.dns_opt)
        .each("--publish", spec.ports.iter().map(port));
    if let Some(cpus) = spec.resources.nano_cpus {
        call.flag("--cpus", (cpus + 999_999_999) / 1_000_000_000);
    }
    if let Some(memory) = spec.resources.memory {
        call.flag("--memory", format_args!("{}M", (memory + MIB - 1) / MIB));
    }
    call.maybe("--shm-size", spec.shm_size);
    for (name, Ulimit { soft, hard }) in &spec.ulimits {
        let limit = |n: i64| if n < 0 { "unlimited".to_owned() } else { n.to_string() };
        call.flag("--ulimit", format_args!("{name}={}:{}", limit(*soft), limit(*hard)));
    }
    networks(&mut call, &spec.network)?;
    for one in &spec.mounts {
        mount(&mut call, one)?;
    }
    for (key, value) in &spec.labels {
        label(&mut call, key, value)?;
    }
    label(&mut call, notes::LABEL, &notes::Notes::of(spec).text())?;
    env::pass(&mut call, &spec.env)?;
    let mut words = spec.command.clone().unwrap_or_default();
    match spec.entrypoint.as_deref() {
        Some([program, rest @ ..]) => {
            call.flag("--entrypoint", program);
            words.splice(0..0, rest.iter().cloned());
        }
        // none at all: the command's first word is the program
        Some([]) if !words.is_empty() => {
            let program = words.remove(0);
            call.flag("--entrypoint", program);
        }
        Some([]) | None => {}
    }
    call.arg(operand(&spec.image)?).args(words);
    Ok(call)
}

fn port(of: &PortBinding) -> String {
    let ip = match of.ip {
        Some(ip) if ip.is_ipv6() => format!("[{ip}]:"),
        Some(ip) => format!("{ip}:"),
        None => String::new(),
    };
    let host = of.host.map_or(0, |(first, _)| first);
    format!("{ip}{host}:{}/{}", of.container, of.protocol.as_str())
}

fn networks(call: &mut Invocation, of: &Network) -> Result<(), ToolError> {
    let name = |text: &str| {
        if text.contains(',') || text.is_empty() {
            return Err(refused(format!("`{}` is no name of a network", text.escape_debug())));
        }
        Ok(text.to_owned())
    };
    match of {
        Network::Default | Network::Host | Network::Container(_) => {}
        Network::None => {
            call.flag("--network", "none");
        }
        Network::Named(one) => {
            call.flag("--network", name(one)?);
        }
        Network::Attached(all) => {
            for one in all {
                let mut value = name(&one.network)?;
                if let Some(mac) = &one.mac {
                    if mac.contains(',') {
                        return Err(refused(format!("`{}` is no address", mac.escape_debug())));
                    }
                    value.extend([",mac=", mac]);
                }
                call.flag("--network", value);
            }
        }
    }
    Ok(())
}

fn mount(call: &mut Invocation, of: &Mount) -> Result<(), ToolError> {
    let source = of.source.as_deref().unwrap_or_default();
    let no = |why: &str| {
        let (source, target) = (source.escape_debug(), of.target.escape_debug());
        Err(refused(format!("mount `{source}` at `{target}`: {why}")))
    };
    if !of.target.starts_with('/') {
        return no("the path in the container is not absolute");
    }
    match of.kind {
        MountKind::Tmpfs if of.read_only => no("apple/container's tmpfs can be written to"),
        MountKind::Tmpfs => {
            call.flag("--tmpfs", &of.target);
            Ok(())
        }
        MountKind::Bind if !source.starts_with('/') => no("a path of the host is absolute"),
        MountKind::Volume if source.starts_with(['/', '.', '~']) => no("this is no volume's name"),
        _ if source.contains(':') || of.target.contains(':') => {
            no("apple/container mounts nothing with a colon in its name")
        }
        _ => {
            if of.kind == MountKind::Bind && of.create_host_path {
                call.make_dirs.push(source.to_owned());
            }
            let from = if source.is_empty() { String::new() } else { format!("{source}:") };
            let options = if of.read_only { ":ro" } else { "" };
            call.flag("--volume", format_args!("{from}{}{options}", of.target));
            Ok(())
        }
    }
}
