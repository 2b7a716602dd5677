//! Taking out what a runtime cannot do, and saying so.

use crate::{Capabilities, Feature, Level};
use perry_container_spec::{ContainerSpec, Late, MountKind, Network, NetworkSpec};
use std::fmt;

/// What happens with a property that the runtime cannot honour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    /// It is left out, with a note.
    #[default]
    Lenient,
    /// The container is refused.
    Strict,
}

/// Something that is not as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Which feature.
    pub feature: Feature,
    /// The property's path below its service or network, as a Compose file writes it (`healthcheck.start_interval`).
    pub path: String,
    /// What happens instead, or why it does not.
    pub text: String,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.text)
    }
}

/// A container that cannot be made on this runtime as it was asked for ([`Mode::Strict`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused(pub Vec<Note>);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the runtime cannot do what is asked for: ")?;
        for (n, note) in self.0.iter().enumerate() {
            write!(f, "{}{note}", if n == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}

impl std::error::Error for Refused {}

type Template = ContainerSpec<Late>;

/// One property: when it is used, and how it is left out.
struct Rule<T> {
    feature: Feature,
    path: &'static str,
    used: fn(&T) -> bool,
    strip: fn(&mut T),
}

fn attachments(spec: &mut Template, each: impl Fn(&mut perry_container_spec::Attachment)) {
    if let Network::Attached(all) = &mut spec.network {
        all.iter_mut().for_each(each);
    }
}

/// uid= and gid= among the options of a tmpfs.
fn owner(option: &str) -> bool {
    option.starts_with("uid=") || option.starts_with("gid=")
}

const CONTAINER: &[Rule<Template>] = &[
    Rule {
        feature: Feature::StartInterval,
        path: "healthcheck.start_interval",
        used: |s| s.healthcheck.as_ref().is_some_and(|h| h.start_interval.is_some()),
        strip: |s| {
            if let Some(check) = &mut s.healthcheck {
                check.start_interval = None;
            }
        },
    },
    Rule {
        feature: Feature::NetworkAlias,
        path: "networks.*.aliases",
        used: |s| s.network.attachments().iter().any(|a| !a.aliases.is_empty()),
        strip: |s| attachments(s, |a| a.aliases.clear()),
    },
    Rule {
        feature: Feature::EndpointOptions,
        path: "networks.*.driver_opts",
        used: |s| s.network.attachments().iter().any(|a| !a.driver_opts.is_empty()),
        strip: |s| attachments(s, |a| a.driver_opts.clear()),
    },
    Rule {
        feature: Feature::GatewayPriority,
        path: "networks.*.gw_priority",
        used: |s| s.network.attachments().iter().any(|a| a.gw_priority.is_some()),
        strip: |s| attachments(s, |a| a.gw_priority = None),
    },
    Rule {
        feature: Feature::InterfaceName,
        path: "networks.*.interface_name",
        used: |s| s.network.attachments().iter().any(|a| a.interface_name.is_some()),
        strip: |s| attachments(s, |a| a.interface_name = None),
    },
    Rule {
        feature: Feature::LinkLocalIps,
        path: "networks.*.link_local_ips",
        used: |s| s.network.attachments().iter().any(|a| !a.link_local_ips.is_empty()),
        strip: |s| attachments(s, |a| a.link_local_ips.clear()),
    },
    Rule {
        feature: Feature::HostGateway,
        path: "extra_hosts",
        used: |s| s.extra_hosts.iter().any(|(_, address)| address == "host-gateway"),
        strip: |s| s.extra_hosts.retain(|(_, address)| address != "host-gateway"),
    },
    Rule {
        feature: Feature::Domainname,
        path: "domainname",
        used: |s| s.domainname.is_some(),
        strip: |s| s.domainname = None,
    },
    Rule {
        feature: Feature::Links,
        path: "links",
        used: |s| !s.links.is_empty(),
        strip: |s| s.links.clear(),
    },
    Rule {
        feature: Feature::ImageMount,
        path: "volumes",
        used: |s| s.mounts.iter().any(|m| m.kind == MountKind::Image),
        strip: |s| s.mounts.retain(|m| m.kind != MountKind::Image),
    },
    Rule {
        feature: Feature::VolumeNoCopy,
        path: "volumes.volume.nocopy",
        used: |s| s.mounts.iter().any(|m| m.no_copy),
        strip: |s| s.mounts.iter_mut().for_each(|m| m.no_copy = false),
    },
    Rule {
        feature: Feature::VolumeSubpath,
        path: "volumes.volume.subpath",
        used: |s| s.mounts.iter().any(|m| m.kind == MountKind::Volume && m.subpath.is_some()),
        strip: |s| s.mounts.retain(|m| m.kind != MountKind::Volume || m.subpath.is_none()),
    },
    Rule {
        feature: Feature::VolumeLabels,
        path: "volumes.volume.labels",
        used: |s| s.mounts.iter().any(|m| !m.labels.is_empty()),
        strip: |s| s.mounts.iter_mut().for_each(|m| m.labels.clear()),
    },
    Rule {
        feature: Feature::BindRecursive,
        path: "volumes.bind.recursive",
        used: |s| s.mounts.iter().any(|m| m.recursive.is_some()),
        strip: |s| s.mounts.iter_mut().for_each(|m| m.recursive = None),
    },
    Rule {
        feature: Feature::TmpfsOwner,
        path: "tmpfs",
        used: |s| s.mounts.iter().any(|m| m.options.iter().any(|o| owner(o))),
        strip: |s| s.mounts.iter_mut().for_each(|m| m.options.retain(|o| !owner(o))),
    },
    Rule {
        feature: Feature::VolumesFrom,
        path: "volumes_from",
        used: |s| !s.volumes_from.is_empty(),
        strip: |s| s.volumes_from.clear(),
    },
    Rule {
        feature: Feature::DeviceCgroupRules,
        path: "device_cgroup_rules",
        used: |s| !s.device_cgroup_rules.is_empty(),
        strip: |s| s.device_cgroup_rules.clear(),
    },
    Rule {
        feature: Feature::Gpus,
        path: "gpus",
        used: |s| !s.device_requests.is_empty(),
        strip: |s| s.device_requests.clear(),
    },
    Rule {
        feature: Feature::Blkio,
        path: "blkio_config",
        used: |s| s.resources.blkio != perry_container_spec::Blkio::default(),
        strip: |s| s.resources.blkio = perry_container_spec::Blkio::default(),
    },
    Rule {
        feature: Feature::StorageOpt,
        path: "storage_opt",
        used: |s| !s.storage_opt.is_empty(),
        strip: |s| s.storage_opt.clear(),
    },
    Rule {
        feature: Feature::UserNamespace,
        path: "userns_mode",
        used: |s| s.userns.as_deref().is_some_and(|mode| !mode.is_empty() && mode != "host"),
        strip: |s| s.userns = None,
    },
    Rule {
        feature: Feature::Windows,
        path: "isolation, credential_spec, cpu_count, cpu_percent",
        used: |s| {
            s.isolation.as_deref().is_some_and(|mode| !mode.is_empty() && mode != "default")
                || s.credential_spec.is_some()
                || s.resources.cpu_count.is_some()
                || s.resources.cpu_percent.is_some()
        },
        strip: |s| {
            (s.isolation, s.credential_spec) = (None, None);
            (s.resources.cpu_count, s.resources.cpu_percent) = (None, None);
        },
    },
    Rule {
        feature: Feature::Init,
        path: "init",
        used: |s| s.init == Some(true),
        strip: |s| s.init = None,
    },
];

const NETWORK: &[Rule<NetworkSpec>] = &[
    Rule {
        feature: Feature::Attachable,
        path: "attachable",
        used: |n| n.attachable,
        strip: |n| n.attachable = false,
    },
    Rule {
        feature: Feature::AuxAddresses,
        path: "ipam.config.aux_addresses",
        used: |n| n.pools.iter().any(|p| !p.aux_addresses.is_empty()),
        strip: |n| n.pools.iter_mut().for_each(|p| p.aux_addresses.clear()),
    },
    Rule {
        feature: Feature::Ipv4Switch,
        path: "enable_ipv4",
        used: |n| n.ipv4 == Some(false),
        strip: |n| n.ipv4 = None,
    },
    Rule {
        feature: Feature::IpamDriver,
        path: "ipam.driver",
        used: |n| n.ipam_driver.as_deref().is_some_and(|driver| driver != "default"),
        strip: |n| n.ipam_driver = None,
    },
];

fn apply<T>(
    rules: &[Rule<T>],
    mut value: T,
    can: &Capabilities,
    mode: Mode,
) -> Result<(T, Vec<Note>), Refused> {
    let mut notes = Vec::new();
    for rule in rules.iter().filter(|rule| (rule.used)(&value)).collect::<Vec<_>>() {
        let level = can.level(rule.feature);
        if matches!(level, Level::Partial | Level::Unsupported) {
            let (path, text) = (rule.path.to_owned(), can.text(rule.feature).to_owned());
            notes.push(Note { feature: rule.feature, path, text });
        }
        if level == Level::Unsupported {
            (rule.strip)(&mut value);
        }
    }
    let refused = |note: &Note| can.level(note.feature) == Level::Unsupported;
    if mode == Mode::Strict && notes.iter().any(refused) {
        notes.retain(refused);
        return Err(Refused(notes));
    }
    Ok((value, notes))
}

/// Fits a template to a runtime: what it cannot do is left out, and a note tells each such property.
///
/// # Errors
/// [`Refused`] in [`Mode::Strict`] when something would be left out.
pub fn fit(
    template: Template,
    can: &Capabilities,
    mode: Mode,
) -> Result<(Template, Vec<Note>), Refused> {
    apply(CONTAINER, template, can, mode)
}

/// Fits a network to a runtime, as [`fit`].
///
/// # Errors
/// As [`fit`].
pub fn fit_network(
    network: NetworkSpec,
    can: &Capabilities,
    mode: Mode,
) -> Result<(NetworkSpec, Vec<Note>), Refused> {
    apply(NETWORK, network, can, mode)
}
