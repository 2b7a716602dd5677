//! Cases written by hand: `fixtures/compose/written/TOPIC.txt`, several in a file.
//!
//! ```text
//! === what-it-shows
//! args: -f a.yaml -f b.yaml
//! config: --no-normalize web
//! modes: json services
//! env: A=1
//! cwd: below
//! --- compose.yaml
//! services: {web: {image: x}}
//! --- <stdin>
//! ```
//! The lines behind the title may be left out. The id is the topic and the title.

use anyhow::{Context as _, Result, bail};

use super::{case, modes};
use crate::conformance::case::{Case, Content};
use crate::workspace;

const DIRECTORY: &str = "fixtures/compose/written";

pub(super) fn cases() -> Result<Vec<Case>> {
    let mut all = Vec::new();
    let directory = workspace::path(DIRECTORY);
    for entry in directory.read_dir().with_context(|| format!("reading {DIRECTORY}"))? {
        let path = entry?.path();
        let topic = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path)?;
        all.extend(parse(&topic, &text).with_context(|| format!("{DIRECTORY}/{topic}.txt"))?);
    }
    Ok(all)
}

fn parse(topic: &str, text: &str) -> Result<Vec<Case>> {
    let mut all: Vec<Case> = Vec::new();
    let mut file: Option<String> = None;
    for (number, line) in text.lines().enumerate() {
        let number = number + 1;
        if let Some(title) = line.strip_prefix("=== ") {
            all.push(case(format!("{topic}-{}", title.trim()), &[topic, "written"], &[]));
            file = None;
            continue;
        }
        let Some(case) = all.last_mut() else {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            bail!("line {number}: a case begins with `=== title`");
        };
        if let Some(name) = line.strip_prefix("--- ") {
            let name = name.trim();
            if name == "<stdin>" {
                case.stdin = Some(String::new());
            } else {
                case.files.insert(name.to_owned(), Content::Text(String::new()));
            }
            file = Some(name.to_owned());
        } else if let Some(name) = &file {
            let text = match case.files.get_mut(name) {
                Some(Content::Text(text)) => text,
                _ => case.stdin.get_or_insert_default(),
            };
            text.push_str(line);
            text.push('\n');
        } else if let Some((key, value)) = line.split_once(": ") {
            match key {
                "args" => case.args = shell_words::split(value)?,
                "config" => case.config_args = shell_words::split(value)?,
                "modes" => case.expect = modes(&value.split(' ').collect::<Vec<_>>()),
                "cwd" => value.clone_into(&mut case.cwd),
                "env" => {
                    let (name, value) = value.split_once('=').context("env: NAME=VALUE")?;
                    case.env.insert(name.to_owned(), value.to_owned());
                }
                _ => bail!("line {number}: what is `{key}`?"),
            }
        } else if !line.is_empty() && !line.starts_with('#') {
            bail!("line {number}: `key: value` or `--- file`");
        }
    }
    // Blank lines before the next title are no part of the last file.
    for case in &mut all {
        for content in case.files.values_mut() {
            if let Content::Text(text) = content {
                while text.ends_with("\n\n") {
                    text.pop();
                }
            }
        }
    }
    Ok(all)
}
