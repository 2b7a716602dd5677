//! `cargo xtask bench`: us and docker compose on the same stack, run after run in turn, so that what the machine
//! does meanwhile hits both.
//!
//! Wall time, CPU time and peak memory are those of the client and its children; the number of runtime calls is
//! counted in a run of its own, on a socket of ours that passes every request on ([`Proxy`]).

mod config;
pub(crate) mod measure;
mod scale;
mod stack;

use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::{Args, ValueEnum};
use perry_container_lab_tests::Proxy;
use serde::Serialize;

use self::measure::Cost;
use self::stack::Stack;
use crate::engine::Engine;
use crate::ui::{dim, heading};
use crate::{lab, ui, workspace};

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
    /// Requests to the engine in one run.
    calls: u64,
}

pub(crate) fn main(options: &Options) -> Result<()> {
    ensure!(options.runs > 0, "nothing to measure in no run");
    let measured = match options.what {
        What::Scale => {
            let services = options.services.unwrap_or(10_000);
            return scale::main(services, options.runs, options.json.as_deref());
        }
        What::Config => None,
        What::Up => Some((
            "up -d of a new stack",
            stack::up as fn(&Stack, &Side, Option<&str>) -> Result<Cost>,
        )),
        What::Noop => Some(("up -d of a stack that runs", stack::noop as _)),
    };
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
    let backend = [("PERRY_CONTAINER_BACKEND", "docker"), ("PERRY_CONTAINER_TRANSPORT", "socket")];
    let sides = [
        Side {
            name: "perry-compose",
            command: vec![binary.display().to_string()],
            env: backend.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
        },
        Side {
            name: "docker compose",
            command: vec![lab::docker().to_owned(), "compose".to_owned()],
            env: vec![],
        },
    ];
    let figures = match measured {
        None => config::main(&sides, options.runs, options.services.unwrap_or(50))?,
        Some((word, measured)) => up(options, &sides, word, measured)?,
    };
    if let Some(file) = &options.json {
        std::fs::write(file, serde_json::to_string_pretty(&figures)? + "\n")?;
        println!("{}", dim(&format!("written to {}", file.display())));
    }
    Ok(())
}

fn up(
    options: &Options,
    sides: &[Side; 2],
    word: &str,
    measured: fn(&Stack, &Side, Option<&str>) -> Result<Cost>,
) -> Result<Vec<Figures>> {
    lab::up()?;
    let engine = Engine::docker();
    ensure!(engine.answers(), "docker does not answer here");
    let services = options.services.unwrap_or(10);
    let stack = Stack::new(engine, services)?;
    heading(&format!("{word}: {services} services, {} runs in turn", options.runs));
    let figures = compare(&stack, sides, options.runs, measured)?;
    report(&figures);
    Ok(figures)
}

fn compare(
    stack: &Stack,
    sides: &[Side; 2],
    runs: usize,
    measured: fn(&Stack, &Side, Option<&str>) -> Result<Cost>,
) -> Result<Vec<Figures>> {
    let mut figures = vec![];
    for side in sides {
        // The first run of each side warms caches and counts the calls.
        let counter = Proxy::start(&stack.socket())?;
        measured(stack, side, Some(&counter.address()))?;
        figures.push(Figures { name: side.name, runs: vec![], calls: counter.calls() });
    }
    for run in 0..runs {
        // Who begins changes from run to run.
        for turn in 0..2 {
            let at = (run + turn) % 2;
            let cost = measured(stack, &sides[at], None)?;
            println!("{}", dim(&format!("   {:<15} {}", sides[at].name, cost.text())));
            figures[at].runs.push(cost);
        }
    }
    Ok(figures)
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
            format!("{:.3} s", median(one.runs.iter().map(|cost| cost.cpu))),
            format!("{:.1} MiB", median(one.runs.iter().map(|cost| cost.memory)) / 1024.0 / 1024.0),
            one.calls.to_string(),
        ]);
    }
    println!();
    print!("{}", ui::table(&rows, &[1, 2, 3, 4, 5]));
    if let [ours, peer] = figures {
        println!(
            "\n{} takes {:.2} of the wall time of {}",
            ours.name,
            wall(ours) / wall(peer),
            peer.name
        );
    }
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
