//! Networks and volumes.

use super::{Rule, rule};
use crate::Feature;
use perry_container_spec::{IpamPool, NetworkSpec, VolumeSpec};

fn other(driver: Option<&String>, usual: &[&str]) -> bool {
    driver.is_some_and(|driver| !driver.is_empty() && !usual.contains(&driver.as_str()))
}

const fn shaped(pool: &IpamPool) -> bool {
    pool.subnet.is_some() || pool.ip_range.is_some() || pool.gateway.is_some()
}

pub(crate) const NETWORK: &[Rule<NetworkSpec>] = &[
    rule(Feature::InternalNetwork, "internal", |n| n.internal, |n| n.internal = false),
    rule(Feature::Attachable, "attachable", |n| n.attachable, |n| n.attachable = false),
    rule(
        Feature::AuxAddresses,
        "ipam.config.aux_addresses",
        |n| n.pools.iter().any(|pool| !pool.aux_addresses.is_empty()),
        |n| n.pools.iter_mut().for_each(|pool| pool.aux_addresses.clear()),
    ),
    rule(Feature::Ipv4Switch, "enable_ipv4", |n| n.ipv4 == Some(false), |n| n.ipv4 = None),
    rule(Feature::Ipv6, "enable_ipv6", |n| n.ipv6 == Some(true), |n| n.ipv6 = None),
    rule(
        Feature::IpamDriver,
        "ipam.driver",
        |n| other(n.ipam_driver.as_ref(), &["default"]),
        |n| n.ipam_driver = None,
    ),
    rule(
        Feature::IpamPools,
        "ipam.config",
        |n| n.pools.iter().any(shaped),
        |n| n.pools.retain(|pool| !shaped(pool)),
    ),
    rule(
        Feature::NetworkDriver,
        "driver",
        |n| other(n.driver.as_ref(), &["default", "bridge"]),
        |n| n.driver = None,
    ),
    rule(
        Feature::NetworkOptions,
        "driver_opts",
        |n| !n.driver_opts.is_empty(),
        |n| n.driver_opts.clear(),
    ),
];

pub(crate) const VOLUME: &[Rule<VolumeSpec>] = &[
    rule(
        Feature::VolumeDriver,
        "driver",
        |v| other(v.driver.as_ref(), &["default", "local"]),
        |v| v.driver = None,
    ),
    rule(
        Feature::VolumeOptions,
        "driver_opts",
        |v| !v.driver_opts.is_empty(),
        |v| v.driver_opts.clear(),
    ),
];
