//! What a command line and a process say about a project.

use perry_container_load::{Env, Steps};
use perry_container_model::Sensitive;
use std::path::PathBuf;

/// How to find and load a project. Relative paths are relative to `working_dir`.
///
/// Everything the process knows comes in here: nothing is read from the environment of the process, its current
/// directory or its standard input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectOptions {
    /// Compose files (`-f`), the later over the earlier; `-` is [`Self::stdin`]. Empty: `COMPOSE_FILE`, else a search.
    pub files: Vec<PathBuf>,
    /// What stands on standard input, when a file is `-`.
    pub stdin: Option<Sensitive<Vec<u8>>>,
    /// Name of the project (`-p`).
    pub project_name: Option<String>,
    /// Base of relative paths (`--project-directory`); absent: the directory of the first file.
    pub project_directory: Option<PathBuf>,
    /// Files with variables (`--env-file`) instead of `.env`, the later over the earlier.
    pub env_files: Vec<PathBuf>,
    /// Active profiles (`--profile`); `*` is all. Empty: `COMPOSE_PROFILES`.
    pub profiles: Vec<String>,
    /// Services named on the command line; empty: all.
    pub services: Vec<String>,
    /// What is done, and what is kept.
    pub steps: Steps,
    /// The current directory; absolute.
    pub working_dir: PathBuf,
    /// The environment of the process.
    pub env: Env,
}

impl ProjectOptions {
    /// What a command without any flags says, in a directory and an environment.
    #[must_use]
    pub fn new(working_dir: impl Into<PathBuf>, env: Env) -> Self {
        Self {
            files: Vec::new(),
            stdin: None,
            project_name: None,
            project_directory: None,
            env_files: Vec::new(),
            profiles: Vec::new(),
            services: Vec::new(),
            steps: Steps::default(),
            working_dir: working_dir.into(),
            env,
        }
    }
}
