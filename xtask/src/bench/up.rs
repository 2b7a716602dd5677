//! `cargo xtask bench up` and `noop`: a stack brought up by us and by the peer, run after run in turn.

use std::path::PathBuf;

use anyhow::{Result, bail, ensure};
use clap::ValueEnum;
use perry_container_lab_tests::Proxy;

use super::floor::Recorder;
use super::measure::Cost;
use super::stack::{self, Stack};
use super::{Figures, Options, Side, median, report};
use crate::engine::Engine;
use crate::run::Cmd;
use crate::ui::{dim, heading};
use crate::{lab, workspace};

/// How the runtime is reached, and whom we are compared with.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Lane {
    /// docker's socket, beside docker compose
    Socket,
    /// docker's command line, beside docker compose
    Cli,
    /// podman as it is found, beside podman-compose
    Podman,
}

impl Lane {
    fn engine(self) -> Engine {
        if self == Self::Podman { Engine::podman() } else { Engine::docker() }
    }

    fn ours(self, binary: String) -> Side {
        let env: &[(&str, &str)] = match self {
            Self::Socket => {
                &[("PERRY_CONTAINER_BACKEND", "docker"), ("PERRY_CONTAINER_TRANSPORT", "socket")]
            }
            Self::Cli => {
                &[("PERRY_CONTAINER_BACKEND", "docker"), ("PERRY_CONTAINER_TRANSPORT", "cli")]
            }
            Self::Podman => &[("PERRY_CONTAINER_BACKEND", "podman")],
        };
        let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Side { name: "perry-compose", command: vec![binary], env: env.collect() }
    }

    fn peer(self) -> Result<Side> {
        Ok(match self {
            Self::Podman => Side {
                name: "podman-compose",
                command: vec![podman_compose()?.display().to_string()],
                env: vec![],
            },
            _ => docker_compose(),
        })
    }

    /// Of the peer's wall time, at most.
    fn bound(self) -> f64 {
        match self {
            Self::Socket => 0.85,
            Self::Cli => 1.0,
            Self::Podman => 0.5,
        }
    }
}

/// Of the time that the same calls take when they are made raw, at most.
const FLOOR: f64 = 1.05;

pub(super) fn docker_compose() -> Side {
    let command = vec![lab::docker().to_owned(), "compose".to_owned()];
    Side { name: "docker compose", command, env: vec![] }
}

/// podman-compose of this machine, or in an environment of its own.
fn podman_compose() -> Result<PathBuf> {
    if let Ok(found) = which::which("podman-compose") {
        return Ok(found);
    }
    let dir = workspace::target().join("bench/podman-compose");
    let program = dir.join("bin/podman-compose");
    if !program.is_file() {
        heading("Installing podman-compose for the comparison");
        Cmd::new("python3").args(["-m", "venv"]).arg(&dir).run()?;
        Cmd::new(dir.join("bin/pip"))
            .args(["install", "--quiet", "podman-compose==1.6.0"])
            .run()?;
    }
    Ok(program)
}

type Measured = fn(&Stack, &Side, Option<&str>) -> Result<Cost>;

/// What is measured.
pub(super) struct Kind {
    word: &'static str,
    measured: Measured,
    /// Whether it has bounds. When nothing is to be done, all is a matter of the client alone.
    bounded: bool,
}

pub(super) const NEW_STACK: Kind =
    Kind { word: "up -d of a new stack", measured: stack::up, bounded: true };
pub(super) const RUNNING_STACK: Kind =
    Kind { word: "up -d of a stack that runs", measured: stack::noop, bounded: false };

/// The whole comparison; fails when a bound is not kept.
pub(super) fn main(options: &Options, binary: String, kind: &Kind) -> Result<Vec<Figures>> {
    lab::up()?;
    let lane = options.lane;
    ensure!(
        !options.floor || lane == Lane::Socket,
        "--floor needs --lane socket: it tells calls again"
    );
    let engine = lane.engine();
    ensure!(engine.answers(), "{} does not answer here", engine.name);
    let sides = [lane.ours(binary), lane.peer()?];
    let services = options.services.unwrap_or(10);
    let stack = Stack::new(engine, services)?;
    heading(&format!("{}: {services} services, {} runs in turn", kind.word, options.runs));
    let figures = compare(&stack, &sides, options, kind.measured)?;
    report(&figures);
    let wall = |at: usize| median(figures[at].runs.iter().map(|cost| cost.wall));
    let mut faults = vec![];
    if kind.bounded {
        let mut hold = |at: usize, bound: f64| {
            let ratio = wall(0) / wall(at);
            if ratio > bound {
                faults
                    .push(format!("{ratio:.2} of {}, and {bound} is the bound", figures[at].name));
            }
        };
        hold(1, lane.bound());
        if options.floor {
            hold(2, FLOOR);
        }
    }
    if !faults.is_empty() {
        bail!("{}", faults.join("\n"));
    }
    Ok(figures)
}

fn compare(
    stack: &Stack,
    sides: &[Side; 2],
    options: &Options,
    measured: Measured,
) -> Result<Vec<Figures>> {
    let mut figures = vec![];
    for side in sides {
        // The first run of each side warms caches and counts the calls, where there is a socket to count at.
        let counter = stack.socket().map(|socket| Proxy::start(&socket)).transpose()?;
        let address = counter.as_ref().map(Proxy::address);
        measured(stack, side, address.as_deref())?;
        figures.push(Figures {
            name: side.name,
            runs: vec![],
            calls: counter.map(|one| one.calls()),
        });
    }
    let floor = if options.floor {
        let Some(socket) = stack.socket() else { bail!("no socket to record at") };
        let recorder = Recorder::start(&socket)?;
        measured(stack, &sides[0], Some(&recorder.address()))?;
        let recording = recorder.finish()?;
        let calls = Some(recording.calls());
        figures.push(Figures { name: "the calls, raw", runs: vec![], calls });
        Some(recording)
    } else {
        None
    };
    let turns = figures.len();
    for run in 0..options.runs {
        // Who begins changes from run to run.
        for turn in 0..turns {
            let at = (run + turn) % turns;
            let cost = match (sides.get(at), &floor) {
                (Some(side), _) => measured(stack, side, None)?,
                (None, Some(recording)) => stack::raw(stack, recording)?,
                (None, None) => continue,
            };
            println!("{}", dim(&format!("   {:<15} {}", figures[at].name, cost.text())));
            figures[at].runs.push(cost);
        }
    }
    Ok(figures)
}
