//! How planning and running grow with the number of services, on a runtime in memory: no peer, no containers.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde::{Deserialize, Serialize};

use super::measure::{self, Cost};
use crate::ui::{dim, heading};
use crate::{ui, workspace};

/// Parts of the full size that are measured, too.
const PARTS: [f64; 5] = [0.1, 0.2, 0.4, 0.7, 1.0];
/// Columns of the longest bar.
const BAR: f64 = 40.0;

/// What the program `scale` of crate engine prints.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Figures {
    services: usize,
    nodes: usize,
    edges: usize,
    calls: usize,
    plan_seconds: f64,
    up_seconds: f64,
    noop_seconds: f64,
    down_seconds: f64,
}

/// One size: the median of its runs by `plan` and `up` together.
#[derive(Serialize)]
pub(super) struct Size {
    figures: Figures,
    cost: Cost,
}

impl Size {
    fn main_job(&self) -> f64 {
        self.figures.plan_seconds + self.figures.up_seconds
    }
}

pub(super) fn main(services: usize, runs: usize, json: Option<&Path>) -> Result<()> {
    heading("Building the program with optimisation");
    workspace::cargo()
        .args(["build", "--quiet", "--release", "--package", "perry-container-engine"])
        .args(["--example", "scale"])
        .run()?;
    let program = workspace::target().join("release/examples/scale");
    let mut all = vec![];
    for condition in ["started", "healthy"] {
        heading(&format!("{services} services, ten dependencies each, {condition}; {runs} runs"));
        let mut sizes = vec![];
        for part in PARTS {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share")]
            #[expect(clippy::cast_precision_loss, reason = "nobody has 2^53 services")]
            let size = ((services as f64 * part) as usize).max(1);
            sizes.push(median(&program, size, condition, runs)?);
        }
        report(&sizes);
        all.push((condition, sizes));
    }
    if let Some(file) = json {
        std::fs::write(file, serde_json::to_string_pretty(&all)? + "\n")?;
        println!("{}", dim(&format!("written to {}", file.display())));
    }
    Ok(())
}

fn median(program: &Path, services: usize, condition: &str, runs: usize) -> Result<Size> {
    ensure!(runs > 0, "nothing to measure in no run");
    let command =
        [program.display().to_string(), services.to_string(), condition.to_owned()].to_vec();
    let mut all = vec![];
    for _ in 0..runs {
        let (cost, printed) = measure::run(&command, &[], &workspace::target())?;
        let figures = serde_json::from_str(&printed).context("what `scale` printed")?;
        all.push(Size { figures, cost });
    }
    all.sort_by(|a, b| a.main_job().total_cmp(&b.main_job()));
    let middle = all.len() / 2;
    Ok(all.swap_remove(middle))
}

fn report(sizes: &[Size]) {
    let head = ["services", "nodes", "edges", "calls", "plan", "up", "second up", "down", "peak"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for Size { figures, cost } in sizes {
        rows.push(vec![
            figures.services.to_string(),
            figures.nodes.to_string(),
            figures.edges.to_string(),
            figures.calls.to_string(),
            format!("{:.3} s", figures.plan_seconds),
            format!("{:.3} s", figures.up_seconds),
            format!("{:.3} s", figures.noop_seconds),
            format!("{:.3} s", figures.down_seconds),
            format!("{:.0} MiB", cost.memory / 1024.0 / 1024.0),
        ]);
    }
    print!("{}", ui::table(&rows, &[0, 1, 2, 3, 4, 5, 6, 7, 8]));
    println!("\nplan and up, by the number of services:");
    let most = sizes.iter().map(Size::main_job).fold(f64::MIN_POSITIVE, f64::max);
    for size in sizes {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "1 to BAR")]
        let length = (size.main_job() / most * BAR).round().max(1.0) as usize;
        println!(
            "{:>8} {:<40} {:.3} s",
            size.figures.services,
            "█".repeat(length),
            size.main_job()
        );
    }
    if let [first, .., last] = sizes {
        #[expect(clippy::cast_precision_loss, reason = "nobody has 2^53 services")]
        let each = |size: &Size| size.main_job() / size.figures.services as f64 * 1e6;
        println!(
            "\n{:.1} µs a service at {}, {:.1} at {}: {:.2} (1 is linear)",
            each(first),
            first.figures.services,
            each(last),
            last.figures.services,
            each(last) / each(first)
        );
    }
}
