//! `events`.

use super::{at, first, labels, text, time};
use indexmap::IndexMap;
use perry_container_spec::{EventOptions, Health, RuntimeEvent, RuntimeEventKind, Selector};
use serde_json::Value;

/// An event of a container; `None` for what is none, or not among those selected.
///
/// docker: `{Type, Action, Actor: {ID, Attributes: {name, image, exitCode, labels...}}, timeNano}`; podman 4: `{ID, Name,
/// Status, Time: RFC 3339, Type, Attributes: labels}`; podman 5: `time` and `timeNano` like docker.
pub(crate) fn event(value: &Value, of: &Selector, how: &EventOptions) -> Option<RuntimeEvent> {
    if !matches!(first(value, &["Type", "type"]), "container") {
        return None;
    }
    let actor = &value["Actor"];
    let mut attributes =
        labels(if actor.is_object() { &actor["Attributes"] } else { &value["Attributes"] });
    let id = if actor.is_object() { text(actor, &["ID"]) } else { first(value, &["ID", "id"]) };
    let named = if actor.is_object() { attributes.shift_remove("name") } else { None };
    let code = value["ContainerExitCode"]
        .as_i64()
        .or_else(|| attributes.get("exitCode")?.parse().ok())
        .and_then(|code| i32::try_from(code).ok());
    let mut own = IndexMap::new();
    for key in RuntimeEvent::ATTRIBUTES.into_iter().filter(|_| actor.is_object()) {
        own.extend(attributes.shift_remove(key).map(|value| (key.to_owned(), value)));
    }
    if !actor.is_object() {
        let image = text(value, &["Image"]);
        own.extend((!image.is_empty()).then(|| ("image".to_owned(), image.to_owned())));
    }
    let kind = kind(first(value, &["Action", "Status", "status"]), value, code);
    if let RuntimeEventKind::Die(Some(code)) = kind {
        own.entry("exitCode".to_owned()).or_insert_with(|| code.to_string());
    }
    // podman takes several labels for alternatives, and some of its events have none
    if !attributes.is_empty() && !of.matches(&attributes) {
        return None;
    }
    let nanos = value["timeNano"].as_i64().map(i128::from);
    let at_time = nanos.and_then(|nanos| jiff::Timestamp::from_nanosecond(nanos).ok());
    let at_time = at_time.or_else(|| text(value, &["Time"]).parse().ok());
    let until = how.until.as_ref().and_then(|until| until.parse().ok());
    if at_time.is_some_and(|time: jiff::Timestamp| until.is_some_and(|until| time > until)) {
        return None;
    }
    Some(RuntimeEvent {
        time: at_time.map_or_else(|| time(text(value, &["Time"])), |time| time.to_string()),
        kind,
        id: id.to_owned(),
        name: named.unwrap_or_else(|| text(value, &["Name"]).to_owned()),
        labels: attributes,
        attributes: own,
    })
}

/// An event of containerd, as nerdctl prints it: `{Timestamp, ID, Namespace, Topic: "/tasks/exit", Event: "{...}"}`. It
/// names its container by the id alone.
pub(crate) fn of_containerd(value: &Value) -> Option<RuntimeEvent> {
    use RuntimeEventKind as Kind;
    let event: Value = serde_json::from_str(text(value, &["Event"])).ok()?;
    let id = first(&event, &["container_id", "id"]);
    let kind = match text(value, &["Topic"]) {
        "/containers/create" => Kind::Create,
        "/containers/delete" => Kind::Destroy,
        "/containers/update" => Kind::Other("update".to_owned()),
        "/tasks/start" => Kind::Start,
        // commands in a container end, too: they have an id of their own
        "/tasks/exit" if text(&event, &["id"]) == id => {
            // a zero is left out
            let code = event["exit_status"].as_i64().unwrap_or_default();
            Kind::Die(i32::try_from(code).ok())
        }
        "/tasks/oom" => Kind::Oom,
        "/tasks/paused" => Kind::Pause,
        "/tasks/resumed" => Kind::Unpause,
        _ => return None,
    };
    let code = match kind {
        Kind::Die(code) => Some(("exitCode".to_owned(), code.unwrap_or_default().to_string())),
        _ => None,
    };
    (!id.is_empty()).then(|| RuntimeEvent {
        time: time(text(value, &["Timestamp"])),
        kind,
        id: id.to_owned(),
        name: String::new(),
        labels: IndexMap::new(),
        attributes: code.into_iter().collect(),
    })
}

fn kind(word: &str, value: &Value, code: Option<i32>) -> RuntimeEventKind {
    use RuntimeEventKind as Kind;
    let health = |word: &str| match word.trim() {
        "healthy" => Some(Health::Healthy),
        "unhealthy" => Some(Health::Unhealthy),
        "starting" => Some(Health::Starting),
        _ => None,
    };
    match word {
        "create" => Kind::Create,
        "start" => Kind::Start,
        "die" | "died" => Kind::Die(code),
        "stop" => Kind::Stop,
        "kill" => Kind::Kill,
        "pause" => Kind::Pause,
        "unpause" => Kind::Unpause,
        "restart" => Kind::Restart,
        "rename" => Kind::Rename,
        "destroy" | "remove" => Kind::Destroy,
        "oom" => Kind::Oom,
        _ => {
            // docker: `health_status: healthy`; podman: `health_status` and a field
            let rest = word.strip_prefix("health_status");
            let said = rest.and_then(|rest| {
                health(rest.trim_start_matches(':')).or_else(|| {
                    let fields = ["HealthStatus", "health_status"];
                    health(first(value, &fields))
                        .or_else(|| health(text(at(value, &["Attributes"]), &["health_status"])))
                })
            });
            said.map_or_else(|| Kind::Other(word.to_owned()), Kind::Health)
        }
    }
}
