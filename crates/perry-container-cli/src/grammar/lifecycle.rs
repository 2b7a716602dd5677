//! The commands that change what runs.

use clap::{Args, ValueEnum};

/// `up`.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Up {
    /// Services to bring up, with what they depend on (default: all)
    #[arg(value_name = "SERVICE")]
    pub(crate) services: Vec<String>,
    /// Stops all containers if any container was stopped. Incompatible with -d
    #[arg(long)]
    pub(crate) abort_on_container_exit: bool,
    /// Stops all containers if any container exited with failure. Incompatible with -d
    #[arg(long)]
    pub(crate) abort_on_container_failure: bool,
    /// Recreate dependent containers. Incompatible with --no-recreate
    #[arg(long)]
    pub(crate) always_recreate_deps: bool,
    /// Restrict attaching to the specified services. Incompatible with --attach-dependencies
    #[arg(long, value_name = "SERVICE")]
    pub(crate) attach: Vec<String>,
    /// Automatically attach to log output of dependent services
    #[arg(long)]
    pub(crate) attach_dependencies: bool,
    /// Build images before starting containers
    #[arg(long)]
    pub(crate) build: bool,
    /// Detached mode: Run containers in the background
    #[arg(short, long)]
    pub(crate) detach: bool,
    /// Return the exit code of the selected service container. Implies --abort-on-container-exit
    #[arg(long, value_name = "SERVICE")]
    pub(crate) exit_code_from: Option<String>,
    /// Recreate containers even if their configuration and image haven't changed
    #[arg(long)]
    pub(crate) force_recreate: bool,
    /// Enable interactive shortcuts when running attached (not there yet)
    #[arg(long)]
    pub(crate) menu: bool,
    /// Do not attach (stream logs) to the specified services
    #[arg(long, value_name = "SERVICE")]
    pub(crate) no_attach: Vec<String>,
    /// Don't build an image, even if it's policy
    #[arg(long)]
    pub(crate) no_build: bool,
    /// Produce monochrome output
    #[arg(long)]
    pub(crate) no_color: bool,
    /// Don't start linked services
    #[arg(long)]
    pub(crate) no_deps: bool,
    /// Don't print prefix in logs
    #[arg(long)]
    pub(crate) no_log_prefix: bool,
    /// If containers already exist, don't recreate them. Incompatible with --force-recreate
    #[arg(long)]
    pub(crate) no_recreate: bool,
    /// Don't start the services after creating them
    #[arg(long)]
    pub(crate) no_start: bool,
    /// Pull image before running
    #[arg(long, value_enum, value_name = "POLICY", default_value = "policy")]
    pub(crate) pull: Pull,
    /// Suppress the build output
    #[arg(long)]
    pub(crate) quiet_build: bool,
    /// Pull without printing progress information
    #[arg(long)]
    pub(crate) quiet_pull: bool,
    /// Remove containers for services not defined in the Compose file
    #[arg(long)]
    pub(crate) remove_orphans: Option<bool>,
    /// Recreate anonymous volumes instead of retrieving data from the previous containers
    #[arg(short = 'V', long)]
    pub(crate) renew_anon_volumes: bool,
    /// Scale SERVICE to NUM instances. Overrides the scale setting in the Compose file if present
    #[arg(long, value_name = "SERVICE=NUM")]
    pub(crate) scale: Vec<String>,
    /// Use this timeout in seconds for container shutdown when attached or when containers are already running
    #[arg(short, long, value_name = "SECONDS")]
    pub(crate) timeout: Option<u32>,
    /// Show timestamps
    #[arg(long)]
    pub(crate) timestamps: bool,
    /// Verify the signatures of images before anything is made
    #[arg(long)]
    pub(crate) verify: bool,
    /// Wait for services to be running|healthy. Implies detached mode
    #[arg(long)]
    pub(crate) wait: bool,
    /// Maximum duration in seconds to wait for the project to be running|healthy
    #[arg(long, value_name = "SECONDS")]
    pub(crate) wait_timeout: Option<u64>,
    /// Watch source code and rebuild/refresh containers when files are updated (not there yet)
    #[arg(short, long)]
    pub(crate) watch: bool,
    /// Assume "yes" as answer to all prompts and run non-interactively
    #[arg(short, long)]
    pub(crate) yes: bool,
}

/// When `up` pulls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Pull {
    Always,
    Missing,
    Never,
    /// Each service's own policy
    #[default]
    Policy,
}

/// `down`.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Down {
    /// Services to take down (default: all)
    #[arg(value_name = "SERVICE")]
    pub(crate) services: Vec<String>,
    /// Remove containers for services not defined in the Compose file
    #[arg(long)]
    pub(crate) remove_orphans: Option<bool>,
    /// Remove images used by services. "local" remove only images that don't have a custom tag
    #[arg(long, value_enum, value_name = "WHICH")]
    pub(crate) rmi: Option<Rmi>,
    /// Specify a shutdown timeout in seconds
    #[arg(short, long, value_name = "SECONDS")]
    pub(crate) timeout: Option<u32>,
    /// Remove named volumes declared in the "volumes" section of the Compose file and anonymous volumes attached to containers
    #[arg(short, long)]
    pub(crate) volumes: bool,
}

/// Which images `down` removes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Rmi {
    Local,
    All,
}

/// `start`.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Start {
    /// Services to start (default: all)
    #[arg(value_name = "SERVICE")]
    pub(crate) services: Vec<String>,
    /// Wait for services to be running|healthy
    #[arg(long)]
    pub(crate) wait: bool,
    /// Maximum duration in seconds to wait for the project to be running|healthy
    #[arg(long, value_name = "SECONDS")]
    pub(crate) wait_timeout: Option<u64>,
}

/// `stop`.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Stop {
    /// Services to stop (default: all)
    #[arg(value_name = "SERVICE")]
    pub(crate) services: Vec<String>,
    /// Specify a shutdown timeout in seconds
    #[arg(short, long, value_name = "SECONDS")]
    pub(crate) timeout: Option<u32>,
}

/// `restart`.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Restart {
    /// Services to restart (default: all)
    #[arg(value_name = "SERVICE")]
    pub(crate) services: Vec<String>,
    /// Don't restart dependent services
    #[arg(long)]
    pub(crate) no_deps: bool,
    /// Specify a shutdown timeout in seconds
    #[arg(short, long, value_name = "SECONDS")]
    pub(crate) timeout: Option<u32>,
}

/// `supervise`.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Supervise {
    /// Services to look after (default: all)
    #[arg(value_name = "SERVICE")]
    pub(crate) services: Vec<String>,
}

/// `keeper`: what `up -d` leaves behind.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct KeptProject {
    #[arg(value_name = "PROJECT")]
    pub(crate) project: String,
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<String>,
}

/// `pull`.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct PullImages {
    /// Services whose images are pulled (default: all)
    #[arg(value_name = "SERVICE")]
    pub(crate) services: Vec<String>,
    /// Ignore images that can be built
    #[arg(long)]
    pub(crate) ignore_buildable: bool,
    /// Pull what it can and ignores images with pull failures
    #[arg(long)]
    pub(crate) ignore_pull_failures: bool,
    /// Also pull services declared as dependencies
    #[arg(long)]
    pub(crate) include_deps: bool,
    /// Apply pull policy
    #[arg(long, value_enum, value_name = "POLICY")]
    pub(crate) policy: Option<PullWhen>,
    /// Pull without printing progress information
    #[arg(short, long)]
    pub(crate) quiet: bool,
    /// Verify the signatures of images before they are pulled
    #[arg(long)]
    pub(crate) verify: bool,
    #[arg(long, hide = true)]
    pub(crate) no_parallel: bool,
    #[arg(long, hide = true)]
    pub(crate) parallel: bool,
}

/// When `pull` pulls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PullWhen {
    Missing,
    Always,
}
