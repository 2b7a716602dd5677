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
mod logs;
mod progress;
mod ps;
mod say;
mod screen;

use app::App;
use failure::{Failure, Kind};
use grammar::Request;
use perry_container_compose::load::Env;
use std::{
    ffi::OsString,
    io::{self, Write as _},
    process::ExitCode,
};

/// The whole program: reads the arguments, the environment and the current directory, once, and does what they say.
///
/// The exit status is docker compose's: 0, 1 for every error, 130 when interrupted, 143 when asked to end, and the
/// command's own for `exec`.
#[must_use]
pub fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().skip(1).collect();
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            tell(&failure);
            ExitCode::from(failure.status)
        }
    }
}

fn run(words: &[OsString]) -> Result<(), Failure> {
    let (globals, command) = match grammar::parse(words)? {
        Request::Text(text) => return app::print(&text),
        Request::Run(globals, command) => (*globals, command),
    };
    let env = environment();
    #[expect(clippy::disallowed_methods, reason = "this is the binary's front door")]
    let here = std::env::current_dir()
        .map_err(|error| Failure::error(format!("the current directory is gone: {error}")))?;
    App::new(globals, env, here).run(command)
}

/// What is no UTF-8 cannot be used in a compose file and is left out.
fn environment() -> Env {
    let text = |word: OsString| word.into_string().ok();
    std::env::vars_os().filter_map(|(name, value)| Some((text(name)?, text(value)?))).collect()
}

fn tell(failure: &Failure) {
    if failure.kind != Kind::Silent {
        // Nothing is left to complain to when standard error is closed.
        drop(writeln!(io::stderr().lock(), "{failure}"));
    }
}
