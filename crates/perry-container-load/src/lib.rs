#![doc = include_str!("../README.md")]

mod bind;
mod loaded;
mod merge;
mod name;
mod options;
mod path;
mod pipeline;
mod problem;
mod read;
mod source;

pub use loaded::{Loaded, Tree};
pub use name::normalize_name;
pub use options::{Format, Input, Options};
pub use path::PropertyPath;
pub use perry_container_interpolate::{Env, Variable};
pub use perry_container_yaml::{FileId, Node, Span};
pub use pipeline::{load, load_tree};
pub use problem::{Files, LoadError, Place, Problem, ProblemKind, Warning};
pub use source::{FileKind, Memory, Source, SourceError};
