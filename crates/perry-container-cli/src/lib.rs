#![doc = include_str!("../README.md")]

mod app;
mod ask;
mod commands;
mod dispatch;
mod failure;
mod grammar;
mod input;
mod logs;
mod notes;
mod outside;
mod progress;
mod ps;
mod say;
mod screen;
mod session;
mod signals;
mod table;
mod terminal;

pub use outside::{Outside, Presses, Stream};

use app::App;
use failure::{Failure, Kind};
use grammar::{Command, Request};
use notes::Notes;
use std::{ffi::OsString, io::Write as _, process::ExitCode};

/// The whole program: reads the arguments, the environment and the current directory, once, and does what they say.
///
/// The exit status is docker compose's: 0, 1 for every error, 130 when interrupted, 143 when asked to end, and the
/// command's own for `exec`.
#[must_use]
pub fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().skip(1).collect();
    let outside = match Outside::of_this_process() {
        Ok(outside) => outside,
        Err(error) => {
            let failure = Failure::error(format!("the current directory is gone: {error}"));
            return ExitCode::from(end(Err(failure), &mut Stream::Stderr, false, false));
        }
    };
    let (mut err, begun) = (outside.err.clone(), begin(&words, outside));
    let status = match begun {
        Ok(None) => 0,
        Ok(Some((app, command))) => {
            let done = noted(&app, &command);
            end(done, &mut err, app.json_errors(), app.screen.err_colours)
        }
        Err(failure) => end(Err(failure), &mut err, false, false),
    };
    ExitCode::from(status)
}

/// Does what the words say, without the program's own name, inside a tokio runtime that is there: the exit status.
///
/// ```
/// # use perry_container_cli::{Outside, run};
/// # use perry_container_testkit::Sim;
/// # use std::sync::Arc;
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let outside = Outside::over(Arc::new(Sim::new()), std::env::temp_dir());
/// assert_eq!(run(["-p", "demo", "ps", "-q"], outside.clone()).await, 0);
/// assert_eq!((outside.out.text(), outside.err.text()), (String::new(), String::new()));
/// # });
/// ```
pub async fn run(words: impl IntoIterator<Item = impl Into<OsString>>, outside: Outside) -> u8 {
    let words: Vec<OsString> = words.into_iter().map(Into::into).collect();
    let mut err = outside.err.clone();
    match begin(&words, outside) {
        Ok(None) => 0,
        Ok(Some((app, command))) => {
            let done = match Notes::new(&app) {
                Ok(notes) => {
                    // Tasks of this runtime note as well, as long as it has one thread.
                    let scope = notes.dispatch.as_ref().map(tracing::dispatcher::set_default);
                    let done = dispatch::perform(&app, &command).await;
                    drop(scope);
                    notes.finish(&app);
                    done
                }
                Err(failure) => Err(failure),
            };
            end(done, &mut err, app.json_errors(), app.screen.err_colours)
        }
        Err(failure) => end(Err(failure), &mut err, false, false),
    }
}

/// Reads the words; what is only text is printed at once.
fn begin(words: &[OsString], outside: Outside) -> Result<Option<(App, Command)>, Failure> {
    match grammar::parse(words)? {
        Request::Text(text) => app::print(&outside.out, &text).map(|()| None),
        Request::Run(globals, command) => Ok(Some((App::new(*globals, outside), command))),
    }
}

/// Runs a command of this process, with the notes that it was asked for.
fn noted(app: &App, command: &Command) -> Result<(), Failure> {
    let notes = Notes::new(app)?;
    if let Some(dispatch) = &notes.dispatch {
        // This is the program: nobody else has set one.
        tracing::dispatcher::set_global_default(dispatch.clone()).ok();
    }
    let done = dispatch::run(app, command);
    notes.finish(app);
    done
}

/// Says why it did not go well; the exit status.
fn end(done: Result<(), Failure>, to: &mut Stream, json: bool, colours: bool) -> u8 {
    let Err(failure) = done else { return 0 };
    let text = match failure.kind {
        Kind::Silent => return failure.status,
        _ if json => serde_json::json!({ "error": true, "message": failure.text }).to_string(),
        _ => failure.shown(colours),
    };
    // Nothing is left to complain to when standard error is closed.
    drop(writeln!(to, "{text}"));
    failure.status
}
