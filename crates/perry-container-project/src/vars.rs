//! The variables that say where a project is. All are read from [`ProjectOptions::env`](crate::ProjectOptions::env) or,
//! but for the two that switch `.env`, from `.env` itself.

/// Compose files, separated by [`COMPOSE_PATH_SEPARATOR`]; counts when there is no `-f`.
pub const COMPOSE_FILE: &str = "COMPOSE_FILE";

/// What separates the files of [`COMPOSE_FILE`]; default `:`, on Windows `;`.
pub const COMPOSE_PATH_SEPARATOR: &str = "COMPOSE_PATH_SEPARATOR";

/// Name of the project; counts when there is no `-p`.
pub const COMPOSE_PROJECT_NAME: &str = "COMPOSE_PROJECT_NAME";

/// Active profiles, separated by commas; counts when there is no `--profile`.
pub const COMPOSE_PROFILES: &str = "COMPOSE_PROFILES";

/// Files with variables, separated by commas; counts when there is no `--env-file`.
pub const COMPOSE_ENV_FILES: &str = "COMPOSE_ENV_FILES";

/// True: `.env` is not read.
pub const COMPOSE_DISABLE_ENV_FILE: &str = "COMPOSE_DISABLE_ENV_FILE";

/// The current directory; set when absent, because compose files use it.
pub const PWD: &str = "PWD";
