//! Networks of a project, and what a service wants of one.

use crate::de::{blank, is_false, nonzero, present};
use crate::list_or_dict::{Labels, Options};
use crate::object::{Extensions, object};
use serde::{Deserialize, Serialize};

/// A network of the project.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", default, expecting = "a network: a mapping")]
pub struct ComposeNetwork {
    /// Name at the engine; `<project>_<key>`, or the key of an external one.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub name: Option<String>,
    /// The engine's driver; absent means its default.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub driver: Option<String>,
    /// Options of the driver.
    #[serde(skip_serializing_if = "Options::is_empty")]
    pub driver_opts: Options,
    /// Address management.
    pub ipam: ComposeNetworkIpam,
    /// It exists already.
    #[serde(skip_serializing_if = "is_false")]
    pub external: bool,
    /// Without a way out.
    #[serde(skip_serializing_if = "is_false")]
    pub internal: bool,
    /// Containers outside the project may join (Swarm).
    #[serde(skip_serializing_if = "is_false")]
    pub attachable: bool,
    /// Labels.
    #[serde(skip_serializing_if = "Labels::is_empty")]
    pub labels: Labels,
    /// IPv4 addresses; absent means the engine's default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_ipv4: Option<bool>,
    /// IPv6 addresses; absent means the engine's default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_ipv6: Option<bool>,
    /// `x-` properties.
    #[serde(flatten, skip_deserializing)]
    pub extensions: Extensions,
}

/// `ipam` of a network.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", default, expecting = "address management: a mapping")]
pub struct ComposeNetworkIpam {
    /// Driver; absent means the engine's default.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub driver: Option<String>,
    /// Address pools.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub config: Vec<IpamPool>,
    /// Options of the driver. (docker compose 2.40.3 drops them.)
    #[serde(skip_serializing_if = "Options::is_empty")]
    pub options: Options,
    /// `x-` properties.
    #[serde(flatten, skip_deserializing)]
    pub extensions: Extensions,
}

/// One pool of addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", default, expecting = "an address pool: a mapping")]
pub struct IpamPool {
    /// Subnet in CIDR form.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub subnet: Option<String>,
    /// Address of the gateway.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub gateway: Option<String>,
    /// Part of the subnet that addresses are taken from, in CIDR form.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub ip_range: Option<String>,
    /// Addresses that are in use by others, by host name.
    #[serde(skip_serializing_if = "Labels::is_empty")]
    pub aux_addresses: Labels,
    /// `x-` properties.
    #[serde(flatten, skip_deserializing)]
    pub extensions: Extensions,
}

/// What a service wants of a network it joins.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", default, expecting = "options of a network: a mapping or null")]
pub struct ComposeServiceNetworkConfig {
    /// Further names in this network.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Options of the driver for this endpoint.
    #[serde(skip_serializing_if = "Options::is_empty")]
    pub driver_opts: Options,
    /// The network with the highest value gives the default gateway.
    #[serde(deserialize_with = "nonzero", skip_serializing_if = "blank")]
    pub gw_priority: Option<i64>,
    /// Name of the interface in the container.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub interface_name: Option<String>,
    /// A fixed IPv4 address.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub ipv4_address: Option<String>,
    /// A fixed IPv6 address.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub ipv6_address: Option<String>,
    /// Link-local addresses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub link_local_ips: Vec<String>,
    /// A fixed MAC address.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub mac_address: Option<String>,
    /// Networks are joined from the highest value down.
    #[serde(deserialize_with = "nonzero", skip_serializing_if = "blank")]
    pub priority: Option<i64>,
    /// `x-` properties.
    #[serde(flatten, skip_deserializing)]
    pub extensions: Extensions,
}

object!(ComposeNetwork[ipam]);
object!(ComposeNetworkIpam[config]);
object!(IpamPool);
object!(ComposeServiceNetworkConfig);
