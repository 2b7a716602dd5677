//! What a test asks of the fake by its environment.

use std::{path::PathBuf, time::Duration};

/// The switches, read once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Switches {
    /// `FAKE_STATE`: the directory with everything.
    pub state: PathBuf,
    /// `FAKE_VERSION`: another version of the tool than the newest one that is mirrored.
    pub version: Option<String>,
    /// `FAKE_SERVICE=down`: the engine does not run.
    pub down: bool,
    /// `FAKE_PORTS=real`: published ports are bound on 127.0.0.1.
    pub ports: bool,
    /// `FAKE_DELAY_MS`: every call takes so much longer.
    pub delay: Duration,
    /// `FAKE_HANG`: this command gives no answer.
    pub hang: Option<String>,
    /// `FAKE_KILL`: this command dies by a signal.
    pub kill: Option<String>,
    /// `FAKE_GARBAGE`: what this command prints is cut in the middle.
    pub garbage: Option<String>,
    /// `FAKE_BIG`: this command prints 10 MB on each stream.
    pub big: Option<String>,
    /// `FAKE_NOISE=1`: warnings on standard error, as tools print that are well.
    pub noise: bool,
    /// `FAKE_PROXY`: the real tool, which gets the call; the fake only keeps the journal.
    pub proxy: Option<PathBuf>,
}

impl Switches {
    /// Out of an environment.
    pub fn read(env: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| env(name).filter(|value| !value.is_empty());
        Self {
            state: set("FAKE_STATE").map(PathBuf::from).unwrap_or_default(),
            version: set("FAKE_VERSION"),
            down: set("FAKE_SERVICE").as_deref() == Some("down"),
            ports: set("FAKE_PORTS").as_deref() == Some("real"),
            delay: Duration::from_millis(
                set("FAKE_DELAY_MS").and_then(|ms| ms.parse().ok()).unwrap_or(0),
            ),
            hang: set("FAKE_HANG"),
            kill: set("FAKE_KILL"),
            garbage: set("FAKE_GARBAGE"),
            big: set("FAKE_BIG"),
            noise: set("FAKE_NOISE").as_deref() == Some("1"),
            proxy: set("FAKE_PROXY").map(PathBuf::from),
        }
    }

    /// Whether a switch that names a command means this one: by its whole name or the first word of it.
    pub fn means(switch: Option<&str>, command: &str) -> bool {
        switch.is_some_and(|wanted| {
            wanted == command || wanted == "*" || command.split(' ').next() == Some(wanted)
        })
    }
}
