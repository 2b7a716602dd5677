//! Taking out what a runtime cannot do, and saying so.

use crate::{
    Capabilities, Feature, Level,
    rules::{self, Rule, Template},
};
use perry_container_spec::{NetworkSpec, VolumeSpec};
use std::{fmt, str::FromStr};

/// What happens with a property that the runtime cannot honour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    /// It is left out, with a note.
    #[default]
    Lenient,
    /// The same, and whatever else is not native is noted too: what is done in the runtime's place, what differs.
    Warn,
    /// The container is refused.
    Strict,
}

impl Mode {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Lenient, Self::Warn, Self::Strict];

    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lenient => "lenient",
            Self::Warn => "warn",
            Self::Strict => "strict",
        }
    }
}

/// The words are `lenient`, `warn` and `strict`.
///
/// ```
/// # use perry_container_support::Mode;
/// assert_eq!("strict".parse(), Ok(Mode::Strict));
/// assert_eq!("harsh".parse::<Mode>().unwrap_err().to_string(), "`harsh` is not one of lenient, warn and strict");
/// ```
impl FromStr for Mode {
    type Err = BadMode;

    fn from_str(text: &str) -> Result<Self, BadMode> {
        Self::ALL
            .into_iter()
            .find(|mode| mode.as_str() == text)
            .ok_or_else(|| BadMode(text.to_owned()))
    }
}

/// A word that is no [`Mode`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadMode(pub String);

impl fmt::Display for BadMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not one of lenient, warn and strict", self.0)
    }
}

impl std::error::Error for BadMode {}

/// What became of a property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// It is left out.
    Dropped,
    /// Another value is taken.
    Translated {
        /// What was asked for.
        from: String,
        /// What is taken.
        to: String,
    },
    /// It is done in the runtime's place.
    EmulatedHost,
    /// It is handed on, and works with a difference.
    Differs,
}

/// Something that is not as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Which feature.
    pub feature: Feature,
    /// The property's path below its service, network or volume, as a Compose file writes it
    /// (`healthcheck.start_interval`).
    pub path: String,
    /// What became of it.
    pub act: Act,
    /// What happens instead, or why it does not.
    pub text: String,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.text)
    }
}

/// What cannot be made on this runtime as it was asked for ([`Mode::Strict`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused(pub Vec<Note>);

/// `domainname (podman has no domain name of its own); links (...)`
impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, note) in self.0.iter().enumerate() {
            write!(f, "{}{} ({})", if n == 0 { "" } else { "; " }, note.path, note.text)?;
        }
        Ok(())
    }
}

impl std::error::Error for Refused {}

/// Features whose difference shows, if at all, in what was made ([`kept`](crate::kept)), or in an error of the
/// runtime's own: it is noted beforehand only by [`Mode::Warn`].
const SEEN_LATER: &[Feature] = &[Feature::LogDriver, Feature::MultiArchPull, Feature::Restart];

fn apply<'r, T: 'static>(
    rules: impl Iterator<Item = &'r Rule<T>>,
    mut value: T,
    can: &Capabilities,
    mode: Mode,
) -> Result<(T, Vec<Note>), Refused> {
    let mut notes = Vec::new();
    for rule in rules {
        if !(rule.used)(&value) {
            continue;
        }
        let mut text = can.text(rule.feature).to_owned();
        let act = match (can.level(rule.feature), rule.translate) {
            (Level::Native, _) => continue,
            (Level::Emulated, _) => Act::EmulatedHost,
            (Level::Unsupported, _) => {
                (rule.strip)(&mut value);
                Act::Dropped
            }
            (Level::Partial, Some(translate)) => match translate(&mut value) {
                None => continue,
                Some((from, to)) => {
                    text = if to.is_empty() {
                        format!("{text}; `{from}` is left out")
                    } else {
                        format!("{text}; `{from}` is taken as `{to}`")
                    };
                    Act::Translated { from, to }
                }
            },
            (Level::Partial, None) => Act::Differs,
        };
        let quiet = match act {
            Act::Dropped | Act::Translated { .. } => false,
            Act::EmulatedHost => true,
            Act::Differs => SEEN_LATER.contains(&rule.feature),
        };
        if !quiet || mode == Mode::Warn {
            notes.push(Note { feature: rule.feature, path: rule.path.to_owned(), act, text });
        }
    }
    if mode == Mode::Strict {
        let lost = |note: &Note| note.act == Act::Dropped && !note.feature.is_hint();
        if notes.iter().any(lost) {
            notes.retain(lost);
            return Err(Refused(notes));
        }
    }
    Ok((value, notes))
}

/// Fits a template to a runtime: what it cannot do is left out, and a note tells each such property. To fit again what
/// was fitted changes nothing.
///
/// # Errors
/// [`Refused`] in [`Mode::Strict`] when something would be left out that has an effect.
pub fn fit(
    template: Template,
    can: &Capabilities,
    mode: Mode,
) -> Result<(Template, Vec<Note>), Refused> {
    apply(rules::container(), template, can, mode)
}

/// Fits a network to a runtime, as [`fit`].
///
/// # Errors
/// As [`fit`].
pub fn fit_network(
    network: NetworkSpec,
    can: &Capabilities,
    mode: Mode,
) -> Result<(NetworkSpec, Vec<Note>), Refused> {
    apply(rules::NETWORK.iter(), network, can, mode)
}

/// Fits a volume to a runtime, as [`fit`].
///
/// # Errors
/// As [`fit`].
pub fn fit_volume(
    volume: VolumeSpec,
    can: &Capabilities,
    mode: Mode,
) -> Result<(VolumeSpec, Vec<Note>), Refused> {
    apply(rules::VOLUME.iter(), volume, can, mode)
}
