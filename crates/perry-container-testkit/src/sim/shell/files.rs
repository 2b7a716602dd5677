//! The files of containers: their own, and those in the volumes that are mounted.

use crate::sim::world::{Reply, World, no};
use indexmap::IndexMap;
use perry_container_spec::ErrorKind;
use std::io::Read as _;

/// Paths are absolute, without a slash at the end.
pub(crate) type Files = IndexMap<String, File>;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct File {
    pub(crate) bytes: Vec<u8>,
    pub(crate) uid: u64,
    pub(crate) gid: u64,
    pub(crate) mode: u32,
}

impl File {
    pub(crate) fn new(bytes: Vec<u8>, uid: u64) -> Self {
        Self { bytes, uid, gid: uid, mode: 0o644 }
    }
}

/// `path` as it is seen from `directory`.
pub(crate) fn absolute(directory: &str, path: &str) -> String {
    let joined =
        if path.starts_with('/') { path.to_owned() } else { format!("{directory}/{path}") };
    let mut parts = Vec::new();
    for part in joined.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

impl World {
    /// The volume that holds a path of a container: its name, the path in it, and whether it can be written to.
    fn mounted(&self, id: &str, path: &str) -> Option<(String, String, bool)> {
        let mounts = self.containers[id].mounts.iter().filter(|mount| mount.kind == "volume");
        let inside = mounts.filter_map(|mount| {
            let rest = path.strip_prefix(mount.target.trim_end_matches('/'))?;
            (rest.is_empty() || rest.starts_with('/'))
                .then(|| (mount.name.clone().unwrap_or_default(), rest.to_owned(), mount.writable))
        });
        inside.min_by_key(|(_, rest, _)| rest.len())
    }

    pub(crate) fn file(&self, id: &str, path: &str) -> Option<&File> {
        match self.mounted(id, path) {
            Some((volume, rest, _)) => self.volume_files.get(&volume)?.get(&rest),
            None => self.containers[id].files.get(path),
        }
    }

    pub(crate) fn write_file(&mut self, id: &str, path: &str, file: File) -> Result<(), String> {
        match self.mounted(id, path) {
            Some((_, _, false)) => Err(format!("can't create {path}: Read-only file system")),
            Some((volume, rest, true)) => {
                self.volume_files.entry(volume).or_default().insert(rest, file);
                Ok(())
            }
            None if self.containers[id].spec.read_only => {
                Err(format!("can't create {path}: Read-only file system"))
            }
            None => {
                self.containers[id].files.insert(path.to_owned(), file);
                Ok(())
            }
        }
    }

    /// Unpacks a tar archive.
    pub(crate) fn unpack(&mut self, id: &str, path: &str, tar: &[u8]) -> Reply<()> {
        let id = self.find(id)?;
        let bad = |e: std::io::Error| (ErrorKind::Invalid, format!("no tar archive: {e}"));
        let mut archive = tar::Archive::new(tar);
        for entry in archive.entries().map_err(bad)? {
            let mut entry = entry.map_err(bad)?;
            if !entry.header().entry_type().is_file() {
                continue;
            }
            let inner = entry.path().map_err(bad)?.to_string_lossy().into_owned();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).map_err(bad)?;
            let header = entry.header();
            let file = File {
                bytes,
                uid: header.uid().map_err(bad)?,
                gid: header.gid().map_err(bad)?,
                mode: header.mode().map_err(bad)?,
            };
            let written = self.write_file(&id, &absolute(path, &inner), file);
            written.map_err(|text| (ErrorKind::Permission, text))?;
        }
        Ok(())
    }

    /// A file, or all below a directory, as a tar archive.
    pub(crate) fn pack(&mut self, id: &str, path: &str) -> Reply<Vec<u8>> {
        let id = self.find(id)?;
        let path = absolute("/", path);
        let base = path.rsplit('/').next().unwrap_or_default().to_owned();
        let mut found: Vec<(String, File)> = Vec::new();
        if let Some(file) = self.file(&id, &path) {
            found.push((base.clone(), file.clone()));
        } else {
            let below = format!("{}/", path.trim_end_matches('/'));
            let mut all = self.containers[&id].files.clone();
            for mount in self.containers[&id].mounts.iter().filter(|mount| mount.kind == "volume") {
                let volume = mount.name.as_ref().and_then(|name| self.volume_files.get(name));
                let files = volume.into_iter().flatten();
                all.extend(files.map(|(rest, file)| {
                    (format!("{}{rest}", mount.target.trim_end_matches('/')), file.clone())
                }));
            }
            let inside =
                all.iter().filter_map(|(name, file)| Some((name.strip_prefix(&below)?, file)));
            found.extend(inside.map(|(rest, file)| (format!("{base}/{rest}"), file.clone())));
        }
        if found.is_empty() {
            return no(ErrorKind::NotFound, format!("no such path: {path}"));
        }
        let broken = |e: std::io::Error| (ErrorKind::Other, e.to_string());
        let mut tar = tar::Builder::new(Vec::new());
        for (name, file) in found {
            let mut header = tar::Header::new_gnu();
            header.set_size(file.bytes.len() as u64);
            header.set_mode(file.mode);
            header.set_uid(file.uid);
            header.set_gid(file.gid);
            let name = name.trim_start_matches('/');
            tar.append_data(&mut header, name, file.bytes.as_slice()).map_err(broken)?;
        }
        tar.into_inner().map_err(broken)
    }
}
