//! Published ports.

use crate::de::{blank, present};
use crate::object::{Extensions, object};
use serde::{Deserialize, Serialize};

/// One entry of `ports` of a service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", expecting = "a port: a mapping with `target`")]
pub struct ComposeServicePort {
    /// A name for people.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "blank")]
    pub name: Option<String>,
    /// `ingress` or `host`; means something to an orchestrator only.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "blank")]
    pub mode: Option<String>,
    /// Address of the host to bind; all of them when absent.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "blank")]
    pub host_ip: Option<String>,
    /// Port in the container.
    #[serde(default, deserialize_with = "target", skip_serializing_if = "blank")]
    pub target: Option<u16>,
    /// Port of the host, or a range `8000-8010` to choose from; chosen by the engine when absent.
    #[serde(default, deserialize_with = "published", skip_serializing_if = "blank")]
    pub published: Option<String>,
    /// `tcp`, `udp` or `sctp`.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "blank")]
    pub protocol: Option<String>,
    /// What is spoken over the port, such as `http`.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "blank")]
    pub app_protocol: Option<String>,
    /// `x-` properties.
    #[serde(flatten, skip_deserializing)]
    pub extensions: Extensions,
}

object!(ComposeServicePort);

impl ComposeServicePort {
    /// The protocol, `tcp` when none is given.
    pub fn protocol(&self) -> &str {
        self.protocol.as_deref().unwrap_or("tcp")
    }
}

fn target<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<u16>, D::Error> {
    struct Target;

    impl serde::de::Visitor<'_> for Target {
        type Value = Option<u16>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a port number from 1 to 65535")
        }

        fn visit_u64<E: serde::de::Error>(self, port: u64) -> Result<Option<u16>, E> {
            match u16::try_from(port) {
                Ok(port) if port > 0 => Ok(Some(port)),
                _ => Err(E::invalid_value(serde::de::Unexpected::Unsigned(port), &self)),
            }
        }

        fn visit_i64<E: serde::de::Error>(self, port: i64) -> Result<Option<u16>, E> {
            match u64::try_from(port) {
                Ok(port) => self.visit_u64(port),
                Err(_) => Err(E::invalid_value(serde::de::Unexpected::Signed(port), &self)),
            }
        }

        fn visit_unit<E: serde::de::Error>(self) -> Result<Option<u16>, E> {
            Ok(None)
        }
    }

    deserializer.deserialize_any(Target)
}

fn published<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    let visitor = crate::de::ScalarVisitor("a port number or a range of ports such as `8000-8010`");
    Ok(deserializer.deserialize_any(visitor)?.filter(|text| !text.is_empty()))
}
