//! What one command costs: `cargo xtask measure OUT -- COMMAND...` runs it as its only child, so that the kernel's
//! account of our children is the account of that command and its own children.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use nix::sys::resource::{UsageWho, getrusage};
use serde::{Deserialize, Serialize};

use crate::run::{Cmd, Output};

#[derive(Args)]
pub(crate) struct Options {
    /// File for the figures
    out: PathBuf,
    #[arg(last = true, required = true)]
    command: Vec<String>,
}

/// Seconds and bytes of one run.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Cost {
    /// From start to end, in seconds.
    pub(crate) wall: f64,
    /// User and system time of the command and its children, in seconds.
    pub(crate) cpu: f64,
    /// Largest resident set of any of them, in bytes.
    pub(crate) memory: f64,
}

impl Cost {
    pub(crate) fn text(self) -> String {
        if self.cpu.is_nan() {
            return format!("{:7.3} s wall", self.wall);
        }
        format!(
            "{:7.3} s wall  {:6.3} s cpu  {:6.1} MiB",
            self.wall,
            self.cpu,
            self.memory / 1024.0 / 1024.0
        )
    }
}

pub(crate) fn main(options: &Options) -> ExitCode {
    match measure(options) {
        Ok(code) => code,
        Err(error) => {
            crate::ui::error(&error);
            ExitCode::from(127)
        }
    }
}

fn measure(options: &Options) -> Result<ExitCode> {
    let (program, args) = options.command.split_first().context("no command")?;
    let start = Instant::now();
    let status = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("starting {program}"))?;
    let wall = start.elapsed().as_secs_f64();
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let seconds = |time: nix::sys::time::TimeVal| {
        std::time::Duration::from_micros(
            u64::try_from(nix::sys::time::TimeValLike::num_microseconds(&time)).unwrap_or(0),
        )
        .as_secs_f64()
    };
    // Linux counts kibibytes here, macOS bytes.
    let unit = if cfg!(target_os = "macos") { 1 } else { 1024 };
    #[expect(clippy::cast_precision_loss, reason = "no process has 2^53 bytes")]
    let memory = (usage.max_rss() * unit) as f64;
    let cost =
        Cost { wall, cpu: seconds(usage.user_time()) + seconds(usage.system_time()), memory };
    std::fs::write(&options.out, serde_json::to_string(&cost)?)?;
    Ok(status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Runs a command that must succeed in a measuring process of its own.
pub(crate) fn cost(command: &[String], env: &[(String, String)], dir: &Path) -> Result<Cost> {
    run(command, env, dir).map(|(cost, _)| cost)
}

/// The same with what it printed.
pub(crate) fn run(
    command: &[String],
    env: &[(String, String)],
    dir: &Path,
) -> Result<(Cost, String)> {
    let (cost, output) = attempt(command, env, dir)?;
    if output.code != 0 {
        let text = command.join(" ");
        bail!("`{text}` exited with {}: {}{}", output.code, output.stdout, output.stderr);
    }
    Ok((cost, output.stdout))
}

/// The same of a command that may fail.
pub(crate) fn attempt(
    command: &[String],
    env: &[(String, String)],
    dir: &Path,
) -> Result<(Cost, Output)> {
    let out = dir.join("cost.json");
    let mut cmd = Cmd::new(std::env::current_exe()?)
        .arg("measure")
        .arg(&out)
        .arg("--")
        .args(command)
        .dir(dir);
    for (name, value) in env {
        cmd = cmd.env(name, value);
    }
    let text = command.join(" ");
    let output = cmd.limit(std::time::Duration::from_secs(300)).capture()?;
    let cost = serde_json::from_str(&std::fs::read_to_string(&out)?)
        .with_context(|| format!("figures of `{text}`"))?;
    Ok((cost, output))
}
