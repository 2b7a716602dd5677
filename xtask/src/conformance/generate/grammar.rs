//! Values with a grammar, from `fixtures/compose/grammar.txt`: YAML scalars, templates, environment files, ports,
//! volumes, durations, sizes, commands, hosts and more. Each becomes a case; of environment files three.

use anyhow::{Context as _, Result};

use super::{case, words};
use crate::conformance::case::{Case, Content};
use crate::workspace;

const SOURCE: &str = "fixtures/compose/grammar.txt";

/// Where the value goes.
const HOLE: char = '@';

struct Rule {
    name: String,
    document: String,
    values: Vec<String>,
}

pub(super) fn cases() -> Result<Vec<Case>> {
    let text = std::fs::read_to_string(workspace::path(SOURCE))
        .with_context(|| format!("reading {SOURCE}"))?;
    let mut all = Vec::new();
    for rule in parse(&text).context(SOURCE)? {
        for (number, value) in rule.values.iter().enumerate() {
            if rule.name == "dotenv" {
                all.extend(environment_file(number, value));
                continue;
            }
            let text = rule.document.replace(HOLE, value);
            let id = format!("{}-{number:03}", rule.name);
            let mut made = case(id, &[&rule.name, "grammar"], &[("compose.yaml", &text)]);
            made.args = words(&["--all-resources"]);
            variables(&mut made);
            all.push(made);
        }
    }
    Ok(all)
}

/// The values of one rule.
pub(in crate::conformance) fn values_of(rule: &str) -> Result<Vec<String>> {
    let text = std::fs::read_to_string(workspace::path(SOURCE))
        .with_context(|| format!("reading {SOURCE}"))?;
    let found = parse(&text).context(SOURCE)?.into_iter().find(|known| known.name == rule);
    found.map(|rule| rule.values).with_context(|| format!("{SOURCE} has no rule {rule}"))
}

fn parse(text: &str) -> Result<Vec<Rule>> {
    let mut rules: Vec<Rule> = Vec::new();
    let mut values = false;
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("=== ") {
            let name = name.to_owned();
            rules.push(Rule { name, document: String::new(), values: Vec::new() });
            values = false;
            continue;
        }
        let Some(rule) = rules.last_mut() else { continue };
        if line == "---" {
            values = true;
        } else if values {
            rule.values.push(match line.strip_prefix("json: ") {
                Some(json) => serde_json::from_str(json).with_context(|| line.to_owned())?,
                None => line.to_owned(),
            });
        } else {
            rule.document.push_str(line);
            rule.document.push('\n');
        }
    }
    Ok(rules)
}

/// As the `env_file` of a service, as the project's own `.env`, and as docker's raw format.
fn environment_file(number: usize, text: &str) -> [Case; 3] {
    let uses = [
        ("file", "services: {a: {image: x, env_file: e.env}}\n", "e.env"),
        ("own", "services: {a: {image: x, labels: {a: \"$A\", b: \"$B\"}}}\n", ".env"),
        ("raw", "services: {a: {image: x, env_file: [{path: e.env, format: raw}]}}\n", "e.env"),
    ];
    uses.map(|(name, document, path)| {
        let id = format!("dotenv-{name}-{number:03}");
        let mut made = case(id, &["dotenv", "grammar"], &[("compose.yaml", document)]);
        made.files.insert(path.to_owned(), Content::Text(text.to_owned()));
        variables(&mut made);
        made
    })
}

/// A set one, an empty one, one with a dollar, one of two lines, one with quotes, one that looks like a number.
fn variables(case: &mut Case) {
    for (name, value) in
        [("S", "set"), ("E", ""), ("D", "a$S"), ("ML", "a\nb: c"), ("Q", "\"q\" 'r'"), ("N", "010")]
    {
        case.env.insert(name.to_owned(), value.to_owned());
    }
}
