//! How a call gets into the machine, with what nobody may see.
//!
//! The environment of a client does not cross ssh, and a file of this machine is not there. So variables and files go
//! in front of the call's own input; a small program of the machine's shell takes exactly that many bytes of it, lays
//! the files into a directory that only its user can read, and removes it when the call is over.

use crate::Guest;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use perry_container_protocol::{Arg, Input, Invocation, ToolError};
use perry_container_spec::{ErrorKind, Sensitive};
use std::fmt::Write as _;

/// A line of an environment file that is longer makes Go's scanner give up.
const LONGEST_LINE: usize = 64 * 1024 - 1;

/// Variables that a shell keeps for itself: they cannot be set, or what is set means something to it.
const SHELLS: &[&str] = &[
    "BASHOPTS",
    "BASHPID",
    "EUID",
    "FUNCNAME",
    "FUNCNEST",
    "GROUPS",
    "LINENO",
    "OPTARG",
    "OPTIND",
    "PPID",
    "PS1",
    "PS2",
    "PS4",
    "RANDOM",
    "SECONDS",
    "SHELLOPTS",
    "SHLVL",
    "UID",
    "_",
];

/// What is handed over in front of the input.
#[derive(Default)]
struct Hand {
    /// Lines of shell.
    text: String,
    files: usize,
}

impl Hand {
    /// A file with this content; its name.
    fn file(&mut self, content: &[u8]) -> String {
        let name = self.files.to_string();
        self.files += 1;
        let content = BASE64_STANDARD.encode(content);
        let _ = writeln!(self.text, "printf %s {content} | base64 -d >\"$perry_d/{name}\"");
        name
    }

    /// A variable of the shell's environment.
    fn variable(&mut self, name: &str, value: &str) {
        let value = value.replace('\'', r"'\''");
        let _ = writeln!(self.text, "export {name}='{value}'");
    }
}

/// Whether a variable can be a line of an environment file.
fn fits_line(name: &str, value: &str) -> bool {
    !name.starts_with(['#', '\u{feff}'])
        && !name.contains(char::is_whitespace)
        && !value.contains('\n')
        && !value.ends_with('\r')
        && name.len() + value.len() < LONGEST_LINE
}

/// Whether a shell can export a variable of this name.
fn exportable(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && letters.all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !name.starts_with("perry_")
        && !SHELLS.contains(&name)
}

/// Whether something of a call is for nobody's eyes.
pub(crate) fn is_private(call: &Invocation) -> bool {
    !call.env.is_empty() || call.args.iter().any(|arg| matches!(arg, Arg::File { .. }))
}

/// A call of nerdctl that holds neither variables nor files, as a call of the tool that leads into the machine.
pub(crate) fn plain(guest: &Guest, call: Invocation) -> Invocation {
    let mut args = Invocation::new(guest.way()).args;
    args.push(Arg::Text("nerdctl".to_owned()));
    args.extend(call.args);
    Invocation { args, ..call }
}

/// A program of the machine's shell with these parameters.
pub(crate) fn shell(
    guest: &Guest,
    program: &str,
    words: impl IntoIterator<Item = impl Into<String>>,
) -> Invocation {
    let mut call = Invocation::new(guest.way());
    call.args(["sh", "-c", program, "perry-compose"]).args(words);
    call
}

/// Any call of nerdctl as a call of the tool that leads into the machine.
///
/// # Errors
/// [`ToolError::Refused`] for a variable that no way can carry. The text never holds its value.
pub(crate) fn over(guest: &Guest, call: Invocation) -> Result<Invocation, ToolError> {
    if !is_private(&call) {
        return Ok(plain(guest, call));
    }
    let mut hand = Hand::default();
    let mut lines = String::new(); // of an environment file
    let mut kept = Vec::new();
    for (name, value) in &call.env {
        let flag = format!("--env={name}");
        let text = value.expose();
        let of_container =
            call.args.iter().any(|arg| matches!(arg, Arg::Text(text) if *text == flag));
        if of_container && fits_line(name, text) {
            let _ = writeln!(lines, "{name}={text}");
            kept.push(flag);
        } else if exportable(name) {
            hand.variable(name, text);
        } else {
            return Err(ToolError::Refused {
                kind: ErrorKind::Invalid,
                code: 125,
                message: format!(
                    "variable `{}` cannot be handed into {guest}: its value has a line break, and no shell takes its name",
                    name.escape_debug(),
                ),
            });
        }
    }
    // nerdctl's own words: plain ones are parameters of the program, files are named within it.
    let mut command = "nerdctl".to_owned();
    let mut words = Vec::new();
    let mut environment = (!lines.is_empty()).then_some(lines);
    for arg in call.args {
        let (word, content) = match arg {
            Arg::File { prefix, content } => (prefix, Some(content)),
            // The file stands where the first of its variables stood.
            Arg::Text(text) if kept.contains(&text) => match environment.take() {
                Some(lines) => ("--env-file=".to_owned(), Some(Sensitive::new(lines.into_bytes()))),
                None => continue,
            },
            Arg::Text(text) => (text, None),
        };
        words.push(word);
        let n = words.len();
        let _ = match content {
            Some(content) => {
                let name = hand.file(content.expose());
                write!(command, " \"${{{n}}}$perry_d/{name}\"")
            }
            None => write!(command, " \"${{{n}}}\""),
        };
    }
    hand.text.push_str("perry_whole=1");
    let outer = shell(guest, &program(&hand, &command), words);
    let mut bytes = hand.text.into_bytes();
    let input = match call.input {
        Input::Null => Input::Bytes(Sensitive::new(bytes)),
        Input::Bytes(own) => {
            bytes.extend_from_slice(own.expose());
            Input::Bytes(Sensitive::new(bytes))
        }
        Input::After(own) => {
            bytes.extend_from_slice(own.expose());
            Input::After(Sensitive::new(bytes))
        }
        Input::Stream => Input::After(Sensitive::new(bytes)),
    };
    Ok(Invocation { input, deadline: call.deadline, make_dirs: call.make_dirs, ..outer })
}

/// Takes what is in front of the input and nothing more of it (`dd` byte by byte reads no further), then runs the command.
fn program(hand: &Hand, command: &str) -> String {
    let count = hand.text.len();
    let directory = if hand.files > 0 { DIRECTORY } else { "" };
    format!(
        "umask 077; {directory}eval \"$(dd bs=1 count={count} 2>/dev/null)\"; [ \"$perry_whole\" ] || exit 125; {command}"
    )
}

/// A directory of this call, which goes when it is over.
pub(crate) const DIRECTORY: &str = "perry_d=$(mktemp -d) || exit 125; trap 'rm -rf \"$perry_d\"' EXIT; trap 'exit 129' HUP INT TERM; ";
