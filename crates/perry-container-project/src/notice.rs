//! What is odd about where a project was found.

use std::fmt;
use std::path::{Path, PathBuf};

/// Something odd that does not stop anybody.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// A directory holds several files that could be the compose file; the first is used.
    SeveralFiles(Vec<PathBuf>),
    /// A directory holds several files that could be the override file; the first is used.
    SeveralOverrides(Vec<PathBuf>),
    /// The project is named after a directory that is a symbolic link.
    NamedAfterLink {
        /// The name.
        name: String,
        /// The directory.
        directory: PathBuf,
    },
    /// A value of a file with variables uses one that is not set.
    Unset {
        /// The variable.
        variable: String,
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SeveralFiles(files) => several(f, "config", files),
            Self::SeveralOverrides(files) => several(f, "override", files),
            Self::Unset { variable, path, line } => write!(
                f,
                "{}:{line}: The {variable:?} variable is not set. Defaulting to a blank string.",
                path.display()
            ),
            Self::NamedAfterLink { name, directory } => write!(
                f,
                "the project has no name of its own and its directory {} is a symbolic link; using the name `{name}`",
                directory.display()
            ),
        }
    }
}

fn several(f: &mut fmt::Formatter<'_>, what: &str, files: &[PathBuf]) -> fmt::Result {
    let names: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    let first = files.first().map_or(Path::new(""), PathBuf::as_path);
    write!(
        f,
        "found multiple {what} files with supported names: {}; using {}",
        names.join(", "),
        first.display()
    )
}
