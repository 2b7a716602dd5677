//! Commands over a runtime in memory.

use perry_container_cli::{Outside, run};
use perry_container_testkit::{Sim, Tap};
use std::{path::Path, sync::Arc};

/// A folder with a compose file, and a runtime whose calls are written down. Use it with a paused clock:
/// `#[tokio::test(start_paused = true)]`.
pub(crate) struct Stage {
    folder: tempfile::TempDir,
    pub(crate) runtime: Arc<Tap<Sim>>,
    pub(crate) env: Vec<(&'static str, String)>,
}

/// What a command came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Done {
    pub(crate) status: u8,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Stage {
    /// With this `compose.yaml` and any image.
    pub(crate) fn new(compose: &str) -> Self {
        Self::over(compose, Sim::new().with_any_image())
    }

    pub(crate) fn over(compose: &str, sim: Sim) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("compose.yaml"), compose).unwrap();
        Self { folder, runtime: Arc::new(Tap::new(sim)), env: Vec::new() }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Replaces or adds a file.
    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path().join(name), text).unwrap();
    }

    /// What the next command meets; for tests that send signals or look at output while it comes.
    pub(crate) fn outside(&self) -> Outside {
        let mut outside = Outside::over(Arc::<Tap<Sim>>::clone(&self.runtime), self.path());
        let more = self.env.iter().map(|(name, value)| (*name, value.clone()));
        let ours = outside.env.iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        let ours: Vec<(String, String)> = ours.collect();
        outside.env =
            ours.into_iter().chain(more.map(|(name, value)| (name.to_owned(), value))).collect();
        outside
    }

    /// Runs a command line, cut at blanks.
    pub(crate) async fn run(&self, line: &str) -> Done {
        self.during(line, |_| async {}).await
    }

    /// The same while something else happens; the command is waited for after it.
    pub(crate) async fn during<F: Future<Output = ()>>(
        &self,
        line: &str,
        meanwhile: impl FnOnce(Outside) -> F,
    ) -> Done {
        let outside = self.outside();
        let (out, err) = (outside.out.clone(), outside.err.clone());
        let meanwhile = Box::pin(meanwhile(outside.clone()));
        let running = Box::pin(run(line.split_whitespace(), outside));
        let (status, ()) = tokio::join!(running, meanwhile);
        Done { status, out: self.plain(&out.text()), err: self.plain(&err.text()) }
    }

    /// Status and both outputs as one text.
    pub(crate) async fn text(&self, line: &str) -> String {
        self.run(line).await.text()
    }

    /// Without the folder's name, and without the time of warnings.
    fn plain(&self, text: &str) -> String {
        super::plain(self.path(), text.as_bytes())
    }
}

impl Done {
    /// As one text.
    pub(crate) fn text(&self) -> String {
        format!("status {}\n{}---\n{}", self.status, self.out, self.err)
    }
}
