//! Every property path of the schema is held by the model, exercised by a case, and survives loading, printing and
//! loading again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use perry_container_compose::load::Steps;
use perry_container_compose::project::{ComposeProject, Env, Memory, ProjectOptions};
use perry_container_compose::yaml::{Kind, Node, parse_bytes, value_to_yaml};
use proptest::prelude::*;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::case::{self, Case};
use super::{all, ours};
use crate::workspace;

/// Where the value of a path is in a loaded model, when it is not at the path itself: the short form is made long, or
/// what the property asks for is done.
const ELSEWHERE: &[(&str, &str)] = &[
    ("configs.*.external.name", "configs.*.name"),
    ("networks.*.external.name", "networks.*.name"),
    ("secrets.*.external.name", "secrets.*.name"),
    ("volumes.*.external.name", "volumes.*.name"),
    ("include", "services.*"),
    ("include.[]", "services.*"),
    ("include.[].path", "services.*"),
    ("include.[].path.[]", "services.*"),
    ("include.[].env_file", "services.*.image"),
    ("include.[].env_file.[]", "services.*.image"),
    ("include.[].project_directory", "services.*"),
    ("services.*.extends", "services.*.image"),
    ("services.*.extends.file", "services.*.image"),
    ("services.*.extends.service", "services.*.image"),
    ("services.*.depends_on.[]", "services.*.depends_on.*"),
    ("services.*.models.[]", "services.*.models.*"),
    ("services.*.networks.[]", "services.*.networks.*"),
    ("services.*.env_file", "services.*.environment"),
    ("services.*.env_file.[]", "services.*.environment"),
    ("services.*.env_file.[].format", "services.*.environment"),
    ("services.*.env_file.[].path", "services.*.environment"),
    ("services.*.env_file.[].required", "services.*.environment"),
    ("services.*.extra_hosts.*", "services.*.extra_hosts.[]"),
    ("services.*.extra_hosts.*.[]", "services.*.extra_hosts.[]"),
    ("services.*.build.extra_hosts.*", "services.*.build.extra_hosts.[]"),
    ("services.*.build.extra_hosts.*.[]", "services.*.build.extra_hosts.[]"),
    ("services.*.build.ssh.*", "services.*.build.ssh.[]"),
    ("services.*.label_file", "services.*.labels"),
    ("services.*.label_file.[]", "services.*.labels"),
    // Obsolete: left out, with a warning.
    ("version", "services"),
];

struct Schema(BTreeSet<String>);

impl Schema {
    fn read() -> Self {
        let text = workspace::path("fixtures/compose/schema-paths.txt");
        let text = std::fs::read_to_string(text).unwrap();
        let paths = text.lines().filter(|line| !line.starts_with('#'));
        Self(paths.filter_map(|line| line.split('\t').next()).map(str::to_owned).collect())
    }

    /// The path of a child: a name the schema gives, else the user's.
    fn child(&self, path: &str, key: &str) -> Option<String> {
        let join =
            |last: &str| if path.is_empty() { last.to_owned() } else { format!("{path}.{last}") };
        [join(key), join("*")].into_iter().find(|path| self.0.contains(path))
    }

    fn walk_node(&self, node: &Node, path: &str, seen: &mut BTreeSet<String>) {
        match &node.kind {
            Kind::Map(map) => {
                for (key, entry) in map {
                    if let Some(path) = self.child(path, key) {
                        seen.insert(path.clone());
                        self.walk_node(&entry.value, &path, seen);
                    }
                }
            }
            Kind::Seq(items) => {
                let path = format!("{path}.[]");
                for item in items.iter().filter(|_| self.0.contains(&path)) {
                    seen.insert(path.clone());
                    self.walk_node(item, &path, seen);
                }
            }
            _ => {}
        }
    }

    fn walk_value(&self, value: &Value, path: &str, seen: &mut BTreeSet<String>) {
        match value {
            Value::Object(map) => {
                for (key, value) in map.iter().filter(|(_, value)| !value.is_null()) {
                    if let Some(path) = self.child(path, key) {
                        seen.insert(path.clone());
                        self.walk_value(value, &path, seen);
                    }
                }
            }
            Value::Array(items) => {
                let path = format!("{path}.[]");
                for item in items.iter().filter(|_| self.0.contains(&path)) {
                    seen.insert(path.clone());
                    self.walk_value(item, &path, seen);
                }
            }
            _ => {}
        }
    }
}

/// The paths in the compose files of a case.
fn exercised(case: &Case, schema: &Schema) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    for (path, content) in &case.files {
        if path.ends_with(".yaml") || path.ends_with(".yml") || path.ends_with(".json") {
            let nodes = parse_bytes(&content.bytes().unwrap(), None).unwrap_or_default();
            nodes.iter().for_each(|node| schema.walk_node(node, "", &mut seen));
        }
    }
    seen
}

/// The printed project, loaded from what was printed.
fn again(project: &ComposeProject, options: &ProjectOptions) -> Result<ComposeProject, String> {
    let printed = value_to_yaml(&project.spec().config_yaml());
    let file = project.working_dir.join("printed.yaml");
    let files: Memory = [(&file, printed)].into_iter().collect();
    // What was printed is interpolated already: every `$` in it is written twice.
    let options = ProjectOptions {
        files: vec![file.clone()],
        project_name: None,
        project_directory: Some(project.working_dir.clone()),
        env_files: Vec::new(),
        services: Vec::new(),
        profiles: vec!["*".to_owned()],
        steps: Steps { all_resources: true, ..options.steps },
        ..options.clone()
    };
    ComposeProject::open_from(&options, &files).map_err(|error| error.to_string())
}

#[test]
fn every_schema_path_is_held_exercised_and_survives() {
    let schema = Schema::read();
    assert_eq!(schema.0.len(), 484);
    let mut loaded = BTreeMap::<String, usize>::new();
    let (mut held, mut faults, mut survived) = (BTreeSet::new(), Vec::new(), 0);
    // Other cases have values on the border, which docker compose prints and does not read again.
    let plain = ["form", "v5", "long"];
    for case in all().unwrap() {
        // Refused by docker compose 2.40.3, but for what docker compose 5 added.
        let answer = case.expect.get("json");
        if case.rule() != "v5" && answer.is_none_or(|answer| answer.rc != 0) {
            continue;
        }
        let steps = case.config_args.iter().any(|word| word.starts_with("--"));
        let (Some((options, source)), false) = (ours::opened(&case).unwrap(), steps) else {
            continue;
        };
        let Ok(project) = ComposeProject::open_from(&options, &source) else { continue };
        for path in exercised(&case, &schema) {
            *loaded.entry(path).or_default() += 1;
        }
        let printed = project.spec().config_yaml();
        match again(&project, &options) {
            Ok(second) if second.spec().config_yaml() == printed => {
                survived += 1;
                schema.walk_value(&printed, "", &mut held);
            }
            _ if !plain.contains(&case.rule()) => {}
            Ok(second) => {
                let second = value_to_yaml(&second.spec().config_yaml());
                faults.push(format!("{}:\n{}\n--\n{second}", case.id, value_to_yaml(&printed)));
            }
            Err(error) => faults.push(format!("{}: {error}", case.id)),
        }
    }
    for path in &schema.0 {
        let place = ELSEWHERE.iter().find(|(short, _)| short == path);
        // A list `key=value` is printed as the mapping that the schema also takes.
        let mapping = path.strip_suffix(".[]").map(|parent| format!("{parent}.*"));
        let place = place.map_or(path.as_str(), |(_, place)| place);
        if !held.contains(place) && !mapping.is_some_and(|mapping| held.contains(&mapping)) {
            faults.push(format!("{path}: no model that survives holds it"));
        }
        if !loaded.contains_key(path) {
            faults.push(format!("{path}: no accepted case has it"));
        }
    }
    assert!(survived > 1500, "{survived}");
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

/// The compose files of cases as one project, the later over the earlier.
fn together(cases: &[&Case]) -> (ProjectOptions, Memory) {
    let mut files = Memory::default();
    let mut env = Env::new();
    let mut names = Vec::new();
    for (number, case) in cases.iter().enumerate() {
        for (path, content) in &case.files {
            let bytes = content.bytes().unwrap();
            if path == "compose.yaml" {
                names.push(PathBuf::from(format!("/p/{number}.yaml")));
                files.insert(format!("/p/{number}.yaml"), bytes);
            } else {
                files.insert(format!("/p/{path}"), bytes);
            }
        }
        for (name, value) in &case.env {
            env.set(name.as_str(), value.as_str());
        }
    }
    let mut options = ProjectOptions::new("/p", env);
    (options.files, options.steps.all_resources) = (names, true);
    (options, files)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..ProptestConfig::default() })]

    // Feature: perry-container, Property 6: For any valid ComposeSpec, calling to_yaml() then ComposeSpec::parse_str() on
    // the result SHALL produce a ComposeSpec equivalent to the original. Here: with any of all properties in any form,
    // as far as they may stand together.
    #[test]
    fn property_06_every_property_survives_yaml(seed in any::<u64>()) {
        let all = plain_cases();
        let mut order: Vec<&Case> = all.iter().collect();
        order.sort_by_cached_key(|case| Sha256::digest(format!("{seed} {}", case.id)).to_vec());
        let (mut chosen, mut project) = (Vec::new(), None);
        for case in order.into_iter().take(40) {
            chosen.push(case);
            let (options, files) = together(&chosen);
            match ComposeProject::open_from(&options, &files) {
                Ok(opened) => project = Some((opened, options)),
                Err(_) => drop(chosen.pop()),
            }
        }
        let (project, options) = project.expect("one case alone is a project");
        prop_assert!(chosen.len() > 12, "{} forms stand together", chosen.len());
        let printed = project.spec().config_yaml();
        let second = again(&project, &options).map_err(TestCaseError::fail)?;
        let ids: Vec<&str> = chosen.iter().map(|case| case.id.as_str()).collect();
        prop_assert_eq!(
            value_to_yaml(&second.spec().config_yaml()), value_to_yaml(&printed), "{}", ids.join(" ")
        );
        prop_assert_eq!(second.spec(), project.spec());
    }
}

/// Every property in each of its forms, one a case.
fn plain_cases() -> Vec<Case> {
    let accepted = |case: &Case| case.expect.get("json").is_some_and(|answer| answer.rc == 0);
    let cases = case::read(&workspace::path(super::GENERATED)).unwrap().into_iter();
    cases.filter(|case| case.rule() == "form" && accepted(case)).collect()
}
