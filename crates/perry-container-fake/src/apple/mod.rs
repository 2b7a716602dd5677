//! apple's `container`.

mod containers;
mod grammar;
mod objects;
mod render;
mod request;
mod texts;

use crate::{
    engine::{Engine, Rules, Trouble},
    face::{Face, NOT_MODELLED, Scene},
    grammar::Call,
    record::Network,
};
use render::Era;
use std::io;

/// apple's `container`, 1.2.2; with `FAKE_VERSION=0.12.3` the generation before.
pub const FACE: Face = Face {
    names: &["container"],
    version: "1.2.2",
    grammar: &grammar::GRAMMAR,
    misuse: |scene, misuse| match first(scene) {
        Some("--version") => version(scene),
        _ => texts::misuse(scene, &grammar::GRAMMAR, misuse),
    },
    down: |scene, call| match call.command {
        "system status" | "system version" => None,
        _ => Some(texts::down(scene)),
    },
    answer,
};

fn first<'a>(scene: &Scene<'a>) -> Option<&'a str> {
    scene.words.first().map(String::as_str)
}

/// Answers without the engine.
fn version(scene: &mut Scene<'_>) -> i32 {
    let version = scene.version(&FACE).to_owned();
    scene.say(format!("container CLI version {version} (build: release, commit: abc1234)\n"));
    0
}

/// One call with everything it needs.
struct Turn<'a, 'b> {
    scene: &'a mut Scene<'b>,
    engine: Engine,
    call: &'a Call,
    era: Era,
}

fn answer(scene: &mut Scene<'_>, call: &Call) -> io::Result<i32> {
    let era = Era::of(scene.version(&FACE));
    let rules = Rules {
        exclusive_volumes: true,
        networks_at_create: true,
        unique_hostnames: true,
        bind_ports: scene.switches.ports,
    };
    let engine = Engine { store: scene.store.clone(), rules };
    builtin(&engine)?;
    let mut turn = Turn { scene, engine, call, era };
    Ok(match call.command {
        "run" | "create" => turn.create()?,
        "start" => turn.start(),
        "stop" => turn.stop(),
        "kill" => turn.kill(),
        "delete" => turn.delete(),
        "exec" => turn.exec(),
        "logs" => turn.logs()?,
        "list" => turn.list(),
        "inspect" => turn.inspect(),
        "stats" => turn.stats(),
        "build" => turn.build()?,
        "image list" => turn.image_list(),
        "image inspect" => turn.image_inspect(),
        "image pull" => turn.image_pull()?,
        "image tag" => turn.image_tag()?,
        "image delete" => turn.image_delete(),
        "network create" => turn.network_create(),
        "network delete" => turn.network_delete(),
        "network list" => turn.network_list(),
        "network inspect" => turn.network_inspect(),
        "volume create" => turn.volume_create(),
        "volume delete" => turn.volume_delete(),
        "volume list" => turn.volume_list(),
        "volume inspect" => turn.volume_inspect(),
        "system status" => turn.status(),
        "system version" => turn.versions(),
        _ => NOT_MODELLED,
    })
}

/// The network that comes with the tool.
fn builtin(engine: &Engine) -> io::Result<()> {
    let _held = engine.store.lock()?;
    if engine.store.get::<Network>("default").is_none() {
        engine.store.put(&Network {
            name: "default".to_owned(),
            subnet: "192.168.64.0/24".to_owned(),
            plugin: PLUGIN.to_owned(),
            created: engine.store.now(),
            builtin: true,
            ..Network::default()
        })?;
    }
    Ok(())
}

/// What makes networks.
const PLUGIN: &str = "container-network-vmnet";

impl Turn<'_, '_> {
    fn failed(&mut self, text: impl AsRef<str>) -> i32 {
        texts::failed(self.scene, text)
    }

    fn trouble(&mut self, trouble: &Trouble) -> i32 {
        self.failed(texts::plain(trouble))
    }

    /// `--format json` and `--quiet` are known; tables are for people.
    fn listed(&mut self, ids: &[String], all: Vec<serde_json::Value>) -> i32 {
        if self.call.on("--quiet") {
            let text: String = ids.iter().map(|id| format!("{id}\n")).collect();
            self.scene.say(text);
            return 0;
        }
        if self.call.value("--format") != Some("json") {
            return NOT_MODELLED;
        }
        self.scene.say(render::compact(all));
        0
    }

    /// Several objects, one after the other: names of those that are done are printed, errors are collected.
    fn each(
        &mut self,
        ids: &[String],
        mut one: impl FnMut(&Engine, &str) -> Result<(), String>,
    ) -> i32 {
        let mut errors = Vec::new();
        for id in ids {
            match one(&self.engine, id) {
                Ok(()) => self.scene.say(format!("{id}\n")),
                Err(error) => errors.push(error),
            }
        }
        if errors.is_empty() { 0 } else { self.failed(errors.join("\n")) }
    }
}
