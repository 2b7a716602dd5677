//! The grammar of `.env` files: compose-go's `dotenv` (asked of 2.40.3 where texts are silent).

use indexmap::IndexMap;

use crate::{Env, EnvFileError, Lookup, interpolate};

/// What an environment file says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EnvFile {
    /// Its variables, over those that were handed in.
    pub env: Env,
    /// The line, from 1, that gave a variable its value.
    pub lines: IndexMap<String, usize>,
    /// Variables that its values use and that are not set, each once, with the line: compose warns of each.
    pub unset: Vec<(String, usize)>,
}

/// The variables of a text. Values may use variables: `lookup` first, then earlier lines of the
/// same text; unset ones are nothing. A name alone on a line takes its value from `lookup` or is
/// dropped.
///
/// ```
/// use perry_container_interpolate::parse_dotenv;
/// let text = "export A=1 # one\nB='$A'\nC=\"$A\\n\"\nHOME\n";
/// let env = parse_dotenv(text, &|name| (name == "HOME").then(|| "/root".to_owned()))?;
/// let pairs: Vec<_> = env.iter().collect();
/// assert_eq!(pairs, [("A", "1"), ("B", "$A"), ("C", "1\n"), ("HOME", "/root")]);
/// # Ok::<(), perry_container_interpolate::EnvFileError>(())
/// ```
///
/// # Errors
/// The first statement that is none, with its line.
pub fn parse_dotenv(text: &str, lookup: &Lookup<'_>) -> Result<Env, EnvFileError> {
    read_dotenv(text, lookup, Env::new()).map(|file| file.env)
}

/// As [`parse_dotenv`], with what else there is to tell; `before` is what the files before it said, for its values to use
/// and for its lines to replace.
///
/// # Errors
/// As [`parse_dotenv`].
pub fn read_dotenv(text: &str, lookup: &Lookup<'_>, before: Env) -> Result<EnvFile, EnvFileError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let done = EnvFile { env: before, ..EnvFile::default() };
    let mut reader = Reader { rest: text, line: 1, done, lookup, room: MAX_FILE };
    while reader.seek_statement() {
        reader.statement()?;
    }
    Ok(reader.done)
}

/// How many bytes the values of one file may have in all: twice what is read of any file.
const MAX_FILE: usize = 128 << 20;

struct Reader<'a> {
    rest: &'a str,
    line: usize,
    done: EnvFile,
    lookup: &'a Lookup<'a>,
    /// Bytes that values may still have.
    room: usize,
}

impl Reader<'_> {
    /// Goes to the next character that is neither blank nor part of a comment line.
    fn seek_statement(&mut self) -> bool {
        loop {
            let blanks = self.rest.len() - self.rest.trim_start().len();
            self.skip(blanks);
            if !self.rest.starts_with('#') {
                return !self.rest.is_empty();
            }
            self.skip(self.rest.find('\n').unwrap_or(self.rest.len()));
        }
    }

    fn skip(&mut self, bytes: usize) {
        self.line += self.rest[..bytes].matches('\n').count();
        self.rest = &self.rest[bytes..];
    }

    fn statement(&mut self) -> Result<(), EnvFileError> {
        if let Some(rest) = self.rest.strip_prefix("export")
            && rest.starts_with(char::is_whitespace)
        {
            self.rest = rest.trim_start_matches(is_blank);
        }
        let line = self.line;
        let mut name_end = self.rest.len();
        let mut inherited = true;
        for (at, c) in self.rest.char_indices() {
            match c {
                '=' | ':' | '\n' => {
                    (name_end, inherited) = (at, c == '\n');
                    break;
                }
                '_' | '.' | '-' | '[' | ']' => {}
                c if is_blank(c) || c.is_alphanumeric() => {}
                character => {
                    let text = self.rest.split(['\n', '=']).next().unwrap_or("").to_owned();
                    return Err(EnvFileError::BadName { line, character, text });
                }
            }
        }
        let name = self.rest[..name_end].trim_end().to_owned();
        if name.contains(' ') {
            return Err(EnvFileError::SpaceInName { line });
        }
        self.skip((name_end + 1).min(self.rest.len()));
        if inherited {
            if let Some(value) = (self.lookup)(&name) {
                self.set(name, line, value);
            }
            return Ok(());
        }
        self.rest = self.rest.trim_start_matches(is_blank);
        let value = match self.rest.as_bytes().first() {
            Some(b'\'') => self.quoted('\'')?,
            Some(b'"') => {
                let text = self.quoted('"')?;
                self.expand(&unescape(&text))?
            }
            _ => {
                let text = self.rest.split('\n').next().unwrap_or("");
                let value = text.split(" #").next().unwrap_or("").trim_end();
                let value = self.expand(value)?;
                self.skip((text.len() + 1).min(self.rest.len()));
                value
            }
        };
        self.set(name, line, value);
        Ok(())
    }

    fn set(&mut self, name: String, line: usize, value: String) {
        self.done.lines.insert(name.clone(), line);
        self.done.env.set(name, value);
    }

    /// Up to the closing quote. `\` before the quote is dropped, any other `\` stays.
    fn quoted(&mut self, quote: char) -> Result<String, EnvFileError> {
        let mut out = String::new();
        let mut escaped = false;
        for (at, c) in self.rest.char_indices().skip(1) {
            if c == quote && !escaped {
                self.skip(at + 1);
                return Ok(out);
            }
            if !escaped && c == '\\' {
                escaped = true;
                continue;
            }
            if escaped && c != quote {
                out.push('\\');
            }
            escaped = false;
            out.push(c);
        }
        let text = self.rest.split('\n').next().unwrap_or("").to_owned();
        Err(EnvFileError::Unterminated { line: self.line, text })
    }

    fn expand(&mut self, template: &str) -> Result<String, EnvFileError> {
        let lookup =
            |name: &str| (self.lookup)(name).or_else(|| self.done.env.get(name).map(str::to_owned));
        match interpolate(template, &lookup) {
            Ok(done) => {
                for name in done.unset {
                    if !self.done.unset.iter().any(|(known, _)| *known == name) {
                        self.done.unset.push((name, self.line));
                    }
                }
                let too_long = EnvFileError::TooLong { line: self.line };
                self.room = self.room.checked_sub(done.text.len()).ok_or(too_long)?;
                Ok(done.text)
            }
            Err(source) => Err(EnvFileError::Template { line: self.line, source }),
        }
    }
}

/// Blank, but no line end.
fn is_blank(c: char) -> bool {
    matches!(c, '\t' | '\u{b}' | '\u{c}' | '\r' | ' ' | '\u{85}' | '\u{a0}')
}

/// The escapes of double quotes. `\$` becomes `$$`, which expansion turns into `$`; unknown ones
/// stay as they are.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let plain = match rest.as_bytes().first() {
            Some(b'a') => '\u{7}',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'v') => '\u{b}',
            Some(b'\\') => '\\',
            Some(b'"') => '"',
            Some(b'$') => {
                out.push('$');
                '$'
            }
            Some(b'0') => {
                let digits = rest[1..].bytes().take(3).take_while(u8::is_ascii_digit).count();
                let code = u32::from_str_radix(&rest[1..=digits], 8).ok();
                match code.filter(|code| digits == 3 && *code < 256).and_then(char::from_u32) {
                    Some(c) => {
                        out.push(c);
                        rest = &rest[digits + 1..];
                    }
                    None => out.push('\\'),
                }
                continue;
            }
            _ => {
                out.push('\\');
                continue;
            }
        };
        out.push(plain);
        rest = &rest[1..];
    }
    out.push_str(rest);
    out
}
