//! `limactl`, 2.2.0, from source (`cmd/limactl`, `pkg/limatype/lima_instance.go`).

use super::{cobra, fatal, log, machine, machines, run};
use crate::{
    face::{Face, NOT_MODELLED, Scene},
    grammar::{Call, Command, Flag, Grammar, Operands, one_of, switch, value},
    record::Machine,
};
use serde_json::json;
use std::io;

const FORMAT: &[Flag] =
    &[value(&["--format", "-f"], "string"), switch(&["--json"]), switch(&["--quiet", "-q"])];
const SHELL: &[Flag] = &[
    value(&["--workdir"], "string"),
    value(&["--shell"], "string"),
    switch(&["--preserve-env"]),
    switch(&["--start"]),
];

/// Lima's `limactl`.
pub const FACE: Face = Face {
    names: &["limactl"],
    version: "2.2.0",
    grammar: &Grammar {
        globals: &[switch(&["--debug"]), one_of(&["--tty"], "bool", &["true", "false"])],
        commands: &[
            Command {
                name: "list",
                aliases: &["ls"],
                flags: &[FORMAT],
                operands: Operands::Many("INSTANCE", 0),
            },
            Command {
                name: "shell",
                aliases: &[],
                flags: &[SHELL],
                operands: Operands::Then(&["INSTANCE"]),
            },
        ],
        dashed_values: true,
    },
    misuse: |scene, misuse| {
        if scene.words == ["--version"] {
            let version = scene.version(&FACE).to_owned();
            scene.say(format!("limactl version {version}\n"));
            return 0;
        }
        match cobra(misuse, "limactl") {
            Some(text) => fatal(scene, &text),
            None => NOT_MODELLED,
        }
    },
    down: |_, _| None,
    answer,
};

fn answer(scene: &mut Scene<'_>, call: &Call) -> io::Result<i32> {
    match call.command {
        "list" => Ok(list(scene, call)),
        _ => shell(scene, call),
    }
}

fn list(scene: &mut Scene<'_>, call: &Call) -> i32 {
    if call.value("--format") != Some("json") && !call.on("--json") || call.on("--quiet") {
        return NOT_MODELLED;
    }
    let all = machines(scene);
    if all.is_empty() && call.operands.is_empty() {
        log(scene, "warning", "No instance found. Run `limactl create` to create an instance.");
        return 0;
    }
    let wanted =
        |machine: &&Machine| call.operands.is_empty() || call.operands.contains(&machine.name);
    let lines: String = all.iter().filter(wanted).map(|machine| line(machine) + "\n").collect();
    let missing: Vec<_> =
        call.operands.iter().filter(|name| !all.iter().any(|one| one.name == **name)).collect();
    scene.say(lines);
    for name in &missing {
        log(scene, "warning", &format!("No instance matching {name} found."));
    }
    if missing.is_empty() { 0 } else { fatal(scene, "unmatched instances") }
}

/// One instance.
fn line(machine: &Machine) -> String {
    json!({
        "name": machine.name,
        "hostname": format!("lima-{}", machine.name),
        "status": if machine.running { "Running" } else { "Stopped" },
        "dir": machine.dir,
        "vmType": "qemu",
        "arch": "x86_64",
        "cpus": 4,
        "memory": 4_294_967_296_u64,
        "disk": 107_374_182_400_u64,
        "sshLocalPort": 60022,
        "sshConfigFile": format!("{}/ssh.config", machine.dir),
        "config": {
            "containerd": { "system": machine.root, "user": !machine.root },
            "mounts": machine.mounts.iter().map(|path| json!({ "location": path })).collect::<Vec<_>>(),
        },
        "sshAddress": "127.0.0.1",
        "protected": false,
        "limaVersion": "2.2.0",
        "HostOS": "linux",
        "HostArch": "x86_64",
    })
    .to_string()
}

fn shell(scene: &mut Scene<'_>, call: &Call) -> io::Result<i32> {
    let name = call.operand(0);
    let Some(machine) = machine(scene, name) else {
        let text = format!(
            "instance `{name}` does not exist, run `limactl create {name}` to create a new instance"
        );
        return Ok(fatal(scene, &text));
    };
    if !machine.running && call.on("--start") {
        return Ok(NOT_MODELLED);
    }
    if !machine.running {
        let text = format!(
            "instance `{name}` is stopped, run `limactl start {name}` to start the instance"
        );
        return Ok(fatal(scene, &text));
    }
    let words = call.rest.strip_prefix(&["--".to_owned()]).unwrap_or(&call.rest);
    if words.is_empty() || call.on("--preserve-env") || call.on("--shell") {
        return Ok(NOT_MODELLED);
    }
    run(scene, &machine, call.value("--workdir").unwrap_or("."), words)
}
