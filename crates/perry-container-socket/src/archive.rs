//! tar archives made here: files that are written into a container, and the context of a build.

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use perry_container_backend::{BackendError, Flow};
use perry_container_spec::{ErrorKind, InjectedFile};
use std::{io, path::Path};
use tokio::sync::mpsc;

/// The files as one archive that is unpacked at `/`.
///
/// # Errors
/// When a path is too long for an archive.
pub(crate) fn files(files: &[InjectedFile]) -> io::Result<Bytes> {
    let mut tar = tar::Builder::new(Vec::new());
    for file in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(file.content.expose().len() as u64);
        header.set_mode(file.mode);
        header.set_uid(file.uid);
        header.set_gid(file.gid);
        header.set_entry_type(tar::EntryType::Regular);
        let path = file.target.trim_start_matches('/');
        tar.append_data(&mut header, path, file.content.expose().as_slice())?;
    }
    tar.into_inner().map(Bytes::from)
}

/// Bytes that are there already, as a flow.
pub(crate) fn whole(bytes: Bytes) -> Flow<Bytes> {
    stream::iter([Ok(bytes)]).boxed()
}

/// Where the writer of an archive leaves its pieces.
struct Pieces {
    held: Vec<u8>,
    to: mpsc::Sender<io::Result<Bytes>>,
}

const PIECE: usize = 64 << 10;

impl io::Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.held.extend_from_slice(bytes);
        if self.held.len() >= PIECE {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.held.is_empty() {
            return Ok(());
        }
        let piece = Bytes::from(std::mem::take(&mut self.held));
        self.to.blocking_send(Ok(piece)).map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))
    }
}

/// An archive that is written while it is read. `write` runs on a thread for blocking work and stops when the reader goes.
pub(crate) fn written(
    object: &str,
    write: impl FnOnce(&mut tar::Builder<&mut dyn io::Write>) -> io::Result<()> + Send + 'static,
) -> Flow<Bytes> {
    let (to, from) = mpsc::channel(4);
    tokio::task::spawn_blocking(move || {
        let mut pieces = Pieces { held: Vec::new(), to: to.clone() };
        let done = (|| {
            let mut tar = tar::Builder::new(&mut pieces as &mut dyn io::Write);
            tar.follow_symlinks(false);
            write(&mut tar)?;
            tar.finish()?;
            drop(tar);
            io::Write::flush(&mut pieces)
        })();
        if let Err(error) = done {
            drop(to.blocking_send(Err(error))); // whoever went away does not ask
        }
    });
    let object = object.to_owned();
    stream::unfold(from, |mut from| async move { Some((from.recv().await?, from)) })
        .map(move |piece| {
            piece.map_err(|error| {
                BackendError::new("read", &object, ErrorKind::Invalid, error.to_string())
            })
        })
        .boxed()
}

/// Adds one entry of a directory as it is: a link stays a link; what is no file, link or directory is left out.
pub(crate) fn entry(
    tar: &mut tar::Builder<&mut dyn io::Write>,
    path: &Path,
    name: &Path,
) -> io::Result<()> {
    let kind = std::fs::symlink_metadata(path)?.file_type();
    if kind.is_dir() {
        tar.append_dir(name, path)
    } else if kind.is_file() || kind.is_symlink() {
        tar.append_path_with_name(path, name)
    } else {
        Ok(())
    }
}
