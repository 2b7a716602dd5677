//! The commands that make containers without being `up`.

use clap::{Args, ValueEnum};

/// `create`.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Create {
    /// Services to create containers for, with what they depend on (default: all)
    #[arg(value_name = "SERVICE")]
    pub(crate) services: Vec<String>,
    /// Build images before creating containers
    #[arg(long)]
    pub(crate) build: bool,
    /// Recreate containers even if their configuration and image haven't changed
    #[arg(long)]
    pub(crate) force_recreate: bool,
    /// Don't build an image, even if it's policy
    #[arg(long)]
    pub(crate) no_build: bool,
    /// If containers already exist, don't recreate them. Incompatible with --force-recreate
    #[arg(long)]
    pub(crate) no_recreate: bool,
    /// Pull image before creating
    #[arg(long, value_enum, value_name = "POLICY", default_value = "policy")]
    pub(crate) pull: PullOrBuild,
    /// Pull without printing progress information
    #[arg(long)]
    pub(crate) quiet_pull: bool,
    /// Remove containers for services not defined in the Compose file
    #[arg(long)]
    pub(crate) remove_orphans: Option<bool>,
    /// Scale SERVICE to NUM instances. Overrides the scale setting in the Compose file if present
    #[arg(long, value_name = "SERVICE=NUM")]
    pub(crate) scale: Vec<String>,
    /// Verify the signatures of images before anything is made
    #[arg(long)]
    pub(crate) verify: bool,
    /// Assume "yes" as answer to all prompts and run non-interactively
    #[arg(short, long)]
    pub(crate) yes: bool,
}

/// Where `create` gets images from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum PullOrBuild {
    Always,
    Missing,
    Never,
    /// What can be built is built
    Build,
    /// Each service's own policy
    #[default]
    Policy,
}

/// `scale`.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Scale {
    /// Services and how many containers each should have
    #[arg(value_name = "SERVICE=REPLICAS")]
    pub(crate) scale: Vec<String>,
    /// Don't start linked services
    #[arg(long)]
    pub(crate) no_deps: bool,
}
