//! `rdctl`, Rancher Desktop's tool, 1.20, from source (`src/go/rdctl/cmd`).

use super::{machine, misused, run};
use crate::{
    face::{Face, NOT_MODELLED, Scene},
    grammar::{Call, Command, Grammar, Operands},
};
use serde_json::json;
use std::io;

/// Rancher Desktop.
pub const FACE: Face = Face {
    names: &["rdctl"],
    version: "1.20.0",
    grammar: &Grammar {
        globals: &[],
        commands: &[
            Command { name: "list-settings", aliases: &[], flags: &[], operands: Operands::None },
            Command {
                name: "api",
                aliases: &[],
                flags: &[],
                operands: Operands::Exactly(&["endpoint"]),
            },
            Command {
                name: "shell",
                aliases: &[],
                flags: &[],
                operands: Operands::Then(&["command"]),
            },
            Command { name: "version", aliases: &[], flags: &[], operands: Operands::None },
        ],
        dashed_values: true,
    },
    misuse: |scene, misuse| misused(scene, misuse, "rdctl"),
    down: |_, _| None,
    answer,
};

fn answer(scene: &mut Scene<'_>, call: &Call) -> io::Result<i32> {
    if call.command == "version" {
        let version = scene.version(&FACE).to_owned();
        scene.say(format!("rdctl client version: v{version}, targeting server version: v1\n"));
        return Ok(0);
    }
    let Some(machine) = machine(scene, "0").filter(|machine| machine.running) else {
        let text = match call.command {
            "shell" => {
                "Error: The Rancher Desktop VM is not running; Rancher Desktop needs to be running for this command."
            }
            _ => {
                "Error: Get \"http://127.0.0.1:6107/v1/settings\": dial tcp 127.0.0.1:6107: connect: connection refused"
            }
        };
        scene.complain(format!("{text}\n"));
        return Ok(1);
    };
    match (call.command, call.operand(0)) {
        ("list-settings", _) => {
            let settings = json!({
                "version": 16,
                "application": { "adminAccess": false },
                "containerEngine": { "allowedImages": { "enabled": false, "patterns": [] }, "name": machine.runtime },
                "kubernetes": { "enabled": false },
            });
            scene.say(format!("{settings:#}\n"));
            Ok(0)
        }
        ("api", "/v1/backend_state") => {
            scene.say("{\"vmState\":\"STARTED\",\"locked\":false}\n");
            Ok(0)
        }
        ("api", _) => Ok(NOT_MODELLED),
        (_, first) => {
            let words: Vec<String> =
                std::iter::once(first.to_owned()).chain(call.rest.iter().cloned()).collect();
            run(scene, &machine, ".", &words)
        }
    }
}
