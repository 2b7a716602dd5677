//! `cargo xtask bench`: us and docker compose on the same stack, run after run in turn, so that what the machine
//! does meanwhile hits both.
//!
//! Wall time, CPU time and peak memory are those of the client and its children; the number of runtime calls is
//! counted in a run of its own, on a socket of ours that passes every request on (`Proxy` of lab-tests).

mod config;
mod floor;
pub(crate) mod measure;
mod scale;
mod stack;
mod up;
mod verify;

use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::{Args, ValueEnum};
use serde::Serialize;

use self::measure::Cost;
use crate::ui::{dim, heading};
use crate::{ui, workspace};

#[derive(Args)]
pub(crate) struct Options {
    /// What to measure
    what: What,
    /// How often each side runs
    #[arg(long, default_value_t = 7)]
    runs: usize,
    /// Services of the stack (default: 10; scale: 10,000; config: 50)
    #[arg(long)]
    services: Option<usize>,
    /// Write every run as JSON, too
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// up, noop: how the runtime is reached, and whom we are compared with
    #[arg(long, value_enum, default_value_t = up::Lane::Socket)]
    lane: up::Lane,
    /// up: beside them the same calls made raw, which is what the engine itself takes
    #[arg(long)]
    floor: bool,
    /// Measure this binary instead of a release build
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum What {
    /// From nothing to all services running
    Up,
    /// `up` when all runs already
    Noop,
    /// Planning and running on a runtime in memory, by the number of services
    Scale,
    /// Reading a project: 50 services beside docker compose, growing files, files that are made to hurt
    Config,
    /// perry-verify beside cosign, on images that cosign signed
    Verify,
}

/// One of the two that are compared.
#[derive(Clone)]
pub(crate) struct Side {
    pub(crate) name: &'static str,
    pub(crate) command: Vec<String>,
    pub(crate) env: Vec<(String, String)>,
}

#[derive(Serialize)]
struct Figures {
    name: &'static str,
    runs: Vec<Cost>,
    /// Requests to the engine in one run, where they can be counted.
    calls: Option<u64>,
}

pub(crate) fn main(options: &Options) -> Result<()> {
    ensure!(options.runs > 0, "nothing to measure in no run");
    let figures = match options.what {
        What::Scale => {
            let services = options.services.unwrap_or(10_000);
            return scale::main(services, options.runs, options.json.as_deref());
        }
        What::Verify => verify::main(options.runs, options.binary.as_deref())?,
        What::Up => up::main(options, perry_compose(options)?, &up::NEW_STACK)?,
        What::Noop => up::main(options, perry_compose(options)?, &up::RUNNING_STACK)?,
        What::Config => {
            let command = vec![perry_compose(options)?];
            let ours = Side { name: "perry-compose", command, env: vec![] };
            let sides = [ours, up::docker_compose()];
            config::main(&sides, options.runs, options.services.unwrap_or(50))?
        }
    };
    if let Some(file) = &options.json {
        std::fs::write(file, serde_json::to_string_pretty(&figures)? + "\n")?;
        println!("{}", dim(&format!("written to {}", file.display())));
    }
    Ok(())
}

/// The program that is measured: the one that was named, or a release build.
fn perry_compose(options: &Options) -> Result<String> {
    let binary = match &options.binary {
        // Each run has a directory of its own.
        Some(binary) => std::path::absolute(binary)?,
        None => {
            heading("Building perry-compose with optimisation");
            workspace::cargo()
                .args(["build", "--quiet", "--release", "--package", "perry-container-cli"])
                .run()?;
            workspace::target().join("release/perry-compose")
        }
    };
    Ok(binary.display().to_string())
}

fn report(figures: &[Figures]) {
    let head = ["median of", "wall", "fastest", "client CPU", "peak memory", "runtime calls"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    let wall = |figures: &Figures| median(figures.runs.iter().map(|cost| cost.wall));
    for one in figures {
        rows.push(vec![
            one.name.to_owned(),
            format!("{:.3} s", wall(one)),
            format!("{:.3} s", one.runs.iter().map(|cost| cost.wall).fold(f64::INFINITY, f64::min)),
            known(median(one.runs.iter().map(|cost| cost.cpu)), |cpu| format!("{cpu:.3} s")),
            known(median(one.runs.iter().map(|cost| cost.memory)), |memory| {
                format!("{:.1} MiB", memory / 1024.0 / 1024.0)
            }),
            one.calls.map_or_else(|| "-".to_owned(), |calls| calls.to_string()),
        ]);
    }
    println!();
    print!("{}", ui::table(&rows, &[1, 2, 3, 4, 5]));
    let Some((ours, others)) = figures.split_first() else { return };
    println!();
    for peer in others {
        let ratio = wall(ours) / wall(peer);
        println!("{} takes {ratio:.2} of the wall time of {}", ours.name, peer.name);
    }
}

/// What has no client has no figures of one.
fn known(value: f64, text: impl Fn(f64) -> String) -> String {
    if value.is_nan() { "-".to_owned() } else { text(value) }
}

/// The middle, or the mean of the two in the middle.
fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => values[n / 2],
        n => f64::midpoint(values[n / 2 - 1], values[n / 2]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert!((median([3.0, 1.0, 2.0].into_iter()) - 2.0).abs() < f64::EPSILON);
        assert!((median([4.0, 1.0, 2.0, 3.0].into_iter()) - 2.5).abs() < f64::EPSILON);
    }
}
