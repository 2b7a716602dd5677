//! Archives by a folder of this machine, for tools that have no pipe into a container.

use super::{About, CliBackend};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use perry_container_backend::{Flow, Result};
use perry_container_protocol::{CliProtocol, ToolError};
use perry_container_spec::{ErrorKind, InjectedFile};
use std::{
    fs::{self, DirBuilder, OpenOptions, Permissions},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _, chown},
    path::{Component, Path, PathBuf},
};
use tempfile::TempDir;
use tokio::{sync::mpsc, task::spawn_blocking};

/// How many pieces of an archive may wait.
const PIECES: usize = 16;

/// A folder that nobody else can look into; what is copied lies in one below it that has the usual mode.
fn folder() -> io::Result<(TempDir, PathBuf)> {
    let home = tempfile::Builder::new()
        .prefix("perry-")
        .permissions(Permissions::from_mode(0o700))
        .tempdir()?;
    let inner = home.path().join("files");
    DirBuilder::new().mode(0o755).create(&inner)?;
    fs::set_permissions(&inner, Permissions::from_mode(0o755))?;
    Ok((home, inner))
}

/// Only root can give a file to somebody else.
fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

impl About {
    fn broken(&self, error: &io::Error) -> perry_container_backend::BackendError {
        self.error(ErrorKind::Other, format!("its files cannot be passed on by a folder: {error}"))
    }
}

impl<P: CliProtocol> CliBackend<P> {
    /// Unpacks an archive into a folder, and copies from there.
    pub(super) async fn copy_by_folder(
        &self,
        about: &About,
        id: &str,
        path: &str,
        mut tar: Flow<Bytes>,
    ) -> Result<()> {
        let (home, inner) = folder().map_err(|error| about.broken(&error))?;
        let (send, pieces) = mpsc::channel(PIECES);
        let into = inner.clone();
        let unpacking =
            spawn_blocking(move || unpack(Pieces { pieces, left: Bytes::new() }, &into));
        while let Some(piece) = tar.next().await {
            if send.send(piece?).await.is_err() {
                break; // the archive cannot be read; the end says why
            }
        }
        drop(send);
        let unpacked = unpacking.await.unwrap_or_else(|error| Err(io::Error::other(error)));
        let what = unpacked.map_err(|error| {
            about.error(ErrorKind::Malformed, format!("the archive cannot be unpacked: {error}"))
        })?;
        let copy = self.protocol.copy_from(id, path, &inner.to_string_lossy(), &what);
        let done = self.talk(about, copy).await;
        drop(home);
        done
    }

    /// Copies into a folder, and packs an archive of what is there.
    pub(super) async fn archive_by_folder(
        &self,
        about: About,
        id: &str,
        path: &str,
    ) -> Result<Flow<Bytes>> {
        let (home, inner) = folder().map_err(|error| about.broken(&error))?;
        let call = self.protocol.copy_to(id, path, &inner.to_string_lossy());
        self.count();
        let limits = &self.limits;
        let finished = crate::host::run(&*self.host, &self.program, &call, limits).await;
        let finished = finished.map_err(|error| about.failed(error))?;
        self.protocol.accepted(&finished.output()).map_err(|error| about.refused(error))?;
        let (send, pieces) = mpsc::channel(PIECES);
        spawn_blocking(move || {
            let mut archive = tar::Builder::new(Sink(send.clone()));
            archive.follow_symlinks(false);
            let packed = archive.append_dir_all("", &inner).and_then(|()| archive.finish());
            if let Err(error) = packed {
                drop(send.blocking_send(Err(about.broken(&error))));
            }
            drop(home);
        });
        Ok(stream::unfold(pieces, |mut pieces| async { Some((pieces.recv().await?, pieces)) })
            .boxed())
    }

    /// Copies the files of a new container into it.
    pub(super) async fn inject(
        &self,
        about: &About,
        id: &str,
        files: &[InjectedFile],
    ) -> Result<()> {
        let (home, inner) = folder().map_err(|error| about.broken(&error))?;
        let mut what = Vec::new();
        for file in files {
            what.push(lay(&inner, file).map_err(|error| about.refused(error))?);
        }
        let copy = self.protocol.copy_from(id, "/", &inner.to_string_lossy(), &what);
        let done = self.talk(about, copy).await;
        drop(home);
        done
    }
}

/// A path below a folder, without anything that leads out of it.
fn below(path: &Path) -> Option<PathBuf> {
    let mut all = PathBuf::new();
    for part in path.components() {
        match part {
            Component::Normal(part) => all.push(part),
            Component::CurDir | Component::RootDir => {}
            Component::ParentDir | Component::Prefix(_) => return None,
        }
    }
    (all.components().next().is_some()).then_some(all)
}

/// Lays a file into the folder, as it is to be in the container; its path there.
fn lay(folder: &Path, file: &InjectedFile) -> std::result::Result<String, ToolError> {
    let refused = |why: String| ToolError::Refused {
        kind: ErrorKind::Invalid,
        code: 125,
        message: format!("file `{}` {why}", file.target.escape_debug()),
    };
    let path = below(Path::new(&file.target))
        .ok_or_else(|| refused("has no path of its own".to_owned()))?;
    let whole = folder.join(&path);
    let id = |id: u64| u32::try_from(id).map_err(|_| refused(format!("cannot belong to {id}")));
    let (uid, gid) = (id(file.uid)?, id(file.gid)?);
    let write = || -> io::Result<()> {
        if let Some(parent) = whole.parent() {
            DirBuilder::new().mode(0o755).recursive(true).create(parent)?;
        }
        let mut open = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&whole)?;
        open.write_all(file.content.expose())?;
        // without root the engine's root is this user
        if is_root() {
            chown(&whole, Some(uid), Some(gid))?;
        } else if (uid, gid) != (0, 0) {
            return Err(io::Error::other("only root can give it to another user"));
        }
        fs::set_permissions(&whole, Permissions::from_mode(file.mode & 0o7777))
    };
    write().map_err(|error| refused(format!("cannot be passed on: {error}")))?;
    Ok(path.to_string_lossy().into_owned())
}

/// Unpacks an archive: the paths in it that are below no other one of it.
fn unpack(archive: impl Read, into: &Path) -> io::Result<Vec<String>> {
    let mut archive = tar::Archive::new(archive);
    archive.set_preserve_permissions(true);
    archive.set_preserve_ownerships(is_root());
    archive.set_overwrite(true);
    let mut all: Vec<PathBuf> = Vec::new();
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        let Some(path) = below(&path) else { continue };
        if entry.unpack_in(into)? && !all.iter().any(|other| path.starts_with(other)) {
            all.retain(|other| !other.starts_with(&path));
            all.push(path);
        }
    }
    Ok(all.into_iter().map(|path| path.to_string_lossy().into_owned()).collect())
}

/// An archive that is still coming, for a thread that reads it.
struct Pieces {
    pieces: mpsc::Receiver<Bytes>,
    left: Bytes,
}

impl Read for Pieces {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.left.is_empty() {
            match self.pieces.blocking_recv() {
                Some(piece) => self.left = piece,
                None => return Ok(0),
            }
        }
        let piece = self.left.split_to(into.len().min(self.left.len()));
        into[..piece.len()].copy_from_slice(&piece);
        Ok(piece.len())
    }
}

/// An archive on its way to whoever reads it.
struct Sink(mpsc::Sender<Result<Bytes>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let sent = self.0.blocking_send(Ok(Bytes::copy_from_slice(bytes)));
        sent.map(|()| bytes.len()).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_below() {
        let at = |path: &str| below(Path::new(path)).map(|path| path.display().to_string());
        assert_eq!(at("/run/secrets/key").as_deref(), Some("run/secrets/key"));
        assert_eq!(at("./a/./b").as_deref(), Some("a/b"));
        assert_eq!(at("../etc/passwd"), None);
        assert_eq!(at("a/../../b"), None);
        assert_eq!(at("/"), None);
    }

    #[test]
    fn what_is_copied_are_the_paths_at_the_top() {
        let mut builder = tar::Builder::new(Vec::new());
        for (path, kind) in [
            ("one/two/file", tar::EntryType::Regular),
            ("dir/below", tar::EntryType::Regular),
            ("dir", tar::EntryType::Directory),
            ("dir/more", tar::EntryType::Regular),
        ] {
            let mut header = tar::Header::new_gnu();
            header.set_entry_type(kind);
            header.set_mode(0o750);
            header.set_size(0);
            header.set_uid(0);
            header.set_gid(0);
            builder.append_data(&mut header, path, io::empty()).unwrap();
        }
        let (_home, inner) = folder().unwrap();
        let what = unpack(&*builder.into_inner().unwrap(), &inner).unwrap();
        assert_eq!(what, ["one/two/file", "dir"]);
        let mode =
            |path: &str| fs::metadata(inner.join(path)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("one/two/file"), mode("dir")), (0o750, 0o750));
    }
}
