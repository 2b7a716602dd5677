//! What `container` says when it does not do something, all on standard error.

use crate::{
    engine::Trouble,
    face::{NOT_MODELLED, Scene},
    grammar::{Grammar, Misuse, Operands},
};

/// The status of a call that is none.
const USAGE: i32 = 64;

/// A call that is none.
pub(super) fn misuse(scene: &mut Scene<'_>, grammar: &Grammar, misuse: &Misuse) -> i32 {
    let text = match misuse {
        Misuse::UnknownFlag { flag, .. } => format!("Unknown option '{flag}'"),
        Misuse::MissingValue { flag, name, .. } => format!("Missing value for '{flag} <{name}>'"),
        Misuse::UnwantedValue { flag, value, .. } => {
            format!("The option '{flag}' does not take any value, but '{value}' was specified.")
        }
        Misuse::BadValue { flag, name, value, .. } => {
            format!("The value '{value}' is invalid for '{flag} <{name}>'")
        }
        Misuse::MissingOperand { name, .. } => format!("Missing expected argument '<{name}>'"),
        Misuse::UnwantedOperand { word, .. } => format!("Unexpected argument '{word}'"),
        // a group of commands without one of its own prints help
        Misuse::UnknownCommand { word }
            if !grammar.commands.iter().any(|one| one.name.split(' ').next() == Some(word)) =>
        {
            let text = if scene.switches.down {
                "Plugins are unavailable. Start the container system services and retry:\n\n    container system start\n"
                    .to_owned()
            } else {
                format!("Plugin 'container-{word}' not found.")
            };
            scene.complain(format!("Error: {text}\n"));
            return USAGE;
        }
        Misuse::UnknownCommand { .. } | Misuse::NoCommand | Misuse::NotModelled => {
            return NOT_MODELLED;
        }
    };
    let command = misuse.command();
    let found = grammar.commands.iter().find(|one| one.name == command);
    let operands = found.map_or(String::new(), |one| usage(one.operands));
    let options = match found {
        Some(one) if !one.flags.is_empty() => " [<options>]",
        _ => "",
    };
    let name = if command.is_empty() { String::new() } else { format!(" {command}") };
    scene.complain(format!(
        "Error: {text}\nUsage: container{name}{options}{operands}\n  See 'container{name} --help' for more information.\n"
    ));
    USAGE
}

fn usage(operands: Operands) -> String {
    let words = |names: &[&str]| names.iter().map(|name| format!(" <{name}>")).collect::<String>();
    match operands {
        Operands::None => String::new(),
        Operands::Exactly(names) => words(names),
        Operands::Optional(name) => format!(" [<{name}>]"),
        Operands::Many(name, _) => format!(" [<{name}> ...]"),
        Operands::Then(names) => format!("{} [<arguments> ...]", words(names)),
    }
}

/// One error: only its message shows.
pub(super) fn failed(scene: &mut Scene<'_>, text: impl AsRef<str>) -> i32 {
    scene.complain(format!("Error: {}\n", text.as_ref()));
    1
}

/// The engine does not run.
pub(super) fn down(scene: &mut Scene<'_>) -> i32 {
    failed(
        scene,
        "internalError: \"XPC connection error: Connection invalid\"\nEnsure container system service has been started with `container system start`.",
    )
}

/// Errors that `stop`, `kill` and `delete` collect: code, message and cause show.
pub(super) fn collected(doing: &str, trouble: &Trouble) -> String {
    let cause = match trouble {
        Trouble::NoContainer(id) => format!("notFound: \"container with ID {id} not found\""),
        Trouble::IsRunning(id) => {
            format!("invalidState: \"container {id} is running and can not be deleted\"")
        }
        Trouble::NotRunning(id) => format!("invalidState: \"container {id} is not running\""),
        other => format!("unknown: \"{}\"", plain(other)),
    };
    format!("internalError: \"failed to {doing} container\" (cause: \"{cause}\")")
}

/// The message of an error by itself.
pub(super) fn plain(trouble: &Trouble) -> String {
    match trouble {
        Trouble::NoContainer(id) => format!("get failed: container {id} not found"),
        Trouble::NoNetwork(name) => format!("network {name} not found"),
        Trouble::NoVolume(name) => format!("volume not found: {name}"),
        Trouble::NoImage(name) => format!("image not found: {name}"),
        Trouble::Exists(id) => format!("container with id {id} already exists"),
        Trouble::HostnameTaken(name) => format!("hostname(s) already exist: [\"{name}\"]"),
        Trouble::NetworkExists(name) => format!("network {name} already exists"),
        Trouble::VolumeExists(name) => format!("volume '{name}' already exists"),
        Trouble::IsRunning(id) => format!("container {id} is running and can not be deleted"),
        Trouble::NotRunning(id) => format!("container {id} is not running"),
        Trouble::NetworkUsed(name, ids) => {
            format!("cannot delete subnet {name} with referring containers: {}", ids.join(", "))
        }
        Trouble::VolumeUsed(name) => format!(
            "volume '{name}' is currently in use and cannot be accessed by another container, or deleted"
        ),
        Trouble::PortTaken(port) => format!("bind({port}): Address already in use (errno: 48)"),
        Trouble::Failed(text) => text.clone(),
        Trouble::Io(error) => error.to_string(),
    }
}
