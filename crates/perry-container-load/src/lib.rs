#![doc = include_str!("../README.md")]

mod bind;
mod canonical;
mod consistency;
mod decode;
mod defaults;
mod environment;
mod extends;
mod grammar;
mod include;
mod interp;
mod loaded;
mod merge;
mod name;
mod normalize;
mod options;
mod path;
mod paths;
mod pipeline;
mod problem;
mod read;
mod schema;
mod select;
mod session;
mod shape;
mod source;
mod tags;
mod unique;

pub use loaded::{Loaded, Tree};
pub use name::normalize_name;
pub use options::{Format, Input, Options};
pub use path::PropertyPath;
pub use perry_container_interpolate::{Env, Variable};
pub use perry_container_yaml::{FileId, Node, Span};
pub use pipeline::{load, load_tree, load_variables};
pub use problem::{Files, LoadError, Place, Problem, ProblemKind, Warning};
pub use source::{FileKind, Memory, Source, SourceError};
