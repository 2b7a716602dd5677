//! One writer per engine and project, over all processes of the user.

use crate::{EngineError, journal::Begun};
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
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::{Instant, sleep};

/// Between two tries.
const RETRY: Duration = Duration::from_millis(100);
/// How long a holder may go without saying who it is.
const NAMELESS: Duration = Duration::from_millis(300);
/// How much of a lock's file is read.
const MOST: u64 = 64 << 10;

/// Who holds a lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Its process.
    pub pid: u32,
    /// What it does.
    pub command: String,
    /// Since when, RFC 3339.
    pub started: String,
    /// What it asked the engine for and has not seen the end of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doing: Vec<Begun>,
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
        let command = "another process".to_owned();
        Self { pid: 0, command, started: String::new(), doing: Vec::new() }
    }

    /// Whether there is such a process: what one that was killed wrote is not about who holds the lock now.
    fn lives(&self) -> bool {
        let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw);
        pid.is_some_and(|pid| test_kill_process(pid) != Err(rustix::io::Errno::SRCH))
    }
}

/// A lock that is held. Dropping it, or the end of the process, releases it. The file stays: removing it would let two
/// processes lock two files of one name.
///
/// What the holder has begun is written into the file as long as it is under way, so that whoever comes after a holder
/// that was killed knows what the engine may still be doing.
#[derive(Debug)]
pub struct Lock {
    file: File,
    path: PathBuf,
    holder: Mutex<Holder>,
    before: Option<Holder>,
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
        let path = dir.join(file_name(engine, project, "lock"));
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
        let before = written(&mut file);
        let started = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        // Until it is settled, it is as if this process had begun it.
        let doing = before.as_ref().map(|before| before.doing.clone()).unwrap_or_default();
        let holder =
            Holder { pid: std::process::id(), command: command.to_owned(), started, doing };
        write(&file, &holder).map_err(failed)?;
        Ok(Self { file, path, holder: Mutex::new(holder), before })
    }

    /// Who held the lock before and was killed.
    pub fn before(&self) -> Option<&Holder> {
        self.before.as_ref()
    }

    /// Writes down what begins.
    pub(crate) fn begun(&self, begun: Begun) {
        self.change(|doing| doing.push(begun));
    }

    /// What has ended is not under way any more.
    pub(crate) fn ended(&self, text: &str) {
        self.change(|doing| {
            if let Some(at) = doing.iter().position(|begun| begun.text == text) {
                doing.remove(at);
            }
        });
    }

    /// Nothing is under way any more.
    pub(crate) fn settled(&self) {
        self.change(Vec::clear);
    }

    /// A file that cannot be written any more only means that others know less.
    fn change(&self, change: impl FnOnce(&mut Vec<Begun>)) {
        let mut holder = self.holder.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut holder.doing);
        write(&self.file, &holder).ok();
    }

    /// Its file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let holder = self.holder.get_mut().unwrap_or_else(PoisonError::into_inner);
        if holder.doing.is_empty() {
            self.file.set_len(0).ok(); // who waits must not be told of a process that has gone
        }
        flock(&self.file, FlockOperation::Unlock).ok();
    }
}

/// Locks that others can remove, replace or hold are none, so the directory must be the user's (or root's) alone: no
/// link that somebody else made, and nobody else may write to it. The file is the user's and no link.
pub(crate) fn open(dir: &Path, path: &Path) -> io::Result<File> {
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
    written(file).filter(Holder::lives)
}

/// What stands in the first line.
fn written(file: &mut File) -> Option<Holder> {
    let mut text = String::new();
    file.seek(SeekFrom::Start(0)).ok()?;
    io::Read::by_ref(file).take(MOST).read_to_string(&mut text).ok()?;
    serde_json::from_str(text.lines().next()?).ok()
}

/// In one piece, and cut only then: whoever is killed meanwhile leaves a first line that can be read.
fn write(mut file: &File, holder: &Holder) -> io::Result<()> {
    let mut text = serde_json::to_string(holder)?;
    text.push('\n');
    file.seek(SeekFrom::Start(0))?;
    file.write_all(text.as_bytes())?;
    file.set_len(text.len().try_into().unwrap_or(u64::MAX))
}

/// Readable, and different for what differs: what is not plain in the engine's id is made so, and a hash of it follows.
pub(crate) fn file_name(engine: &EngineId, project: &str, kind: &str) -> String {
    let plain = |text: &str| -> String {
        let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
        text.chars().take(80).map(plain).collect()
    };
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in engine.0.bytes().chain([0]).chain(project.bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    format!("perry-compose-{}-{}-{hash:016x}.{kind}", plain(&engine.0), plain(project))
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
