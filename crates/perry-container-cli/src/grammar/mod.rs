//! The words of the command line: docker compose's, in clap.
//!
//! clap and the flag library of docker compose differ in small ways; [`parse`] takes the side of the latter: a switch can
//! be given a value (`--detach=false`), the last of several wins, a value may begin with a hyphen, and everything behind
//! the service of `exec` belongs to the command.

mod create;
mod globals;
mod halt;
mod lifecycle;
mod list;
mod look;
mod refuse;

pub(crate) use create::{Create, PullOrBuild, Scale};
pub(crate) use globals::{Ansi, Globals, Progress};
pub(crate) use halt::{Kill, Pause, Rm, Unpause};
pub(crate) use lifecycle::{
    Down, KeptProject, Pull, PullImages, PullWhen, Restart, Rmi, Start, Stop, Supervise, Up,
};
pub(crate) use list::{Events, Images, Ls, Port, Top, Wait};
pub(crate) use look::{Config, Exec, Logs, Ps, Version, VersionFormat};

use crate::failure::Failure;
use clap::{
    Arg, ArgAction, Command as Clap, CommandFactory as _, FromArgMatches as _, Parser, Subcommand,
    builder::{StringValueParser, TypedValueParser as _, ValueParser},
};
use std::ffi::OsString;

/// Define and run multi-container applications with Docker, Podman and others.
#[derive(Debug, Clone, Parser)]
#[command(name = "perry-compose", disable_help_flag = true, disable_version_flag = true)]
#[command(disable_help_subcommand = true, args_conflicts_with_subcommands = false)]
#[command(override_usage = "perry-compose [OPTIONS] COMMAND", subcommand_value_name = "COMMAND")]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What to do.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum Command {
    /// Parse, resolve and render compose file in canonical format
    #[command(alias = "convert")]
    Config(Config),
    /// Create containers without starting them
    Create(Create),
    /// Stop and remove containers, networks
    Down(Down),
    /// Receive real time events from containers
    Events(Events),
    /// Execute a command in a running container
    #[command(override_usage = "perry-compose exec [OPTIONS] SERVICE COMMAND [ARGS]...")]
    Exec(Exec),
    /// List images used by the created containers
    Images(Images),
    /// Send a signal to service containers, SIGKILL by default
    Kill(Kill),
    /// View output from containers
    Logs(Logs),
    /// List running compose projects
    Ls(Ls),
    /// Pause services
    Pause(Pause),
    /// Print the public port for a port binding
    #[command(override_usage = "perry-compose port [OPTIONS] SERVICE PRIVATE_PORT")]
    Port(Port),
    /// List containers
    Ps(Ps),
    /// Pull service images
    Pull(PullImages),
    /// Restart service containers
    Restart(Restart),
    /// Remove stopped service containers
    Rm(Rm),
    /// Bring services to a number of containers
    #[command(override_usage = "perry-compose scale [OPTIONS] SERVICE=REPLICAS...")]
    Scale(Scale),
    /// Start services
    Start(Start),
    /// Stop services
    Stop(Stop),
    /// Run the health checks and restarts that the runtime does not
    Supervise(Supervise),
    #[command(hide = true)]
    Keeper(KeptProject),
    /// Display the running processes
    Top(Top),
    /// Let paused services go on
    Unpause(Unpause),
    /// Create and start containers
    Up(Box<Up>),
    /// Show the version
    Version(Version),
    /// Block until containers of services stop
    #[command(override_usage = "perry-compose wait [OPTIONS] SERVICE...")]
    Wait(Wait),
    #[command(external_subcommand)]
    Other(Vec<OsString>),
}

/// What the command line asks for.
#[derive(Debug, Clone)]
pub(crate) enum Request {
    /// Print this text and be done.
    Text(String),
    /// Do this.
    Run(Box<Globals>, Command),
}

/// Reads the arguments, without the program's own name.
pub(crate) fn parse(words: &[OsString]) -> Result<Request, Failure> {
    let matches =
        grammar().try_get_matches_from(words).map_err(|error| refuse::usage(&error, words))?;
    let mut cli = Cli::from_arg_matches(&matches).map_err(|error| refuse::usage(&error, words))?;
    let name = matches.subcommand_name();
    cli.globals.command = name.unwrap_or("version").to_owned();
    if cli.globals.help {
        if let Some(Command::Other(words)) = &cli.command {
            return Err(refuse::command(words));
        }
        return Ok(Request::Text(help(name, None)));
    }
    match cli.command {
        Some(Command::Other(words)) => Err(refuse::command(&words)),
        Some(command) => {
            refuse::not_yet(&command)?;
            Ok(Request::Run(Box::new(cli.globals), command))
        }
        None if cli.globals.version => {
            Ok(Request::Run(Box::new(cli.globals), Command::Version(Version::default())))
        }
        None => Ok(Request::Text(help(None, None))),
    }
}

/// The page of a command, or of all; as wide as the terminal unless a width is given.
fn help(command: Option<&str>, width: Option<usize>) -> String {
    let mut all = Cli::command().after_help(refuse::not_yet_list()).max_term_width(100);
    if let Some(width) = width {
        all = all.term_width(width);
    }
    all.build();
    let page = match command.and_then(|name| all.find_subcommand_mut(name)) {
        Some(page) => page.render_help(),
        None => all.render_help(),
    };
    page.to_string()
}

/// The grammar with docker compose's habits.
pub(crate) fn grammar() -> Clap {
    like_pflag(Cli::command().no_binary_name(true))
}

fn like_pflag(command: Clap) -> Clap {
    command.mut_args(habits).mut_subcommands(like_pflag)
}

fn habits(arg: Arg) -> Arg {
    if arg.is_positional() {
        return arg;
    }
    let id = arg.get_id().clone();
    let switch = |arg: Arg| {
        arg.action(ArgAction::Set)
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("true")
            .value_parser(StringValueParser::new().try_map(|text| go_bool(&text)))
    };
    match arg.get_action() {
        ArgAction::SetTrue => switch(arg).default_value("false").overrides_with(id),
        ArgAction::Set if arg.get_value_parser().type_id() == ValueParser::bool().type_id() => {
            switch(arg).overrides_with(id)
        }
        ArgAction::Set => arg.allow_hyphen_values(true).overrides_with(id),
        ArgAction::Append => arg.allow_hyphen_values(true),
        _ => arg,
    }
}

/// What Go takes for a truth value.
fn go_bool(text: &str) -> Result<bool, NoBool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err(NoBool),
    }
}

#[derive(Debug, thiserror::Error)]
#[error("neither true nor false")]
struct NoBool;

#[cfg(test)]
mod tests;
