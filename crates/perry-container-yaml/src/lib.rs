#![doc = include_str!("../README.md")]

mod emit;
mod error;
mod json;
mod node;
#[cfg(feature = "parse")]
mod parse;
mod scalar;

pub use emit::to_yaml;
#[cfg(feature = "emit")]
pub use emit::value_to_yaml;
pub use error::YamlError;
pub use json::parse_json;
pub use node::{Entry, FileId, Kind, Map, Node, Span};
#[cfg(feature = "parse")]
pub use parse::{parse, parse_bytes};
pub use scalar::{float_text, resolve_plain};

/// How deep maps and lists may be nested.
pub const MAX_DEPTH: usize = 128;

/// How many nodes aliases and merge keys of one text may add in all, besides four for every node that is
/// written; 64 bytes of text count as one more.
pub const MAX_EXPANDED: usize = 50_000;

/// How many nodes one text may have in all. Ten thousand services take a tenth of it.
pub const MAX_NODES: usize = 5_000_000;
