//! Networks and ports of a new container.

use super::{Later, Target, map, some};
use bollard::models::{
    EndpointIpamConfig, EndpointSettings, NetworkingConfig, PortBinding, PortMap,
};
use indexmap::IndexMap;
use perry_container_spec::{Attachment, ContainerSpec, Network};

/// The driver option that names an interface (docker 28.1; docker compose sends it so).
const IFNAME: &str = "com.docker.network.endpoint.ifname";

/// All networks in one call; before 1.44 docker takes only the first, and the others are connected afterwards.
pub(super) fn of(
    spec: &ContainerSpec,
    to: Target<'_>,
) -> (Option<NetworkingConfig>, Option<String>, Vec<Later>) {
    let mode = match &spec.network {
        Network::Default => None,
        Network::None => Some("none".to_owned()),
        Network::Host => Some("host".to_owned()),
        Network::Container(id) => Some(format!("container:{id}")),
        Network::Named(name) => Some(name.clone()),
        Network::Attached(all) => all.first().map(|first| first.network.clone()),
    };
    let mut all = spec.network.attachments().iter().map(|a| (a.network.clone(), endpoint(a, to)));
    let now = if to.api >= (1, 44) { usize::MAX } else { 1 };
    let first: IndexMap<_, _> = all.by_ref().take(now).collect();
    let later = all.map(|(network, endpoint)| Later { network, endpoint }).collect();
    let config = (!first.is_empty())
        .then(|| NetworkingConfig { endpoints_config: Some(first.into_iter().collect()) });
    (config, mode, later)
}

fn endpoint(attachment: &Attachment, to: Target<'_>) -> EndpointSettings {
    let mut options = attachment.driver_opts.clone();
    if let Some(name) = &attachment.interface_name {
        options.insert(IFNAME.to_owned(), name.clone());
    }
    let fixed = attachment.ipv4.is_some()
        || attachment.ipv6.is_some()
        || !attachment.link_local_ips.is_empty();
    EndpointSettings {
        aliases: some(attachment.aliases.clone()),
        ipam_config: fixed.then(|| EndpointIpamConfig {
            ipv4_address: attachment.ipv4.clone(),
            ipv6_address: attachment.ipv6.clone(),
            link_local_ips: some(attachment.link_local_ips.clone()),
        }),
        mac_address: attachment.mac.clone().filter(|_| to.api >= (1, 44)),
        gw_priority: attachment.gw_priority,
        driver_opts: map(&options),
        ..EndpointSettings::default()
    }
}

/// `80/tcp` of everything that is exposed or published.
pub(super) fn exposed(spec: &ContainerSpec) -> Vec<String> {
    let full =
        |port: &String| if port.contains('/') { port.clone() } else { format!("{port}/tcp") };
    let mut all: Vec<_> = spec.expose.iter().map(full).collect();
    all.extend(spec.ports.iter().map(|port| format!("{}/{}", port.container, port.protocol)));
    all.sort();
    all.dedup();
    all
}

/// Where ports are published.
pub(super) fn bindings(spec: &ContainerSpec) -> Option<PortMap> {
    let mut all: IndexMap<String, Vec<PortBinding>> = IndexMap::new();
    for port in &spec.ports {
        all.entry(format!("{}/{}", port.container, port.protocol)).or_default().push(PortBinding {
            host_ip: port.ip.map(|ip| ip.to_string()),
            host_port: Some(match port.host {
                None => String::new(),
                Some((first, last)) if first == last => first.to_string(),
                Some((first, last)) => format!("{first}-{last}"),
            }),
        });
    }
    (!all.is_empty()).then(|| all.into_iter().map(|(port, at)| (port, Some(at))).collect())
}
