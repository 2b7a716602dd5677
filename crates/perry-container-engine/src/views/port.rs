//! `port`: where a port is published.

use perry_container_spec::ContainerInfo;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// The first address at which a container's port is published, IPv4 first.
pub fn port(seen: &ContainerInfo, port: u16, protocol: &str) -> Option<SocketAddr> {
    let same = |p: &&perry_container_spec::PublishedPort| {
        p.container == port && p.protocol.as_str() == protocol && p.host.is_some()
    };
    let first = seen.ports.iter().filter(same).min_by_key(|p| (p.ip, p.host))?;
    let any = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    Some(SocketAddr::new(first.ip.unwrap_or(any), first.host?))
}
