//! `events`: what happened, as docker compose tells it.

use jiff::{
    Timestamp,
    civil::DateTime,
    tz::{Offset, TimeZone},
};
use perry_container_reconcile::{is_compose_label, service_in};
use perry_container_spec::RuntimeEvent;
use serde::Serialize;
use std::collections::BTreeMap;

/// One event. Serialised it is a line of docker compose's `events --json`: its names, their order, its texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EventRow {
    /// `start`, `health_status: healthy`, `exec_create: sh -c true`: docker's word, the runtime's own where docker has none.
    pub action: String,
    /// Labels of the container that are its own, and what else the runtime says: `image`, `name`, `exitCode`, ...
    pub attributes: BTreeMap<String, String>,
    /// The container.
    pub id: String,
    /// The service.
    pub service: String,
    /// RFC 3339 with its zone; empty where the runtime says none.
    pub time: String,
    /// `container`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    #[serde(skip)]
    stamp: String,
}

impl EventRow {
    /// `2026-11-24 23:46:36.918528 container start 70ceeb (image=x, name=y)`.
    pub fn text(&self) -> String {
        let pairs: Vec<String> =
            self.attributes.iter().map(|(key, value)| format!("{key}={value}")).collect();
        format!("{} container {} {} ({})", self.stamp, self.action, self.id, pairs.join(", "))
    }
}

/// An event for people in this zone.
pub fn event_row(event: &RuntimeEvent, zone: &TimeZone) -> EventRow {
    let own = event.labels.iter().filter(|(key, _)| !is_compose_label(key));
    let mut attributes: BTreeMap<String, String> =
        own.chain(&event.attributes).map(|(key, value)| (key.clone(), value.clone())).collect();
    if !event.name.is_empty() {
        attributes.insert("name".to_owned(), event.name.clone());
    }
    let time = event.time.parse::<Timestamp>().ok();
    let time = time.map(|time| (zone.to_datetime(time), zone.to_offset(time)));
    EventRow {
        action: event.kind.word().into_owned(),
        attributes,
        id: event.id.clone(),
        service: service_in(&event.labels).unwrap_or_default().to_owned(),
        time: time.map(rfc3339).unwrap_or_default(),
        kind: "container",
        stamp: time
            .map(|(time, _)| time.strftime("%Y-%m-%d %H:%M:%S%.6f").to_string())
            .unwrap_or_default(),
    }
}

/// As Go prints it: `Z` in UTC, else the offset; no more digits than it takes.
fn rfc3339((time, offset): (DateTime, Offset)) -> String {
    let nanos = format!("{:09}", time.subsec_nanosecond());
    let nanos = nanos.trim_end_matches('0');
    let dot = if nanos.is_empty() { "" } else { "." };
    let zone = match offset.seconds() {
        0 => "Z".to_owned(),
        seconds => {
            let (sign, minutes) = (if seconds < 0 { '-' } else { '+' }, seconds.abs() / 60);
            format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
        }
    };
    format!("{}{dot}{nanos}{zone}", time.strftime("%Y-%m-%dT%H:%M:%S"))
}
