//! The commands that end, freeze and clear away.

use clap::Args;

/// `kill`.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Kill {
    /// Services to send a signal to (default: all)
    #[arg(value_name = "SERVICE")]
    pub(crate) services: Vec<String>,
    /// Remove containers for services not defined in the Compose file: they, and those of `run`, get the signal, too
    #[arg(long)]
    pub(crate) remove_orphans: Option<bool>,
    /// The signal to send to the container
    #[arg(short, long, value_name = "SIGNAL", default_value = "SIGKILL")]
    pub(crate) signal: String,
}

/// `pause`.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Pause {
    /// Services to pause (default: all)
    #[arg(value_name = "SERVICE")]
    pub(crate) services: Vec<String>,
}

/// `unpause`.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Unpause {
    /// Services to let go on (default: all)
    #[arg(value_name = "SERVICE")]
    pub(crate) services: Vec<String>,
}

/// `rm`.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Rm {
    /// Services whose containers are removed (default: all)
    #[arg(value_name = "SERVICE")]
    pub(crate) services: Vec<String>,
    #[arg(short, long, hide = true)]
    pub(crate) all: bool,
    /// Don't ask to confirm removal
    #[arg(short, long)]
    pub(crate) force: bool,
    /// Stop the containers, if required, before removing
    #[arg(short, long)]
    pub(crate) stop: bool,
    /// Remove any anonymous volumes attached to containers
    #[arg(short, long)]
    pub(crate) volumes: bool,
}
