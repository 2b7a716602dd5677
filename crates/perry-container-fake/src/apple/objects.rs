//! Images, networks, volumes and the service.

use super::{PLUGIN, Turn, render, request, texts};
use crate::{
    record::{Image, Network, Volume},
    store::{digest, full_reference},
};
use serde_json::json;
use std::{fs, io, path::Path};

/// The longest file that describes an image.
const LONGEST_DOCKERFILE: u64 = 16 << 10;

impl Turn<'_, '_> {
    pub(super) fn image_list(&mut self) -> i32 {
        let all = self.engine.store.images();
        let names: Vec<String> = all.iter().map(|(name, _)| name.clone()).collect();
        self.listed(&names, all.iter().map(|(name, image)| render::image(name, image)).collect())
    }

    pub(super) fn image_inspect(&mut self) -> i32 {
        let (mut found, mut missing) = (Vec::new(), Vec::new());
        for asked in &self.call.operands {
            let name = full_reference(asked);
            match self.engine.store.image(&name) {
                Some(image) => found.push(render::image(&name, &image)),
                None => missing.push(asked.as_str()),
            }
        }
        if !missing.is_empty() {
            return self.failed(format!("image not found: {}", missing.join(", ")));
        }
        self.scene.say(render::pretty(found));
        0
    }

    pub(super) fn image_pull(&mut self) -> io::Result<i32> {
        let name = full_reference(self.call.operand(0));
        if self.engine.store.pull(&name)? {
            return Ok(0);
        }
        Ok(self
            .failed(format!("HTTP request to https://{name} failed with response: 404 Not Found")))
    }

    pub(super) fn image_tag(&mut self) -> io::Result<i32> {
        let (from, to) =
            (full_reference(self.call.operand(0)), full_reference(self.call.operand(1)));
        let Some(image) = self.engine.store.image(&from) else {
            return Ok(self.failed(format!("image not found: {}", self.call.operand(0))));
        };
        self.engine.store.put_image(&to, &image)?;
        self.scene.say(format!("{to}\n"));
        Ok(0)
    }

    pub(super) fn image_delete(&mut self) -> i32 {
        let names = self.call.operands.clone();
        let mut missing = Vec::new();
        for asked in &names {
            let name = full_reference(asked);
            if self.engine.store.remove_image(&name) {
                self.scene.say(format!("{name}\n"));
            } else {
                missing.push(asked.clone());
            }
        }
        if missing.is_empty() || self.call.on("--force") {
            return 0;
        }
        self.failed(format!("failed to delete one or more images: {missing:?}"))
    }

    pub(super) fn build(&mut self) -> io::Result<i32> {
        let context = self.call.operands.first().map_or(".", String::as_str).to_owned();
        if !Path::new(&context).is_dir() {
            return Ok(self.failed(format!("context dir does not exist {context}")));
        }
        let named = self.call.value("--file").map(str::to_owned);
        let usual = ["Dockerfile", "Containerfile"].map(|name| format!("{context}/{name}"));
        let file = named.into_iter().chain(usual).find(|path| Path::new(path).is_file());
        let Some(file) = file else {
            return Ok(self.failed("dockerfile does not exist at path: Dockerfile"));
        };
        if fs::metadata(&file)?.len() > LONGEST_DOCKERFILE {
            return Ok(self.failed("dockerfile is too large: 16 KiB is the most"));
        }
        let text = fs::read_to_string(&file)?;
        let base = text.lines().find_map(|line| line.trim().strip_prefix("FROM "));
        let base = full_reference(base.unwrap_or("scratch").split(' ').next().unwrap_or_default());
        let base_image = self.engine.store.image(&base);
        let Some(from) =
            base_image.or_else(|| (base == full_reference("scratch")).then(Image::default))
        else {
            return Ok(self.failed(format!("failed to solve: {base}: not found")));
        };
        let tags = match self.call.values("--tag") {
            [] => vec![full_reference("built")],
            tags => tags.iter().map(|tag| full_reference(tag)).collect(),
        };
        let mut labels = from.labels.clone();
        match request::labels(self.call.values("--label")) {
            Ok(own) => labels.extend(own),
            Err(text) => return Ok(self.failed(text)),
        }
        let image = Image { digest: digest(&text), labels, ..from };
        self.scene.complain("#1 [resolver] fetching image\n");
        for tag in &tags {
            self.engine.store.put_image(tag, &image)?;
        }
        self.scene.say(match self.call.on("--quiet") {
            true => tags.iter().map(|tag| format!("{tag}\n")).collect(),
            false => format!("Successfully built {}\n", tags.join(", ")),
        });
        Ok(0)
    }

    pub(super) fn network_create(&mut self) -> i32 {
        let name = self.call.operand(0).to_owned();
        if !request::is_network_name(&name) {
            return self.failed(format!("invalid network name: {name}"));
        }
        let options = request::labels(self.call.values("--option"));
        let labels = request::network_labels(self.call.values("--label"));
        let (labels, options) = match (labels, options) {
            (Ok(labels), Ok(options)) => (labels, options),
            (Err(text), _) | (_, Err(text)) => return self.failed(text),
        };
        let new = Network {
            name: name.clone(),
            labels,
            options,
            internal: self.call.on("--internal"),
            plugin: self.call.value("--plugin").unwrap_or(PLUGIN).to_owned(),
            subnet: self.call.value("--subnet").unwrap_or_default().to_owned(),
            subnet6: self.call.value("--subnet-v6").map(str::to_owned),
            ..Network::default()
        };
        match self.engine.create_network(new) {
            Ok(()) => {
                self.scene.say(format!("{name}\n"));
                0
            }
            Err(trouble) => self.trouble(&trouble),
        }
    }

    pub(super) fn network_delete(&mut self) -> i32 {
        let mut not = Vec::new();
        for name in &self.call.operands.clone() {
            match self.engine.remove_network(name) {
                Ok(()) => self.scene.say(format!("{name}\n")),
                Err(trouble) => {
                    // the reason is a line of the log
                    self.scene.complain(format!("{}\n", texts::plain(&trouble)));
                    not.push(name.clone());
                }
            }
        }
        match not.is_empty() {
            true => 0,
            false => self.failed(format!("failed to delete one or more networks: {not:?}")),
        }
    }

    pub(super) fn network_list(&mut self) -> i32 {
        let all = self.engine.store.all::<Network>();
        let names: Vec<String> = all.iter().map(|one| one.name.clone()).collect();
        self.listed(&names, all.iter().map(render::network).collect())
    }

    pub(super) fn network_inspect(&mut self) -> i32 {
        let mut found = Vec::new();
        for name in &self.call.operands {
            match self.engine.store.get::<Network>(name) {
                Some(one) => found.push(render::network(&one)),
                None => return self.failed(format!("network not found: {name}")),
            }
        }
        self.scene.say(render::pretty(found));
        0
    }

    pub(super) fn volume_create(&mut self) -> i32 {
        let name = self.call.operand(0).to_owned();
        if !request::is_name(&name, 1) {
            return self.failed(format!("invalid volume name '{name}'"));
        }
        let (labels, options) = match (
            request::labels(self.call.values("--label")),
            request::labels(self.call.values("--opt")),
        ) {
            (Ok(labels), Ok(options)) => (labels, options),
            (Err(text), _) | (_, Err(text)) => return self.failed(text),
        };
        let size = match self.call.value("-s").map(request::bytes).transpose() {
            Ok(size) => size,
            Err(text) => return self.failed(text),
        };
        let new = Volume { name: name.clone(), labels, options, size, ..Volume::default() };
        match self.engine.create_volume(new) {
            Ok(()) => {
                self.scene.say(format!("{name}\n"));
                0
            }
            Err(trouble) => self.trouble(&trouble),
        }
    }

    pub(super) fn volume_delete(&mut self) -> i32 {
        let names = self.call.operands.clone();
        self.each(&names, |engine, name| {
            engine.remove_volume(name).map_err(|trouble| texts::plain(&trouble))
        })
    }

    pub(super) fn volume_list(&mut self) -> i32 {
        let all = self.engine.store.all::<Volume>();
        let names: Vec<String> = all.iter().map(|one| one.name.clone()).collect();
        let shown = all.iter().map(|one| render::volume(&self.engine.store, one)).collect();
        self.listed(&names, shown)
    }

    pub(super) fn volume_inspect(&mut self) -> i32 {
        let mut found = Vec::new();
        for name in &self.call.operands {
            match self.engine.store.get::<Volume>(name) {
                Some(one) => found.push(render::volume(&self.engine.store, &one)),
                None => return self.failed(format!("volume not found: {name}")),
            }
        }
        self.scene.say(render::pretty(found));
        0
    }

    pub(super) fn status(&mut self) -> i32 {
        if self.call.value("--format") != Some("json") {
            return crate::face::NOT_MODELLED;
        }
        let down = self.scene.switches.down;
        let said = match down {
            true => json!({"status": "unregistered"}),
            false => json!({
                "apiServerVersion": format!("container-apiserver version {}", self.version()),
                "status": "running",
            }),
        };
        self.scene.say(format!("{said}\n"));
        i32::from(down)
    }

    fn version(&self) -> String {
        self.scene.version(&super::FACE).to_owned()
    }

    pub(super) fn versions(&mut self) -> i32 {
        if self.call.value("--format") != Some("json") {
            return crate::face::NOT_MODELLED;
        }
        let of = |name: &str| json!({"appName": name, "buildType": "release", "commit": "abc1234", "version": self.version()});
        let mut all = vec![of("container")];
        if !self.scene.switches.down {
            all.push(of("container-apiserver"));
        }
        self.scene.say(render::compact(all));
        0
    }
}
