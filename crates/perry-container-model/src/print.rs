//! What `docker compose config` prints.

use crate::object::Bare as _;
use crate::spec::ComposeSpec;
use indexmap::IndexMap;
use serde::Serialize;
use serde_json::{Map, Value};

impl ComposeSpec {
    /// What `docker compose config --format json` prints: keys sorted where they are the user's, without `models` and
    /// without `x-` properties below the top, every `$` in a text doubled, so that reading it again gives the same.
    ///
    /// Values of variables are in it, for this is the one place that shows them.
    pub fn config_json(&self) -> Value {
        let mut spec = self.printable();
        let extensions = std::mem::take(&mut spec.extensions);
        spec.bare();
        spec.extensions = extensions;
        spec.models.clear();
        let mut value = go_value(&spec);
        if let Value::Object(top) = &mut value {
            top.sort_keys();
        }
        escape_dollars(&mut value);
        value
    }

    /// What `docker compose config` prints as YAML: as the JSON, but with `models` and every `x-` property, services
    /// first, and without what is null or empty by default. Loading it again gives this project.
    pub fn config_yaml(&self) -> Value {
        let mut value = to_value(&self.printable());
        if let Value::Object(top) = &mut value {
            for service in members(top.get_mut("services")) {
                tidy_service(service);
            }
            for network in members(top.get_mut("networks")) {
                remove_empty(network, "ipam");
            }
        }
        escape_dollars(&mut value);
        value
    }

    /// A copy in the order of keys that docker compose prints, without what it never prints.
    fn printable(&self) -> Self {
        let mut spec = self.clone();
        for service in spec.services.values_mut() {
            service.depends_on.sort_unstable_keys();
            service.networks.sort_unstable_keys();
            service.models.sort_unstable_keys();
            service.ulimits.sort_unstable_keys();
            service.extensions.sort_unstable_keys();
            service.extensions.values_mut().for_each(Value::sort_all_objects);
            if let Some(build) = &mut service.build {
                build.ulimits.sort_unstable_keys();
            }
        }
        for config in spec.configs.values_mut() {
            let from_variable = config.environment.is_some();
            let _hidden =
                config.content.take_if(|content| from_variable || content.expose().is_empty());
        }
        sort(&mut spec.services);
        sort(&mut spec.networks);
        sort(&mut spec.volumes);
        sort(&mut spec.secrets);
        sort(&mut spec.configs);
        sort(&mut spec.models);
        sort(&mut spec.extensions);
        spec.extensions.values_mut().for_each(Value::sort_all_objects);
        spec
    }
}

fn sort<T>(map: &mut IndexMap<String, T>) {
    map.sort_unstable_keys();
}

pub(crate) fn to_value(value: &impl Serialize) -> Value {
    let value = serde_json::to_value(value);
    debug_assert!(value.is_ok(), "the keys of the model are texts and its numbers are finite");
    value.unwrap_or_default()
}

/// As JSON with the spelling of Go's structs: the limits of block devices have no names of their own there. Of a
/// service or a project.
pub(crate) fn go_value(value: &impl Serialize) -> Value {
    let mut value = to_value(value);
    if let Value::Object(top) = &mut value {
        capitalise_blkio(top);
        members(top.get_mut("services")).for_each(capitalise_blkio);
    }
    value
}

fn capitalise_blkio(service: &mut Map<String, Value>) {
    for list in values(service.get_mut("blkio_config")) {
        let Value::Array(devices) = list else { continue };
        for device in devices.iter_mut().filter_map(Value::as_object_mut) {
            *device = std::mem::take(device)
                .into_iter()
                .map(|(key, value)| match key.as_str() {
                    "path" => ("Path".to_owned(), value),
                    "rate" => ("Rate".to_owned(), value),
                    "weight" => ("Weight".to_owned(), value),
                    _ => (key, value),
                })
                .collect();
        }
    }
}

fn tidy_service(service: &mut Map<String, Value>) {
    for key in ["command", "entrypoint"] {
        if service.get(key).is_some_and(Value::is_null) {
            service.shift_remove(key);
        }
    }
    if let Some(Value::Object(deploy)) = service.get_mut("deploy") {
        remove_empty(deploy, "placement");
        remove_empty(deploy, "resources");
    }
    if let Some(Value::Object(develop)) = service.get_mut("develop")
        && let Some(Value::Array(watch)) = develop.get_mut("watch")
    {
        for trigger in watch.iter_mut().filter_map(Value::as_object_mut) {
            let nothing = trigger
                .get("exec")
                .is_some_and(|exec| *exec == serde_json::json!({"command": null}));
            if nothing {
                trigger.shift_remove("exec");
            }
        }
    }
    both_limits(service.get_mut("ulimits"));
    both_limits(service.get_mut("build").and_then(|build| build.get_mut("ulimits")));
}

/// In YAML a limit of zero is written.
fn both_limits(ulimits: Option<&mut Value>) {
    for limit in members(ulimits) {
        for key in ["soft", "hard"] {
            limit.entry(key).or_insert_with(|| 0.into());
        }
    }
}

fn remove_empty(map: &mut Map<String, Value>, key: &str) {
    if map.get(key).and_then(Value::as_object).is_some_and(Map::is_empty) {
        map.shift_remove(key);
    }
}

/// The values of a mapping.
fn values(value: Option<&mut Value>) -> impl Iterator<Item = &mut Value> {
    value.and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut)
}

/// The values of a mapping that are mappings themselves.
fn members(value: Option<&mut Value>) -> impl Iterator<Item = &mut Map<String, Value>> {
    values(value).filter_map(Value::as_object_mut)
}

/// Doubles every `$` in the texts of a value, keys left alone, so that interpolating it gives the value again.
pub fn escape_dollars(value: &mut Value) {
    match value {
        Value::String(text) if text.contains('$') => *text = text.replace('$', "$$"),
        Value::Array(items) => items.iter_mut().for_each(escape_dollars),
        Value::Object(map) => map.values_mut().for_each(escape_dollars),
        _ => {}
    }
}
