//! Published ports: as text the way docker groups them, and as values.

use perry_container_compose::spec::PublishedPort;
use serde::Serialize;

/// One port as docker compose's JSON has it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Publisher {
    #[serde(rename = "URL")]
    url: String,
    target_port: u16,
    published_port: u16,
    protocol: String,
}

/// By container port, then address, then host port.
pub(super) fn publishers(ports: &[PublishedPort]) -> Vec<Publisher> {
    let mut all: Vec<Publisher> = ports
        .iter()
        .map(|port| Publisher {
            url: match (port.host, port.ip) {
                (None, _) => String::new(),
                (Some(_), Some(ip)) => ip.to_string(),
                (Some(_), None) => "0.0.0.0".to_owned(),
            },
            target_port: port.container,
            published_port: port.host.unwrap_or_default(),
            protocol: port.protocol.to_string(),
        })
        .collect();
    all.sort_by(|a, b| {
        let key =
            |p: &Publisher| (p.target_port, p.url.clone(), p.published_port, p.protocol.clone());
        key(a).cmp(&key(b))
    });
    all
}

/// Neighbouring ports of one address are a range: `0.0.0.0:80-81->80-81/tcp, 0.0.0.0:8080->90/tcp, 53/udp`. Ports that are
/// published under another number stand alone, last.
pub(super) fn text(ports: &[Publisher]) -> String {
    struct Group<'a> {
        url: &'a str,
        protocol: &'a str,
        first: u16,
        last: u16,
    }
    let show = |group: &Group<'_>| {
        let range = match group.last {
            last if last == group.first => last.to_string(),
            last => format!("{}-{last}", group.first),
        };
        match group.url {
            "" => format!("{range}/{}", group.protocol),
            url => format!("{}:{range}->{range}/{}", bracketed(url), group.protocol),
        }
    };
    let (mut closed, mut open, mut mapped) = (Vec::new(), Vec::<Group<'_>>::new(), Vec::new());
    for port in ports {
        let number = port.target_port;
        if !port.url.is_empty() && port.published_port != number {
            let address = bracketed(&port.url);
            mapped.push(format!("{address}:{}->{number}/{}", port.published_port, port.protocol));
            continue;
        }
        let same =
            |group: &&mut Group<'_>| group.url == port.url && group.protocol == port.protocol;
        match open.iter_mut().find(same) {
            Some(group) if group.last.checked_add(1) == Some(number) => group.last = number,
            Some(group) => {
                closed.push(show(group));
                (group.first, group.last) = (number, number);
            }
            None => open.push(Group {
                url: &port.url,
                protocol: &port.protocol,
                first: number,
                last: number,
            }),
        }
    }
    closed.extend(open.iter().map(show));
    closed.extend(mapped);
    closed.join(", ")
}

fn bracketed(ip: &str) -> String {
    if ip.contains(':') { format!("[{ip}]") } else { ip.to_owned() }
}

/// `{127.0.0.1 81 18399 udp}`: Go's print of the value, which templates show.
impl std::fmt::Display for Publisher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{{{} {} {} {}}}", self.url, self.target_port, self.published_port, self.protocol)
    }
}
