//! Where files come from: this crate asks, somebody else opens.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// What is found at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// A file, or something that reads like one.
    File,
    /// A directory.
    Directory,
}

/// Why a file could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// There is none.
    #[error("no such file or directory")]
    NotFound,
    /// It is a directory.
    #[error("is a directory")]
    IsDirectory,
    /// The operating system's own words.
    #[error("{0}")]
    Other(String),
}

/// The files beside the ones handed in: for `extends`, `include`, `env_file`, `label_file`.
/// Paths are absolute unless the working directory is not.
pub trait Source {
    /// The bytes of a file.
    ///
    /// # Errors
    /// When it is not there, is a directory, or may not be read.
    fn read(&self, path: &Path) -> Result<Vec<u8>, SourceError>;

    /// What is at a path, `None` when nothing is.
    fn kind(&self, path: &Path) -> Option<FileKind>;

    /// The path with symbolic links followed; `None` when it does not exist.
    fn real_path(&self, path: &Path) -> Option<PathBuf>;
}

/// Files in memory.
///
/// ```
/// use perry_container_load::{Memory, Source as _};
/// use std::path::Path;
/// let files: Memory = [("/p/app.env", "A=1\n")].into_iter().collect();
/// assert_eq!(files.read(Path::new("/p/app.env")), Ok(b"A=1\n".to_vec()));
/// assert!(files.kind(Path::new("/p")).is_some());
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Memory(BTreeMap<PathBuf, Vec<u8>>);

impl Memory {
    /// Adds a file; the directories above it are there by that.
    pub fn insert(&mut self, path: impl Into<PathBuf>, bytes: impl Into<Vec<u8>>) {
        self.0.insert(path.into(), bytes.into());
    }
}

impl<P: Into<PathBuf>, B: Into<Vec<u8>>> FromIterator<(P, B)> for Memory {
    fn from_iter<I: IntoIterator<Item = (P, B)>>(files: I) -> Self {
        Self(files.into_iter().map(|(path, bytes)| (path.into(), bytes.into())).collect())
    }
}

impl Source for Memory {
    fn read(&self, path: &Path) -> Result<Vec<u8>, SourceError> {
        match (self.0.get(path), self.kind(path)) {
            (Some(bytes), _) => Ok(bytes.clone()),
            (None, Some(_)) => Err(SourceError::IsDirectory),
            (None, None) => Err(SourceError::NotFound),
        }
    }

    fn kind(&self, path: &Path) -> Option<FileKind> {
        if self.0.contains_key(path) {
            return Some(FileKind::File);
        }
        self.0.keys().any(|file| file.starts_with(path)).then_some(FileKind::Directory)
    }

    fn real_path(&self, path: &Path) -> Option<PathBuf> {
        self.kind(path).map(|_| path.to_owned())
    }
}
