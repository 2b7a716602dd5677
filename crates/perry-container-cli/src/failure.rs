//! Why a command fails, and with which status.

use crate::say::harmless;
use perry_container_compose::{
    ComposeError, backend::BackendError, engine::EngineError, probe::ProbeError,
};
use std::{error::Error, fmt, io};

/// The end of a command that did not go well: one message, and what could help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// What is wrong; whole lines when `drawn`.
    pub(crate) text: String,
    /// What could help.
    pub(crate) hint: Option<String>,
    /// The status of this process.
    pub(crate) status: u8,
    /// How it is shown.
    pub(crate) kind: Kind,
}

/// How a failure is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The command line makes no sense.
    Usage,
    /// Something could not be done.
    Error,
    /// The text is a drawing with its own headings.
    Drawn,
    /// Everything was said already; only the status is left.
    Silent,
}

/// The status of a command that was interrupted.
pub(crate) const INTERRUPTED: u8 = 130;
/// The status of a command whose terminal went away.
pub(crate) const HUNG_UP: u8 = 129;
/// The status of a command that was asked to end.
pub(crate) const TERMINATED: u8 = 143;

impl Failure {
    fn new(kind: Kind, text: String) -> Self {
        Self { text, hint: None, status: 1, kind }
    }

    /// The command line makes no sense.
    pub(crate) fn usage(text: impl Into<String>) -> Self {
        Self::new(Kind::Usage, text.into())
    }

    /// Something could not be done.
    pub(crate) fn error(text: impl Into<String>) -> Self {
        Self::new(Kind::Error, text.into())
    }

    /// Whole lines that are shown as they are.
    pub(crate) fn drawn(text: impl Into<String>) -> Self {
        Self::new(Kind::Drawn, text.into())
    }

    /// Only a status.
    pub(crate) fn status(status: u8) -> Self {
        Self { status, ..Self::new(Kind::Silent, String::new()) }
    }

    /// With what could help.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// An error and what it came from, each said once: `a: b: c`.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(deeper) = cause {
        let more = deeper.to_string();
        if !text.ends_with(&more) {
            text = format!("{text}: {more}");
        }
        cause = deeper.source();
    }
    text
}

impl Failure {
    /// An error and what could help.
    fn of(error: &dyn Error, hint: Option<impl Into<String>>) -> Self {
        Self { hint: hint.map(Into::into), ..Self::error(chain(error)) }
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        Self::of(&error, error.hint())
    }
}

impl From<BackendError> for Failure {
    fn from(error: BackendError) -> Self {
        Self::of(&error, error.hint.as_deref())
    }
}

impl From<ProbeError> for Failure {
    fn from(error: ProbeError) -> Self {
        Self::of(&error, error.hint())
    }
}

impl From<ComposeError> for Failure {
    fn from(error: ComposeError) -> Self {
        Self::of(&error, None::<String>)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::of(&error, None::<String>)
    }
}

impl Failure {
    /// As it is printed.
    pub(crate) fn shown(&self, colours: bool) -> String {
        let paint = |code: &str, text: &str| match colours {
            true => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            false => text.to_owned(),
        };
        let mut shown = match self.kind {
            Kind::Silent => return String::new(),
            Kind::Drawn => self.text.clone(),
            Kind::Usage => harmless(&self.text).into_owned(),
            Kind::Error => format!("{} {}", paint("1;31", "error:"), harmless(&self.text)),
        };
        if let Some(hint) = &self.hint {
            shown.extend(["\n", &paint("1;36", "hint:"), " ", &harmless(hint)]);
        }
        shown
    }
}

/// As it is printed, without colours.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown(false))
    }
}

#[cfg(test)]
mod tests {
    use super::Failure;

    #[test]
    fn colours_are_ours_alone() {
        let failure = Failure::error("a \u{1b}[31mred herring").hint("look again");
        assert_eq!(failure.shown(false), "error: a \u{fffd}[31mred herring\nhint: look again");
        assert_eq!(
            failure.shown(true),
            "\u{1b}[1;31merror:\u{1b}[0m a \u{fffd}[31mred herring\n\u{1b}[1;36mhint:\u{1b}[0m look again"
        );
    }
}
