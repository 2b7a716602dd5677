//! The file that a keeper holds.

use super::VERSION;
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};
use std::{
    fmt,
    fs::{self, File},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::Path,
};

/// How much of the file is read.
const MOST: u64 = 4096;

/// Who keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeeperInfo {
    /// Its process.
    pub pid: u32,
    /// When the kernel says that process began, in its own ticks, where it says so: a process id is used again.
    pub born: Option<u64>,
    /// What it is: `perry-compose keeper`.
    pub command: String,
    /// Since when, RFC 3339.
    pub since: String,
    /// The version of its program.
    pub version: String,
}

/// `process 4711, since 2026-11-22T13:14:34Z`.
impl fmt::Display for KeeperInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {}, since {}", self.pid, self.since)
    }
}

impl KeeperInfo {
    /// Whether the process of that id is still the one that signed.
    pub(crate) fn is_its_process(&self) -> bool {
        self.pid != 0 && born(self.pid) == self.born
    }
}

/// When a process began.
fn born(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The program's name stands in parentheses and may hold anything.
    stat.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()
}

/// How it stands with a project's keeper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// There is none.
    None,
    /// Somebody begins to.
    Unsigned,
    /// It lives.
    Alive(KeeperInfo),
    /// It has died without a word.
    Dead(KeeperInfo),
}

impl Standing {
    pub(crate) fn of(path: &Path) -> Self {
        let Ok(mut file) = File::open(path) else { return Self::None };
        let held = match flock(&file, FlockOperation::NonBlockingLockShared) {
            Ok(()) => false,
            Err(rustix::io::Errno::WOULDBLOCK) => true,
            Err(_) => return Self::None,
        };
        let info = read(&mut file);
        if !held {
            flock(&file, FlockOperation::Unlock).ok();
        }
        match (held, info) {
            (true, Some(info)) => Self::Alive(info),
            (true, None) => Self::Unsigned,
            (false, Some(info)) => Self::Dead(info),
            (false, None) => Self::None,
        }
    }
}

fn read(file: &mut File) -> Option<KeeperInfo> {
    let mut text = String::new();
    file.seek(SeekFrom::Start(0)).ok()?;
    io::Read::by_ref(file).take(MOST).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

/// The post of a project's keeper, held. When its last copy is closed, in whatever process, it is free.
#[derive(Debug)]
pub struct Post(File);

impl Post {
    /// Takes it, unless somebody holds it.
    pub(crate) fn take(dir: &Path, path: &Path) -> io::Result<Option<Self>> {
        let file = crate::lock::open(dir, path)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(Self(file))),
            Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
            Err(errno) => Err(errno.into()),
        }
    }

    /// The post that a keeper's process has inherited.
    ///
    /// # Errors
    /// When the file is none that can be locked, or another process holds it.
    pub fn adopt(file: File) -> io::Result<Self> {
        if !file.metadata()?.is_file() {
            return Err(io::Error::other("not the file of a keeper's post"));
        }
        // The lock is that of the open file, so it is this process's already when it was inherited.
        flock(&file, FlockOperation::NonBlockingLockExclusive)?;
        Ok(Self(file))
    }

    /// Says who holds it.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn sign(&mut self, command: &str) -> io::Result<()> {
        let pid = std::process::id();
        let info = KeeperInfo {
            pid,
            born: born(pid),
            command: command.to_owned(),
            since: super::now(),
            version: VERSION.to_owned(),
        };
        self.0.set_len(0)?;
        self.0.seek(SeekFrom::Start(0))?;
        self.0.write_all(serde_json::to_string(&info)?.as_bytes())
    }

    /// For a process that inherits it.
    pub(crate) fn into_file(self) -> File {
        self.0
    }

    /// Gives it up, with nothing left that looks like a death.
    pub fn leave(self) {
        self.0.set_len(0).ok();
    }
}

/// Opens a keeper's log, for appending; what an earlier one said stays, up to a limit.
pub(super) fn log(dir: &Path, path: &Path) -> io::Result<File> {
    drop(crate::lock::open(dir, path)?); // with its checks
    let file = File::options().append(true).open(path)?;
    if file.metadata()?.len() > MOST * 16 {
        file.set_len(0)?;
    }
    Ok(file)
}
