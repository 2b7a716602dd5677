//! Demo, tests, lab, checks and benchmarks of this workspace. Holds nothing that a user of the library needs.
//!
//! One file per command; what the commands share is in [`run`] (child processes), [`ui`] (what one sees) and
//! [`workspace`] (where things are).
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a developer's tool: it talks to a terminal"
)]

mod bench;
mod capabilities;
mod conformance;
mod demo;
mod engine;
mod fuzz;
mod lab;
mod matrix;
mod requirements;
mod run;
mod test;
mod tidy;
mod ui;
mod workspace;
mod written;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Tasks of the perry-container workspace.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", disable_help_subcommand = true)]
struct Args {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Bring fixtures/demo up on real runtimes, look at it, take it down
    Demo(demo::Options),
    /// Everything continuous integration checks
    Test(test::Options),
    /// Container engines, registry and images on this machine
    Lab(lab::Options),
    /// The rules of the workspace: layers, READMEs, licences, texts
    Tidy(tidy::Options),
    /// Feature combinations that must build, and what must not be in their trees
    TestMatrix(matrix::Options),
    /// Compare with docker compose in interleaved runs
    Bench(bench::Options),
    /// Compare what a compose file means here with docker compose's recorded answers
    Conformance(conformance::Options),
    /// The targets of fuzz/ for a bounded time, with the stable toolchain
    Fuzz(fuzz::Options),
    /// docs/requirements.md from docs/requirements.toml
    Requirements(written::Options),
    /// docs/capabilities.md from the tables of perry-container-support
    Capabilities(written::Options),
    /// Run a command and write what it cost to a file (used by `bench`)
    #[command(hide = true)]
    Measure(bench::measure::Options),
}

fn main() -> ExitCode {
    let args = Args::parse();
    run::watch_signals();
    let result = match args.task {
        Task::Demo(options) => demo::main(&options),
        Task::Test(options) => test::main(&options),
        Task::Lab(options) => lab::main(&options),
        Task::Tidy(options) => tidy::main(&options),
        Task::TestMatrix(options) => matrix::main(&options),
        Task::Bench(options) => bench::main(&options),
        Task::Conformance(options) => conformance::main(&options),
        Task::Fuzz(options) => fuzz::main(&options),
        Task::Requirements(options) => requirements::main(&options),
        Task::Capabilities(options) => capabilities::main(&options),
        Task::Measure(options) => return bench::measure::main(&options),
    };
    match result {
        Ok(()) if run::interrupted() => ExitCode::from(130),
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            if !error.is::<test::Shown>() {
                ui::error(&error);
            }
            ExitCode::from(if run::interrupted() { 130 } else { 1 })
        }
    }
}
