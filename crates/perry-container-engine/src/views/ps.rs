//! `ps`.

use super::words;
use indexmap::IndexSet;
use perry_container_reconcile::{is_oneoff, service_of};
use perry_container_spec::{ContainerInfo, Observed, State};
use serde::Serialize;

/// Which containers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PsFilter {
    /// Also those that do not run.
    pub all: bool,
    /// Of these services; empty: all.
    pub services: IndexSet<String>,
    /// In one of these states; empty: any.
    pub states: Vec<State>,
    /// The services of the project, to leave out orphans; absent: orphans are shown.
    pub known: Option<IndexSet<String>>,
    /// Whole texts instead of docker's cuts.
    pub no_trunc: bool,
}

/// One container. Serialised it is a line of docker compose's `ps --format json`: its names, their order, its texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PsRow {
    /// Program and arguments in double quotes.
    pub command: String,
    /// `2026-11-22 13:55:18 +0000 UTC`.
    pub created_at: String,
    /// 0 while it runs.
    pub exit_code: i32,
    /// `starting`, `healthy`, `unhealthy`, or empty without a check.
    pub health: String,
    /// The first 12 digits.
    #[serde(rename = "ID")]
    pub id: String,
    /// As it was asked for.
    pub image: String,
    /// `k=v,k=v`, sorted.
    pub labels: String,
    /// How many volumes, as text.
    pub local_volumes: String,
    /// Names of volumes and paths of binds, comma separated.
    pub mounts: String,
    /// Its name.
    pub name: String,
    /// Its name once more.
    pub names: String,
    /// Names of networks, comma separated.
    pub networks: String,
    /// `0.0.0.0:8080->80/tcp, 443/tcp`.
    pub ports: String,
    /// The project.
    pub project: String,
    /// Published and exposed ports, by the container's port.
    pub publishers: Vec<Publisher>,
    /// `2 minutes ago`: since it was created.
    pub running_for: String,
    /// The service.
    pub service: String,
    /// Not measured: `0B`.
    pub size: String,
    /// docker's word.
    pub state: String,
    /// `Up 2 minutes (healthy)`.
    pub status: String,
}

/// One port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Publisher {
    /// The host's address; empty when it is only exposed.
    #[serde(rename = "URL")]
    pub url: String,
    /// In the container.
    pub target_port: u16,
    /// On the host; 0 when it is only exposed.
    pub published_port: u16,
    /// `tcp`, `udp`, `sctp`.
    pub protocol: &'static str,
}

impl Publisher {
    /// docker compose sorts by the container's port; what has the same one is sorted too, so that the order is the same
    /// on every runtime.
    fn order(&self) -> (u16, &str, u16, &str) {
        (self.target_port, &self.url, self.published_port, self.protocol)
    }
}

/// The containers of a project, sorted by name.
pub fn ps(
    project: &str,
    observed: &Observed,
    filter: &PsFilter,
    now: jiff::Timestamp,
) -> Vec<PsRow> {
    let wanted = |seen: &&ContainerInfo| {
        let service = service_of(seen).unwrap_or_default();
        let by_state = if filter.states.is_empty() {
            filter.all || seen.state.is_up()
        } else {
            filter.states.contains(&seen.state)
        };
        by_state
            && (filter.services.is_empty() || filter.services.contains(service))
            && filter.known.as_ref().is_none_or(|known| known.contains(service))
            && (filter.all || !is_oneoff(seen))
    };
    let mut found: Vec<&ContainerInfo> = observed.containers.values().filter(wanted).collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found.into_iter().map(|seen| row(project, seen, filter.no_trunc, now)).collect()
}

fn row(project: &str, seen: &ContainerInfo, whole: bool, now: jiff::Timestamp) -> PsRow {
    let cut = |text: &str, most| {
        if whole { text.to_owned() } else { words::ellipsis(text, most) }
    };
    let created: Option<jiff::Timestamp> = seen.created.parse().ok();
    let created_at = created.map(|at| at.strftime("%Y-%m-%d %H:%M:%S +0000 UTC").to_string());
    let ago = words::since(&seen.created, now).map(words::human_duration);
    let mut labels: Vec<(&String, &String)> = seen.labels.iter().collect();
    labels.sort();
    let mut mounts: Vec<_> = seen.mounts.iter().filter(|mount| mount.kind != "tmpfs").collect();
    mounts.sort_by(|a, b| a.target.cmp(&b.target));
    let mounts = mounts.into_iter();
    let mounts: Vec<String> =
        mounts.map(|mount| cut(mount.name.as_ref().unwrap_or(&mount.source), 15)).collect();
    let volumes = seen.mounts.iter().filter(|mount| mount.kind == "volume").count();
    let command = words::command(&seen.command);
    let mut publishers: Vec<Publisher> = Vec::new();
    for published in [true, false] {
        for port in seen.ports.iter().filter(|port| port.host.is_some() == published) {
            let url = match (published, port.ip) {
                (true, Some(ip)) => ip.to_string(),
                (true, None) => "0.0.0.0".to_owned(),
                (false, _) => String::new(),
            };
            publishers.push(Publisher {
                url,
                target_port: port.container,
                published_port: port.host.unwrap_or(0),
                protocol: port.protocol.as_str(),
            });
        }
    }
    publishers.sort_by(|a, b| a.order().cmp(&b.order()));
    let mut networks: Vec<&str> = seen.networks.keys().map(String::as_str).collect();
    networks.sort_unstable();
    PsRow {
        command: words::quoted(&cut(&command, 20)),
        created_at: created_at.unwrap_or_default(),
        exit_code: seen.exit_code.unwrap_or(0),
        health: seen.health.map_or("", perry_container_spec::Health::as_str).to_owned(),
        id: seen.id.chars().take(if whole { usize::MAX } else { 12 }).collect(),
        image: seen.image.clone(),
        labels: labels.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join(","),
        local_volumes: volumes.to_string(),
        mounts: mounts.join(","),
        name: seen.name.clone(),
        names: seen.name.clone(),
        networks: networks.join(","),
        ports: words::ports(&seen.ports),
        project: project.to_owned(),
        publishers,
        running_for: ago.map(|ago| format!("{ago} ago")).unwrap_or_default(),
        service: service_of(seen).unwrap_or_default().to_owned(),
        size: "0B".to_owned(),
        state: seen.state.as_str().to_owned(),
        status: words::status(seen, now),
    }
}
