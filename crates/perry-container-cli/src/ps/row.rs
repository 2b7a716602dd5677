//! One container as `ps` shows it.

use super::{
    human,
    ports::{self, Publisher},
};
use jiff::Timestamp;
use perry_container_compose::spec::ContainerInfo;
use serde::Serialize;

/// The fields in docker compose's names, order and shapes.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Row {
    command: String,
    created_at: String,
    exit_code: i32,
    health: String,
    #[serde(rename = "ID")]
    id: String,
    image: String,
    labels: String,
    local_volumes: String,
    mounts: String,
    pub(crate) name: String,
    names: String,
    networks: String,
    ports: String,
    project: String,
    publishers: Vec<Publisher>,
    running_for: String,
    pub(crate) service: String,
    size: String,
    state: String,
    status: String,
    #[serde(skip)]
    pairs: Vec<(String, String)>,
}

impl Row {
    /// `now` is what times are counted from; `whole` cuts nothing.
    pub(crate) fn new(info: &ContainerInfo, now: Timestamp, whole: bool) -> Self {
        let cut = |text: &str, width| if whole { text.to_owned() } else { ellipsis(text, width) };
        let label = |name: &str| info.labels.get(name).cloned().unwrap_or_default();
        let mut pairs: Vec<_> =
            info.labels.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
        pairs.sort_unstable();
        let labels: Vec<_> = pairs.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let mut networks: Vec<_> = info.networks.keys().map(String::as_str).collect();
        networks.sort_unstable();
        let mut mounts: Vec<_> = info.mounts.iter().collect();
        mounts.sort_by(|a, b| a.target.cmp(&b.target));
        let named = |mount: &&_| {
            let mount: &perry_container_compose::spec::MountInfo = mount;
            cut(mount.name.as_deref().filter(|name| !name.is_empty()).unwrap_or(&mount.source), 15)
        };
        let local = mounts.iter().filter(|mount| mount.kind == "volume").count();
        let publishers = ports::publishers(&info.ports);
        let running = human::since(&info.created, now);
        Self {
            command: quote(&cut(&command_line(&info.command), 20)),
            created_at: human::created_at(&info.created),
            exit_code: info.exit_code.unwrap_or_default(),
            health: info.health.map_or("", |health| health.as_str()).to_owned(),
            id: if whole { info.id.clone() } else { info.id.chars().take(12).collect() },
            image: info.image.clone(),
            labels: labels.join(","),
            local_volumes: local.to_string(),
            mounts: mounts.iter().map(named).collect::<Vec<_>>().join(","),
            name: info.name.clone(),
            names: info.name.clone(),
            networks: networks.join(","),
            ports: ports::text(&publishers),
            project: label("com.docker.compose.project"),
            publishers,
            running_for: running.map_or_else(String::new, |span| format!("{span} ago")),
            service: label("com.docker.compose.service"),
            size: "0B".to_owned(), // docker compose does not ask for sizes, so neither do we
            state: info.state.as_str().to_owned(),
            status: human::status(info, now),
            pairs,
        }
    }

    /// The text of a field in a template; `None` when there is no such field.
    pub(super) fn field(&self, name: &str) -> Option<String> {
        Some(match name {
            "Command" => self.command.clone(),
            "CreatedAt" => self.created_at.clone(),
            "ExitCode" => self.exit_code.to_string(),
            "Health" => self.health.clone(),
            "ID" => self.id.clone(),
            "Image" => self.image.clone(),
            "Labels" => self.labels.clone(),
            "LocalVolumes" => self.local_volumes.clone(),
            "Mounts" => self.mounts.clone(),
            "Name" => self.name.clone(),
            "Names" => self.names.clone(),
            "Networks" => self.networks.clone(),
            "Ports" => self.ports.clone(),
            "Project" => self.project.clone(),
            "Publishers" => {
                let all: Vec<_> = self.publishers.iter().map(ToString::to_string).collect();
                format!("[{}]", all.join(" "))
            }
            "RunningFor" => self.running_for.clone(),
            "Service" => self.service.clone(),
            "Size" => self.size.clone(),
            "State" => self.state.clone(),
            "Status" => self.status.clone(),
            _ => return None,
        })
    }

    /// The value of a label, empty when it has none of the name.
    pub(super) fn label(&self, name: &str) -> String {
        let found = self.pairs.iter().find(|(key, _)| key == name);
        found.map_or_else(String::new, |(_, value)| value.clone())
    }

    /// One line of JSON as Go prints it.
    pub(super) fn json(&self) -> String {
        go_json(self)
    }
}

/// Compact JSON with the characters escaped that Go escapes.
pub(super) fn go_json<T: Serialize>(value: &T) -> String {
    let text = serde_json::to_string(value).unwrap_or_default();
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '<' => safe.push_str("\\u003c"),
            '>' => safe.push_str("\\u003e"),
            '&' => safe.push_str("\\u0026"),
            '\u{2028}' => safe.push_str("\\u2028"),
            '\u{2029}' => safe.push_str("\\u2029"),
            _ => safe.push(letter),
        }
    }
    safe
}

/// Words with blanks in them are quoted as the engine does.
fn command_line(words: &[String]) -> String {
    let mut line = String::new();
    for (n, word) in words.iter().enumerate() {
        let gap = if n > 0 { " " } else { "" };
        let mark = if n > 0 && word.contains(' ') { "'" } else { "" };
        line.extend([gap, mark, word, mark]);
    }
    line
}

/// At most so many characters, the last of them `…` when something is cut.
fn ellipsis(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

/// Go's `%q`.
fn quote(text: &str) -> String {
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
