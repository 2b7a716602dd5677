//! The stack that is measured.

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::{Result, ensure};

use super::Side;
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

    /// The engine's own socket.
    pub(crate) fn socket(&self) -> String {
        std::env::var("LAB_DOCKER_SOCK").unwrap_or_else(|_| "/var/run/docker.sock".to_owned())
    }

    fn up(&self, side: &Side, host: Option<&str>) -> Result<Cost> {
        let mut command = side.command.clone();
        command.extend(["-f", "compose.yaml", "-p", PROJECT, "up", "-d"].map(str::to_owned));
        let mut env = side.env.clone();
        let host = host.map_or_else(|| format!("unix://{}", self.socket()), str::to_owned);
        env.push(("DOCKER_HOST".to_owned(), host));
        let cost = measure::cost(&command, &env, &self.dir)?;
        let running = self.engine.lives(PROJECT)?.len();
        ensure!(
            running == self.services,
            "{} left {running} of {} services",
            side.name,
            self.services
        );
        Ok(cost)
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
