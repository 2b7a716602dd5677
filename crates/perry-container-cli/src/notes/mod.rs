//! What the program notes while it works: `--log-level` on standard error, `--trace` in a file.

mod chrome;
mod sink;

use crate::{app::App, failure::Failure, outside::Stream};
use chrome::Chrome;
use sink::Sink;
use tracing::Dispatch;
use tracing_subscriber::{
    EnvFilter,
    filter::filter_fn,
    fmt,
    layer::{Layer as _, SubscriberExt as _},
    registry,
};

/// Where notes go as long as one command runs.
#[derive(Debug)]
pub(crate) struct Notes {
    /// Absent: nobody wants any.
    pub(crate) dispatch: Option<Dispatch>,
    trace: Option<Chrome>,
}

/// The target of all our spans.
const TARGET: &str = "perry_container";

impl Notes {
    /// As the flags say. A file that cannot be written is refused before anything is done.
    pub(crate) fn new(app: &App) -> Result<Self, Failure> {
        let globals = &app.globals;
        let level = globals.log_level.as_deref().or(globals.verbose.then_some("debug"));
        let filter = level.map(EnvFilter::try_new).transpose().map_err(|error| {
            let level = level.unwrap_or_default();
            Failure::usage(format!(
                "invalid argument \"{level}\" for \"--log-level\" flag: {error}"
            ))
        })?;
        let trace = match &globals.trace {
            None => None,
            Some(path) => {
                let sink = Sink::create(&app.here.join(path)).map_err(|error| {
                    Failure::error(format!("could not write the trace {}: {error}", path.display()))
                })?;
                Some(Chrome::new(sink, &globals.command))
            }
        };
        if filter.is_none() && trace.is_none() {
            return Ok(Self { dispatch: None, trace: None });
        }
        let to = app.err.clone();
        let colours = app.err.is_terminal();
        let log = filter.map(|filter| {
            let writer = move || -> Stream { to.clone() };
            fmt::layer().with_writer(writer).with_ansi(colours).with_filter(filter)
        });
        let ours = filter_fn(|about| about.is_span() && about.target() == TARGET);
        let chrome = trace.clone().map(|chrome| chrome.with_filter(ours));
        let dispatch = Dispatch::new(registry().with(log).with(chrome));
        Ok(Self { dispatch: Some(dispatch), trace })
    }

    /// No more come; a trace that is not whole is said.
    pub(crate) fn finish(self, app: &App) {
        if let Some(Err(error)) = self.trace.map(|trace| trace.finish()) {
            app.warn(&format!("the trace is not complete: {error}"));
        }
    }
}
