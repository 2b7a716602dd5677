//! Command lines that make no sense, and those that will make sense later.

use super::{Cli, Command};
use crate::failure::Failure;
use clap::{
    CommandFactory as _,
    error::{ContextKind, ContextValue, ErrorKind},
};
use std::ffi::OsString;

/// docker compose's commands that are not there yet.
const NOT_YET: [&str; 13] = [
    "alpha", "attach", "bridge", "build", "commit", "cp", "export", "publish", "push", "run",
    "stats", "volumes", "watch",
];

/// The end of the help page.
pub(super) fn not_yet_list() -> String {
    let mut text = "Not yet:".to_owned();
    for (n, name) in NOT_YET.into_iter().enumerate() {
        text.push_str(if n % 10 == 0 { "\n  " } else { " " });
        text.push_str(name);
    }
    text
}

/// A command that is none of ours.
pub(super) fn command(words: &[OsString]) -> Failure {
    let name = words.first().map_or_else(String::new, |word| word.to_string_lossy().into_owned());
    if NOT_YET.contains(&name.as_str()) {
        return Failure::usage(format!("`perry-compose {name}` is not there yet"));
    }
    let known = Cli::command();
    let names = known.get_subcommands().map(clap::Command::get_name).chain(NOT_YET);
    let failure = Failure::usage(format!("unknown command: \"{name}\""));
    match nearest(&name, names) {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None => failure.hint("`perry-compose --help` lists the commands"),
    }
}

/// Flags that are known but have no effect yet: refused, so that none is silently ignored.
pub(super) fn not_yet(command: &Command) -> Result<(), Failure> {
    let flags: &[(bool, &str)] = match command {
        Command::Up(up) => &[(up.watch, "up --watch"), (up.menu, "up --menu")],
        _ => &[],
    };
    match flags.iter().find(|(given, _)| *given) {
        Some((_, flag)) => Err(Failure::usage(format!("`{flag}` is not supported yet"))),
        None => Ok(()),
    }
}

/// clap's complaint in docker compose's words.
pub(super) fn usage(error: &clap::Error, words: &[OsString]) -> Failure {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(texts)) => Some(texts.join(", ")),
        _ => None,
    };
    let arg = context(ContextKind::InvalidArg).unwrap_or_default();
    let flag = arg.split([' ', '[', '=']).next().unwrap_or_default().to_owned();
    let failure = match error.kind() {
        ErrorKind::UnknownArgument => match flag.strip_prefix("--") {
            Some(_) => Failure::usage(format!("unknown flag: {flag}")),
            None => match flag.strip_prefix('-').and_then(|rest| rest.chars().next()) {
                Some(short) => {
                    let group = words.iter().map(|word| word.to_string_lossy());
                    let mut group = group.filter(|word| {
                        word.starts_with('-') && !word.starts_with("--") && word.contains(short)
                    });
                    let group =
                        group.next().map_or_else(|| flag.clone(), std::borrow::Cow::into_owned);
                    Failure::usage(format!("unknown shorthand flag: '{short}' in {group}"))
                }
                None => Failure::usage(format!("unexpected argument \"{flag}\"")),
            },
        },
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let value = context(ContextKind::InvalidValue).unwrap_or_default();
            if value.is_empty() && error.get(ContextKind::InvalidValue).is_some() {
                Failure::usage(format!("flag needs an argument: {flag}"))
            } else {
                let valid = context(ContextKind::ValidValue).map(|all| format!("one of {all}"));
                let why =
                    valid.or_else(|| std::error::Error::source(error).map(ToString::to_string));
                let why = why.unwrap_or_else(|| "not a value for it".to_owned());
                Failure::usage(format!("invalid argument \"{value}\" for \"{flag}\" flag: {why}"))
            }
        }
        ErrorKind::TooManyValues | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            Failure::usage(format!("flag needs an argument: {flag}"))
        }
        ErrorKind::InvalidUtf8 => Failure::usage("an argument is not valid UTF-8"),
        _ => {
            let text = error.to_string();
            let first = text.lines().next().unwrap_or_default();
            Failure::usage(first.strip_prefix("error: ").unwrap_or(first))
        }
    };
    match context(ContextKind::SuggestedArg) {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None => failure,
    }
}

/// The name that is a few letters away: one in a short word, two in a longer one.
fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let far = if name.chars().count() < 5 { 1 } else { 2 };
    names.map(|near| (distance(name, near), near)).filter(|(n, _)| *n <= far).min().map(|(_, n)| n)
}

/// Levenshtein's distance.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.chars().enumerate() {
            let cost = corner + usize::from(x != y);
            corner = row[j + 1];
            row[j + 1] = cost.min(corner + 1).min(row[j] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}
