//! What happens at an engine.

use crate::{
    SocketBackend,
    ask::{Ask, Patience},
    engine,
    fault::Flavour,
    frames, moment,
};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use indexmap::IndexMap;
use jiff::Timestamp;
use perry_container_backend::{Flow, Result};
use perry_container_spec::{
    EventOptions, Health, RuntimeEvent, RuntimeEventKind as Kind, Selector,
};
use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Message {
    #[serde(rename = "Action")]
    action: String,
    #[serde(rename = "Actor")]
    actor: Actor,
    time: i64,
    #[serde(rename = "timeNano")]
    nanos: i64,
    /// podman tells the health of a check here.
    #[serde(rename = "HealthStatus")]
    health: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Actor {
    #[serde(rename = "ID")]
    id: String,
    #[serde(rename = "Attributes")]
    attributes: Option<IndexMap<String, String>>,
}

/// Attributes that are neither labels nor docker's.
const OTHER: [&str; 3] = ["name", "containerExitCode", "podId"];

const LINE: usize = 1 << 20;

fn health(word: &str) -> Option<Health> {
    match word.trim() {
        "starting" => Some(Health::Starting),
        "healthy" => Some(Health::Healthy),
        "unhealthy" => Some(Health::Unhealthy),
        _ => None,
    }
}

fn kind(action: &str, told: &str, attributes: &IndexMap<String, String>) -> Kind {
    let code = || {
        let code = ["exitCode", "containerExitCode"].iter().find_map(|key| attributes.get(*key));
        code.and_then(|code| code.parse().ok())
    };
    match action {
        "create" => Kind::Create,
        "start" => Kind::Start,
        "die" | "died" => Kind::Die(code()),
        "stop" => Kind::Stop,
        "kill" => Kind::Kill,
        "pause" => Kind::Pause,
        "unpause" => Kind::Unpause,
        "restart" => Kind::Restart,
        "rename" => Kind::Rename,
        "destroy" | "remove" => Kind::Destroy,
        "oom" => Kind::Oom,
        other => {
            let word = other.strip_prefix("health_status").map(|rest| rest.trim_start_matches(':'));
            let word = word.map(|word| if word.is_empty() { told } else { word });
            word.and_then(health).map_or_else(|| Kind::Other(other.to_owned()), Kind::Health)
        }
    }
}

fn event(message: Message) -> RuntimeEvent {
    let mut attributes = message.actor.attributes.unwrap_or_default();
    let kind = kind(&message.action, &message.health, &attributes);
    let name = attributes.get("name").cloned().unwrap_or_default();
    attributes.retain(|key, _| !OTHER.contains(&key.as_str()));
    let mut own = IndexMap::new();
    for key in RuntimeEvent::ATTRIBUTES {
        own.extend(attributes.shift_remove(key).map(|value| (key.to_owned(), value)));
    }
    if let Kind::Die(Some(code)) = kind {
        own.entry("exitCode".to_owned()).or_insert_with(|| code.to_string());
    }
    let time = if message.nanos == 0 {
        moment::unix(message.time)
    } else {
        moment::unix_nanos(message.nanos)
    };
    RuntimeEvent { time, kind, id: message.actor.id, name, labels: attributes, attributes: own }
}

impl SocketBackend {
    /// From the second in which this is called unless an earlier one is asked for: an engine sends the head of its answer
    /// before it listens, and what happens between is in its history.
    pub(crate) async fn open_events(
        &self,
        of: &Selector,
        how: &EventOptions,
    ) -> Result<Flow<RuntimeEvent>> {
        let now = self.wire.send(engine::ping(&self.wire.endpoint)).await?;
        let now = now.date().and_then(moment::http_date);
        let labels = of
            .labels
            .iter()
            .map(|(key, value)| {
                value.as_ref().map_or_else(|| key.clone(), |value| format!("{key}={value}"))
            })
            .collect();
        let mut ask = Ask::get("follow", "events")
            .at("events")
            .filters(&[("type", vec!["container".into()]), ("label", labels)])
            .patience(Patience::Endless);
        let since = how.since.as_deref().map(moment::since);
        if let Some(since) = since.or_else(|| now.map(|now| now.to_string())) {
            ask = ask.query("since", &since);
        }
        if let Some(until) = &how.until {
            ask = match self.engine.flavour {
                // podman 4.3.1 tells nothing up to a time that is over.
                Flavour::Podman if how.over => ask.query("stream", "false"),
                _ => ask.query("until", &moment::since(until)),
            };
        }
        let answer = self.wire.send(ask).await?;
        let first = RuntimeEvent::subscribed(now.map(moment::unix).unwrap_or_default());
        // podman 4.3.1 knows no filter of labels for events of its past; what does not fit is left out here too.
        let of = of.clone();
        let until = how.until.as_ref().and_then(|until| until.parse::<Timestamp>().ok());
        let fits = move |event: &RuntimeEvent| {
            let time = event.time.parse::<Timestamp>().ok();
            let late = time.is_some_and(|time| until.is_some_and(|until| time > until));
            std::future::ready(of.matches(&event.labels) && !late)
        };
        let rest = frames::values::<Message>(answer.flow(), LINE, "follow", "events").map_ok(event);
        Ok(stream::iter([Ok(first)]).chain(rest.try_filter(fits)).boxed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_of_both_engines() {
        let tell = |json: &str| {
            let e = event(serde_json::from_str(json).unwrap());
            format!("{} {:?} {} {:?}", e.time, e.kind, e.name, e.labels)
        };
        assert_eq!(
            tell(
                r#"{"status":"die","id":"ab","Type":"container","Action":"die","Actor":{"ID":"ab","Attributes":
                {"exitCode":"3","image":"x","name":"web","a":"b"}},"time":1795553676,"timeNano":1795553676123456789}"#
            ),
            r#"2026-11-24T20:54:36.123456789Z Die(Some(3)) web {"a": "b"}"#
        );
        assert_eq!(
            tell(
                r#"{"Type":"container","Action":"died","Actor":{"ID":"ab","Attributes":{"containerExitCode":"0"}},"time":1795553676}"#
            ),
            "2026-11-24T20:54:36Z Die(Some(0))  {}"
        );
        assert_eq!(tell(r#"{"Action":"health_status: unhealthy"}"#), " Health(Unhealthy)  {}");
        assert_eq!(
            tell(r#"{"Action":"health_status","HealthStatus":"healthy"}"#),
            " Health(Healthy)  {}"
        );
        assert_eq!(tell(r#"{"Action":"exec_create: sh"}"#), " Other(\"exec_create: sh\")  {}");
    }
}
