//! What goes in besides files.

use std::path::PathBuf;

use perry_container_interpolate::Env;

/// A file to load.
#[derive(Clone, PartialEq, Eq)]
pub struct Input {
    /// Its name in messages and its identity for `include`; absolute unless it is none (`-`).
    pub path: PathBuf,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// How to read them.
    pub format: Format,
}

/// How an [`Input`] is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Format {
    /// YAML, so JSON too.
    #[default]
    Yaml,
    /// JSON only, read without a YAML reader.
    Json,
}

impl Input {
    /// A YAML file.
    #[must_use]
    pub fn yaml(path: impl Into<PathBuf>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { path: path.into(), bytes: bytes.into(), format: Format::Yaml }
    }

    /// JSON text, such as a spec that came from a program.
    #[must_use]
    pub fn json(path: impl Into<PathBuf>, text: impl Into<String>) -> Self {
        Self { path: path.into(), bytes: text.into().into_bytes(), format: Format::Json }
    }
}

impl std::fmt::Debug for Input {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Input({})", self.path.display())
    }
}

/// How to load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Base of the relative paths of all inputs; absolute.
    pub working_dir: PathBuf,
    /// Variables for interpolation and for `environment` keys without a value. Loading adds
    /// `COMPOSE_PROJECT_NAME`.
    pub env: Env,
    /// The project's name when it was given from outside (`-p`, `COMPOSE_PROJECT_NAME`): refused
    /// when it is none. Otherwise the top-level `name:` counts, then [`Self::default_name`].
    pub project_name: Option<String>,
    /// The name when nobody gave one, normalised here; `None`: the last part of the working
    /// directory.
    pub default_name: Option<String>,
    /// Active profiles (`--profile` or `COMPOSE_PROFILES`); `*` is all.
    pub profiles: Vec<String>,
    /// Services named on the command line: their profiles become active, and only they and what
    /// they depend on stay. Empty: all.
    pub services: Vec<String>,
    /// What is done, and what is kept.
    pub steps: Steps,
}

impl Options {
    /// Everything on, nothing given but the working directory.
    #[must_use]
    pub fn new(working_dir: impl Into<PathBuf>) -> Self {
        Self {
            working_dir: working_dir.into(),
            env: Env::new(),
            project_name: None,
            default_name: None,
            profiles: Vec::new(),
            services: Vec::new(),
            steps: Steps::default(),
        }
    }
}

/// The steps of loading. Every one is taken unless switched off, as with the flags of `docker compose config`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Steps {
    /// Whether a selection keeps the services that the named ones depend on.
    pub with_dependencies: bool,
    /// Keeps networks, volumes, secrets and configs that no service uses (`--all-resources`).
    pub all_resources: bool,
    /// Replaces variables (`--no-interpolate` does not).
    pub interpolate: bool,
    /// Adds default networks, names and implied dependencies (`--no-normalize` does not).
    pub normalize: bool,
    /// Checks that what services refer to is there and that properties agree (`--no-consistency` does not).
    pub consistency: bool,
    /// Makes paths absolute (`--no-path-resolution` does not).
    pub resolve_paths: bool,
    /// Reads `env_file` into `environment` (`--no-env-resolution` does not).
    pub resolve_env: bool,
    /// Remembers what was overridden and which variables went where, for [`Loaded::explain`](crate::Loaded::explain).
    pub trail: bool,
}

impl Default for Steps {
    fn default() -> Self {
        Self {
            with_dependencies: true,
            all_resources: false,
            interpolate: true,
            normalize: true,
            consistency: true,
            resolve_paths: true,
            resolve_env: true,
            trail: false,
        }
    }
}
