#![doc = include_str!("../README.md")]

mod cli;
mod dialogue;
mod error;
mod invocation;
mod json;
mod reader;

pub use cli::{CliProtocol, LogItem, Table};
pub use dialogue::{Dialogue, Output, Script, Single, Step, lost, once, script};
pub use error::ToolError;
pub use invocation::{Arg, Deadline, Input, Invocation};
pub use json::values;
pub use reader::{LineReader, Raw, RawChunk, Reader, Stream};

use perry_container_spec::Id;

/// Per item: a batch can half fail. In the order that was asked for.
pub type Each<T> = Vec<(Id, Result<T, ToolError>)>;
