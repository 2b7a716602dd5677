//! Published and exposed ports.

use super::LowerError;
use perry_container_model::ComposeService;
use perry_container_spec::{PortBinding, Protocol};
use std::net::IpAddr;

pub(super) fn published(
    key: &str,
    service: &ComposeService,
) -> Result<Vec<PortBinding>, LowerError> {
    let mut all = Vec::with_capacity(service.ports.len());
    for (n, port) in service.ports.iter().enumerate() {
        let bad = |why: String| LowerError::new(format!("services.{key}.ports.{n}"), why);
        let container = port
            .target
            .ok_or_else(|| bad("the port in the container (target) is missing".to_owned()))?;
        let protocol = protocol(port.protocol()).ok_or_else(|| {
            bad(format!("`{}` is no protocol; tcp, udp and sctp are", port.protocol()))
        })?;
        let ip = match port.host_ip.as_deref().unwrap_or_default() {
            "" => None,
            ip => Some(ip.parse::<IpAddr>().map_err(|_| bad(format!("`{ip}` is no IP address")))?),
        };
        let host = match port.published.as_deref().unwrap_or_default() {
            "" | "0" => None,
            range => Some(self::range(range).ok_or_else(|| {
                bad(format!("`{range}` is no host port; a number from 1 to 65535 or a range such as 8000-8010 is"))
            })?),
        };
        all.push(PortBinding { ip, host, container, protocol });
    }
    Ok(all)
}

/// `80`, `53/udp`, `8000-8010/tcp`, each port for itself.
pub(super) fn exposed(key: &str, service: &ComposeService) -> Result<Vec<String>, LowerError> {
    let mut all = Vec::with_capacity(service.expose.len());
    for (n, text) in service.expose.iter().enumerate() {
        let bad = || {
            let why = format!("`{text}` is no port; write port[-port][/protocol]");
            LowerError::new(format!("services.{key}.expose.{n}"), why)
        };
        let (ports, word) = text.split_once('/').unwrap_or((text, "tcp"));
        let protocol = protocol(word).ok_or_else(bad)?;
        let (first, last) = range(ports).ok_or_else(bad)?;
        all.extend((first..=last).map(|port| format!("{port}/{protocol}")));
    }
    Ok(all)
}

fn protocol(word: &str) -> Option<Protocol> {
    Some(match word.to_ascii_lowercase().as_str() {
        "" | "tcp" => Protocol::Tcp,
        "udp" => Protocol::Udp,
        "sctp" => Protocol::Sctp,
        _ => return None,
    })
}

fn range(text: &str) -> Option<(u16, u16)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    (first > 0 && first <= last).then_some((first, last))
}
