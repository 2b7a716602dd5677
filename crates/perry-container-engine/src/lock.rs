//! One writer per engine and project, over all processes of the user.

use crate::EngineError;
use perry_container_spec::EngineId;
use rustix::{
    fs::{FlockOperation, OFlags, flock},
    process::{Pid, test_kill_process},
};
use serde::{Deserialize, Serialize};
use std::{
    fmt,
    fs::{self, DirBuilder, File, Metadata, OpenOptions},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::time::{Instant, sleep};

/// Between two tries.
const RETRY: Duration = Duration::from_millis(100);
/// How long a holder may go without saying who it is.
const NAMELESS: Duration = Duration::from_millis(300);
/// How much of a lock's file is read.
const MOST: u64 = 4096;

/// Who holds a lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Its process.
    pub pid: u32,
    /// What it does.
    pub command: String,
    /// Since when, RFC 3339.
    pub started: String,
}

/// `perry-compose up (process 4711, since 2026-11-22T13:14:34Z)`.
impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pid {
            0 => f.write_str(&self.command),
            pid => write!(f, "{} (process {pid}, since {})", self.command, self.started),
        }
    }
}

impl Holder {
    fn unknown() -> Self {
        Self { pid: 0, command: "another process".to_owned(), started: String::new() }
    }

    /// Whether there is such a process: what one that was killed wrote is not about who holds the lock now.
    fn lives(&self) -> bool {
        let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw);
        pid.is_some_and(|pid| test_kill_process(pid) != Err(rustix::io::Errno::SRCH))
    }
}

/// A lock that is held. Dropping it, or the end of the process, releases it. The file stays: removing it would let two
/// processes lock two files of one name.
#[derive(Debug)]
pub struct Lock {
    file: File,
    path: PathBuf,
}

impl Lock {
    /// Takes the lock, or waits so long for whoever holds it; `busy` is told once who that is.
    ///
    /// # Errors
    /// [`EngineError::Locked`] when the time is over; [`EngineError::Lock`] when the file cannot be used.
    pub async fn take(
        dir: &Path,
        engine: &EngineId,
        project: &str,
        command: &str,
        patience: Duration,
        busy: &mut (dyn FnMut(&Holder) + Send),
    ) -> Result<Self, EngineError> {
        let path = dir.join(file_name(engine, project));
        let failed =
            |source: io::Error| EngineError::Lock { path: path.clone(), source: Arc::new(source) };
        let mut file = open(dir, &path).map_err(failed)?;
        let (begin, mut told) = (Instant::now(), false);
        loop {
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => break,
                Err(rustix::io::Errno::WOULDBLOCK) => {
                    let (waited, holder) = (begin.elapsed(), holder(&mut file));
                    // It may have taken the lock just now and not have written yet who it is.
                    let known = holder.is_some() || waited >= NAMELESS;
                    let holder = holder.unwrap_or_else(Holder::unknown);
                    if known && waited >= patience {
                        let project = project.to_owned();
                        return Err(EngineError::Locked { project, holder, waited });
                    }
                    if known && !told {
                        busy(&holder);
                        told = true;
                    }
                    sleep(if known { RETRY } else { RETRY / 10 }).await;
                }
                Err(errno) => return Err(failed(errno.into())),
            }
        }
        let started = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let holder = Holder { pid: std::process::id(), command: command.to_owned(), started };
        let write = |mut file: &File| {
            file.set_len(0)?;
            file.seek(SeekFrom::Start(0))?;
            serde_json::to_writer(file, &holder)?;
            file.flush()
        };
        write(&file).map_err(failed)?;
        Ok(Self { file, path })
    }

    /// Its file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        self.file.set_len(0).ok(); // who waits must not be told of a process that has gone
        flock(&self.file, FlockOperation::Unlock).ok();
    }
}

/// Locks that others can remove, replace or hold are none, so the directory must be the user's (or root's) alone: no
/// link that somebody else made, and nobody else may write to it. The file is the user's and no link.
fn open(dir: &Path, path: &Path) -> io::Result<File> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    let refused = |why: &str| {
        Err(io::Error::new(io::ErrorKind::PermissionDenied, format!("{} {why}", dir.display())))
    };
    let (link, there) = (fs::symlink_metadata(dir)?, fs::metadata(dir)?);
    if !ours(&link) || !ours(&there) {
        return refused("belongs to another user");
    }
    if there.mode() & 0o022 != 0 {
        return refused("can be written to by other users");
    }
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .mode(0o600)
        .custom_flags(i32::try_from(OFlags::NOFOLLOW.bits()).unwrap_or_default())
        .open(path)?;
    let found = file.metadata()?;
    if !found.is_file() || !ours(&found) {
        return refused("holds something else under the lock's name");
    }
    Ok(file)
}

fn ours(what: &Metadata) -> bool {
    what.uid() == 0 || what.uid() == rustix::process::geteuid().as_raw()
}

/// What the holder wrote, while it lives.
fn holder(file: &mut File) -> Option<Holder> {
    let mut text = String::new();
    file.seek(SeekFrom::Start(0)).ok()?;
    io::Read::by_ref(file).take(MOST).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok().filter(Holder::lives)
}

/// Readable, and different for what differs: what is not plain in the engine's id is made so, and a hash of it follows.
fn file_name(engine: &EngineId, project: &str) -> String {
    let plain = |text: &str| -> String {
        let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
        text.chars().take(80).map(plain).collect()
    };
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in engine.0.bytes().chain([0]).chain(project.bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    format!("perry-compose-{}-{}-{hash:016x}.lock", plain(&engine.0), plain(project))
}

/// Where locks of a user lie: `$XDG_RUNTIME_DIR`, `/run/user/UID`, for root `/run`, else `temp/perry-UID`. The first
/// that is there and the user's own: `sudo` may leave somebody else's variable.
pub fn runtime_dir(xdg: Option<&Path>, uid: u32, temp: &Path) -> PathBuf {
    let user = PathBuf::from(format!("/run/user/{uid}"));
    let run = (uid == 0).then(|| PathBuf::from("/run"));
    let own = |dir: &Path| fs::metadata(dir).is_ok_and(|dir| dir.is_dir() && dir.uid() == uid);
    xdg.map(Path::to_path_buf)
        .into_iter()
        .chain([user])
        .chain(run)
        .find(|dir| dir.is_absolute() && own(dir))
        .unwrap_or_else(|| temp.join(format!("perry-{uid}")))
}
