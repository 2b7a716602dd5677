//! A container's networks and names.

use super::{Rule, Template, rule};
use crate::Feature;
use perry_container_spec::{Attachment, Network};

fn any(spec: &Template, used: impl Fn(&Attachment) -> bool) -> bool {
    spec.network.attachments().iter().any(used)
}

fn each(spec: &mut Template, strip: impl Fn(&mut Attachment)) {
    if let Network::Attached(all) = &mut spec.network {
        all.iter_mut().for_each(strip);
    }
}

const HOST: &str = "host-gateway";

pub(super) const RULES: &[Rule<Template>] = &[
    rule(
        Feature::NetworkAlias,
        "networks.*.aliases",
        |s| any(s, |one| !one.aliases.is_empty()),
        |s| each(s, |one| one.aliases.clear()),
    ),
    rule(
        Feature::SeveralNetworks,
        "networks",
        |s| s.network.attachments().len() > 1,
        |s| {
            if let Network::Attached(all) = &mut s.network {
                all.truncate(1);
            }
        },
    ),
    rule(
        Feature::EndpointOptions,
        "networks.*.driver_opts",
        |s| any(s, |one| !one.driver_opts.is_empty()),
        |s| each(s, |one| one.driver_opts.clear()),
    ),
    rule(
        Feature::GatewayPriority,
        "networks.*.gw_priority",
        |s| any(s, |one| one.gw_priority.is_some()),
        |s| each(s, |one| one.gw_priority = None),
    ),
    rule(
        Feature::InterfaceName,
        "networks.*.interface_name",
        |s| any(s, |one| one.interface_name.is_some()),
        |s| each(s, |one| one.interface_name = None),
    ),
    rule(
        Feature::LinkLocalIps,
        "networks.*.link_local_ips",
        |s| any(s, |one| !one.link_local_ips.is_empty()),
        |s| each(s, |one| one.link_local_ips.clear()),
    ),
    rule(
        Feature::StaticIp,
        "networks.*.ipv4_address, networks.*.ipv6_address",
        |s| any(s, |one| one.ipv4.is_some() || one.ipv6.is_some()),
        |s| each(s, |one| (one.ipv4, one.ipv6) = (None, None)),
    ),
    rule(
        Feature::MacAddress,
        "networks.*.mac_address",
        |s| any(s, |one| one.mac.is_some()),
        |s| each(s, |one| one.mac = None),
    ),
    rule(
        Feature::HostNetwork,
        "network_mode",
        |s| s.network == Network::Host,
        |s| s.network = Network::Default,
    ),
    rule(
        Feature::ContainerNetwork,
        "network_mode",
        |s| matches!(s.network, Network::Container(_)),
        |s| s.network = Network::Default,
    ),
    rule(
        Feature::ExtraHosts,
        "extra_hosts",
        |s| s.extra_hosts.iter().any(|(_, address)| address != HOST),
        |s| s.extra_hosts.retain(|(_, address)| address == HOST),
    ),
    rule(
        Feature::HostGateway,
        "extra_hosts",
        |s| s.extra_hosts.iter().any(|(_, address)| address == HOST),
        |s| s.extra_hosts.retain(|(_, address)| address != HOST),
    ),
    rule(
        Feature::Dns,
        "dns, dns_search, dns_opt",
        |s| !s.dns.is_empty() || !s.dns_search.is_empty() || !s.dns_opt.is_empty(),
        |s| (s.dns, s.dns_search, s.dns_opt) = (Vec::new(), Vec::new(), Vec::new()),
    ),
    rule(Feature::Links, "links", |s| !s.links.is_empty(), |s| s.links.clear()),
    rule(Feature::Expose, "expose", |s| !s.expose.is_empty(), |s| s.expose.clear()),
    rule(
        Feature::PublishedPorts,
        "ports",
        |s| s.ports.iter().any(|port| port.host.is_some()),
        |s| s.ports.retain(|port| port.host.is_none()),
    ),
    rule(
        Feature::RandomPorts,
        "ports",
        |s| s.ports.iter().any(|port| port.host.is_none()),
        |s| s.ports.retain(|port| port.host.is_some()),
    ),
];
