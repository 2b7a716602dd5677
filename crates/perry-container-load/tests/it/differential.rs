//! Recorded answers of docker compose 2.40.3: 982 cases, one rule each, and some scenarios of several files.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    io::Read as _,
    path::{Path, PathBuf},
};

use perry_container_load::{Loaded, Memory, load};
use serde_json::Value;

use crate::discover::discover;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/compose")
}

fn cases() -> Vec<Value> {
    let packed = std::fs::read(fixtures().join("cases.jsonl.gz")).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(&packed[..]).read_to_string(&mut text).unwrap();
    text += &std::fs::read_to_string(fixtures().join("scenarios.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What a case should give and what it gave, when they differ.
fn differ(case: &Value) -> Option<String> {
    let id = case["id"].as_str().unwrap();
    let root = format!("/t/cases/{id}");
    let files: Memory = case["files"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(path, content)| {
            let bytes = match content {
                Value::String(text) => text.clone().into_bytes(),
                other => base64(other["base64"].as_str().unwrap()),
            };
            (format!("{root}/{path}"), bytes)
        })
        .collect();
    let texts = |key: &str| -> Vec<String> {
        case[key].as_array().unwrap().iter().map(|v| v.as_str().unwrap().to_owned()).collect()
    };
    let env: BTreeMap<String, String> = serde_json::from_value(case["env"].clone()).unwrap();
    let cwd = Path::new(&root).join(case["cwd"].as_str().unwrap());
    let cwd: PathBuf = cwd.components().collect();
    for (mode, expected) in case["expect"].as_object().unwrap() {
        // docker compose 2.40.3 ignores service arguments when it lists names.
        let lists = matches!(mode.as_str(), "services" | "volumes" | "networks" | "models");
        let services = if lists { Vec::new() } else { texts("config_args") };
        let given = discover(&cwd, &files, &env, &texts("args"), &services);
        let answer = given.and_then(|found| {
            load(&found.inputs, &found.options, &files).map_err(|error| error.to_string())
        });
        // Where docker compose crashes there is nothing to compare with.
        if expected["rc"] == 2 {
            continue;
        }
        let refused = expected["rc"] != 0;
        match (&answer, refused) {
            (Err(_), true) => {}
            (Ok(_), true) => {
                return Some(format!("must be refused: {}", expected["error"]));
            }
            (Err(error), false) => return Some(format!("refused: {error}")),
            (Ok(loaded), false) => {
                let Some(ours) = view(loaded, mode) else { continue };
                let ours = ours
                    .to_string()
                    .replace(&root, "${CASE}")
                    .replace("/home/u", "${HOME}")
                    .replace("/t/cases", "${TMP}");
                let ours: Value = serde_json::from_str(&ours).unwrap();
                let mut out = String::new();
                compare(&expected["value"], &ours, mode, &mut out);
                if !out.is_empty() {
                    return Some(out);
                }
            }
        }
    }
    None
}

/// What `docker compose config` shows of a model in a mode.
fn view(loaded: &Loaded, mode: &str) -> Option<Value> {
    let spec = &loaded.spec;
    let sorted = |mut names: Vec<String>| {
        names.sort();
        Some(Value::from(names))
    };
    match mode {
        "json" => Some(spec.config_json()),
        "services" => sorted(spec.services.keys().cloned().collect()),
        "volumes" => sorted(spec.volumes.keys().cloned().collect()),
        "networks" => sorted(spec.networks.keys().cloned().collect()),
        "models" => sorted(spec.models.keys().cloned().collect()),
        "profiles" => sorted(loaded.profiles.clone()),
        "images" => {
            let image = |(name, service): (&String, &perry_container_model::ComposeService)| {
                service.image.clone().unwrap_or_else(|| format!("{}-{name}", loaded.name))
            };
            sorted(spec.services.iter().map(image).collect())
        }
        // Hashes, the environment and the text are made elsewhere.
        _ => None,
    }
}

fn compare(expected: &Value, ours: &Value, path: &str, out: &mut String) {
    match (expected, ours) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for key in keys {
                let path = format!("{path}.{key}");
                match (a.get(key), b.get(key)) {
                    (Some(a), Some(b)) => compare(a, b, &path, out),
                    (Some(a), None) => writeln!(out, "{path}: missing {a}").unwrap(),
                    (None, Some(b)) => writeln!(out, "{path}: too much {b}").unwrap(),
                    (None, None) => {}
                }
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (number, (a, b)) in a.iter().zip(b).enumerate() {
                compare(a, b, &format!("{path}.{number}"), out);
            }
        }
        (Value::Number(a), Value::Number(b)) if a.as_f64() == b.as_f64() => {}
        (a, b) if a == b => {}
        (a, b) => writeln!(out, "{path}: {a} expected, {b} found").unwrap(),
    }
}

fn base64(text: &str) -> Vec<u8> {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut held, mut out) = (0u32, 0, Vec::new());
    for value in text.chars().filter_map(|c| alphabet.find(c)) {
        bits = (bits << 6) | u32::try_from(value).unwrap();
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push(u8::try_from((bits >> held) & 0xff).unwrap());
        }
    }
    out
}

#[test]
fn recorded_cases_give_docker_compose_s_answers() {
    // Those that differ on purpose are items of a list of the document, each with its id first.
    let list = fixtures().join("../../docs/differences.md");
    let list = std::fs::read_to_string(list).unwrap();
    let id = |line: &str| Some(line.strip_prefix("- `")?.split_once('`')?.0.to_owned());
    let expected: BTreeSet<String> = list.lines().filter_map(id).collect();
    let cases = cases();
    assert_eq!(cases.len(), 982 + 29);
    let (mut passed, mut wrong) = (0, String::new());
    for case in &cases {
        let id = case["id"].as_str().unwrap();
        match (differ(case), expected.get(id)) {
            (None, None) => passed += 1,
            (None, Some(_)) => {
                writeln!(wrong, "{id} passes now: take it off docs/differences.md").unwrap();
            }
            (Some(_), Some(_)) => {}
            (Some(difference), None) => {
                writeln!(wrong, "== {id}\n{}", difference.trim_end()).unwrap();
            }
        }
    }
    println!(
        "{passed} of {} cases as docker compose answers, {} known to differ",
        cases.len(),
        expected.len()
    );
    assert!(wrong.is_empty(), "{wrong}");
}
