//! The stages, in the order in which they tell most for their time.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};

use super::Context;
use super::count::{self, Count};
use crate::run::Cmd;
use crate::workspace::{self, cargo, has_cargo_tool};
use crate::{demo, lab, matrix, tidy};

/// The crate whose tests need real engines.
const LAB_TESTS: &str = "perry-container-lab-tests";

pub(crate) struct Stage {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    /// On two cores with an empty target folder.
    pub(crate) budget: Duration,
    /// Needs the lab.
    pub(crate) lab: bool,
    pub(crate) run: fn(&Context, &mut Count) -> Result<()>,
}

const fn stage(
    name: &'static str,
    about: &'static str,
    minutes: u64,
    run: fn(&Context, &mut Count) -> Result<()>,
) -> Stage {
    Stage { name, about, budget: Duration::from_secs(minutes * 60), lab: false, run }
}

pub(crate) const STAGES: &[Stage] = &[
    stage("fmt", "every file is formatted", 1, fmt),
    stage("tidy", "layers, READMEs, licences, requirements", 1, tidy_rules),
    stage("clippy", "no warning in any target", 10, clippy),
    stage("doc", "rustdoc without warnings", 6, doc),
    stage("matrix", "feature cells and what must not be in them", 6, feature_matrix),
    stage("unit", "unit, property and snapshot tests", 10, unit),
    stage("doctest", "every README's example", 6, doctest),
    Stage { lab: true, ..stage("lab", "perry-compose on real engines", 12, lab_tests) },
];

fn fmt(context: &Context, count: &mut Count) -> Result<()> {
    cargo().args(["fmt", "--all", "--check"]).limit(context.left()).run()?;
    *count += Count::passed(1);
    Ok(())
}

fn tidy_rules(_: &Context, count: &mut Count) -> Result<()> {
    tidy::check(count)
}

fn clippy(context: &Context, count: &mut Count) -> Result<()> {
    let args = [
        "clippy",
        "--quiet",
        "--workspace",
        "--all-targets",
        "--all-features",
        "--",
        "-D",
        "warnings",
    ];
    cargo().args(args).limit(context.left()).run()?;
    *count += Count::passed(1);
    Ok(())
}

fn doc(context: &Context, count: &mut Count) -> Result<()> {
    let args = ["doc", "--quiet", "--workspace", "--no-deps", "--all-features"];
    cargo().args(args).env("RUSTDOCFLAGS", "-D warnings").limit(context.left()).run()?;
    *count += Count::passed(1);
    Ok(())
}

fn feature_matrix(context: &Context, count: &mut Count) -> Result<()> {
    matrix::check(context.long, context.left(), count)
}

/// A seeded sample of the properties; `--long` takes new seeds and many cases.
fn properties(cmd: Cmd, long: bool) -> Cmd {
    if long {
        cmd.env("PROPTEST_CASES", "4096").env("PERRY_TEST_LONG", "1")
    } else {
        cmd.env("PROPTEST_RNG_SEED", "20250117")
    }
}

/// Runs tests, shows what they print, counts them.
fn tests(cmd: Cmd, count: &mut Count) -> Result<()> {
    let out = cmd.tee()?;
    *count += count::in_output(&format!("{}{}", out.stdout, out.stderr));
    ensure!(out.code == 0, "tests failed (exit code {})", out.code);
    Ok(())
}

fn unit(context: &Context, count: &mut Count) -> Result<()> {
    let wide = ["--workspace", "--all-features", "--exclude", LAB_TESTS];
    let cmd = if has_cargo_tool("nextest") {
        cargo()
            .args([
                "nextest",
                "run",
                "--no-fail-fast",
                "--status-level=fail",
                "--final-status-level=slow",
            ])
            .args(wide)
    } else {
        cargo().args(["test", "--quiet", "--no-fail-fast", "--lib", "--bins", "--tests"]).args(wide)
    };
    tests(properties(cmd, context.long).limit(context.left()), count)
}

fn doctest(context: &Context, count: &mut Count) -> Result<()> {
    let cmd = cargo().args([
        "test",
        "--quiet",
        "--no-fail-fast",
        "--doc",
        "--workspace",
        "--all-features",
    ]);
    tests(cmd.limit(context.left()), count)
}

fn lab_tests(context: &Context, count: &mut Count) -> Result<()> {
    let binary = match std::env::var_os("PERRY_COMPOSE_BIN") {
        Some(binary) => PathBuf::from(binary),
        None => demo::build()?,
    };
    let skips = workspace::target().join("lab-skips");
    std::fs::write(&skips, "")?;
    let cmd = cargo()
        .args([
            "test",
            "--quiet",
            "--no-fail-fast",
            "--package",
            LAB_TESTS,
            "--all-features",
            "--tests",
            "--",
        ])
        .args(["--test-threads", "4"])
        .env("PERRY_COMPOSE_BIN", &binary)
        .env("PERRY_LAB_SKIPS", &skips)
        .env("PERRY_LAB_DOCKER", lab::docker())
        .env("PERRY_LAB_LONG", if context.long { "1" } else { "0" });
    let result = tests(cmd.limit(context.left()), count);
    // A test without its engine passes and says so in this file.
    let text = std::fs::read_to_string(&skips).context("reading what was skipped")?;
    for line in text.lines() {
        println!("skipped: {line}");
        count.passed = count.passed.saturating_sub(1);
        count.skipped += 1;
    }
    result?;
    if count.passed == 0 && text.is_empty() {
        bail!("no lab test ran");
    }
    let left = demo::processes_of(&binary);
    ensure!(left.is_empty(), "processes of perry-compose are still there: {}", left.join(" "));
    Ok(())
}
