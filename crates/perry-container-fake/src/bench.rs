//! What tests need: the program under the names of tools, and a state of its own.

use crate::{
    face::{NOT_MODELLED, calls},
    journal::Entry,
    record::{Image, Machine},
    store::{Store, full_reference},
};
use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
    time::SystemTime,
};

/// A directory with nothing but fakes for the `PATH`, and a state. Everything that still runs ends when it goes.
///
/// Dropping it panics when a call was made that the fake does not know, so that no test passes by it.
#[derive(Debug)]
pub struct Bench {
    dir: tempfile::TempDir,
    store: Store,
}

impl Bench {
    /// With `program` under these names.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn new(program: &Path, names: &[&str]) -> io::Result<Self> {
        let dir = tempfile::tempdir()?;
        let bin = dir.path().join("bin");
        fs::create_dir(&bin)?;
        for name in names {
            let link = bin.join(name);
            fs::hard_link(program, &link).or_else(|_| fs::copy(program, &link).map(drop))?;
        }
        let store = Store::open(&dir.path().join("state"))?;
        Ok(Self { dir, store })
    }

    /// With an image that is there.
    ///
    /// # Panics
    /// When it cannot be written.
    #[must_use]
    pub fn image(self, reference: &str, image: &Image) -> Self {
        self.store.put_image(&full_reference(reference), image).expect("an image can be written");
        self
    }

    /// With an image that can be pulled.
    ///
    /// # Panics
    /// When it cannot be written.
    #[must_use]
    pub fn published(self, reference: &str, image: &Image) -> Self {
        self.store.publish(&full_reference(reference), image).expect("an image can be written");
        self
    }

    /// With a virtual machine.
    ///
    /// # Panics
    /// When it cannot be written.
    #[must_use]
    pub fn machine(self, machine: &Machine) -> Self {
        self.store.put(machine).expect("a machine can be written");
        self
    }

    /// The directory for the `PATH`.
    pub fn bin(&self) -> PathBuf {
        self.dir.path().join("bin")
    }

    /// A directory for whatever a test needs.
    pub fn scratch(&self) -> &Path {
        self.dir.path()
    }

    /// The state.
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// The variables with which a tool is called.
    pub fn env(&self) -> [(String, String); 2] {
        [
            ("PATH".to_owned(), self.bin().display().to_string()),
            ("FAKE_STATE".to_owned(), self.store.root().display().to_string()),
        ]
    }

    /// A call of a tool with nothing else in its environment.
    pub fn command(&self, name: &str) -> Command {
        let mut command = Command::new(self.bin().join(name));
        command.env_clear().envs(self.env()).current_dir(self.dir.path());
        command
    }

    /// The calls so far.
    pub fn journal(&self) -> Vec<Entry> {
        calls(&self.store)
    }

    /// The calls so far as lines: `container list --all`.
    pub fn lines(&self) -> Vec<String> {
        let line = |entry: &Entry| format!("{} {}", entry.argv0, entry.argv.join(" "));
        self.journal().iter().map(line).collect()
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let unknown: Vec<String> = (self.journal().into_iter())
            .filter(|entry| entry.rc == Some(NOT_MODELLED))
            .map(|entry| format!("{} {:?}", entry.argv0, entry.argv))
            .collect();
        if !std::thread::panicking() {
            assert!(unknown.is_empty(), "the fake does not know: {}", unknown.join("; "));
        }
    }
}

/// The program for tests of other packages: built where it is missing or older than its sources.
///
/// # Panics
/// When it cannot be built.
pub fn program() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let test = std::env::current_exe().expect("a test knows where it is");
        let dir = test.ancestors().nth(2).expect("it lies in target/PROFILE/deps");
        let program = dir.join(format!("perry-container-fake{}", std::env::consts::EXE_SUFFIX));
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let newest = newest(&sources);
        let built = fs::metadata(&program).and_then(|data| data.modified()).ok();
        if built.is_none_or(|built| newest.is_some_and(|newest| newest > built)) {
            let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
            let mut build = Command::new(cargo);
            build.args(["build", "--quiet", "--package=perry-container-fake", "--bins"]);
            if dir.ends_with("release") {
                build.arg("--release");
            }
            build.arg("--target-dir").args(dir.parent());
            let done = build.current_dir(env!("CARGO_MANIFEST_DIR")).status().expect("cargo runs");
            assert!(done.success(), "perry-container-fake does not build");
        }
        program
    })
}

/// When the youngest file below a directory was written.
fn newest(dir: &Path) -> Option<SystemTime> {
    let entries = fs::read_dir(dir).ok()?.flatten();
    let times = entries.filter_map(|entry| match entry.file_type().ok()?.is_dir() {
        true => newest(&entry.path()),
        false => entry.metadata().ok()?.modified().ok(),
    });
    times.max()
}
