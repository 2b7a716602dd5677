//! The stack that is measured.

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::{Result, ensure};

use super::Side;
use super::floor::Recording;
use super::measure::{self, Cost};
use crate::engine::Engine;
use crate::workspace;

const PROJECT: &str = "perry-bench";

pub(crate) struct Stack {
    engine: Engine,
    services: usize,
    dir: PathBuf,
}

impl Stack {
    pub(crate) fn new(engine: Engine, services: usize) -> Result<Self> {
        let dir = workspace::target().join("bench");
        std::fs::create_dir_all(&dir)?;
        std::fs::write(dir.join("compose.yaml"), compose_file(services))?;
        engine.sweep(PROJECT);
        Ok(Self { engine, services, dir })
    }

    /// docker's own socket, when that is the engine.
    pub(crate) fn socket(&self) -> Option<String> {
        let socket = || {
            std::env::var("LAB_DOCKER_SOCK").unwrap_or_else(|_| "/var/run/docker.sock".to_owned())
        };
        (self.engine.name == "docker").then(socket)
    }

    fn up(&self, side: &Side, host: Option<&str>) -> Result<Cost> {
        let mut command = side.command.clone();
        command.extend(["-f", "compose.yaml", "-p", PROJECT, "up", "-d"].map(str::to_owned));
        let mut env = side.env.clone();
        let own = || self.socket().map(|socket| format!("unix://{socket}"));
        if let Some(host) = host.map(str::to_owned).or_else(own) {
            env.push(("DOCKER_HOST".to_owned(), host));
        }
        let cost = measure::cost(&command, &env, &self.dir)?;
        self.all_run(side.name)?;
        Ok(cost)
    }

    fn all_run(&self, who: &str) -> Result<()> {
        let running = self.engine.lives(PROJECT)?.len();
        ensure!(running == self.services, "{who} left {running} of {} services", self.services);
        Ok(())
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        self.engine.sweep(PROJECT);
    }
}

/// From nothing to all services running.
pub(crate) fn up(stack: &Stack, side: &Side, host: Option<&str>) -> Result<Cost> {
    stack.engine.sweep(PROJECT);
    let cost = stack.up(side, host);
    stack.engine.sweep(PROJECT);
    cost
}

/// The calls that a recorded `up` made, from nothing to all services running.
pub(crate) fn raw(stack: &Stack, recording: &Recording) -> Result<Cost> {
    stack.engine.sweep(PROJECT);
    let wall = recording.replay();
    let all = stack.all_run("the recording");
    stack.engine.sweep(PROJECT);
    all.and(wall).map(|wall| Cost { wall, cpu: f64::NAN, memory: f64::NAN })
}

/// A second `up` by the side that made the stack: it must touch nothing.
pub(crate) fn noop(stack: &Stack, side: &Side, host: Option<&str>) -> Result<Cost> {
    stack.engine.sweep(PROJECT);
    stack.up(side, None)?;
    let before = stack.engine.lives(PROJECT)?;
    let cost = stack.up(side, host)?;
    ensure!(
        before == stack.engine.lives(PROJECT)?,
        "the second up of {} touched a container",
        side.name
    );
    stack.engine.sweep(PROJECT);
    Ok(cost)
}

fn compose_file(services: usize) -> String {
    let registry = std::env::var("LAB_REGISTRY").unwrap_or_else(|_| "127.0.0.1:5000".to_owned());
    let mut text = format!("name: {PROJECT}\nservices:\n");
    for number in 0..services {
        let _ = write!(
            text,
            "  s{number:02}:\n    image: {registry}/lab/graceful:1\n    command: [idle]\n    environment:\n      NUMBER: \"{number}\"\n    stop_grace_period: 1s\n"
        );
    }
    text
}
