//! What the tools' error texts mean.
//!
//! Only the exit code tells whether a call succeeded: podman complains on standard error when all is well.

mod docker;
mod nerdctl;
mod podman;

pub(crate) use docker::DOCKER;
pub(crate) use nerdctl::NERDCTL;
pub(crate) use podman::PODMAN;

use crate::dialect::Traits;
use perry_container_protocol::{Output, ToolError};
use perry_container_spec::ErrorKind;

/// Words that all stand in a text (in lower case, in this order), and what such a text means.
pub(crate) type Pattern = (ErrorKind, &'static [&'static str]);

/// Reads the errors of one tool.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader(&'static Traits);

impl Traits {
    pub(crate) const fn reader(&'static self) -> Reader {
        Reader(self)
    }
}

impl Reader {
    /// The kind of a text.
    pub(crate) fn kind(self, text: &str) -> ErrorKind {
        let text = text.to_ascii_lowercase();
        let all = |words: &[&str]| {
            words.iter().try_fold(&text[..], |rest, word| {
                rest.find(word).map(|at| &rest[at + word.len()..])
            })
        };
        let found = self.0.errors.iter().find(|(_, words)| all(words).is_some());
        found.map_or(ErrorKind::Other, |(kind, _)| *kind)
    }

    /// The error of a call that failed.
    pub(crate) fn error(self, out: &Output<'_>) -> ToolError {
        let message = message(&out.complaint())
            .or_else(|| message(&out.text()))
            .unwrap_or_else(|| format!("{} failed and said nothing about it", self.0.name));
        ToolError::Refused { kind: self.kind(&message), code: out.code, message }
    }

    /// Fails unless the call succeeded.
    pub(crate) fn accepted(self, out: &Output<'_>) -> Result<(), ToolError> {
        if out.code == 0 { Ok(()) } else { Err(self.error(out)) }
    }

    /// An error that says that something of this kind is not there.
    pub(crate) fn missing(self, kind: ErrorKind, what: &str, name: &str) -> ToolError {
        ToolError::Refused { kind, code: 1, message: format!("no such {what}: {name}") }
    }
}

/// Beginnings of a line that say nothing but that there was an error.
const PREFIXES: &[&str] = &[
    "docker: ",
    "Error response from daemon: ",
    "Error: ",
    "ERROR: ",
    "error: ",
    "Error response from daemon:",
];

/// Beginnings of lines that say nothing about an error.
const NOISE: &[&str] = &[
    "Usage:",
    "See '",
    "Run '",
    "Try '",
    "For more help",
    "Trying to pull",
    "Unable to find image",
    "Getting image source signatures",
    "Copying ",
    "Writing manifest",
    "Storing signatures",
    "failed to connect to syslog",
    "exit status ",
    "Error: failed to start containers",
    "Error: failed to rename container",
    "Emulate Docker CLI using podman",
];

/// nerdctl's last words where it did not do all; what was wrong stands before them, as a warning.
const SUMMARIES: &[&str] = &[
    "no network could be removed",
    "some networks could not be removed",
    "some volumes could not be inspected",
    "some volumes could not be removed",
    "unable to find any network matching the provided request",
];

/// The tool's own words, without its decoration; `None` when it said nothing.
pub(crate) fn message(complaint: &str) -> Option<String> {
    let text = words(complaint)?;
    if !SUMMARIES.contains(&&*text) {
        return Some(text);
    }
    let mut lesser = complaint.lines().rev().filter_map(logrus);
    let told = lesser.find(|line| ["error", "warning"].contains(&line.level));
    Some(told.map_or(text, |line| line.text.replace('\n', "; ")))
}

fn words(complaint: &str) -> Option<String> {
    let mut lines: Vec<(bool, String)> = Vec::new(); // whether it begins an error, and its text
    let mut usage = false;
    for line in complaint.lines() {
        let line = line.trim_end();
        if NOISE.iter().any(|noise| line.trim_start().starts_with(noise)) || line.is_empty() {
            // what follows a hint about usage lists flags, until the next error
            usage |= line.starts_with("Usage:");
            continue;
        }
        if let Some(logged) = logrus(line) {
            // podman logs at level error what it got over
            lines.extend(logged.is_fatal().then(|| (true, plural(&logged.text))));
            continue;
        }
        let mut text = line.trim_start();
        let begins = PREFIXES.iter().any(|prefix| text.starts_with(prefix));
        while let Some(rest) = PREFIXES.iter().find_map(|prefix| text.strip_prefix(prefix)) {
            text = rest.trim_start();
        }
        usage &= !begins;
        if !usage && !text.is_empty() {
            lines.push((begins, text.to_owned()));
        }
    }
    // From the last line that begins an error; docker's first is the one that tells, and its follow-ups are noise.
    let from =
        lines.iter().rposition(|(begins, _)| *begins).unwrap_or(lines.len().saturating_sub(3));
    let mut all = String::new();
    for (_, line) in &lines[from.min(lines.len())..] {
        if !all.is_empty() {
            all.push_str(if all.ends_with(':') { " " } else { "; " });
        }
        all.push_str(line);
    }
    let text = all.trim_end_matches(": unknown").trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// A line of the log that tools in Go write.
struct Logged<'a> {
    level: &'a str,
    text: String,
}

impl Logged<'_> {
    fn is_fatal(&self) -> bool {
        matches!(self.level, "fatal" | "panic")
    }
}

fn logrus(line: &str) -> Option<Logged<'_>> {
    let rest = line.strip_prefix("time=\"")?;
    let (_, rest) = rest.split_once("\" level=")?;
    let (level, rest) = rest.split_once(' ')?;
    let quoted = rest.strip_prefix("msg=").unwrap_or(rest);
    // behind a message may be fields
    let mut first = serde_json::Deserializer::from_str(quoted).into_iter::<String>();
    let text = first.next().and_then(Result::ok);
    Some(Logged { level, text: text.unwrap_or_else(|| quoted.trim_matches('"').to_owned()) })
}

/// nerdctl counts what failed: `1 errors:` and a line for each. Hints about usage are no part of it.
fn plural(text: &str) -> String {
    // a hook is nerdctl itself, and what it said is what was wrong
    if let Some((_, hook)) = text.rsplit_once(" level=fatal msg=")
        && text.contains("error running hook")
    {
        let mut said = serde_json::Deserializer::from_str(hook).into_iter::<String>();
        return said.next().and_then(Result::ok).unwrap_or_else(|| hook.replace('"', ""));
    }
    let errors = text.split_once(" errors:\n");
    let rest = errors.filter(|(count, _)| count.bytes().all(|b| b.is_ascii_digit()));
    let lines = rest.map_or(text, |(_, rest)| rest).lines().map(str::trim);
    let told = lines.take_while(|line| !line.starts_with("See '") && !line.starts_with("Usage:"));
    told.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ")
}

/// Whether a text is a full id.
pub(crate) fn is_id(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())
}
