//! Every crate's README opens with the sentences of its `description`, repeats them in the crate's header, and
//! shows an example that runs as a doctest.

use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::Findings;
use crate::workspace;

pub(crate) fn check(metadata: &Value) -> Result<Findings> {
    let mut findings = Findings::default();
    let members = metadata["workspace_members"].as_array().context("workspace_members")?;
    for package in metadata["packages"].as_array().context("packages")? {
        if !members.contains(&package["id"]) || package["name"] == "xtask" {
            continue;
        }
        let manifest = Path::new(package["manifest_path"].as_str().context("manifest_path")?);
        let dir = manifest.parent().unwrap_or(workspace::root());
        let name = package["name"].as_str().unwrap_or_default();
        for fault in faults(dir, package["description"].as_str().unwrap_or_default()) {
            findings.fault(format!("{name}: {fault}"));
        }
    }
    Ok(findings)
}

fn faults(dir: &Path, description: &str) -> Vec<String> {
    let Ok(readme) = std::fs::read_to_string(dir.join("README.md")) else {
        return vec!["has no README.md".to_owned()];
    };
    let mut faults = vec![];
    if description.is_empty() {
        faults.push("has no description in Cargo.toml".to_owned());
    }
    if plain(&first_paragraph(&readme)) != plain(description) {
        faults.push(format!(
            "README.md opens with {:?}, Cargo.toml says {description:?}",
            first_paragraph(&readme)
        ));
    }
    let (lib, main) = (dir.join("src/lib.rs"), dir.join("src/main.rs"));
    let is_lib = lib.exists();
    let Ok(source) = std::fs::read_to_string(if is_lib { &lib } else { &main }) else {
        return faults; // a package of tests only
    };
    let header: Vec<&str> = source.lines().map_while(|line| line.strip_prefix("//!")).collect();
    if !header.is_empty() && plain(&first_paragraph(&header.join("\n"))) != plain(description) {
        faults.push(format!("its //! header opens with {:?}", first_paragraph(&header.join("\n"))));
    }
    let includes = source.contains("include_str!(\"../README.md\")");
    if header.is_empty() && !includes {
        faults.push("has neither a //! header nor its README as documentation".to_owned());
    }
    if is_lib {
        if !includes {
            faults
                .push("lib.rs does not include README.md, so its example is no doctest".to_owned());
        }
        if !has_doctest(&readme) {
            faults.push("README.md has no example that runs as a doctest".to_owned());
        }
    }
    faults
}

/// The first paragraph that is neither a heading nor empty.
fn first_paragraph(text: &str) -> String {
    let lines =
        text.lines().map(str::trim).skip_while(|line| line.is_empty() || line.starts_with('#'));
    lines.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Markup and white space do not count.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace(['`', '*', '[', ']'], "")
}

/// A fenced block that rustdoc compiles.
fn has_doctest(readme: &str) -> bool {
    let mut inside = false;
    for line in readme.lines() {
        let Some(info) = line.trim_start().strip_prefix("```") else { continue };
        if inside {
            inside = false;
            continue;
        }
        inside = true;
        let words: Vec<&str> = info.split([',', ' ']).filter(|word| !word.is_empty()).collect();
        let rust = words.iter().all(|word| {
            matches!(*word, "rust" | "no_run" | "should_panic" | "compile_fail")
                || word.starts_with("edition")
        });
        if rust {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_paragraph_is_joined() {
        assert_eq!(
            first_paragraph("# name\n\nOne `noun`.\nIt does\nnothing.\n\nMore.\n"),
            "One `noun`. It does nothing."
        );
        assert_eq!(plain("One  `noun`."), "One noun.");
    }

    #[test]
    fn only_rust_blocks_are_doctests() {
        assert!(has_doctest("```\nlet a = 1;\n```\n"));
        assert!(has_doctest("```console\n$ ls\n```\ntext\n```rust,no_run\n```\n"));
        assert!(!has_doctest("```rust,ignore\n```\n```toml\n```\n"));
    }
}
