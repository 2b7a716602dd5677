//! Tools that lead into a virtual machine: `limactl`, `colima`, `orb`, `rdctl`. Each has its own grammar; behind it is
//! whatever the machine has: the real docker's socket, a real nerdctl, or another fake.

mod colima;
mod limactl;
mod orb;
mod rdctl;

pub use self::{
    colima::FACE as COLIMA, limactl::FACE as LIMACTL, orb::FACE as ORB, rdctl::FACE as RDCTL,
};

use crate::{
    face::{NOT_MODELLED, Scene},
    grammar::Misuse,
    record::Machine,
};
use std::{
    io,
    os::unix::process::ExitStatusExt as _,
    path::Path,
    process::{Command, Stdio},
};

/// A machine as it is now: none runs when the service is down.
fn machine(scene: &Scene<'_>, name: &str) -> Option<Machine> {
    machines(scene).into_iter().find(|machine| machine.name == name)
}

fn machines(scene: &Scene<'_>) -> Vec<Machine> {
    let mut all: Vec<Machine> = scene.store.all();
    if scene.switches.down {
        all.iter_mut().for_each(|machine| machine.running = false);
    }
    all
}

/// A line of logrus where no terminal is.
fn fatal(scene: &mut Scene<'_>, text: &str) -> i32 {
    log(scene, "fatal", text);
    1
}

fn log(scene: &mut Scene<'_>, level: &str, text: &str) {
    let now = jiff::Timestamp::from_second(scene.store.now()).unwrap_or_default();
    let quoted = serde_json::Value::from(text);
    scene.complain(format!("time=\"{now}\" level={level} msg={quoted}\n"));
}

/// What cobra says of a call that is none; nothing where it is not known.
fn cobra(misuse: &Misuse, tool: &str) -> Option<String> {
    Some(match misuse {
        Misuse::UnknownFlag { flag, .. } if flag.starts_with("--") => {
            format!("unknown flag: {flag}")
        }
        Misuse::UnknownFlag { flag, .. } => {
            format!("unknown shorthand flag: '{}' in {flag}", flag.trim_start_matches('-'))
        }
        Misuse::MissingValue { flag, .. } => format!("flag needs an argument: {flag}"),
        Misuse::BadValue { flag, value, .. } => format!(
            "invalid argument \"{value}\" for \"{flag}\" flag: strconv.ParseBool: parsing \"{value}\": invalid syntax"
        ),
        Misuse::UnknownCommand { word } => format!("unknown command \"{word}\" for \"{tool}\""),
        Misuse::MissingOperand { .. } => "requires at least 1 arg(s), only received 0".to_owned(),
        Misuse::UnwantedOperand { command, word } => {
            format!("unknown command \"{word}\" for \"{tool} {command}\"")
        }
        Misuse::UnwantedValue { .. } | Misuse::NoCommand | Misuse::NotModelled => return None,
    })
}

/// Tools that print the error, then how they are used.
fn misused(scene: &mut Scene<'_>, misuse: &Misuse, tool: &str) -> i32 {
    let Some(text) = cobra(misuse, tool) else { return NOT_MODELLED };
    let command = misuse.command();
    let line = if command.is_empty() {
        format!("{tool} [command]")
    } else {
        format!("{tool} {command} [flags]")
    };
    scene.complain(format!("Error: {text}\nUsage:\n  {line}\n\n"));
    1
}

/// A command in a machine, as it comes through ssh: the words are quoted and go to a login shell, leading ones with `=`
/// are variables, nothing of this environment is there. `sudo` needs no password there.
fn run(scene: &mut Scene<'_>, machine: &Machine, dir: &str, words: &[String]) -> io::Result<i32> {
    (scene.early)();
    let mut words = words;
    let mut variables = Vec::new();
    while let Some((name, value)) = words.first().and_then(|word| word.split_once('=')) {
        variables.push((name.to_owned(), value.to_owned()));
        words = &words[1..];
    }
    if words.first().is_some_and(|word| word == "sudo") {
        words = &words[1..];
    }
    let quote = |word: &String| format!("'{}'", word.replace('\'', r"'\''"));
    let line = words.iter().map(quote).collect::<Vec<_>>().join(" ");
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(line).env_clear().env("PATH", &machine.path).env("HOME", "/root");
    command.envs(variables).stdin(Stdio::inherit());
    if Path::new(dir).is_dir() {
        command.current_dir(dir);
    }
    let ended = command.status()?;
    Ok(ended.code().unwrap_or_else(|| 128 + ended.signal().unwrap_or(0)))
}
