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
        let about = fs::metadata(path).map_err(|error| why(&error))?;
        if about.is_dir() {
            return Err(SourceError::IsDirectory);
        }
        if waits(path, &about) {
            return Err(SourceError::Other(
                "is a named pipe, which may never be written to (give `-` and pipe into standard input)"
                    .to_owned(),
            ));
        }
        let too_large = || SourceError::Other(format!("is larger than {} MiB", MAX_FILE >> 20));
        if about.len() > MAX_FILE {
            return Err(too_large());
        }
        let file = File::open(path).map_err(|error| why(&error))?;
        let mut bytes = Vec::new();
        file.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(|error| why(&error))?;
        // Devices have no size, and a file may grow.
        if bytes.len() as u64 > MAX_FILE { Err(too_large()) } else { Ok(bytes) }
    }

    fn kind(&self, path: &Path) -> Option<FileKind> {
        let kind = fs::metadata(path).ok()?;
        Some(if kind.is_dir() { FileKind::Directory } else { FileKind::File })
    }

    fn real_path(&self, path: &Path) -> Option<PathBuf> {
        fs::canonicalize(path).ok()
    }
}

/// Opening a named pipe waits until somebody writes. What a shell makes of `<(command)` has no name of its own: it is
/// open already, and somebody writes.
#[cfg(unix)]
fn waits(path: &Path, about: &fs::Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    about.file_type().is_fifo() && fs::canonicalize(path).is_ok()
}

#[cfg(not(unix))]
const fn waits(_: &Path, _: &fs::Metadata) -> bool {
    false
}

fn why(error: &io::Error) -> SourceError {
    match error.kind() {
        io::ErrorKind::NotFound => SourceError::NotFound,
        io::ErrorKind::IsADirectory => SourceError::IsDirectory,
        io::ErrorKind::NotADirectory => {
            SourceError::Other("a part of its path is a file, no directory".to_owned())
        }
        io::ErrorKind::PermissionDenied => SourceError::Other("permission denied".to_owned()),
        _ => {
            let text = error.to_string();
            let words = text.split(" (os error").next().unwrap_or_default();
            SourceError::Other(words.to_lowercase())
        }
    }
}
