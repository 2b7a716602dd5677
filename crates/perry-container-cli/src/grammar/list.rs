//! The commands that list, watch and wait.

use clap::Args;

/// `events`.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Events {
    /// Services whose events are shown (default: all)
    #[arg(value_name = "SERVICE")]
    pub(crate) services: Vec<String>,
    /// Output events as a stream of json objects
    #[arg(long)]
    pub(crate) json: bool,
    /// Show all events created since timestamp (e.g. 2013-01-02T13:23:37Z) or relative (e.g. 42m)
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<String>,
    /// Stream events until this timestamp, or so long ago
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<String>,
}

/// `images`.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Images {
    /// Services whose images are shown (default: all)
    #[arg(value_name = "SERVICE")]
    pub(crate) services: Vec<String>,
    /// Format the output: table or json
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub(crate) format: String,
    /// Only display IDs
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

/// `ls`.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Ls {
    /// Show all stopped Compose projects
    #[arg(short, long)]
    pub(crate) all: bool,
    /// Filter output based on conditions provided: name=EXPRESSION
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) filter: Vec<String>,
    /// Format the output: table or json
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub(crate) format: String,
    /// Only display project names
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

/// `port`.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Port {
    /// The service and the port in its container
    #[arg(value_name = "SERVICE PRIVATE_PORT")]
    pub(crate) words: Vec<String>,
    /// Index of the container if service has multiple replicas
    #[arg(long, value_name = "N")]
    pub(crate) index: Option<i64>,
    /// tcp, udp or sctp
    #[arg(long, value_name = "PROTOCOL", default_value = "tcp")]
    pub(crate) protocol: String,
}

/// `top`.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Top {
    /// Services whose processes are shown (default: all)
    #[arg(value_name = "SERVICE")]
    pub(crate) services: Vec<String>,
}

/// `wait`.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Wait {
    /// Services to wait for
    #[arg(value_name = "SERVICE")]
    pub(crate) services: Vec<String>,
    /// Drops project when the containers have stopped
    #[arg(long)]
    pub(crate) down_project: bool,
}
