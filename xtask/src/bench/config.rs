//! `cargo xtask bench config`: what reading a project costs. No engine is asked; docker compose is, for its `config`.
//!
//! Three parts, each with its bound: 50 services beside docker compose, files of growing size, and files that are made
//! to hurt. All of it is measured in child processes in one run, and printed.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail, ensure};

use super::measure::{self, Cost};
use super::{Figures, Side, median, report};
use crate::ui::{self, dim, heading};
use crate::workspace;

/// Of docker compose's wall time and peak memory, at most.
const WALL: f64 = 0.1;
const MEMORY: f64 = 0.25;
/// Services of the files that show the growth.
const SIZES: [usize; 5] = [625, 1250, 2500, 5000, 10_000];
/// By so much a service may cost more in the largest file than in the smallest.
const GROWTH: f64 = 1.5;
const MIB: f64 = 1024.0 * 1024.0;

pub(super) fn main(sides: &[Side; 2], runs: usize, services: usize) -> Result<Vec<Figures>> {
    let dir = workspace::target().join("bench");
    std::fs::create_dir_all(&dir)?;
    let bench = Bench { dir, runs };
    let mut faults = Vec::new();
    let figures = bench.compare(sides, services, &mut faults)?;
    bench.growth(&sides[0], &mut faults)?;
    bench.hostile(&sides[0], &mut faults)?;
    if !faults.is_empty() {
        bail!("{}", faults.join("\n"));
    }
    Ok(figures)
}

struct Bench {
    dir: PathBuf,
    runs: usize,
}

impl Bench {
    fn write(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.dir.join(name);
        std::fs::write(&path, text)?;
        Ok(path)
    }

    /// Both on the same file, run after run in turn.
    fn compare(
        &self,
        sides: &[Side; 2],
        services: usize,
        faults: &mut Vec<String>,
    ) -> Result<Vec<Figures>> {
        heading(&format!("config of {services} services, {} runs in turn", self.runs));
        let file = self.write("config.yaml", &realistic(services))?;
        let mut figures: Vec<Figures> = sides
            .iter()
            .map(|side| Figures { name: side.name, runs: vec![], calls: None })
            .collect();
        for run in 0..=self.runs {
            for turn in 0..2 {
                let at = (run + turn) % 2;
                let cost = self.config(&sides[at], &file)?.1;
                // The first run of each side warms caches.
                if run > 0 {
                    println!("{}", dim(&format!("   {:<15} {}", sides[at].name, cost.text())));
                    figures[at].runs.push(cost);
                }
            }
        }
        report(&figures);
        let of = |what: fn(&Cost) -> f64| {
            let middle = |at: usize| median(figures[at].runs.iter().map(what));
            middle(0) / middle(1)
        };
        for (word, ratio, bound) in [
            ("wall time", of(|cost| cost.wall), WALL),
            ("peak memory", of(|cost| cost.memory), MEMORY),
        ] {
            println!("{word}: {ratio:.3} of docker compose's (bound {bound})");
            if ratio > bound {
                faults.push(format!("{word} is {ratio:.3} of docker compose's, more than {bound}"));
            }
        }
        Ok(figures)
    }

    /// Files of growing size, and dependencies.
    fn growth(&self, side: &Side, faults: &mut Vec<String>) -> Result<()> {
        heading("time by size");
        let head = ["services", "file", "wall", "CPU a service", "peak memory", ""];
        let mut rows = vec![head.map(str::to_owned).to_vec()];
        let mut each = Vec::new();
        for services in SIZES {
            let text = realistic(services);
            let (wall, cpu, memory) = self.fastest(side, &self.write("config.yaml", &text)?)?;
            let micros = cpu * 1e6 / count(services);
            each.push(micros);
            rows.push(vec![
                services.to_string(),
                format!("{:.2} MiB", count(text.len()) / MIB),
                format!("{wall:.3} s"),
                format!("{micros:.0} µs"),
                format!("{:.1} MiB", memory / MIB),
                bar(micros, each[0]),
            ]);
        }
        print!("{}", ui::table(&rows, &[0, 1, 2, 3, 4]));
        let grown = each[each.len() - 1] / each[0];
        println!(
            "a service of the largest file costs {grown:.2} of one of the smallest (bound {GROWTH})"
        );
        if grown > GROWTH {
            faults.push(format!("a service costs {grown:.2} times as much in the largest file"));
        }
        let mut walls = Vec::new();
        for services in [500, 1000] {
            let (wall, ..) =
                self.fastest(side, &self.write("config.yaml", &dependent(services))?)?;
            println!("{services} services with 20 dependencies each: {wall:.3} s");
            walls.push(wall);
        }
        if walls[1] > 1.0 || walls[1] / walls[0] > 2.0 * GROWTH {
            faults.push("dependencies cost more than linear time, or a second".to_owned());
        }
        Ok(())
    }

    /// What would be gigabytes is an error within 0.1 s and 64 MiB.
    fn hostile(&self, side: &Side, faults: &mut Vec<String>) -> Result<()> {
        heading("files that are made to hurt");
        for (name, text) in [("nested aliases", aliases()), ("nested merge keys", merge_keys())] {
            let file = self.write("config.yaml", &text)?;
            let (mut wall, mut memory, mut code) = (f64::INFINITY, 0.0_f64, 0);
            for _ in 0..self.runs {
                let (status, cost) = self.config(side, &file)?;
                (wall, memory, code) = (wall.min(cost.wall), memory.max(cost.memory), status);
            }
            println!(
                "{name} ({} bytes): exit code {code}, {wall:.3} s, {:.1} MiB",
                text.len(),
                memory / MIB
            );
            if code != 1 || wall > 0.1 || memory > 64.0 * MIB {
                faults.push(format!("{name}: not an error within 0.1 s and 64 MiB"));
            }
        }
        Ok(())
    }

    /// Wall and CPU time and peak memory. The reader has one thread, so both times are one where nothing else runs.
    fn fastest(&self, side: &Side, file: &Path) -> Result<(f64, f64, f64)> {
        let (mut wall, mut cpu, mut memory) = (f64::INFINITY, f64::INFINITY, 0.0_f64);
        for _ in 0..self.runs.min(5) {
            let (code, cost) = self.config(side, file)?;
            ensure!(code == 0, "`config` exited with {code}");
            (wall, memory) = (wall.min(cost.wall), memory.max(cost.memory));
            // Where CPU time is not told it is no number.
            cpu = cpu.min(if cost.cpu.is_nan() { cost.wall } else { cost.cpu });
        }
        Ok((wall, cpu, memory))
    }

    fn config(&self, side: &Side, file: &Path) -> Result<(i32, Cost)> {
        let mut command = side.command.clone();
        command.extend(["-f".to_owned(), file.display().to_string(), "config".to_owned()]);
        measure::attempt(&command, &side.env, &self.dir).map(|(cost, output)| (output.code, cost))
    }
}

#[expect(clippy::cast_precision_loss, reason = "no count here has 53 bits")]
const fn count(number: usize) -> f64 {
    number as f64
}

/// A bar as long as the value is beside the first one.
fn bar(value: f64, first: f64) -> String {
    let mut text = String::new();
    while count(text.len()) * first < value * 20.0 && text.len() < 60 {
        text.push('#');
    }
    text
}

/// Services that have something of everything that is common.
pub(crate) fn realistic(services: usize) -> String {
    let mut text = "name: bench\nx-common: &common\n  restart: unless-stopped\n  logging: {driver: json-file, options: {max-size: 10m}}\nservices:\n".to_owned();
    for n in 0..services {
        let _ = write!(
            text,
            "  s{n}:\n    <<: *common\n    image: registry.example/app:${{TAG:-1.{n}}}\n    command: [serve, --port, \"80\"]\n    environment:\n      NUMBER: \"{n}\"\n      MODE: ${{MODE:-prod}}\n    ports: [\"{}:80\"]\n    volumes: [\"./data/{n}:/data\", \"v{}:/var/lib\"]\n    healthcheck: {{test: [CMD, \"true\"], interval: 10s}}\n    labels: [a=b, \"n={n}\"]\n    deploy: {{resources: {{limits: {{memory: 64m}}}}}}\n",
            10_000 + n,
            n % 50
        );
        if n > 0 {
            let _ = writeln!(text, "    depends_on: [s{}]", n / 2);
        }
    }
    text += "volumes:\n";
    for n in 0..services.min(50) {
        let _ = writeln!(text, "  v{n}:");
    }
    text
}

/// Every service depends on the twenty before it.
fn dependent(services: usize) -> String {
    let mut text = "services:\n".to_owned();
    for n in 0..services {
        let names: Vec<String> = (n.saturating_sub(20)..n).map(|n| format!("s{n}")).collect();
        let _ = writeln!(text, "  s{n}: {{image: x, depends_on: [{}]}}", names.join(", "));
    }
    text
}

/// Ten times ten times ten, twelve levels deep.
fn aliases() -> String {
    let mut text = "x-0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
    for level in 1..12 {
        let alias = format!("*a{}", level - 1);
        let _ = writeln!(text, "x-{level}: &a{level} [{}]", [alias.as_str(); 10].join(", "));
    }
    text + "services: {a: {image: x}}\n"
}

/// Maps of maps that are merged into each other.
fn merge_keys() -> String {
    let mut text = "x-0: &a0 {k: {l: lol}}\n".to_owned();
    for level in 1..30 {
        let last = level - 1;
        let _ = writeln!(
            text,
            "x-{level}: &a{level} {{<<: *a{last}, k{level}: *a{last}, l{level}: *a{last}}}"
        );
    }
    text + "services: {a: {image: x}}\n"
}
