//! `cargo xtask lab`: the container engines, the registry and the images of this machine.
//!
//! The work is done by the scripts in `xtask/lab`, which speak apt, dockerd and podman; this decides when.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::{Args, Subcommand};

use crate::run::{Cmd, Running};
use crate::workspace;

/// A bare machine takes about a minute; a slow mirror several.
const LIMIT: Duration = Duration::from_secs(600);

#[derive(Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Install what is missing, start what does not run, build the images (seconds when all is there)
    Up {
        /// Build the images anew
        #[arg(long)]
        rebuild: bool,
    },
    /// Stop what `up` started, remove what tests left
    Down {
        /// Remove the images and the registry's data, too
        #[arg(long)]
        images: bool,
        /// Remove every file that `up` wrote, too
        #[arg(long)]
        purge: bool,
    },
    /// What is there; fails when something is not
    Status,
}

pub(crate) fn main(options: &Options) -> Result<()> {
    match &options.what {
        What::Up { rebuild } => up_command().args(rebuild.then_some("--rebuild")).run(),
        What::Down { images, purge } => script("down.sh")
            .args(images.then_some("--images"))
            .args(purge.then_some("--purge"))
            .run(),
        What::Status => script("up.sh").arg("--status").run(),
    }
}

fn script(name: &str) -> Cmd {
    Cmd::new("bash")
        .arg(workspace::path("xtask/lab").join(name))
        .dir(workspace::root())
        .limit(LIMIT)
}

fn up_command() -> Cmd {
    script("up.sh")
}

/// Where the lab keeps its state. The same default as in `xtask/lab/lib.sh`.
pub(crate) fn state() -> PathBuf {
    std::env::var_os("LAB_STATE").map_or_else(|| PathBuf::from("/var/lib/perry-lab"), PathBuf::from)
}

/// Daemons that the lab started and that run.
fn daemons() -> BTreeSet<String> {
    let entries = std::fs::read_dir(state().join("pid")).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| runs(name))
        .collect()
}

fn runs(name: &str) -> bool {
    let pid = std::fs::read_to_string(state().join("pid").join(name)).unwrap_or_default();
    !pid.trim().is_empty() && std::path::Path::new("/proc").join(pid.trim()).exists()
}

/// A lab being set up in the background.
pub(crate) struct Starting {
    running: Running,
    log: PathBuf,
    before: BTreeSet<String>,
}

/// Sets the lab up in the background. `None` where it cannot be: it takes Linux and root.
pub(crate) fn start() -> Result<Option<Starting>> {
    if !cfg!(target_os = "linux") || !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    let log = workspace::target().join("lab-up.log");
    std::fs::create_dir_all(workspace::target())?;
    let before = daemons();
    Ok(Some(Starting { running: up_command().start(&log)?, log, before }))
}

impl Starting {
    /// Waits until the lab is up; its messages, and the daemons that it had to start.
    pub(crate) fn finish(self) -> Result<(String, Vec<String>)> {
        let done = self.running.finish();
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        if let Err(error) = done {
            bail!("the lab did not come up: {error:#}\n{}", text.trim_end());
        }
        Ok((text, daemons().difference(&self.before).cloned().collect()))
    }

    /// Daemons started so far by a lab that did not come up.
    pub(crate) fn started(before: &BTreeSet<String>) -> Vec<String> {
        daemons().difference(before).cloned().collect()
    }

    /// Daemons that ran before.
    pub(crate) fn before(&self) -> BTreeSet<String> {
        self.before.clone()
    }
}

/// Sets the lab up and shows its messages; says so where there can be none.
pub(crate) fn up() -> Result<()> {
    if !cfg!(target_os = "linux") || !rustix::process::geteuid().is_root() {
        println!("no lab here (it takes Linux and root): using the engines that are there");
        return Ok(());
    }
    up_command().run()
}

/// Stops these daemons of the lab and nothing else.
pub(crate) fn stop(daemons: &[String]) -> Result<()> {
    if daemons.is_empty() {
        return Ok(());
    }
    script("down.sh").args(["--only", &daemons.join(",")]).cleanup().run()
}

/// The Docker client to use: Debian's where it is installed, because an older one may come first on the PATH.
pub(crate) fn docker() -> &'static str {
    if std::path::Path::new("/usr/bin/docker").exists() { "/usr/bin/docker" } else { "docker" }
}

/// A PATH on which the lab's clients come first.
pub(crate) fn path() -> String {
    let path = std::env::var("PATH").unwrap_or_default();
    if docker() == "docker" { path } else { format!("/usr/bin:{path}") }
}
