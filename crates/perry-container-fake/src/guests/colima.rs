//! `colima`, 0.10.3, from source (`cmd/*.go`, `app/app.go`).

use super::{cobra, fatal, machine, machines, misused, run};
use crate::{
    face::{Face, NOT_MODELLED, Scene},
    grammar::{Call, Command, Flag, Grammar, Operands, switch, value},
    record::Machine,
};
use serde_json::{Map, Value, json};
use std::io;

const JSON: &[Flag] = &[switch(&["--json", "-j"])];
const EXTENDED: &[Flag] = &[switch(&["--extended", "-e"])];

/// Colima.
pub const FACE: Face = Face {
    names: &["colima"],
    version: "0.10.3",
    grammar: &Grammar {
        globals: &[value(&["--profile", "-p"], "string"), switch(&["--verbose", "-v"])],
        commands: &[
            Command {
                name: "status",
                aliases: &[],
                flags: &[JSON, EXTENDED],
                operands: Operands::Optional("profile"),
            },
            Command { name: "list", aliases: &["ls"], flags: &[JSON], operands: Operands::None },
            Command {
                name: "ssh",
                aliases: &["exec", "x"],
                flags: &[],
                operands: Operands::Many("command", 0),
            },
            Command { name: "version", aliases: &[], flags: &[], operands: Operands::None },
        ],
        dashed_values: true,
    },
    misuse: |scene, misuse| {
        let code = misused(scene, misuse, "colima");
        match cobra(misuse, "colima") {
            Some(text) => fatal(scene, &text),
            None => code,
        }
    },
    down: |_, _| None,
    answer,
};

fn answer(scene: &mut Scene<'_>, call: &Call) -> io::Result<i32> {
    if call.command == "version" {
        let version = scene.version(&FACE).to_owned();
        scene.say(format!("colima version {version}\ngit commit: 0000000\n"));
        return Ok(0);
    }
    if call.command == "list" {
        return Ok(list(scene, call));
    }
    let of_status =
        (call.command == "status").then(|| call.operand(0)).filter(|name| !name.is_empty());
    let environment = std::env::var("COLIMA_PROFILE").ok().filter(|name| !name.is_empty());
    let named = call.value("--profile").or(of_status).map(str::to_owned).or(environment);
    let name = named.unwrap_or_else(|| "default".to_owned());
    let Some(machine) = machine(scene, &name).filter(|machine| machine.running) else {
        let profile = if name == "default" { String::new() } else { format!(" [profile={name}]") };
        return Ok(fatal(scene, &format!("colima{profile} is not running")));
    };
    if call.command == "ssh" {
        return match call.operands.is_empty() {
            true => Ok(NOT_MODELLED),
            false => run(scene, &machine, ".", &call.operands),
        };
    }
    if !call.on("--json") {
        return Ok(NOT_MODELLED);
    }
    scene.say(format!("{}\n", status(&machine)));
    Ok(0)
}

fn status(machine: &Machine) -> Value {
    let profile = if machine.name == "default" {
        String::new()
    } else {
        format!(" [profile={}]", machine.name)
    };
    let mut all = Map::new();
    let mut put = |key: &str, value: Value| drop(all.insert(key.to_owned(), value));
    put("display_name", json!(format!("colima{profile}")));
    put("driver", json!("QEMU"));
    put("arch", json!("x86_64"));
    put("runtime", json!(machine.runtime));
    put("mount_type", json!("virtiofs"));
    if !machine.socket.is_empty() {
        put("docker_socket", json!(machine.socket));
    }
    if machine.runtime == "containerd" {
        put("containerd_socket", json!(format!("unix://{}/containerd.sock", machine.dir)));
    }
    put("kubernetes", json!(false));
    put("cpu", json!(2));
    put("memory", json!(2_147_483_648_u64));
    put("disk", json!(107_374_182_400_u64));
    Value::Object(all)
}

fn list(scene: &mut Scene<'_>, call: &Call) -> i32 {
    if !call.on("--json") {
        return NOT_MODELLED;
    }
    let line = |machine: &Machine| {
        let mut all = json!({
            "name": machine.name,
            "status": if machine.running { "Running" } else { "Stopped" },
            "arch": "x86_64",
            "cpus": 2,
            "memory": 2_147_483_648_u64,
            "disk": 107_374_182_400_u64,
        });
        if machine.running {
            all["runtime"] = json!(machine.runtime);
        }
        format!("{all}\n")
    };
    let lines: String = machines(scene).iter().map(line).collect();
    scene.say(lines);
    0
}
