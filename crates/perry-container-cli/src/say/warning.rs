//! Warnings in docker compose's form.

use super::harmless;
use jiff::Timestamp;
use std::io::Write;

/// Warnings go to standard error, each once.
#[derive(Debug, Clone)]
pub(crate) struct Warnings {
    terminal: bool,
    colours: bool,
    said: Vec<String>,
}

impl Warnings {
    pub(crate) const fn new(terminal: bool, colours: bool) -> Self {
        Self { terminal, colours, said: Vec::new() }
    }

    /// Says it, unless it was said.
    pub(crate) fn say(&mut self, to: &mut impl Write, text: &str, now: Timestamp) {
        if let Some(line) = self.line(text, now) {
            // Nothing is left to complain to when standard error is closed.
            drop(writeln!(to, "{line}"));
        }
    }

    /// `WARN[0000] text` on a terminal, else `time="..." level=warning msg="text"`; nothing when it was said.
    pub(crate) fn line(&mut self, text: &str, now: Timestamp) -> Option<String> {
        if self.said.iter().any(|said| said == text) {
            return None;
        }
        self.said.push(text.to_owned());
        if self.terminal {
            let head = if self.colours { "\u{1b}[33mWARN\u{1b}[0m" } else { "WARN" };
            return Some(format!("{head}[0000] {}", harmless(text)));
        }
        let now = now.strftime("%Y-%m-%dT%H:%M:%SZ");
        Some(format!("time=\"{now}\" level=warning msg={text:?}"))
    }
}

#[cfg(test)]
mod tests {
    use super::Warnings;

    #[test]
    fn each_is_said_once() {
        let now = "2026-11-24T21:07:31.5Z".parse().unwrap();
        let mut out = Vec::new();
        let mut warnings = Warnings::new(false, false);
        warnings.say(&mut out, "the \"F\" variable is not set", now);
        warnings.say(&mut out, "the \"F\" variable is not set", now);
        Warnings::new(true, false).say(&mut out, "odd", now);
        Warnings::new(true, true).say(&mut out, "odd", now);
        snapbox::assert_data_eq!(
            snapbox::IntoData::raw(String::from_utf8(out).unwrap()),
            snapbox::IntoData::raw(snapbox::str![[r#"
time="2026-11-24T21:07:31Z" level=warning msg="the \"F\" variable is not set"
WARN[0000] odd
[33mWARN[0m[0000] odd

"#]])
        );
    }
}
