//! The public trust root as its repository has it now (TUF), kept in a directory.

use crate::{PolicyError, TrustRoot};
use sigstore::trust_root::{TrustedRoot, TufBootstrap, TufConfig};
use std::{path::PathBuf, time::Duration};
use tokio::time::timeout;

/// How the public root is refreshed.
#[derive(Debug, Clone)]
pub struct Refresh {
    /// Where what was read is kept. It is checked again whenever it is read.
    pub cache: Option<PathBuf>,
    /// For the whole of it.
    pub within: Duration,
    /// What was read is taken as it is for so long.
    pub every: Duration,
    /// Another repository, and the root metadata with which trust in it begins.
    pub repository: Option<(String, Vec<u8>)>,
}

/// The root, and what went wrong when an older one had to do.
#[derive(Debug, Clone)]
pub struct Refreshed {
    /// To be believed.
    pub root: TrustRoot,
    /// Why it is the one that was kept, or the one that was built in.
    pub note: Option<String>,
}

/// Touched after each refresh.
const STAMP: &str = "refreshed";

impl Refresh {
    /// Once a day, within ten seconds.
    pub const fn new(cache: Option<PathBuf>) -> Self {
        let (within, every) = (Duration::from_secs(10), Duration::from_hours(24));
        Self { cache, within, every, repository: None }
    }

    /// The newest root that can be had: from the repository, else what was kept and is still valid, else the built-in one.
    /// None of them is ever taken without its signatures.
    ///
    /// # Errors
    /// When what came is no trust root.
    pub async fn run(&self) -> Result<Refreshed, PolicyError> {
        if self.is_fresh().await
            && let Some(root) = self.kept().await
        {
            return Ok(Refreshed { root: read(&root)?, note: None });
        }
        let online = match timeout(self.within, TrustedRoot::from_tuf(self.config())).await {
            Ok(Ok(root)) => {
                if let Some(dir) = &self.cache {
                    // Without the stamp the next run asks again.
                    tokio::fs::write(dir.join(STAMP), b"").await.ok();
                }
                return Ok(Refreshed { root: read(&root)?, note: None });
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no answer within {} s", self.within.as_secs()),
        };
        tracing::debug!(target: "perry_container::verify", error = online, "trust root not refreshed");
        let (root, which) = match self.kept().await {
            Some(root) => (read(&root)?, "the one read last"),
            None => (TrustRoot::public(), "the one of this program"),
        };
        let note =
            format!("the public trust root could not be refreshed ({online}); {which} is used");
        Ok(Refreshed { root, note: Some(note) })
    }

    /// Whether the last refresh is not long ago.
    async fn is_fresh(&self) -> bool {
        let Some(dir) = &self.cache else { return false };
        let Ok(stamp) = tokio::fs::metadata(dir.join(STAMP)).await else { return false };
        let age = stamp.modified().ok().and_then(|time| time.elapsed().ok());
        age.is_some_and(|age| age < self.every)
    }

    fn config(&self) -> TufConfig {
        let config = match &self.repository {
            None => TufConfig::production(),
            Some((url, root)) => TufConfig::custom(url, TufBootstrap::trusted(root)),
        };
        match &self.cache {
            Some(dir) => config.with_cache_dir(dir.clone()),
            None => config.without_cache(),
        }
    }

    async fn kept(&self) -> Option<TrustedRoot> {
        self.cache.as_ref()?;
        TrustedRoot::from_tuf(self.config().offline()).await.ok()
    }
}

fn read(root: &TrustedRoot) -> Result<TrustRoot, PolicyError> {
    let name = "the public trust root";
    let text = serde_json::to_string(root).map_err(|error| PolicyError::TrustRoot {
        name: name.to_owned(),
        why: error.to_string(),
    })?;
    TrustRoot::from_json(name, &text)
}
