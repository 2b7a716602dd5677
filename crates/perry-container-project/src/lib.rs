#![doc = include_str!("../README.md")]

mod content;
mod discover;
mod disk;
mod environment;
mod error;
mod notice;
mod options;
mod path;
mod project;
pub mod vars;

pub use self::discover::{FILE_NAMES, Found, OVERRIDE_NAMES, VariableLines, discover};
pub use self::disk::{Disk, MAX_FILE};
pub use self::error::ProjectError;
pub use self::notice::Notice;
pub use self::options::ProjectOptions;
pub use self::project::{ComposeProject, ProjectOrName};
pub use perry_container_load::{Env, Loaded, Memory, Source};
