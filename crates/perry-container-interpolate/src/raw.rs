//! `format: raw`: docker's own reader of `--env-file` (its `kvfile` package).

use crate::{EnvFile, EnvFileError, Lookup};

/// The variables of a text: `NAME=VALUE` a line, the value taken as it is, blanks and quotes
/// included; `#` makes a comment at the start of a line only. A name alone takes its value from
/// `lookup` or is dropped.
///
/// # Errors
/// A line without a name, or with blanks in it.
pub fn parse_raw(text: &str, lookup: &Lookup<'_>) -> Result<EnvFile, EnvFileError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut done = EnvFile::default();
    for (number, line) in text.lines().enumerate() {
        let (line, number) = (line.trim_start(), number + 1);
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (name, value) = match line.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (line, None),
        };
        if name.is_empty() {
            return Err(EnvFileError::NoName { line: number });
        }
        if name.contains([' ', '\t', '\n', '\r']) {
            let name = name.to_owned();
            return Err(EnvFileError::Whitespace { line: number, name });
        }
        if let Some(value) = value.map(str::to_owned).or_else(|| lookup(name)) {
            done.lines.insert(name.to_owned(), number);
            done.env.set(name, value);
        }
    }
    Ok(done)
}
