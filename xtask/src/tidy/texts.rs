//! What must not stand in a file of the repository, and what must stand at its top.

use std::path::Path;

use anyhow::Result;

use super::Findings;
use crate::run::Cmd;
use crate::workspace;

/// Longer files usually hold more than one idea.
const LONG: usize = 700;

/// Every file that git knows or would add.
pub(crate) fn files() -> Result<Vec<String>> {
    let out = Cmd::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .dir(workspace::root())
        .capture_ok()?;
    Ok(out.lines().filter(|file| workspace::path(file).is_file()).map(str::to_owned).collect())
}

pub(crate) fn check() -> Result<Findings> {
    let mut findings = Findings::default();
    let places = machine_places();
    for file in files()? {
        // What is no text has no lines.
        let Ok(text) = std::fs::read_to_string(workspace::path(&file)) else { continue };
        let rust = Path::new(&file).extension().is_some_and(|extension| extension == "rs");
        for (number, line) in text.lines().enumerate() {
            let at = || format!("{file}:{}", number + 1);
            // What was recorded elsewhere holds paths of elsewhere.
            let recorded = file.starts_with("fixtures/");
            let named = || places.iter().find(|place| line.contains(place.as_str()));
            if !recorded && let Some(place) = named() {
                findings.fault(format!("{}: names a place of this machine, {place}", at()));
            }
            // The one thing that may lie beside the repository is the lab's nerdctl.
            if line.contains(concat!("..", "/shared")) && file != ".ci/run" {
                findings.fault(format!("{}: points out of the repository", at()));
            }
            if rust && let Some(what) = unfinished(line) {
                findings.fault(format!("{}: {what}", at()));
            }
        }
        if rust && text.lines().count() > LONG {
            findings.remark(format!("{file} has {} lines: is it one idea?", text.lines().count()));
        }
    }
    Ok(findings)
}

/// Where this checkout, its user and its tools live, as far as that is no common place.
fn machine_places() -> Vec<String> {
    let root = workspace::root();
    let mut places = Vec::new();
    // `/repo` or `/src` is a place in many texts; only a longer path can be told to be ours.
    if root.components().count() > 3 {
        places.push(root.display().to_string());
    }
    if let Some(parent) = root.parent()
        && parent.components().count() > 2
    {
        places.push(format!("{}/", parent.display()));
    }
    for name in ["CARGO_HOME", "RUSTUP_HOME"] {
        places.extend(std::env::var(name).ok().filter(|place| place.len() > 4));
    }
    let home = std::env::var("HOME").unwrap_or_default();
    // `/root` is a place in every image.
    if home.len() > 6 {
        places.push(format!("{home}/"));
    }
    places
}

fn unfinished(line: &str) -> Option<&'static str> {
    let code = line.split("//").next().unwrap_or_default();
    let marks = [concat!("todo", "!("), concat!("unimplemented", "!(")];
    marks.into_iter().find(|mark| {
        code.match_indices(mark).any(|(at, _)| {
            !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '"')
        })
    })
}

pub(crate) fn top_level() -> Findings {
    let mut findings = Findings::default();
    let wanted = [
        ".ci/run",
        ".github/workflows/ci.yml",
        ".github/workflows/container-tests.yml",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "README.md",
        "deny.toml",
        "docs/requirements.md",
        "docs/requirements.toml",
        "fixtures/demo/compose.yaml",
        "rust-toolchain.toml",
    ];
    for file in wanted {
        if !workspace::path(file).is_file() {
            findings.fault(format!("{file} is missing"));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unfinished_code_is_found_and_talk_about_it_is_not() {
        assert!(unfinished(concat!("    todo", "!()")).is_some());
        assert!(unfinished(concat!("// todo", "!()")).is_none());
        assert!(unfinished(concat!("    my_todo", "!()")).is_none());
    }
}
