//! Putting values where a client takes text apart.

use perry_container_protocol::ToolError;
use perry_container_spec::ErrorKind;

/// One field of a CSV record, quoted where it has to be: `a,b` is `"a,b"`. Go's reader, which every client uses, takes
/// it back apart.
pub(crate) fn field(text: &str) -> String {
    let plain = !text.contains([',', '"', '\n', '\r']) && !text.starts_with([' ', '\t']);
    if plain && !text.is_empty() {
        text.to_owned()
    } else {
        format!("\"{}\"", text.replace('"', "\"\""))
    }
}

/// A CSV record of `key=value` fields.
#[derive(Debug, Default)]
pub(crate) struct Fields(Vec<String>);

impl Fields {
    pub(crate) fn add(&mut self, key: &str, value: impl std::fmt::Display) -> &mut Self {
        self.0.push(field(&format!("{key}={value}")));
        self
    }

    pub(crate) fn maybe(&mut self, key: &str, value: Option<impl std::fmt::Display>) -> &mut Self {
        if let Some(value) = value {
            self.add(key, value);
        }
        self
    }

    pub(crate) fn word(&mut self, word: &str) -> &mut Self {
        self.0.push(field(word));
        self
    }

    pub(crate) fn text(&self) -> String {
        self.0.join(",")
    }
}

/// Words as a POSIX shell takes them back apart.
pub(crate) fn shell(words: &[String]) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=/.,:@%+".contains(c);
    let quote = |word: &String| {
        if !word.is_empty() && word.chars().all(plain) {
            word.clone()
        } else {
            format!("'{}'", word.replace('\'', r"'\''"))
        }
    };
    words.iter().map(quote).collect::<Vec<_>>().join(" ")
}

/// A value that some syntax has no way to write.
pub(crate) fn refuse(what: &str, value: &str, why: &str) -> ToolError {
    ToolError::Refused {
        kind: ErrorKind::Invalid,
        code: 125,
        message: format!("{what} `{}` {why}", value.escape_debug()),
    }
}
