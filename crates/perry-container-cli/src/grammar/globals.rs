//! Options of every command.

use clap::{
    Args, ValueEnum,
    builder::{PossibleValuesParser, TypedValueParser},
};
use perry_container_compose::reconcile::Mode;
use std::path::PathBuf;

/// Options that stand before the command.
#[derive(Debug, Clone, Args)]
pub(crate) struct Globals {
    /// Include all resources, even those not used by services
    #[arg(long)]
    pub(crate) all_resources: bool,
    /// Control when to print ANSI control characters (default: auto)
    #[arg(long, value_enum, value_name = "WHEN")]
    pub(crate) ansi: Option<Ansi>,
    /// Use this runtime (or the first that answers of a comma list) instead of looking for one
    #[arg(long, value_name = "NAME", global = true)]
    pub(crate) backend: Option<String>,
    /// Run compose in backward compatibility mode
    #[arg(long)]
    pub(crate) compatibility: bool,
    /// Print the plan and change nothing
    #[arg(long, global = true)]
    pub(crate) dry_run: bool,
    /// What becomes of a property that the runtime cannot honour: left out with a warning (lenient), the same with
    /// a warning for whatever is not native (warn), or refused before anything starts (strict)
    #[arg(long, value_name = "MODE", global = true, value_parser = mode())]
    pub(crate) enforcement: Option<Mode>,
    /// Specify an alternate environment file
    #[arg(long, value_name = "FILE")]
    pub(crate) env_file: Vec<PathBuf>,
    /// Compose configuration files
    #[arg(short, long, value_name = "FILE")]
    pub(crate) file: Vec<PathBuf>,
    /// How long to wait, in seconds, for another command on the same project to end
    #[arg(long, value_name = "SECONDS", global = true)]
    pub(crate) lock_timeout: Option<u64>,
    /// Tell more on stderr: a level (error, warn, info, debug, trace) or a filter of tracing
    #[arg(long, value_name = "LEVEL", global = true)]
    pub(crate) log_level: Option<String>,
    /// Leave no process behind that runs health checks and restarts in the runtime's place
    #[arg(long, global = true)]
    pub(crate) no_keeper: bool,
    /// Keep what a failed command made instead of taking it back, as docker compose does
    #[arg(long, global = true)]
    pub(crate) no_rollback: bool,
    /// Control max parallelism, -1 for unlimited (default: -1)
    #[arg(long, value_name = "N")]
    pub(crate) parallel: Option<i64>,
    /// Specify a profile to enable
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Vec<String>,
    /// Set type of progress output (default: auto)
    #[arg(long, value_enum, value_name = "TYPE", global = true)]
    pub(crate) progress: Option<Progress>,
    /// Specify an alternate working directory (default: the path of the, first specified, Compose file)
    #[arg(long, value_name = "DIR")]
    pub(crate) project_directory: Option<PathBuf>,
    /// Project name
    #[arg(short, long, value_name = "NAME")]
    pub(crate) project_name: Option<String>,
    /// Write how the command went to this file, for chrome://tracing or ui.perfetto.dev
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) trace: Option<PathBuf>,
    /// Show the version
    #[arg(short = 'v', long)]
    pub(crate) version: bool,
    /// Print usage
    #[arg(short, long, global = true)]
    pub(crate) help: bool,
    /// The command's name.
    #[arg(skip)]
    pub(crate) command: String,
    #[arg(long, hide = true)]
    pub(crate) no_ansi: bool,
    #[arg(long, hide = true)]
    pub(crate) verbose: bool,
    #[arg(long, hide = true, value_name = "DIR")]
    pub(crate) workdir: Option<PathBuf>,
}

fn mode() -> impl TypedValueParser<Value = Mode> {
    PossibleValuesParser::new(Mode::ALL.map(Mode::as_str)).try_map(|word| word.parse::<Mode>())
}

/// When colours and moving rows are printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Ansi {
    Never,
    Always,
    #[default]
    Auto,
}

/// How progress is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Progress {
    #[default]
    Auto,
    Tty,
    Plain,
    Json,
    Quiet,
}
