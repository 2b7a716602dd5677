//! What was called, line by line.

use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io::{Read as _, Write as _},
    path::Path,
};

/// One call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Which call it was, from 1.
    pub n: usize,
    /// When it began: milliseconds since 1970.
    pub t: u64,
    /// The name it was called by.
    pub argv0: String,
    /// Its arguments.
    pub argv: Vec<String>,
    /// The working directory.
    pub cwd: String,
    /// Variables that matter.
    pub env: BTreeMap<String, String>,
    /// Of what it read from its standard input.
    pub stdin_sha256: Option<String>,
    /// Its status; absent for one that did not come to its end.
    pub rc: Option<i32>,
    /// How long it took in milliseconds.
    pub ms: u64,
    /// Its process.
    pub pid: u32,
    /// Who called.
    pub ppid: u32,
}

/// Whether a variable is written down. No others: values of environments are secrets.
pub(crate) fn matters(name: &str) -> bool {
    matches!(name, "DOCKER_HOST" | "CONTAINER_HOST" | "HOME")
        || ["CONTAINERD_", "NERDCTL_", "LIMA_", "COLIMA_"].iter().any(|of| name.starts_with(of))
}

/// Adds a line. The state is locked.
pub(crate) fn append(root: &Path, mut entry: Entry) -> std::io::Result<()> {
    let path = root.join("journal.jsonl");
    let mut file = OpenOptions::new().create(true).append(true).read(true).open(path)?;
    let mut all = Vec::new();
    file.read_to_end(&mut all)?;
    entry.n = all.iter().filter(|byte| **byte == b'\n').count() + 1;
    let mut line = serde_json::to_vec(&entry)?;
    line.push(b'\n');
    file.write_all(&line)
}

/// All lines.
pub(crate) fn read(root: &Path) -> Vec<Entry> {
    let mut text = String::new();
    if let Ok(mut file) = File::open(root.join("journal.jsonl")) {
        drop(file.read_to_string(&mut text));
    }
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}
