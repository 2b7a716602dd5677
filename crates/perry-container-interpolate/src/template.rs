//! `${VAR}` templates as compose-go's `template` package expands them (asked of 2.40.3 where the
//! specification is silent).

use crate::Lookup;

/// How deep `${A:-${B:-...}}` may be nested.
pub const MAX_DEPTH: usize = 64;

/// How long a text may become, in bytes: values hold values, and a few lines could ask for any amount of memory.
pub const MAX_TEXT: usize = 4 << 20;

/// A template with its variables replaced.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Interpolated {
    /// The result.
    pub text: String,
    /// Variables that were not set and had no operator to say what then, each once; compose warns
    /// of each: `The "V" variable is not set. Defaulting to a blank string.`
    pub unset: Vec<String>,
}

/// Why a template has no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TemplateError {
    /// `${` without a valid expression behind it.
    #[error("invalid template: {template:?}")]
    Invalid {
        /// The template, as written.
        template: String,
    },
    /// `${V?}` and `${V:?}` without a value.
    #[error("required variable {name} is missing a value{}", because(reason))]
    Required {
        /// The variable.
        name: String,
        /// What stands behind the operator.
        reason: String,
    },
    /// More than [`MAX_DEPTH`] levels.
    #[error("variables nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// More than [`MAX_TEXT`] bytes.
    #[error("variables make a text longer than {} MiB", MAX_TEXT >> 20)]
    TooLong,
}

fn because(reason: &str) -> String {
    if reason.is_empty() { String::new() } else { format!(": {reason}") }
}

/// A variable of a template.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// What stands behind `:-` or `-`, as written.
    pub default: String,
    /// What stands behind `:+` or `+`, as written.
    pub presence: String,
    /// Whether `:?` or `?` asks for it.
    pub required: bool,
}

/// Expands a template.
///
/// # Errors
/// An expression that is none, a required variable without a value. Operands are evaluated even
/// when they are not needed, as compose does.
pub fn interpolate(template: &str, lookup: &Lookup<'_>) -> Result<Interpolated, TemplateError> {
    let mut done = Interpolated::default();
    done.text = expand(template, lookup, &mut done.unset, 0)?;
    Ok(done)
}

/// The variables of a template, operands included, in the order they stand. What is no valid
/// expression is passed over.
#[must_use]
pub fn variables(template: &str) -> Vec<Variable> {
    let mut found = Vec::new();
    collect(template, &mut found, 0);
    found
}

fn collect(template: &str, found: &mut Vec<Variable>, depth: usize) {
    if depth > MAX_DEPTH {
        return;
    }
    for piece in Pieces(template) {
        let Piece::Variable(name, operand) = piece else { continue };
        let mut variable = Variable { name: name.to_owned(), ..Variable::default() };
        let word = match operand {
            Some((Operator { test: Test::Absent, .. }, word)) => {
                word.clone_into(&mut variable.default);
                word
            }
            Some((Operator { test: Test::Present, .. }, word)) => {
                word.clone_into(&mut variable.presence);
                word
            }
            Some((Operator { test: Test::Required, .. }, word)) => {
                variable.required = true;
                word
            }
            None => "",
        };
        found.push(variable);
        collect(word, found, depth + 1);
    }
}

/// Text that [`interpolate`] gives back unchanged: every `$` doubled.
///
/// ```
/// assert_eq!(perry_container_interpolate::escape("a$b"), "a$$b");
/// ```
#[must_use]
pub fn escape(text: &str) -> String {
    text.replace('$', "$$")
}

fn expand(
    template: &str,
    lookup: &Lookup<'_>,
    unset: &mut Vec<String>,
    depth: usize,
) -> Result<String, TemplateError> {
    if depth > MAX_DEPTH {
        return Err(TemplateError::TooDeep);
    }
    let mut out = String::with_capacity(template.len());
    for piece in Pieces(template) {
        // The template itself may be as long as its file.
        if out.len() > MAX_TEXT.max(template.len()) {
            return Err(TemplateError::TooLong);
        }
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Invalid => {
                return Err(TemplateError::Invalid { template: template.to_owned() });
            }
            Piece::Variable(name, None) => match lookup(name) {
                Some(value) => out.push_str(&value),
                None if unset.iter().any(|known| known == name) => {}
                None => unset.push(name.to_owned()),
            },
            Piece::Variable(name, Some((operator, word))) => {
                let word = expand(word, lookup, unset, depth + 1)?;
                let value = lookup(name);
                let there = value.as_ref().is_some_and(|v| !(operator.not_empty && v.is_empty()));
                match (operator.test, there) {
                    (Test::Absent | Test::Required, true) | (Test::Present, false) => {
                        out.push_str(value.as_deref().unwrap_or(""));
                    }
                    (Test::Absent, false) | (Test::Present, true) => out.push_str(&word),
                    (Test::Required, false) => {
                        let (name, reason) = (name.to_owned(), word);
                        return Err(TemplateError::Required { name, reason });
                    }
                }
            }
        }
    }
    if out.len() > MAX_TEXT.max(template.len()) { Err(TemplateError::TooLong) } else { Ok(out) }
}

#[derive(Clone, Copy)]
enum Test {
    Absent,
    Present,
    Required,
}

#[derive(Clone, Copy)]
struct Operator {
    test: Test,
    /// With a `:`: set to nothing counts as unset.
    not_empty: bool,
}

enum Piece<'a> {
    Text(&'a str),
    Variable(&'a str, Option<(Operator, &'a str)>),
    /// `${` and nothing valid behind it.
    Invalid,
}

struct Pieces<'a>(&'a str);

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        let text = self.0;
        let at = text.find('$').unwrap_or(text.len());
        if at > 0 {
            self.0 = &text[at..];
            return Some(Piece::Text(&text[..at]));
        }
        let rest = text.get(1..)?;
        match rest.as_bytes().first() {
            Some(b'$') => {
                self.0 = &rest[1..];
                Some(Piece::Text(&text[..1]))
            }
            Some(b'{') => {
                let (piece, rest) = braced(&rest[1..]);
                self.0 = rest;
                Some(piece)
            }
            _ => {
                let length = name_length(rest);
                self.0 = &rest[length..];
                Some(if length == 0 {
                    Piece::Text(&text[..1])
                } else {
                    Piece::Variable(&rest[..length], None)
                })
            }
        }
    }
}

/// What stands behind `${`, and what follows its closing brace.
fn braced(text: &str) -> (Piece<'_>, &str) {
    let invalid = (Piece::Invalid, text);
    let length = name_length(text);
    if length == 0 {
        return invalid;
    }
    let (name, rest) = text.split_at(length);
    if let Some(rest) = rest.strip_prefix('}') {
        return (Piece::Variable(name, None), rest);
    }
    let (not_empty, operator) = match rest.strip_prefix(':') {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let test = match operator.as_bytes().first() {
        Some(b'-') => Test::Absent,
        Some(b'+') => Test::Present,
        Some(b'?') => Test::Required,
        _ => return invalid,
    };
    let word = &operator[1..];
    // The expression ends on its line, with the last brace if braces do not balance before.
    let line = word.split('\n').next().unwrap_or(word);
    let Some(last) = line.rfind('}') else { return invalid };
    let end = closing(&line[..=last]).unwrap_or(last);
    (Piece::Variable(name, Some((Operator { test, not_empty }, &word[..end]))), &word[end + 1..])
}

/// Where the brace that was opened before this text is closed. As in the reference, whatever
/// follows an opening brace directly is not counted.
fn closing(text: &str) -> Option<usize> {
    let mut open = 1usize;
    let mut bytes = text.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'}' => {
                open -= 1;
                if open == 0 {
                    return Some(at);
                }
            }
            b'{' => {
                open += 1;
                bytes.next();
            }
            _ => {}
        }
    }
    None
}

fn name_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    if !bytes.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_') {
        return 0;
    }
    bytes.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count()
}
