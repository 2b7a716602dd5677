//! Every property path of the specification's schema has a place in the model.

use crate::text_fixture;
use perry_container_model::{ComposeSpec, strategies::text};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Short forms that loading turns into a long one, and the path that then holds the value.
const RESOLVED: &[(&str, &str)] = &[
    ("configs.*.external.name", "configs.*.name"),
    ("networks.*.external.name", "networks.*.name"),
    ("secrets.*.external.name", "secrets.*.name"),
    ("volumes.*.external.name", "volumes.*.name"),
    ("services.*.depends_on.[]", "services.*.depends_on.*"),
    ("services.*.networks.[]", "services.*.networks.*"),
    ("services.*.models.[]", "services.*.models.*"),
];

/// Properties without which their mapping is none.
const REQUIRED: &[(&str, &str, &str)] = &[
    ("services.*.depends_on.*", "condition", "service_started"),
    ("services.*.develop.watch.[]", "action", "sync"),
    ("services.*.env_file.[]", "path", "p"),
    ("services.*.extends", "service", "s"),
    ("services.*.provider", "type", "t"),
    ("services.*.volumes.[]", "type", "volume"),
];

/// Values with a grammar: how they are written and how they are printed.
fn special(path: &str) -> Option<(Value, Value)> {
    let same = |text: &str| Some((json!(text), json!(text)));
    let size = Some((json!("1k"), json!("1024")));
    let text = Some((json!(true), json!("true")));
    if path.ends_with(".external") {
        return Some((json!(true), json!(true)));
    }
    let last = path.rsplit('.').next().unwrap_or_default();
    match path {
        "services.*.depends_on.*.condition" => return same("service_healthy"),
        "services.*.depends_on.*.required" | "services.*.env_file.[].required" => {
            return Some((json!(false), json!(false)));
        }
        "services.*.develop.watch.[].action" => return same("sync+exec"),
        "services.*.pull_policy" => return same("weekly"),
        "services.*.volumes.[].type" => return same("bind"),
        "services.*.volumes.[].tmpfs.mode" => return None,
        "services.*.build.ssh.[]" => return same("k=v"),
        "services.*.build.provenance" | "services.*.build.sbom" => return text,
        "services.*.env_file.[].format" => return same("raw"),
        "services.*.ports.[].published" => return Some((json!(80), json!("80"))),
        "services.*.expose.[]" | "services.*.group_add.[]" => {
            return Some((json!(80), json!("80")));
        }
        _ => {}
    }
    if path.ends_with("extra_hosts.[]") {
        return Some((json!("k:1.1.1.1"), json!("k=1.1.1.1")));
    }
    match last {
        "interval" | "timeout" | "start_period" | "start_interval" | "delay" | "window"
        | "monitor" | "stop_grace_period" => Some((json!("90s"), json!("1m30s"))),
        "mem_limit" | "mem_reservation" | "memswap_limit" | "mem_swappiness" | "shm_size"
        | "memory" | "size" | "rate" => size,
        "mode" if path.contains("secrets.") || path.contains("configs.") => {
            Some((json!(0o440), json!("0440")))
        }
        _ => None,
    }
}

/// A value of one of the types the schema names, and how it is printed.
fn sample(path: &str, types: &str) -> (Value, Value) {
    if let Some(special) = special(path) {
        return special;
    }
    let has = |name| types.split(',').any(|one| one == name);
    let keyed = path.ends_with(".*") || path.ends_with("options.*.[]");
    if has("object") {
        return (json!({}), Value::Null);
    }
    if has("array") {
        return (json!([]), Value::Null);
    }
    if has("boolean") && !keyed {
        return (json!(true), json!(true));
    }
    if (has("integer") || has("number")) && !keyed {
        return (json!(5), json!(5));
    }
    if has("number") {
        return (json!(5), json!("5"));
    }
    (json!("text"), json!("text"))
}

/// The document that holds a value at a path, with what its mappings require.
fn document(path: &str, leaf: Value) -> Value {
    let mut value = leaf;
    let segments: Vec<&str> = path.split('.').collect();
    for at in (0..segments.len()).rev() {
        let here = segments[..=at].join(".");
        if let Value::Object(map) = &mut value {
            for (_, key, required) in REQUIRED.iter().filter(|(of, ..)| *of == here) {
                map.entry(*key).or_insert_with(|| json!(required));
            }
        }
        value = match segments[at] {
            "[]" => json!([value]),
            "*" => json!({"k": value}),
            name => json!({name: value}),
        };
    }
    value
}

/// The value at a path of a document. Lists `name=value` are where the schema also allows a mapping.
fn at<'a>(document: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(document, |value, segment| match segment {
        "[]" => value.get(0),
        "*" => value.get("k"),
        name => value.get(name),
    })
}

#[test]
fn every_schema_path_has_a_place() {
    let text = text_fixture("schema-paths.txt");
    let paths: BTreeMap<&str, &str> = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let mut columns = line.split('\t');
            (columns.next().unwrap_or_default(), columns.next().unwrap_or_default())
        })
        .collect();
    assert_eq!(paths.len(), 484);
    let mut missing = Vec::new();
    for (path, types) in &paths {
        if let Some((_, long)) = RESOLVED.iter().find(|(short, _)| short == path) {
            assert!(paths.contains_key(long), "{long}");
            continue;
        }
        // A path alone is printed as text, which `services.*.env_file.[]` shows.
        if *path == "services.*.env_file.[].path" {
            continue;
        }
        if let Err(why) = survives(path, types, &paths) {
            missing.push(format!("{path}: {why}"));
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

fn survives(path: &str, types: &str, paths: &BTreeMap<&str, &str>) -> Result<(), String> {
    let (mut input, mut printed) = sample(path, types);
    // A list `key=value` where the schema also has a mapping: the mapping is what is printed.
    let mut shown = path.to_owned();
    if let Some(parent) = path.strip_suffix(".[]") {
        let mapping = format!("{parent}.*");
        if paths.contains_key(mapping.as_str())
            && !path.ends_with("ssh.[]")
            && !path.ends_with("extra_hosts.[]")
        {
            (input, printed, shown) = (json!("k=v"), json!("v"), mapping);
        }
    }
    for (mapping, text) in
        [("ssh.*", "k=text"), ("extra_hosts.*", "k=text"), ("extra_hosts.*.[]", "k=text")]
    {
        if path.ends_with(mapping) {
            let name =
                path.split('.').find(|segment| mapping.starts_with(segment)).unwrap_or_default();
            let parent = &path[..path.find(name).unwrap_or_default() + name.len()];
            (printed, shown) = (json!(text), format!("{parent}.[]"));
            input = if path.ends_with("[]") || path.ends_with("ssh.*") {
                json!("text")
            } else {
                json!(["text"])
            };
        }
    }
    let spec: ComposeSpec =
        serde_json::from_value(document(path, input)).map_err(|error| error.to_string())?;
    let out = serde_json::to_value(&spec).map_err(|error| error.to_string())?;
    // An empty mapping or list is only a place for what is below it, which has a path of its own.
    if printed.is_null() {
        return Ok(());
    }
    match at(&out, &shown) {
        Some(value) if *value == printed => Ok(()),
        found => Err(format!("expected {printed} at {shown}, found {found:?} in {out}")),
    }
}

/// `x-` properties are kept in every mapping that has a type of its own.
#[test]
fn every_mapping_keeps_its_extensions() {
    let text = text_fixture("schema-paths.txt");
    let all: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split('\t').next())
        .collect();
    let mut seen = 0;
    for path in &all {
        // A mapping with named properties, as opposed to one with the user's keys.
        let below = format!("{path}.");
        let typed = all.iter().any(|other| {
            other.strip_prefix(&below).is_some_and(|rest| !rest.starts_with(['*', '[']))
        });
        if !typed || path.ends_with("external") || *path == "services.*.env_file.[]" {
            continue;
        }
        let mut mapping = Map::new();
        mapping.insert("x-kept".to_owned(), json!({"a": [1]}));
        let spec: ComposeSpec = serde_json::from_value(document(path, Value::Object(mapping)))
            .unwrap_or_else(|error| panic!("{path}: {error}"));
        let out = serde_json::to_value(&spec).expect("JSON");
        assert_eq!(at(&out, &format!("{path}.x-kept")), Some(&json!({"a": [1]})), "{path}");
        assert!(
            !spec.config_json().to_string().contains("x-kept"),
            "{path}: docker compose prints none below the top"
        );
        seen += 1;
    }
    assert!(seen > 45, "{seen}");
}

/// Two documents as one: members of both, items one behind the other.
fn put(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                match into.get_mut(&key) {
                    Some(known) => put(known, value),
                    None => drop(into.insert(key, value)),
                }
            }
        }
        (Value::Array(into), Value::Array(from)) => into.extend(from),
        // A short form beside a long one: the first stays.
        _ => {}
    }
}

/// A project that has some of all properties, each with a value of one of its types.
fn every_property() -> impl Strategy<Value = (Value, ComposeSpec)> {
    let fixture = text_fixture("schema-paths.txt");
    let rows: Vec<(String, String)> = fixture
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let mut columns = line.split('\t');
            Some((columns.next()?.to_owned(), columns.next()?.to_owned()))
        })
        .collect();
    let chosen = proptest::sample::subsequence(rows, 1..=80);
    // As in docker compose a mapping may give a host no address, which its text then lacks.
    let text = text().prop_filter("something", |text| !text.is_empty());
    (chosen, proptest::collection::vec(text, 8)).prop_filter_map(
        "forms that exclude each other",
        |(rows, texts)| {
            let mut texts = texts.iter().cycle();
            let mut all = json!({});
            for (path, types) in rows {
                let (mut input, _) = sample(&path, &types);
                if input == json!("text")
                    && let Some(text) = texts.next()
                {
                    input = json!(text);
                }
                let one = document(&path, input);
                let mut both = all.clone();
                put(&mut both, one);
                if serde_json::from_value::<ComposeSpec>(both.clone()).is_ok() {
                    all = both;
                }
            }
            let spec = serde_json::from_value(all.clone()).ok()?;
            Some((all, spec))
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    // Feature: perry-container, Property 5: For any valid ComposeSpec object, serializing to JSON and deserializing
    // back SHALL produce an equivalent ComposeSpec with all fields preserved. Here: with any of all properties.
    #[test]
    fn property_05_every_property_survives_json((_, spec) in every_property()) {
        let text = serde_json::to_string(&spec).expect("JSON");
        let again: ComposeSpec = serde_json::from_str(&text).expect("its own JSON");
        prop_assert_eq!(&again, &spec);
        prop_assert_eq!(serde_json::to_string(&again).expect("JSON"), text);
        // What is printed is read as a project that prints the same.
        let printed = spec.config_yaml();
        let again: ComposeSpec = serde_json::from_value(crate::unescaped(printed.clone())).expect("its own");
        prop_assert_eq!(again.config_yaml(), printed);
    }
}

/// The strategy makes projects of all properties, and of many at once.
#[test]
fn every_property_is_generated() {
    use proptest::strategy::ValueTree as _;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let strategy = every_property();
    let (mut most, mut seen) = (0, BTreeSet::new());
    for _ in 0..60 {
        let (document, _) = strategy.new_tree(&mut runner).expect("a project").current();
        let mut paths = BTreeSet::new();
        leaves(&document, "", &mut paths);
        most = most.max(paths.len());
        seen.extend(paths);
    }
    assert!(most > 40 && seen.len() > 380, "{most} at once, {} in all", seen.len());
}

fn leaves(value: &Value, path: &str, seen: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            map.iter().for_each(|(key, value)| leaves(value, &format!("{path}.{key}"), seen));
        }
        Value::Array(items) if !items.is_empty() => {
            items.iter().for_each(|value| leaves(value, &format!("{path}.[]"), seen));
        }
        _ => drop(seen.insert(path.to_owned())),
    }
}
