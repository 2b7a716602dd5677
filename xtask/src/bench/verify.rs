//! `cargo xtask bench verify`: perry-verify beside `cosign verify`, run after run in turn, on images that cosign signed and
//! a registry of this machine. Every bound is checked; missing one fails.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};

use super::measure::{self, Cost};
use super::{Figures, median};
use crate::ui::{self, dim, heading};
use crate::workspace;

/// Of cosign's wall and CPU time for one image, and of its memory.
const ONE: f64 = 0.25;
const MEMORY: f64 = 0.5;
/// Of the wall and CPU time of as many cosign runs as images.
const MANY: f64 = 0.05;
const IMAGES: usize = 20;
/// Of the binary, in bytes.
const BINARY: u64 = 12_000_000;
const MIB: f64 = 1024.0 * 1024.0;

const IDENTITY: &str =
    "https://github.com/chainguard-images/images/.github/workflows/release.yaml@refs/heads/main";
const ISSUER: &str = "https://token.actions.githubusercontent.com";

/// The registry, which ends with its standard input.
struct Registry {
    child: Child,
    host: String,
}

impl Registry {
    fn start(program: &Path) -> Result<Self> {
        let mut command = Command::new(program);
        command.arg(workspace::path("fixtures/sigs/registry.json"));
        for n in 0..IMAGES {
            command.args(["pos/kl-v1", &format!("bench/{n}")]);
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut host = String::new();
        let out = child.stdout.take().context("its output")?;
        BufReader::new(out).read_line(&mut host)?;
        Ok(Self { child, host: host.trim().to_owned() })
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        self.child.wait().ok();
    }
}

pub(super) fn main(runs: usize, binary: Option<&Path>) -> Result<Vec<Figures>> {
    let cosign =
        which::which("cosign").context("cosign is not on the PATH: nothing to compare with")?;
    heading("Building perry-verify and the registry with optimisation");
    let build =
        |args: &[&str]| workspace::cargo().args(["build", "--quiet", "--release"]).args(args).run();
    build(&["--package", "perry-container-testkit", "--example", "registry"])?;
    let ours = match binary {
        Some(binary) => std::path::absolute(binary)?,
        None => {
            build(&["--package", "perry-container-verify-cli"])?;
            workspace::target().join("release/perry-verify")
        }
    };
    let registry = Registry::start(&workspace::target().join("release/examples/registry"))?;
    let dir = workspace::target().join("bench");
    std::fs::create_dir_all(&dir)?;
    let bench = Bench { dir, ours, cosign, host: registry.host.clone() };
    let mut faults = Vec::new();
    heading(&format!("one image, {runs} runs in turn"));
    let mut figures = vec![
        Figures { name: "perry-verify", runs: vec![], calls: None },
        Figures { name: "cosign verify", runs: vec![], calls: None },
    ];
    let one = vec![format!("{}/bench/0:1", bench.host)];
    // The first run of each warms caches.
    for run in 0..=runs {
        for turn in 0..2 {
            let at = (run + turn) % 2;
            let cost = if at == 0 { bench.ours(&one)? } else { bench.cosign(&one[0])? };
            if run > 0 {
                println!("{}", dim(&format!("   {:<15} {}", figures[at].name, cost.text())));
                figures[at].runs.push(cost);
            }
        }
    }
    table(&figures);
    for (word, of, bound) in [
        ("wall time", (|cost| cost.wall) as fn(&Cost) -> f64, ONE),
        ("CPU time", |cost| cost.cpu, ONE),
        ("peak memory", |cost| cost.memory, MEMORY),
    ] {
        let ratio = median(figures[0].runs.iter().map(of)) / median(figures[1].runs.iter().map(of));
        judge(word, ratio, bound, &mut faults);
    }
    heading(&format!("{IMAGES} images in one process beside {IMAGES} runs of cosign"));
    bench.many(&mut faults)?;
    let size = std::fs::metadata(&bench.ours)?.len();
    #[expect(clippy::cast_precision_loss, reason = "no program has 2^53 bytes")]
    let text =
        format!("the binary has {:.1} MB (bound {:.0})", size as f64 / 1e6, BINARY as f64 / 1e6);
    println!("{text}");
    if size > BINARY {
        faults.push(text);
    }
    if !faults.is_empty() {
        bail!("{}", faults.join("\n"));
    }
    Ok(figures)
}

struct Bench {
    dir: PathBuf,
    ours: PathBuf,
    cosign: PathBuf,
    host: String,
}

impl Bench {
    fn flags(program: &Path, before: &[&str]) -> Vec<String> {
        let root = workspace::path("fixtures/sigs/trust/good.json").display().to_string();
        let mut words = vec![program.display().to_string()];
        words.extend(before.iter().map(|word| (*word).to_owned()));
        words.extend(["--trusted-root".to_owned(), root]);
        let whom = ["--certificate-identity", IDENTITY, "--certificate-oidc-issuer", ISSUER];
        words.extend(whom.map(str::to_owned));
        words
    }

    fn ours(&self, images: &[String]) -> Result<Cost> {
        let mut words = Self::flags(&self.ours, &[]);
        words.extend(images.iter().cloned());
        measure::cost(&words, &[], &self.dir)
    }

    fn cosign(&self, image: &str) -> Result<Cost> {
        let mut words = Self::flags(&self.cosign, &["verify"]);
        words.push(image.to_owned());
        let home = self.dir.display().to_string();
        measure::cost(&words, &[("HOME".to_owned(), home)], &self.dir)
    }

    fn many(&self, faults: &mut Vec<String>) -> Result<()> {
        let images: Vec<String> =
            (0..IMAGES).map(|n| format!("{}/bench/{n}:1", self.host)).collect();
        let (mut wall, mut cpu) = (0.0, 0.0);
        let mut own = Vec::new();
        for (n, image) in images.iter().enumerate() {
            let cost = self.cosign(image)?;
            (wall, cpu) = (wall + cost.wall, cpu + cost.cpu);
            // Ours in between, so that what the machine does meanwhile hits both.
            if n % 4 == 0 {
                own.push(self.ours(&images)?);
            }
        }
        ensure!(wall > 0.0 && cpu > 0.0, "cosign took no time");
        let (ours, theirs) =
            (median(own.iter().map(|cost| cost.wall)), median(own.iter().map(|cost| cost.cpu)));
        println!(
            "perry-verify: {ours:.3} s wall, {theirs:.3} s CPU; cosign: {wall:.3} s wall, {cpu:.3} s CPU"
        );
        judge("wall time", ours / wall, MANY, faults);
        judge("CPU time", theirs / cpu, MANY, faults);
        Ok(())
    }
}

fn judge(word: &str, ratio: f64, bound: f64, faults: &mut Vec<String>) {
    println!("{word}: {ratio:.3} of cosign's (bound {bound})");
    if ratio > bound {
        faults.push(format!("{word} is {ratio:.3} of cosign's, more than {bound}"));
    }
}

fn table(figures: &[Figures]) {
    let head = ["median of", "wall", "CPU", "peak memory"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for one in figures {
        let of = |what: fn(&Cost) -> f64| median(one.runs.iter().map(what));
        rows.push(vec![
            one.name.to_owned(),
            format!("{:.3} s", of(|cost| cost.wall)),
            format!("{:.3} s", of(|cost| cost.cpu)),
            format!("{:.1} MiB", of(|cost| cost.memory) / MIB),
        ]);
    }
    println!();
    print!("{}", ui::table(&rows, &[1, 2, 3]));
}
