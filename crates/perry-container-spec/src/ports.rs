//! Published ports.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{fmt, net::IpAddr, str::FromStr};

/// A transport protocol.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// TCP.
    #[default]
    Tcp,
    /// UDP.
    Udp,
    /// SCTP.
    Sctp,
}

impl Protocol {
    /// `tcp`, `udp`, `sctp`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Sctp => "sctp",
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One container port and where it can be reached on the host. Text form: `[ip:][host[-host]:]container[/proto]`,
/// the protocol left out for tcp, an IPv6 address in brackets.
///
/// ```
/// # use perry_container_spec::PortBinding;
/// let port: PortBinding = "127.0.0.1:8080:80".parse().unwrap();
/// assert_eq!((port.host, port.container), (Some((8080, 8080)), 80));
/// assert_eq!(port.to_string(), "127.0.0.1:8080:80");
/// assert_eq!("80".parse::<PortBinding>().unwrap().host, None); // any free port
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PortBinding {
    /// The host address; all addresses when absent.
    pub ip: Option<IpAddr>,
    /// The host port as a range of which one is taken (`8080-8090`), mostly of one; absent: any free port.
    pub host: Option<(u16, u16)>,
    /// The port in the container.
    pub container: u16,
    /// The protocol.
    pub protocol: Protocol,
}

impl fmt::Display for PortBinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.ip {
            Some(IpAddr::V6(ip)) => write!(f, "[{ip}]:")?,
            Some(ip) => write!(f, "{ip}:")?,
            None => {}
        }
        match self.host {
            Some((first, last)) if first == last => write!(f, "{first}:")?,
            Some((first, last)) => write!(f, "{first}-{last}:")?,
            None if self.ip.is_some() => f.write_str(":")?,
            None => {}
        }
        write!(f, "{}", self.container)?;
        if self.protocol == Protocol::Tcp { Ok(()) } else { write!(f, "/{}", self.protocol) }
    }
}

/// Text that is no port binding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadPort {
    /// The text.
    pub text: String,
    /// What is wrong with it.
    pub why: &'static str,
}

impl fmt::Display for BadPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is no port: {}; write [ip:][host:]container[/protocol]",
            self.text, self.why
        )
    }
}

impl std::error::Error for BadPort {}

impl FromStr for PortBinding {
    type Err = BadPort;

    fn from_str(text: &str) -> Result<Self, BadPort> {
        let bad = |why| BadPort { text: text.to_owned(), why };
        let (rest, protocol) = match text.split_once('/') {
            None => (text, Protocol::Tcp),
            Some((rest, word)) => (
                rest,
                match word.to_ascii_lowercase().as_str() {
                    "tcp" => Protocol::Tcp,
                    "udp" => Protocol::Udp,
                    "sctp" => Protocol::Sctp,
                    _ => return Err(bad("the protocol is none of tcp, udp, sctp")),
                },
            ),
        };
        let (rest, ip) = match rest.strip_prefix('[').and_then(|rest| rest.split_once("]:")) {
            Some((ip, rest)) => (rest, Some(ip)),
            None => match rest.match_indices(':').count() {
                0 | 1 => (rest, None),
                _ => {
                    let (ip, rest) = rest.split_once(':').ok_or_else(|| bad("too few colons"))?;
                    (rest, Some(ip))
                }
            },
        };
        let ip =
            ip.map(|ip| ip.parse().map_err(|_| bad("the address is no IP address"))).transpose()?;
        let (host, container) = match rest.split_once(':') {
            None => (None, rest),
            Some(("", container)) => (None, container),
            Some((host, container)) => (Some(host), container),
        };
        let port = |text: &str| match text.parse::<u16>() {
            Ok(0) | Err(_) => Err(bad("a port is a number from 1 to 65535")),
            Ok(port) => Ok(port),
        };
        let host = match host.map(|host| host.split_once('-').unwrap_or((host, host))) {
            None => None,
            Some((first, last)) => {
                let range = (port(first)?, port(last)?);
                if range.0 > range.1 {
                    return Err(bad("the range runs backwards"));
                }
                Some(range)
            }
        };
        Ok(Self { ip, host, container: port(container)?, protocol })
    }
}

impl Serialize for PortBinding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PortBinding {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl de::Visitor<'_> for Text {
            type Value = PortBinding;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a port such as \"8080:80\"")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<PortBinding, E> {
                text.parse().map_err(E::custom)
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<PortBinding, E> {
                self.visit_str(&number.to_string())
            }
        }
        deserializer.deserialize_any(Text)
    }
}
