//! Every recorded project, opened as docker compose 2.40.3 was asked to.

use perry_container_project::{ComposeProject, Env, Memory, ProjectOptions};
use serde_json::Value;
use std::io::Read as _;

/// What a case says on its command line, before and after `config`.
fn options(case: &Value, directory: &str) -> ProjectOptions {
    let texts = |list: &Value| -> Vec<String> {
        list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let mut env: Env = [("HOME", "/home"), ("PATH", "/bin")].into_iter().collect();
    for (name, value) in case["env"].as_object().into_iter().flatten() {
        env.set(name, place(value.as_str().unwrap_or_default(), directory));
    }
    let here = match case["cwd"].as_str().unwrap_or(".") {
        "." => directory.to_owned(),
        below => format!("{directory}/{below}"),
    };
    let mut options = ProjectOptions::new(here, env);
    let mut args = texts(&case["args"]).into_iter();
    while let Some(flag) = args.next() {
        let mut value = || args.next().expect("a value");
        match flag.as_str() {
            "-f" => options.files.push(value().into()),
            "-p" => options.project_name = Some(value()),
            "--profile" => options.profiles.push(value()),
            "--env-file" => options.env_files.push(value().into()),
            "--project-directory" => options.project_directory = Some(value().into()),
            "--all-resources" => options.steps.all_resources = true,
            other => panic!("{}: what is {other}?", case["id"]),
        }
    }
    options.services = texts(&case["config_args"]);
    options
}

/// The places of a case.
fn place(text: &str, directory: &str) -> String {
    text.replace("${CASE}", directory).replace("${HOME}", "/home").replace("${TMP}", "/tmp")
}

#[test]
fn every_case_is_answered_as_by_docker_compose() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/compose/cases.jsonl.gz");
    let mut cases = String::new();
    let packed = std::fs::File::open(path).expect("the fixture");
    flate2::read::GzDecoder::new(packed).read_to_string(&mut cases).expect("gzip");
    // What loading answers otherwise is its matter, and listed there.
    let known = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/differences.md");
    let known = std::fs::read_to_string(known).expect("the document");
    let (mut accepted, mut refused, mut wrong) = (0, 0, Vec::new());
    for line in cases.lines() {
        let case: Value = serde_json::from_str(line).expect("JSON");
        let (id, answer) = (case["id"].as_str().expect("text"), &case["expect"]["json"]);
        // Status 2 is a crash.
        if answer.is_null() || answer["rc"] == 2 || known.contains(&format!("- `{id}`")) {
            continue;
        }
        let directory = format!("/tmp/{id}");
        let files = case["files"].as_object().into_iter().flatten();
        let mut source = Memory::default();
        for (path, text) in files {
            source.insert(format!("{directory}/{path}"), text.as_str().expect("text"));
        }
        match (ComposeProject::open_from(&options(&case, &directory), &source), answer["rc"] == 0) {
            (Ok(project), true) => {
                let expected: Value =
                    serde_json::from_str(&place(&answer["value"].to_string(), &directory))
                        .expect("JSON");
                let printed = project.spec().config_json();
                accepted += 1;
                if printed != expected {
                    wrong.push(format!("{id}\n  expected {expected}\n  printed  {printed}"));
                }
            }
            (Err(_), false) => refused += 1,
            (Ok(_), false) => wrong.push(format!("{id}\n  accepted, but {}", answer["error"])),
            (Err(error), true) => wrong.push(format!("{id}\n  refused: {error}")),
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} wrong\n{}",
        wrong.len(),
        accepted + refused,
        wrong.join("\n")
    );
    assert!(accepted > 650 && refused > 230, "{accepted} accepted, {refused} refused");
}
