//! Where a project is found, and what is read.

mod cases;
mod content;
mod discovery;
mod environment;
mod hostile;
mod opening;
mod properties;

use perry_container_project::{Env, Found, Memory, ProjectError, ProjectOptions, discover};
use std::fmt::Write as _;

/// Files in memory: paths and texts.
fn files(files: &[(&str, &str)]) -> Memory {
    files.iter().copied().collect()
}

/// What a command without flags says in a directory.
fn at(directory: &str) -> ProjectOptions {
    ProjectOptions::new(directory, Env::new())
}

fn env(variables: &[(&str, &str)]) -> Env {
    variables.iter().copied().collect()
}

/// What is found, as text.
fn found(options: &ProjectOptions, source: &Memory) -> String {
    match discover(options, source) {
        Ok(found) => text(&found),
        Err(error) => format!("! {error}\n"),
    }
}

fn text(found: &Found) -> String {
    let mut text = format!("in {}\n", found.working_dir.display());
    for file in &found.config_files {
        writeln!(text, "file {}", file.display()).expect("a string takes everything");
    }
    for file in &found.environment_files {
        writeln!(text, "env-file {}", file.display()).expect("a string takes everything");
    }
    for (name, value) in found.env.iter().filter(|(name, _)| *name != "PWD") {
        writeln!(text, "{name}={value}").expect("a string takes everything");
    }
    for notice in &found.notices {
        writeln!(text, "note: {notice}").expect("a string takes everything");
    }
    text
}

/// Why a project is not opened.
fn refusal<T: std::fmt::Debug>(result: Result<T, ProjectError>) -> String {
    result.expect_err("a refusal").to_string()
}
