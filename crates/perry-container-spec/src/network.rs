//! Networks and how a container is attached to them.

use indexmap::IndexMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;

/// What a container's network is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Network<V = String> {
    /// Nothing was said: the runtime's default (a NAT bridge without names on docker and podman).
    #[default]
    Default,
    /// No network but loopback.
    None,
    /// The host's own.
    Host,
    /// The namespace of another container (`network_mode: service:x`).
    Container(V),
    /// A mode or network of the runtime by its name, taken literally (`bridge`, `slirp4netns`).
    Named(String),
    /// These networks, the main one first; all are given at creation.
    Attached(Vec<Attachment>),
}

impl<V> Network<V> {
    /// The attachments; none for every other kind.
    pub fn attachments(&self) -> &[Attachment] {
        if let Self::Attached(all) = self { all } else { &[] }
    }

    /// The same with `f` applied to the late value.
    ///
    /// # Errors
    /// What `f` returns.
    pub fn try_map<W, E>(&self, f: &mut impl FnMut(&V) -> Result<W, E>) -> Result<Network<W>, E> {
        Ok(match self {
            Self::Default => Network::Default,
            Self::None => Network::None,
            Self::Host => Network::Host,
            Self::Container(v) => Network::Container(f(v)?),
            Self::Named(name) => Network::Named(name.clone()),
            Self::Attached(all) => Network::Attached(all.clone()),
        })
    }
}

/// `"none"`, `"host"`, `"container:<id>"`, a name, or a list of attachments.
impl<V: fmt::Display> Serialize for Network<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Default => serializer.serialize_str("default"),
            Self::None => serializer.serialize_str("none"),
            Self::Host => serializer.serialize_str("host"),
            Self::Container(v) => serializer.collect_str(&format_args!("container:{v}")),
            Self::Named(name) => serializer.serialize_str(name),
            Self::Attached(all) => all.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> de::Visitor<'de> for Either {
            type Value = Network;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a network's name, \"none\", \"host\", \"container:<id>\", or a list of networks")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Network, E> {
                Ok(match text {
                    "" | "default" => Network::Default,
                    "none" => Network::None,
                    "host" => Network::Host,
                    _ => match text.strip_prefix("container:") {
                        Some(id) => Network::Container(id.to_owned()),
                        None => Network::Named(text.to_owned()),
                    },
                })
            }
            fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Network, A::Error> {
                let mut all = Vec::new();
                while let Some(one) = seq.next_element()? {
                    all.push(one);
                }
                Ok(Network::Attached(all))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// One network of a container.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Attachment {
    /// The network's full name.
    pub network: String,
    /// Names under which others find the container there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// A fixed IPv4 address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv4: Option<String>,
    /// A fixed IPv6 address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv6: Option<String>,
    /// Link-local addresses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub link_local_ips: Vec<String>,
    /// A fixed MAC address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mac: Option<String>,
    /// The interface's name inside (docker 28.1 and newer).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interface_name: Option<String>,
    /// The network with the highest one is the default gateway (docker 28 and newer).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gw_priority: Option<i64>,
    /// Options of the endpoint.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub driver_opts: IndexMap<String, String>,
}

impl Attachment {
    /// An attachment with nothing special.
    pub fn new(network: impl Into<String>) -> Self {
        Self { network: network.into(), ..Self::default() }
    }
}

/// A network to make.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NetworkSpec {
    /// Its name.
    pub name: String,
    /// Its driver; the runtime's own when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub driver: Option<String>,
    /// Options of the driver.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub driver_opts: IndexMap<String, String>,
    /// Without a way out.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub internal: bool,
    /// Containers may be attached by hand (overlay).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub attachable: bool,
    /// Whether it has IPv4; the runtime's default when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv4: Option<bool>,
    /// Whether it has IPv6; the runtime's default when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv6: Option<bool>,
    /// The address driver.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipam_driver: Option<String>,
    /// Options of the address driver.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub ipam_options: IndexMap<String, String>,
    /// Address pools.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pools: Vec<IpamPool>,
    /// Labels.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub labels: IndexMap<String, String>,
}

/// An address pool of a network.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IpamPool {
    /// `10.5.0.0/16`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subnet: Option<String>,
    /// From which containers get addresses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip_range: Option<String>,
    /// The gateway's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gateway: Option<String>,
    /// Addresses that are taken, by host name.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub aux_addresses: IndexMap<String, String>,
}
