//! The keeper: a process of the caller's that supervises a project after the command that left it behind.
//!
//! One per engine and project. What it lives by is a file beside the project's lock: whoever holds the file's lock is the
//! keeper, and the kernel lets go of it when that process ends, however it ends. The file says who it is; one that is
//! not held and says something is of a keeper that did not end by itself.

mod post;
mod stopped;

pub use post::{KeeperInfo, Post, Standing};
pub(crate) use stopped::{stopped, write_down};

use crate::{EngineError, Session, supervise::needs};
use perry_container_reconcile::{is_oneoff, service_of};
use perry_container_spec::{Id, Timestamp};
use perry_container_support::Feature;
use rustix::process::{Pid, Signal, kill_process};
use std::{
    collections::BTreeSet,
    fmt::Debug,
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::time::{Instant, sleep};

/// Between two looks whether a keeper has ended.
const RETRY: Duration = Duration::from_millis(20);
/// How long a keeper may take to end before it is killed.
const GRACE: Duration = Duration::from_secs(5);

/// What a keeper is started with.
#[derive(Debug)]
pub struct KeeperStart<'a> {
    /// The project.
    pub project: &'a str,
    /// Its post, locked: the process must inherit it (as its standard input) and [`Post::adopt`] it.
    pub post: File,
    /// Where what it says goes.
    pub log: File,
    /// What was started since then is tended from its start ([`SuperviseOptions`](crate::SuperviseOptions)).
    pub since: Option<&'a str>,
}

/// Whoever can start a process that stays.
pub trait LaunchKeeper: Debug + Send + Sync {
    /// Starts it; its process id.
    ///
    /// # Errors
    /// When it cannot be started.
    fn launch(&self, start: KeeperStart<'_>) -> io::Result<u32>;
}

/// Who tends what the runtime does not, once a command has ended.
#[derive(Debug, Clone, Default)]
pub enum Keeper {
    /// Nobody: there is no program for it.
    #[default]
    None,
    /// Nobody: it was refused.
    Refused,
    /// A process that this starts.
    By(Arc<dyn LaunchKeeper>),
}

/// What became of the wish that somebody tends a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keeping {
    /// Nothing needs it, and nobody does.
    NotNeeded,
    /// A keeper that was there already.
    Kept(KeeperInfo),
    /// A new one.
    Begun {
        /// Its process.
        pid: u32,
    },
    /// It would be needed, and nobody does; why, as a sentence.
    Nobody {
        /// For a person.
        note: String,
    },
}

impl Session {
    fn post(&self, project: &str, kind: &str) -> Option<PathBuf> {
        let dir = self.options.lock_dir.as_ref()?;
        Some(dir.join(crate::lock::file_name(self.backend.engine_id(), project, kind)))
    }

    /// The file into which a project's keeper writes what it does.
    pub fn keeper_log(&self, project: &str) -> Option<PathBuf> {
        self.post(project, "keeper.log")
    }

    /// Who keeps a project.
    pub fn keeper(&self, project: &str) -> Standing {
        self.post(project, "keeper").map_or(Standing::None, |path| Standing::of(&path))
    }

    /// The same, once one that is just beginning has said who it is.
    pub async fn settled_keeper(&self, project: &str) -> Standing {
        let begun = Instant::now();
        loop {
            match self.keeper(project) {
                Standing::Unsigned if begun.elapsed() < GRACE => sleep(RETRY).await,
                standing => return standing,
            }
        }
    }

    /// Tells, once, of a keeper that did not end by itself.
    pub fn mourn_keeper(&self, project: &str) -> Option<String> {
        let Standing::Dead(info) = self.keeper(project) else { return None };
        let path = self.post(project, "keeper")?;
        let dir = self.options.lock_dir.as_ref()?;
        Post::take(dir, &path).ok()??.leave();
        Some(format!("the keeper of {project} ({info}) has died"))
    }

    /// Takes the post of a project's keeper for this process, from whoever holds it.
    ///
    /// # Errors
    /// [`EngineError::Keeper`] when its file cannot be used, or the one who holds it does not end.
    pub async fn take_post(&self, project: &str) -> Result<Option<Post>, EngineError> {
        self.dismiss_keeper(project).await?;
        let Some((dir, path)) = self.options.lock_dir.as_ref().zip(self.post(project, "keeper"))
        else {
            return Ok(None);
        };
        match taken(dir, &path).await.map_err(|error| failed(&path, error))? {
            Some(mut post) => {
                post.sign(&self.options.command).map_err(|error| failed(&path, error))?;
                Ok(Some(post))
            }
            None => Err(failed(&path, io::ErrorKind::WouldBlock.into())),
        }
    }

    /// Sees to it that somebody tends a project, where something of it needs that: after a command that leaves it running.
    /// A keeper of another version is replaced, one that is not wanted any more is ended.
    ///
    /// # Errors
    /// The runtime's, and [`EngineError::Keeper`].
    pub async fn keep(&self, project: &str, since: Option<&str>) -> Result<Keeping, EngineError> {
        let can = self.backend.capabilities();
        if !(can.emulated(Feature::Health) || can.emulated(Feature::Restart)) {
            return Ok(Keeping::NotNeeded);
        }
        let standing = self.keeper(project);
        let launcher = match (&self.options.keeper, &standing) {
            (Keeper::By(_), Standing::Alive(info)) if info.version == VERSION => {
                return Ok(Keeping::Kept(info.clone())); // it sees by itself what changes
            }
            (Keeper::By(launcher), _) => Some(Arc::clone(launcher)),
            (Keeper::Refused | Keeper::None, _) => None,
        };
        if matches!(standing, Standing::Alive(_)) {
            self.dismiss_keeper(project).await?;
        }
        let Some(needed) = self.needed(project).await? else { return Ok(Keeping::NotNeeded) };
        let nobody = |why: &str| Keeping::Nobody { note: format!("{needed}{why}") };
        let refused = matches!(self.options.keeper, Keeper::Refused);
        let Some(launcher) = launcher else {
            return Ok(nobody(if refused { " (no keeper was wanted)" } else { "" }));
        };
        let (Some(dir), Some(path), Some(log)) =
            (&self.options.lock_dir, self.post(project, "keeper"), self.keeper_log(project))
        else {
            return Ok(nobody(" (there is no directory for a keeper's files)"));
        };
        let begin = async {
            // Somebody else has just begun one.
            let Some(post) = taken(dir, &path).await? else { return Ok(None) };
            let log = post::log(dir, &log)?;
            let start = KeeperStart { project, post: post.into_file(), log, since };
            launcher.launch(start).map(Some)
        };
        match begin.await.map_err(|error| failed(&path, error))? {
            Some(pid) => Ok(Keeping::Begun { pid }),
            None => Ok(match self.keeper(project) {
                Standing::Alive(info) => Keeping::Kept(info),
                _ => nobody(" (its keeper is just ending)"),
            }),
        }
    }

    /// What of a project nobody does once this command has ended, as a sentence.
    async fn needed(&self, project: &str) -> Result<Option<String>, EngineError> {
        let mut seen = self.containers(project).await?.containers;
        seen.retain(|_, info| !is_oneoff(info));
        // Lists tell whether there is a check, not always that there is a policy.
        if self.backend.capabilities().emulated(Feature::Restart) && !seen.is_empty() {
            let ids: Vec<Id> = seen.keys().cloned().collect();
            let asking = self.backend.inspect_each(&ids);
            let limit = self.options.op_timeout;
            let each = crate::perform::in_time(limit, "inspect", "containers", asking).await?;
            seen = each.into_iter().filter_map(|(id, info)| Some((id, info.ok()?))).collect();
        }
        let (mut checks, mut restarts) = (BTreeSet::new(), BTreeSet::new());
        for info in seen.values() {
            let (needs, service) = (needs(self, info), service_of(info).unwrap_or_default());
            if needs.health {
                checks.insert(service.to_owned());
            }
            if needs.restart {
                restarts.insert(service.to_owned());
            }
        }
        let can = self.backend.capabilities();
        let names = |all: BTreeSet<String>| all.into_iter().collect::<Vec<_>>().join(", ");
        let mut parts = Vec::new();
        if !checks.is_empty() {
            let (text, names) = (can.text(Feature::Health), names(checks));
            parts.push(format!(
                "{text}; those of {names} run only while perry-compose waits or is attached"
            ));
        }
        if !restarts.is_empty() {
            let (text, names) = (can.text(Feature::Restart), names(restarts));
            parts.push(format!("{text}; nobody restarts {names}"));
        }
        Ok((!parts.is_empty()).then(|| parts.join("; ")))
    }

    /// Ends the keeper when nothing of the project runs any more.
    pub(crate) async fn dismiss_idle_keeper(&self, project: &str) -> Result<(), EngineError> {
        if !matches!(self.keeper(project), Standing::Alive(_)) {
            return Ok(());
        }
        let seen = self.containers(project).await?.containers;
        if seen.values().any(|info| info.state.is_up() && !is_oneoff(info)) {
            return Ok(());
        }
        self.dismiss_keeper(project).await.map(drop)
    }

    /// Ends a project's keeper and waits for its end; who it was.
    ///
    /// # Errors
    /// [`EngineError::Keeper`] when it does not end.
    pub async fn dismiss_keeper(&self, project: &str) -> Result<Option<KeeperInfo>, EngineError> {
        let Some(path) = self.post(project, "keeper") else { return Ok(None) };
        let (begin, mut told, mut last) = (Instant::now(), None, None);
        loop {
            match Standing::of(&path) {
                Standing::Alive(info) => {
                    let signal = if begin.elapsed() < GRACE { Signal::TERM } else { Signal::KILL };
                    if told != Some((info.pid, signal)) && info.is_its_process() {
                        told = Some((info.pid, signal));
                        let pid = i32::try_from(info.pid).ok().and_then(Pid::from_raw);
                        let _gone = pid.map(|pid| kill_process(pid, signal));
                    }
                    last = Some(info);
                }
                Standing::Unsigned => {} // it is just beginning
                Standing::None | Standing::Dead(_) => {
                    if let Some(dir) = self.options.lock_dir.as_ref().filter(|_| last.is_some())
                        && let Ok(Some(post)) = Post::take(dir, &path)
                    {
                        post.leave();
                    }
                    return Ok(last);
                }
            }
            if begin.elapsed() >= GRACE * 2 {
                let text = match &last {
                    Some(info) => format!("the keeper ({info}) does not end"),
                    None => "somebody holds the keeper's post and does not say who".to_owned(),
                };
                return Err(failed(&path, io::Error::other(text)));
            }
            sleep(RETRY).await;
        }
    }
}

/// The version that keepers say they are of.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

fn failed(path: &Path, source: io::Error) -> EngineError {
    EngineError::Keeper { path: path.to_owned(), source: Arc::new(source) }
}

/// Somebody who only looks holds it for a moment, too.
async fn taken(dir: &Path, path: &Path) -> io::Result<Option<Post>> {
    for _ in 0..10 {
        if let Some(post) = Post::take(dir, path)? {
            return Ok(Some(post));
        }
        sleep(RETRY).await;
    }
    Ok(None)
}

/// A time as runtimes write it, for [`Session::keep`].
pub fn now() -> Timestamp {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
