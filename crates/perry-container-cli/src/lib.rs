#![doc = include_str!("../README.md")]
#![allow(
    dead_code,
    unused_imports,
    reason = "the commands that need a runtime come with the engine"
)]

mod app;
mod commands;
mod failure;
mod grammar;
mod input;
mod logs;
mod progress;
mod ps;
mod say;
mod screen;
mod signals;
mod terminal;

use app::App;
use failure::{Failure, Kind};
use grammar::{Globals, Request};
use perry_container_compose::load::Env;
use std::{
    ffi::OsString,
    io::{self, IsTerminal as _, Write as _},
    process::ExitCode,
};

/// The whole program: reads the arguments, the environment and the current directory, once, and does what they say.
///
/// The exit status is docker compose's: 0, 1 for every error, 130 when interrupted, 143 when asked to end, and the
/// command's own for `exec`.
#[must_use]
pub fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().skip(1).collect();
    let (failure, json, colours) = match grammar::parse(&words) {
        Ok(Request::Text(text)) => (app::print(&text).err(), false, false),
        Ok(Request::Run(globals, command)) => match app(*globals) {
            Ok(app) => (app.run(&command).err(), app.json_errors(), app.screen.err_colours),
            Err(failure) => (Some(failure), false, false),
        },
        Err(failure) => (Some(failure), false, false),
    };
    let Some(failure) = failure else { return ExitCode::SUCCESS };
    tell(&failure, json, colours);
    ExitCode::from(failure.status)
}

fn app(globals: Globals) -> Result<App, Failure> {
    diagnostics(&globals)?;
    #[expect(clippy::disallowed_methods, reason = "this is the binary's front door")]
    let here = std::env::current_dir()
        .map_err(|error| Failure::error(format!("the current directory is gone: {error}")))?;
    Ok(App::new(globals, environment(), here))
}

/// What is no UTF-8 cannot be used in a compose file and is left out.
fn environment() -> Env {
    let text = |word: OsString| word.into_string().ok();
    std::env::vars_os().filter_map(|(name, value)| Some((text(name)?, text(value)?))).collect()
}

/// `--log-level`: what the library notes while it works, on standard error.
fn diagnostics(globals: &Globals) -> Result<(), Failure> {
    let level = globals.log_level.as_deref().or(globals.verbose.then_some("debug"));
    let Some(level) = level else { return Ok(()) };
    let filter = tracing_subscriber::EnvFilter::try_new(level).map_err(|error| {
        Failure::usage(format!("invalid argument \"{level}\" for \"--log-level\" flag: {error}"))
    })?;
    let stderr = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    stderr.with_ansi(io::stderr().is_terminal()).init();
    Ok(())
}

fn tell(failure: &Failure, json: bool, colours: bool) {
    let text = match failure.kind {
        Kind::Silent => return,
        _ if json => serde_json::json!({ "error": true, "message": failure.text }).to_string(),
        _ => failure.shown(colours),
    };
    // Nothing is left to complain to when standard error is closed.
    drop(writeln!(io::stderr().lock(), "{text}"));
}
