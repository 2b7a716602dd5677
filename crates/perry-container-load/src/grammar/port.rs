//! `[ip:][host[-host]:]container[-container][/protocol]`: Docker's `nat.ParsePortSpec`.

use std::net::IpAddr;

/// One published container port.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Port {
    pub(crate) host_ip: Option<String>,
    pub(crate) target: u16,
    /// A port or, for one container port, a range.
    pub(crate) published: Option<String>,
    pub(crate) protocol: String,
}

/// # Errors
/// What is wrong, as a fragment.
pub(crate) fn parse(text: &str) -> Result<Vec<Port>, String> {
    let (rest, container) = text.rsplit_once(':').unwrap_or(("", text));
    let (ip, host) = rest.rsplit_once(':').unwrap_or(("", rest));
    let host_ip = match ip {
        "" => None,
        ip => {
            let bare = ip.strip_prefix('[').and_then(|ip| ip.strip_suffix(']'));
            // An IPv6 address without brackets could not be told from ports.
            let parsed =
                bare.or_else(|| (!ip.contains(':')).then_some(ip)).map(str::parse::<IpAddr>);
            if !matches!(parsed, Some(Ok(_))) {
                return Err(format!("invalid address {ip:?}"));
            }
            Some(bare.unwrap_or(ip).to_owned())
        }
    };
    let (container, protocol) = container.split_once('/').unwrap_or((container, ""));
    let protocol = match protocol.split('/').next() {
        None | Some("") => "tcp".to_owned(),
        Some(protocol) => protocol.to_lowercase(),
    };
    if container.is_empty() {
        return Err("no container port".to_owned());
    }
    let (first, last) =
        range(container).ok_or_else(|| format!("invalid container port {container:?}"))?;
    if first == 0 {
        return Err("a container port must be between 1 and 65535".to_owned());
    }
    let hosts = match host {
        "" => None,
        host => Some(range(host).ok_or_else(|| format!("invalid host port {host:?}"))?),
    };
    if let Some((low, high)) = hosts
        && last - first != high - low
        && first != last
    {
        return Err(format!("{container} and {host} are ranges of different length"));
    }
    if !matches!(protocol.as_str(), "tcp" | "udp" | "sctp") {
        return Err(format!("invalid protocol {protocol:?}"));
    }
    let mut ports: Vec<Port> = (first..=last)
        .map(|target| Port {
            host_ip: host_ip.clone(),
            target,
            published: hosts.map(|(low, high)| {
                if first == last && low != high {
                    format!("{low}-{high}")
                } else {
                    (low + (target - first)).to_string()
                }
            }),
            protocol: protocol.clone(),
        })
        .collect();
    // Ports of a range come sorted as text.
    ports.sort_by_cached_key(|port| port.target.to_string());
    Ok(ports)
}

fn range(text: &str) -> Option<(u16, u16)> {
    let port = |text: &str| {
        text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u16>().ok()).flatten()
    };
    match text.split_once('-') {
        None => port(text).map(|port| (port, port)),
        Some((low, high)) => Some((port(low)?, port(high)?)).filter(|(low, high)| low <= high),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    /// What docker compose 2.40.3 answered (its words are others).
    #[test]
    fn ports_are_split_as_docker_splits_them() {
        for (text, expected) in [
            ("80", "::80/tcp"),
            ("8080:80", ":8080:80/tcp"),
            ("127.0.0.1:8080:80", "127.0.0.1:8080:80/tcp"),
            ("[::1]:80:80", "::1:80:80/tcp"),
            ("127.0.0.1::80", "127.0.0.1::80/tcp"),
            ("8080:80/TCP", ":8080:80/tcp"),
            ("80/tcp/x", "::80/tcp"),
            ("8080:80/", ":8080:80/tcp"),
            ("80-81/udp", "::80/udp ::81/udp"),
            ("8080-8081:80-81", ":8080:80/tcp :8081:81/tcp"),
            ("8080-8082:80", ":8080-8082:80/tcp"),
            ("8080-8080:80", ":8080:80/tcp"),
            ("9-11:9-11", ":10:10/tcp :11:11/tcp :9:9/tcp"),
            (":80", "::80/tcp"),
            ("::80", "::80/tcp"),
            ("0:80", ":0:80/tcp"),
            ("08:080", ":8:80/tcp"),
            ("::1:80:80", "invalid address \"::1\""),
            ("[::1]:80", "invalid address \"[:\""),
            ("host:80:80", "invalid address \"host\""),
            ("80:80-82", "80-82 and 80 are ranges of different length"),
            ("65536", "invalid container port \"65536\""),
            ("80:0", "a container port must be between 1 and 65535"),
            ("82-80:80", "invalid host port \"82-80\""),
            ("80 ", "invalid container port \"80 \""),
            ("+80", "invalid container port \"+80\""),
            ("80/xyz", "invalid protocol \"xyz\""),
            ("80:", "no container port"),
            ("", "no container port"),
        ] {
            let shown = match parse(text) {
                Err(error) => error,
                Ok(ports) => {
                    let show = |p: &super::Port| {
                        let ip = p.host_ip.as_deref().unwrap_or("");
                        let published = p.published.as_deref().unwrap_or("");
                        format!("{ip}:{published}:{}/{}", p.target, p.protocol)
                    };
                    ports.iter().map(show).collect::<Vec<_>>().join(" ")
                }
            };
            assert_eq!(shown, expected, "{text:?}");
        }
    }
}
