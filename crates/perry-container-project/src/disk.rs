//! The real file system.

use perry_container_load::{FileKind, Source, SourceError};
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// Most bytes that are read of one file: 64 MiB. A larger one is refused, never cut.
pub const MAX_FILE: u64 = 64 << 20;

/// The file system of this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Disk;

impl Source for Disk {
    fn read(&self, path: &Path) -> Result<Vec<u8>, SourceError> {
        let file = File::open(path).map_err(|error| why(&error))?;
        let mut bytes = Vec::new();
        file.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(|error| why(&error))?;
        if bytes.len() as u64 > MAX_FILE {
            return Err(SourceError::Other(format!("is larger than {} MiB", MAX_FILE >> 20)));
        }
        Ok(bytes)
    }

    fn kind(&self, path: &Path) -> Option<FileKind> {
        let kind = fs::metadata(path).ok()?;
        Some(if kind.is_dir() { FileKind::Directory } else { FileKind::File })
    }

    fn real_path(&self, path: &Path) -> Option<PathBuf> {
        fs::canonicalize(path).ok()
    }
}

fn why(error: &io::Error) -> SourceError {
    match error.kind() {
        io::ErrorKind::NotFound => SourceError::NotFound,
        io::ErrorKind::IsADirectory => SourceError::IsDirectory,
        io::ErrorKind::PermissionDenied => SourceError::Other("permission denied".to_owned()),
        _ => SourceError::Other(error.to_string()),
    }
}
