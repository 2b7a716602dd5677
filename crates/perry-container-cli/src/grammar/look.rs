//! The commands that look, and the one that runs something inside.

use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// `ps`.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Ps {
    /// Services to show (default: all)
    #[arg(value_name = "SERVICE")]
    pub(crate) services: Vec<String>,
    /// Show all stopped containers
    #[arg(short, long)]
    pub(crate) all: bool,
    /// Filter services by a property (supported filters: status)
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) filter: Option<String>,
    /// table, "table TEMPLATE", json, or a template of {{.Field}}s
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub(crate) format: String,
    /// Don't truncate output
    #[arg(long)]
    pub(crate) no_trunc: bool,
    /// Include orphaned services, not declared by project (default: true)
    #[arg(long)]
    pub(crate) orphans: Option<bool>,
    /// Only display IDs
    #[arg(short, long)]
    pub(crate) quiet: bool,
    /// Display services
    #[arg(long = "services")]
    pub(crate) list_services: bool,
    /// Filter services by status: paused, restarting, removing, running, dead, created, exited
    #[arg(long, value_name = "STATUS")]
    pub(crate) status: Vec<String>,
}

/// `logs`.
#[derive(Debug, Clone, Args)]
pub(crate) struct Logs {
    /// Services whose output is shown (default: all)
    #[arg(value_name = "SERVICE")]
    pub(crate) services: Vec<String>,
    /// Follow log output
    #[arg(short, long)]
    pub(crate) follow: bool,
    /// Index of the container if service has multiple replicas
    #[arg(long, value_name = "N")]
    pub(crate) index: Option<u32>,
    /// Produce monochrome output
    #[arg(long)]
    pub(crate) no_color: bool,
    /// Don't print prefix in logs
    #[arg(long)]
    pub(crate) no_log_prefix: bool,
    /// Show logs since timestamp (e.g. 2013-01-02T13:23:37Z) or relative (e.g. 42m for 42 minutes)
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<String>,
    /// Number of lines to show from the end of the logs for each container
    #[arg(short = 'n', long, value_name = "LINES", default_value = "all")]
    pub(crate) tail: String,
    /// Show timestamps
    #[arg(short, long)]
    pub(crate) timestamps: bool,
    /// Show logs before a timestamp (e.g. 2013-01-02T13:23:37Z) or relative (e.g. 42m for 42 minutes)
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<String>,
}

/// `exec`.
#[derive(Debug, Clone, Args)]
pub(crate) struct Exec {
    /// The service, the command, and its arguments
    #[arg(value_name = "SERVICE COMMAND [ARGS]", trailing_var_arg = true)]
    pub(crate) words: Vec<String>,
    /// Detached mode: Run command in the background
    #[arg(short, long)]
    pub(crate) detach: bool,
    /// Set environment variables
    #[arg(short, long, value_name = "KEY[=VALUE]")]
    pub(crate) env: Vec<String>,
    /// Index of the container if service has multiple replicas
    #[arg(long, value_name = "N")]
    pub(crate) index: Option<u32>,
    /// Disable pseudo-TTY allocation (default: true when input or output is no terminal)
    #[arg(short = 'T', long)]
    pub(crate) no_tty: Option<bool>,
    /// Give extended privileges to the process
    #[arg(long)]
    pub(crate) privileged: bool,
    /// Run the command as this user
    #[arg(short, long, value_name = "USER")]
    pub(crate) user: Option<String>,
    /// Path to workdir directory for this command
    #[arg(short, long, value_name = "DIR")]
    pub(crate) workdir: Option<String>,
    #[arg(short, long, hide = true)]
    pub(crate) interactive: Option<bool>,
    #[arg(short, long, hide = true)]
    pub(crate) tty: Option<bool>,
}

/// `config`.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Config {
    /// Services to show, with what they depend on (default: all)
    #[arg(value_name = "SERVICE")]
    pub(crate) services: Vec<String>,
    /// Print environment used for interpolation
    #[arg(long)]
    pub(crate) environment: bool,
    /// Tell where the value at a path came from, such as services.web.ports: file and line, what it overrode, which
    /// variables went into it
    #[arg(long, value_name = "PATH")]
    pub(crate) explain: Option<String>,
    /// Format the output: yaml or json (default: yaml)
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<String>,
    /// Print the service config hash, one per line: a list of services, or * for all
    #[arg(long, value_name = "SERVICES")]
    pub(crate) hash: Option<String>,
    /// Print the image names, one per line
    #[arg(long)]
    pub(crate) images: bool,
    /// Produces an override file with image digests
    #[arg(long)]
    pub(crate) lock_image_digests: bool,
    /// Print the model names, one per line
    #[arg(long)]
    pub(crate) models: bool,
    /// Print the network names, one per line
    #[arg(long)]
    pub(crate) networks: bool,
    /// Don't check model consistency - warning: may produce invalid Compose output
    #[arg(long)]
    pub(crate) no_consistency: bool,
    /// Don't resolve service env files
    #[arg(long)]
    pub(crate) no_env_resolution: bool,
    /// Don't interpolate environment variables
    #[arg(long)]
    pub(crate) no_interpolate: bool,
    /// Don't normalize compose model
    #[arg(long)]
    pub(crate) no_normalize: bool,
    /// Don't resolve file paths
    #[arg(long)]
    pub(crate) no_path_resolution: bool,
    /// Save to file (default: to stdout)
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Print the profile names, one per line
    #[arg(long)]
    pub(crate) profiles: bool,
    /// Only validate the configuration, don't print anything
    #[arg(short, long)]
    pub(crate) quiet: bool,
    /// Pin image tags to digests
    #[arg(long)]
    pub(crate) resolve_image_digests: bool,
    /// Print the service names, one per line
    #[arg(long = "services")]
    pub(crate) list_services: bool,
    /// Fail when there is a warning
    #[arg(long)]
    pub(crate) strict: bool,
    /// Print model variables and default values
    #[arg(long)]
    pub(crate) variables: bool,
    /// Print the volume names, one per line
    #[arg(long)]
    pub(crate) volumes: bool,
}

/// `version`.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Version {
    /// Format the output: pretty or json (default: pretty)
    #[arg(short, long, value_name = "FORMAT")]
    pub(crate) format: Option<VersionFormat>,
    /// Show only the version number
    #[arg(long)]
    pub(crate) short: bool,
}

/// How the version is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum VersionFormat {
    #[default]
    Pretty,
    Json,
}
