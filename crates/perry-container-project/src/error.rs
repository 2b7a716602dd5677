//! Why a project could not be opened.

use perry_container_interpolate::EnvFileError;
use perry_container_load::{LoadError, SourceError};
use perry_container_model::NameError;
use std::path::PathBuf;

/// Why a project could not be opened, or the content of one of its files not be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProjectError {
    /// No compose file was named, and none was found.
    #[error(
        "no configuration file provided: not found in {} or a folder above it (looked for {})",
        directory.display(), crate::FILE_NAMES.join(", ")
    )]
    NoFile {
        /// Where the search began.
        directory: PathBuf,
    },
    /// A compose file is not there or cannot be read.
    #[error("open {}: {why}", path.display())]
    Open {
        /// The file, absolute.
        path: PathBuf,
        /// Why not.
        why: SourceError,
    },
    /// `COMPOSE_FILE` names a file that is not there.
    #[error("stat {}: no such file or directory (named by COMPOSE_FILE)", path.display())]
    ComposeFile {
        /// The file, absolute.
        path: PathBuf,
    },
    /// The project directory is a file.
    #[error("stat {}: not a directory (given as the project directory)", path.display())]
    NoDirectory {
        /// The file, absolute.
        path: PathBuf,
    },
    /// A compose file is somewhere else than in the file system.
    #[error("{}: compose files are read from the file system only; fetch it first", path.display())]
    Remote {
        /// As it was given.
        path: PathBuf,
    },
    /// A file is `-`, and there is no standard input.
    #[error("the compose file is `-`, but nothing was given on standard input")]
    NoStdin,
    /// A file with variables that was asked for is not there.
    #[error("couldn't find env file: {}", path.display())]
    NoEnvFile {
        /// The file, absolute.
        path: PathBuf,
    },
    /// A file with variables cannot be read.
    #[error("failed to read {}: {why}", path.display())]
    ReadEnvFile {
        /// The file, absolute.
        path: PathBuf,
        /// Why not.
        why: SourceError,
    },
    /// A file with variables is written wrongly.
    #[error("failed to read {}: {why}", path.display())]
    EnvFile {
        /// The file, absolute.
        path: PathBuf,
        /// What is wrong with it.
        why: EnvFileError,
    },
    /// A variable that switches something holds neither yes nor no.
    #[error("{name} is neither true nor false: `{value}`")]
    Boolean {
        /// The variable.
        name: &'static str,
        /// What it holds.
        value: String,
    },
    /// The project was given a name that is none.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The files were read and are no project.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// There is no such secret or config.
    #[error("no {kind} `{key}` in project `{project}`")]
    Unknown {
        /// `secret` or `config`.
        kind: &'static str,
        /// Its key.
        key: String,
        /// Name of the project.
        project: String,
    },
    /// A secret or config is provided by somebody else, so its content is not known here.
    #[error(
        "{kind} `{key}` is provided by the engine or a driver, so its content is not known here"
    )]
    External {
        /// `secret` or `config`.
        kind: &'static str,
        /// Its key.
        key: String,
    },
    /// The variable that holds a secret or config is not set.
    #[error("environment variable \"{variable}\" required by {kind} \"{key}\" is not set")]
    Unset {
        /// `secret` or `config`.
        kind: &'static str,
        /// Its key.
        key: String,
        /// The variable.
        variable: String,
    },
    /// The file that holds a secret or config cannot be read.
    #[error("cannot read {kind} `{key}`: open {}: {why}", path.display())]
    Content {
        /// `secret` or `config`.
        kind: &'static str,
        /// Its key.
        key: String,
        /// The file.
        path: PathBuf,
        /// Why not.
        why: SourceError,
    },
}
