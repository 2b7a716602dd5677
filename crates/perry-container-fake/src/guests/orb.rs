//! `orb`, OrbStack's tool. Not from source, which is closed: what its documentation shows.

use super::{machines, misused};
use crate::{
    face::{Face, Scene},
    grammar::{Call, Command, Grammar, Operands},
};
use std::io;

/// OrbStack.
pub const FACE: Face = Face {
    names: &["orb", "orbctl"],
    version: "2.0.5",
    grammar: &Grammar {
        globals: &[],
        commands: &[
            Command { name: "status", aliases: &[], flags: &[], operands: Operands::None },
            Command { name: "version", aliases: &[], flags: &[], operands: Operands::None },
        ],
        dashed_values: true,
    },
    misuse: |scene, misuse| misused(scene, misuse, "orbctl"),
    down: |_, _| None,
    answer,
};

#[expect(clippy::unnecessary_wraps, reason = "as every face answers")]
fn answer(scene: &mut Scene<'_>, call: &Call) -> io::Result<i32> {
    if call.command == "version" {
        let version = scene.version(&FACE).to_owned();
        scene.say(format!("Version: {version} (2000500)\nCommit: 0000000 (v{version})\n"));
        return Ok(0);
    }
    let running = machines(scene).iter().any(|machine| machine.running);
    scene.say(if running { "Running\n" } else { "Stopped\n" });
    Ok(i32::from(!running))
}
