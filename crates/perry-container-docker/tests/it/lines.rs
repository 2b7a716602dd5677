//! Taking command lines apart the way the clients do.

use perry_container_protocol::{Arg, Invocation};
use std::collections::BTreeMap;

/// Flags of `create` that take no value. Everything else is `--flag=value`.
const SWITCHES: &[&str] =
    &["--interactive", "--no-healthcheck", "--privileged", "--read-only", "--rm", "--tty"];

/// A command line, taken apart.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    /// Flags with their values, in order; switches with an empty one.
    pub(crate) flags: Vec<(String, String)>,
    /// What is in the environment file.
    pub(crate) file: BTreeMap<String, String>,
    /// Behind `--`.
    pub(crate) operands: Vec<String>,
}

/// Takes `verb flags -- operands` apart; panics where a value could be taken for a flag.
pub(crate) fn parse(verb: &[&str], call: &Invocation) -> Parsed {
    let mut parsed = Parsed::default();
    let mut args = call.args.iter();
    for word in verb {
        assert_eq!(args.next(), Some(&Arg::Text((*word).to_owned())));
    }
    for arg in args.by_ref() {
        let text = match arg {
            Arg::File { prefix, content } => {
                assert_eq!(prefix, "--env-file=");
                parsed.file = env_file(std::str::from_utf8(content.expose()).expect("text"));
                continue;
            }
            Arg::Text(text) if text == "--" => break,
            Arg::Text(text) => text,
        };
        let (flag, value) = match text.split_once('=') {
            Some((flag, value)) => (flag, value),
            None => {
                assert!(SWITCHES.contains(&text.as_str()), "`{text}` is no switch");
                (text.as_str(), "")
            }
        };
        let name = flag.strip_prefix("--").unwrap_or_else(|| panic!("`{text}` is no flag"));
        assert!(
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b"-6".contains(&b)),
            "`{text}`"
        );
        parsed.flags.push((flag.to_owned(), value.to_owned()));
    }
    for arg in args {
        let Arg::Text(text) = arg else { panic!("a file behind `--`") };
        parsed.operands.push(text.clone());
    }
    parsed
}

/// One CSV record, as Go's `encoding/csv` reads it: strictly.
pub(crate) fn csv(text: &str) -> Vec<String> {
    let mut fields = Vec::new();
    let mut rest = text;
    loop {
        let mut field = String::new();
        if let Some(quoted) = rest.strip_prefix('"') {
            rest = quoted;
            loop {
                let (before, after) = rest.split_once('"').expect("the quote ends");
                field.push_str(before);
                rest = after;
                match rest.strip_prefix('"') {
                    Some(after) => {
                        field.push('"');
                        rest = after;
                    }
                    None => break,
                }
            }
        } else {
            let end = rest.find(',').unwrap_or(rest.len());
            field.push_str(&rest[..end]);
            assert!(!field.contains(['"', '\n', '\r']), "a bare quote or line end in {text:?}");
            rest = &rest[end..];
        }
        fields.push(field);
        match rest.strip_prefix(',') {
            Some(after) => rest = after,
            None => {
                assert_eq!(rest, "", "a field goes on behind its quote in {text:?}");
                return fields;
            }
        }
    }
}

/// Lines as docker's and podman's environment files are read.
fn env_file(text: &str) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for line in text.split('\n') {
        let line = line.strip_suffix('\r').unwrap_or(line).trim_start();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (name, value) = line.split_once('=').expect("a value");
        assert!(!name.contains(char::is_whitespace));
        all.insert(name.to_owned(), value.to_owned());
    }
    all
}
