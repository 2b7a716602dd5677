#![doc = include_str!("../README.md")]

mod dotenv;
mod env;
mod raw;
mod template;

pub use dotenv::{EnvFile, parse_dotenv, read_dotenv};
pub use env::Env;
pub use raw::parse_raw;
pub use template::{
    Interpolated, MAX_DEPTH, MAX_TEXT, TemplateError, Variable, escape, interpolate, variables,
};

/// Where values of variables come from: name to value, `None` when unset.
pub type Lookup<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// What is wrong with the text of a `.env` or `env_file`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EnvFileError {
    /// A character that no name may hold.
    #[error("line {line}: unexpected character {character:?} in variable name {text:?}")]
    BadName {
        /// Line, from 1.
        line: usize,
        /// The character.
        character: char,
        /// The rest of the line.
        text: String,
    },
    /// `A B=1`.
    #[error("line {line}: key cannot contain a space")]
    SpaceInName {
        /// Line, from 1.
        line: usize,
    },
    /// A quote without its end.
    #[error("line {line}: unterminated quoted value {}", text.chars().next().unwrap_or('"'))]
    Unterminated {
        /// Line where the reader stopped, from 1.
        line: usize,
        /// What stands from the quote to the end of its line. It may be a secret: the message
        /// shows the quote only.
        text: String,
    },
    /// A value's template is wrong.
    #[error("line {line}: {source}")]
    Template {
        /// Line of the end of the value, from 1.
        line: usize,
        /// What is wrong with it.
        source: TemplateError,
    },
    /// Raw format: `=x`.
    #[error("line {line}: no variable name before the `=`")]
    NoName {
        /// Line, from 1.
        line: usize,
    },
    /// The values of the file, each made of others, are longer than any file.
    #[error("line {line}: values make values longer than 128 MiB in all")]
    TooLong {
        /// Line, from 1.
        line: usize,
    },
    /// Raw format: blanks in a name.
    #[error("line {line}: variable '{name}' contains whitespaces")]
    Whitespace {
        /// Line, from 1.
        line: usize,
        /// The name.
        name: String,
    },
}
