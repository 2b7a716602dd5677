//! `cargo xtask test-matrix`: cells of `xtask/matrix.toml`, each a package with some of its features.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use clap::Args;
use serde::Deserialize;

use crate::run::Cmd;
use crate::test::count::Count;
use crate::ui::{dim, green, red, took};
use crate::workspace::{self, cargo, has_cargo_tool};

const PREFIX: &str = "perry-container-";

#[derive(Args)]
pub(crate) struct Options {
    /// Every combination of features, too (cargo-hack where it is installed)
    #[arg(long)]
    full: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Matrix {
    /// Named groups of crates.
    absent: BTreeMap<String, Vec<String>>,
    cell: Vec<Cell>,
    #[serde(default)]
    powerset: Vec<Powerset>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cell {
    name: String,
    package: String,
    #[serde(default)]
    features: Vec<String>,
    #[serde(default = "yes")]
    default: bool,
    run: Run,
    /// Names of groups or of crates.
    #[serde(default)]
    absent: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Powerset {
    package: String,
    features: Vec<String>,
}

fn yes() -> bool {
    true
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Run {
    Tree,
    Check,
    Test,
}

pub(crate) fn main(options: &Options) -> Result<()> {
    let mut count = Count::default();
    let day = Duration::from_secs(24 * 3600);
    check(options.full, day, &mut count)?;
    println!("{} cells", count.passed);
    Ok(())
}

/// Checks every cell; with `full` every combination of features as well.
pub(crate) fn check(full: bool, limit: Duration, count: &mut Count) -> Result<()> {
    let until = Instant::now() + limit;
    let text = std::fs::read_to_string(workspace::path("xtask/matrix.toml"))?;
    let matrix: Matrix = toml::from_str(&text).context("xtask/matrix.toml")?;
    let mut failed = vec![];
    for cell in &matrix.cell {
        let start = Instant::now();
        let result = cell.check(&matrix.absent, until);
        let time = dim(&took(start.elapsed()));
        match result {
            Ok(()) => {
                *count += Count::passed(1);
                println!("{} {} {time}", green("ok"), cell.name);
            }
            Err(error) => {
                *count += Count::failed();
                println!("{} {}: {error:#} {time}", red("FAILED"), cell.name);
                failed.push(cell.name.as_str());
            }
        }
    }
    if full {
        for set in &matrix.powerset {
            set.check(until).with_context(|| format!("powerset of {}", set.package))?;
            *count += Count::passed(1);
        }
    }
    if !failed.is_empty() {
        bail!("cells failed: {}", failed.join(", "));
    }
    Ok(())
}

fn left(until: Instant) -> Duration {
    until.saturating_duration_since(Instant::now())
}

impl Cell {
    fn select(&self, cmd: Cmd) -> Cmd {
        let cmd = cmd.args(["--package", &format!("{PREFIX}{}", self.package)]);
        let cmd = if self.default { cmd } else { cmd.arg("--no-default-features") };
        if self.features.is_empty() {
            cmd
        } else {
            cmd.args(["--features", &self.features.join(",")])
        }
    }

    fn check(&self, groups: &BTreeMap<String, Vec<String>>, until: Instant) -> Result<()> {
        self.tree(groups)?;
        let cmd = match self.run {
            Run::Tree => return Ok(()),
            Run::Check => self.select(cargo().args(["check", "--quiet"])),
            Run::Test => self.select(cargo().args(["test", "--quiet", "--lib"])),
        };
        let out = cmd.limit(left(until)).capture()?;
        if out.code != 0 {
            bail!("exit code {}\n{}{}", out.code, out.stdout, out.stderr);
        }
        // Not by RUSTFLAGS: other flags than those of the other stages would compile every dependency once more.
        if out.stderr.contains("warning: ") {
            bail!("warnings\n{}", out.stderr);
        }
        Ok(())
    }

    fn tree(&self, groups: &BTreeMap<String, Vec<String>>) -> Result<()> {
        let unwanted: BTreeSet<&str> = self
            .absent
            .iter()
            .flat_map(|name| {
                groups
                    .get(name)
                    .map_or_else(|| vec![name.as_str()], |g| g.iter().map(String::as_str).collect())
            })
            .collect();
        let cmd = self.select(cargo().args([
            "tree",
            "--locked",
            "--edges=normal",
            "--prefix=none",
            "--format={p}",
        ]));
        let tree = cmd.capture_ok()?;
        let found: BTreeSet<&str> = tree
            .lines()
            .filter_map(|line| line.split_whitespace().next())
            .filter(|name| unwanted.contains(name))
            .collect();
        if !found.is_empty() {
            let found: Vec<&str> = found.into_iter().collect();
            bail!("its tree holds {}", found.join(", "));
        }
        Ok(())
    }
}

impl Powerset {
    fn check(&self, until: Instant) -> Result<()> {
        let package = format!("{PREFIX}{}", self.package);
        if has_cargo_tool("hack") {
            let features = self.features.join(",");
            let args = [
                "hack",
                "check",
                "--quiet",
                "--feature-powerset",
                "--no-dev-deps",
                "--include-features",
                &features,
            ];
            return cargo().args(args).args(["--package", &package]).limit(left(until)).run();
        }
        for set in subsets(&self.features) {
            let set = set.join(",");
            println!("{}", dim(&format!("   {package} --no-default-features --features {set}")));
            let args = [
                "check",
                "--quiet",
                "--no-default-features",
                "--package",
                &package,
                "--features",
                &set,
            ];
            cargo().args(args).limit(left(until)).run()?;
        }
        Ok(())
    }
}

/// Every subset, the empty one first.
fn subsets(features: &[String]) -> impl Iterator<Item = Vec<&str>> {
    (0_u32..1 << features.len().min(16)).map(move |bits| {
        let chosen =
            features.iter().enumerate().filter(move |(number, _)| bits & (1 << number) != 0);
        chosen.map(|(_, feature)| feature.as_str()).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_subset_once() {
        let features = ["a".to_owned(), "b".to_owned()];
        let sets: Vec<Vec<&str>> = subsets(&features).collect();
        assert_eq!(sets, [vec![], vec!["a"], vec!["b"], vec!["a", "b"]]);
    }

    #[test]
    fn the_matrix_can_be_read() {
        let text = include_str!("../matrix.toml");
        let matrix: Matrix = toml::from_str(text).unwrap();
        assert!(matrix.cell.iter().all(|cell| cell.run != Run::Tree || !cell.absent.is_empty()));
    }
}
