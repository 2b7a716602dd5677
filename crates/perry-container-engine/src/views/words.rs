//! docker's words for times and ports.

use perry_container_spec::{ContainerInfo, Health, PublishedPort, State};
use std::{collections::BTreeMap, net::IpAddr, time::Duration};

/// `About a minute`, as docker says it.
///
/// ```
/// # use perry_container_engine::human_duration;
/// # use std::time::Duration;
/// assert_eq!(human_duration(Duration::from_secs(0)), "Less than a second");
/// assert_eq!(human_duration(Duration::from_secs(75)), "About a minute");
/// assert_eq!(human_duration(Duration::from_secs(7_300)), "2 hours");
/// ```
pub fn human_duration(time: Duration) -> String {
    let seconds = time.as_secs();
    let (minutes, hours) = (seconds / 60, (time.as_secs_f64() / 3600.0).round() as u64);
    match (seconds, minutes, hours) {
        (0, ..) => "Less than a second".to_owned(),
        (1, ..) => "1 second".to_owned(),
        (2..60, ..) => format!("{seconds} seconds"),
        (_, 1, _) => "About a minute".to_owned(),
        (_, 2..60, _) => format!("{minutes} minutes"),
        (.., 0 | 1) => "About an hour".to_owned(),
        (.., 2..48) => format!("{hours} hours"),
        (.., 48..336) => format!("{} days", hours / 24),
        (.., 336..1440) => format!("{} weeks", hours / 24 / 7),
        (.., 1440..17_520) => format!("{} months", hours / 24 / 30),
        _ => format!("{} years", hours / 24 / 365),
    }
}

pub(super) fn since(text: &str, now: jiff::Timestamp) -> Option<Duration> {
    let then: jiff::Timestamp = text.parse().ok()?;
    Some(Duration::try_from(now.duration_since(then)).unwrap_or_default())
}

/// `Up 2 minutes (healthy)`, `Exited (0) 3 seconds ago`, as docker says it.
pub(super) fn status(seen: &ContainerInfo, now: jiff::Timestamp) -> String {
    let time = |text: &str| since(text, now).map_or_else(|| "some time".to_owned(), human_duration);
    let code = seen.exit_code.unwrap_or(0);
    match seen.state {
        State::Running => {
            let health = match seen.health {
                Some(Health::Starting) => " (health: starting)",
                Some(Health::Healthy) => " (healthy)",
                Some(Health::Unhealthy) => " (unhealthy)",
                None => "",
            };
            format!("Up {}{health}", time(&seen.started))
        }
        State::Paused => format!("Up {} (Paused)", time(&seen.started)),
        State::Restarting => format!("Restarting ({code}) {} ago", time(&seen.finished)),
        State::Created => "Created".to_owned(),
        State::Exited => format!("Exited ({code}) {} ago", time(&seen.finished)),
        State::Dead => "Dead".to_owned(),
        State::Removing => "Removal In Progress".to_owned(),
    }
}

/// `0.0.0.0:8080->80/tcp, 443/tcp`: docker's grouping of neighbouring ports (docker/cli, formatter.DisplayablePorts).
pub(super) fn ports(all: &[PublishedPort]) -> String {
    let ip = |port: &PublishedPort| port.ip.filter(|_| port.host.is_some());
    let mut all: Vec<&PublishedPort> = all.iter().collect();
    all.sort_by_key(|port| {
        (port.container, ip(port).map(|ip| ip.to_string()), port.host, port.protocol.as_str())
    });
    let (mut done, mut mapped) = (Vec::new(), Vec::new());
    let mut groups: BTreeMap<usize, (u16, u16)> = BTreeMap::new();
    let mut keys: Vec<(Option<IpAddr>, &str)> = Vec::new();
    for port in all {
        let (current, protocol) = (port.container, port.protocol.as_str());
        if let Some(host) = port.host.filter(|host| *host != current) {
            mapped.push(format!("{}->{current}/{protocol}", joined(ip(port), &host.to_string())));
            continue;
        }
        let key = (port.host.and(Some(ip(port).unwrap_or(IpAddr::from([0, 0, 0, 0])))), protocol);
        let at = keys.iter().position(|known| *known == key).unwrap_or_else(|| {
            keys.push(key);
            keys.len() - 1
        });
        match groups.get_mut(&at) {
            None => drop(groups.insert(at, (current, current))),
            Some((_, last)) if *last == current => {}
            Some((_, last)) if last.checked_add(1) == Some(current) => *last = current,
            Some(group) => {
                done.push(grouped(key, *group));
                *group = (current, current);
            }
        }
    }
    done.extend(groups.into_iter().map(|(at, group)| grouped(keys[at], group)));
    done.extend(mapped);
    done.join(", ")
}

fn joined(ip: Option<IpAddr>, port: &str) -> String {
    match ip {
        Some(IpAddr::V6(ip)) => format!("[{ip}]:{port}"),
        Some(ip) => format!("{ip}:{port}"),
        None => format!("0.0.0.0:{port}"),
    }
}

fn grouped((ip, protocol): (Option<IpAddr>, &str), (first, last): (u16, u16)) -> String {
    let range = if first == last { first.to_string() } else { format!("{first}-{last}") };
    match ip {
        Some(ip) => format!("{}->{range}/{protocol}", joined(Some(ip), &range)),
        None => format!("{range}/{protocol}"),
    }
}

/// The first so many characters, the last an ellipsis where something is cut off.
pub(super) fn ellipsis(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// Program and arguments as docker lists them: words with blanks in single quotes.
pub(super) fn command(words: &[String]) -> String {
    let word = |word: &String| {
        if word.contains(' ') { format!("'{word}'") } else { word.clone() }
    };
    words.iter().map(word).collect::<Vec<_>>().join(" ")
}

/// In double quotes as Go's `%q` prints it, so that a command cannot leave its cell.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{b}' => quoted.push_str("\\v"),
            '\u{c}' => quoted.push_str("\\f"),
            control if control.is_control() => {
                let code = u32::from(control);
                let escape = match code {
                    ..0x80 => format!("\\x{code:02x}"),
                    _ => format!("\\u{code:04x}"),
                };
                quoted.push_str(&escape);
            }
            _ => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}
