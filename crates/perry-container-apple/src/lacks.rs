//! What a container may ask for that the tool has no word for.

use perry_container_protocol::ToolError;
use perry_container_spec::{ContainerSpec, MountKind, Network, Resources};

type Lack = (fn(&ContainerSpec) -> bool, &'static str);

fn attached(spec: &ContainerSpec, one: fn(&perry_container_spec::Attachment) -> bool) -> bool {
    spec.network.attachments().iter().any(one)
}

fn mounted(spec: &ContainerSpec, one: fn(&perry_container_spec::Mount) -> bool) -> bool {
    spec.mounts.iter().any(one)
}

/// Limits besides memory and CPUs.
fn further_limits(limits: &Resources) -> bool {
    let known =
        Resources { nano_cpus: limits.nano_cpus, memory: limits.memory, ..Resources::default() };
    *limits != known
}

/// Each with why not.
const LACKS: &[Lack] = &[
    (|s| s.privileged, "privileged containers"),
    (|s| s.seccomp.as_deref().is_some_and(|p| p != "default"), "seccomp profiles"),
    (|s| s.no_new_privileges, "a way to forbid new privileges"),
    (|s| !s.security_opt.is_empty(), "security options"),
    (|s| !s.group_add.is_empty(), "further groups"),
    (|s| s.ipc.is_some(), "shared IPC namespaces"),
    (|s| s.pid.is_some(), "shared process namespaces"),
    (|s| s.uts.is_some(), "shared UTS namespaces"),
    (|s| s.cgroupns.is_some() || s.cgroup_parent.is_some(), "control groups of the host"),
    (|s| s.userns.as_deref().is_some_and(|mode| !mode.is_empty()), "user namespaces"),
    (|s| matches!(s.network, Network::Host), "the host's network"),
    (|s| matches!(s.network, Network::Container(_)), "networks of other containers"),
    (|s| attached(s, |a| !a.aliases.is_empty()), "network aliases"),
    (|s| attached(s, |a| a.ipv4.is_some() || a.ipv6.is_some()), "fixed addresses"),
    (|s| attached(s, |a| !a.link_local_ips.is_empty()), "link-local addresses"),
    (|s| attached(s, |a| a.interface_name.is_some()), "names of interfaces"),
    (|s| attached(s, |a| a.gw_priority.is_some()), "priorities of gateways"),
    (|s| attached(s, |a| !a.driver_opts.is_empty()), "options of an attachment"),
    (|s| s.hostname.is_some() && s.hostname != s.name, "a host name other than the name"),
    (|s| s.domainname.is_some(), "domain names"),
    (|s| !s.extra_hosts.is_empty(), "further lines of /etc/hosts"),
    (|s| !s.links.is_empty(), "links"),
    (|s| !s.expose.is_empty(), "ports that are not published"),
    (|s| s.ports.iter().any(|p| p.host.is_none_or(|(a, b)| a != b)), "ports that it picks"),
    (
        |s| s.ports.iter().any(|p| p.protocol == perry_container_spec::Protocol::Sctp),
        "published ports of SCTP",
    ),
    (|s| !s.volumes_from.is_empty(), "volumes of other containers"),
    (
        |s| mounted(s, |m| m.propagation.is_some() || m.recursive.is_some() || m.selinux.is_some()),
        "such options of binds",
    ),
    (
        |s| mounted(s, |m| m.no_copy || m.subpath.is_some() || !m.labels.is_empty()),
        "such options of volumes",
    ),
    (
        |s| mounted(s, |m| m.size.is_some() || m.mode.is_some() || !m.options.is_empty()),
        "options of tmpfs",
    ),
    (
        |s| {
            mounted(s, |m| {
                !matches!(m.kind, MountKind::Bind | MountKind::Volume | MountKind::Tmpfs)
            })
        },
        "mounts of this kind",
    ),
    (
        |s| !s.files.is_empty(),
        "a way to write files before a container starts; a config or secret from a file of this machine is mounted",
    ),
    (|s| further_limits(&s.resources), "limits besides those of memory and CPUs"),
    (|s| !s.sysctls.is_empty(), "kernel parameters"),
    (
        |s| {
            !s.devices.is_empty()
                || !s.device_cgroup_rules.is_empty()
                || !s.device_requests.is_empty()
        },
        "devices",
    ),
    (|s| !s.storage_opt.is_empty(), "storage options"),
    (|s| !s.annotations.is_empty(), "annotations"),
    (
        |s| s.logging.as_ref().is_some_and(|l| l.driver.is_some() || !l.options.is_empty()),
        "log drivers",
    ),
    (
        |s| {
            s.isolation.as_deref().is_some_and(|mode| !mode.is_empty() && mode != "default")
                || s.credential_spec.is_some()
        },
        "Windows containers",
    ),
];

/// Refuses what the tool has no word for.
///
/// # Errors
/// [`ToolError::Unsupported`], which names it all.
pub(crate) fn check(spec: &ContainerSpec) -> Result<(), ToolError> {
    let all: Vec<&str> =
        LACKS.iter().filter(|(used, _)| used(spec)).map(|(_, what)| *what).collect();
    match all.is_empty() {
        true => Ok(()),
        false => {
            Err(ToolError::Unsupported(format!("apple/container has no {}", all.join(", no "))))
        }
    }
}
