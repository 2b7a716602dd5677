//! Containers and what is done to them.

use super::{Turn, render, request, texts};
use crate::{
    engine::{Trouble, made_up},
    face::NOT_MODELLED,
    record::{Container, State},
    store::full_reference,
    wire::Request,
};
use std::{
    fs::File,
    io::{self, Read as _, Seek as _},
    thread,
    time::Duration,
};

/// The size of the terminal that standard output is, where it is one.
fn window() -> (u16, u16) {
    rustix::termios::tcgetwinsize(io::stdout()).map_or((80, 24), |size| (size.ws_col, size.ws_row))
}

impl Turn<'_, '_> {
    pub(super) fn create(&mut self) -> io::Result<i32> {
        let runs = self.call.command == "run";
        let reference = full_reference(self.call.operand(0));
        let found = self.engine.store.image(&reference);
        let found = match found {
            None if self.engine.store.pull(&reference)? => self.engine.store.image(&reference),
            found => found,
        };
        let Some(image) = found else {
            return Ok(self.failed(format!(
                "failed to resolve reference {reference} (cause: \"notFound: \"image {reference} not found\"\")"
            )));
        };
        let inherited = |name: &str| std::env::var(name).ok();
        let new = match request::container(self.call, &image, made_up(""), &inherited) {
            Ok(new) => new,
            Err(text) => return Ok(self.failed(text)),
        };
        if let Some(path) = self.call.value("--cidfile") {
            if std::path::Path::new(path).exists() {
                return Ok(self.failed(format!("container id file already exists: {path}")));
            }
            std::fs::write(path, &new.id)?;
        }
        let id = new.id.clone();
        match self.engine.create(new) {
            Ok(_) => {}
            Err(Trouble::Exists(id)) if !runs => {
                return Ok(self.failed(format!(
                    "failed to create container (cause: \"exists: \"container already exists: {id}\"\")"
                )));
            }
            Err(trouble) => return Ok(self.trouble(&trouble)),
        }
        if !runs {
            self.scene.say(format!("{id}\n"));
            return Ok(0);
        }
        let attach = !self.call.on("--detach");
        if let Err(trouble) = self.engine.start(&id, attach) {
            drop(self.engine.remove(&id, true)); // a run that fails leaves nothing
            return Ok(self.bootstrap(&trouble));
        }
        if !attach {
            self.scene.say(format!("{id}\n"));
            return Ok(0);
        }
        Ok(self.attached(&id, self.call.on("--interactive")))
    }

    fn bootstrap(&mut self, trouble: &Trouble) -> i32 {
        match trouble {
            Trouble::NoContainer(_) | Trouble::VolumeUsed(_) => self.trouble(trouble),
            other => self.failed(format!(
                "failed to bootstrap container (cause: \"{}\")",
                texts::plain(other)
            )),
        }
    }

    /// Passes output, and input where it is wanted, to the end: its status.
    fn attached(&mut self, id: &str, input: bool) -> i32 {
        (self.scene.early)();
        let input = input.then(|| self.scene.input());
        let scene = &mut *self.scene;
        match self.engine.ask(id, &Request::Attach, input, &mut *scene.out, &mut *scene.err) {
            Ok(code) => {
                drop(self.engine.wait(id)); // it is over
                code
            }
            Err(trouble) => self.trouble(&trouble),
        }
    }

    pub(super) fn start(&mut self) -> i32 {
        let id = self.call.operand(0).to_owned();
        let attach = self.call.on("--attach");
        match self.engine.start(&id, attach) {
            Ok(()) if attach => self.attached(&id, self.call.on("--interactive")),
            Ok(()) => {
                self.scene.say(format!("{id}\n"));
                0
            }
            Err(trouble) => self.bootstrap(&trouble),
        }
    }

    /// The containers that are named, or all of them.
    fn named(&mut self, running: bool) -> Result<Vec<String>, i32> {
        match (self.call.on("--all"), self.call.operands.is_empty()) {
            (true, true) => {
                let all = self.engine.store.all::<Container>().into_iter();
                let those = all.filter(|one| !running || one.state == State::Running);
                Ok(those.map(|one| one.id).collect())
            }
            (false, false) => Ok(self.call.operands.clone()),
            (true, false) => {
                Err(self.failed("explicitly supplied container ID(s) conflict with the --all flag"))
            }
            (false, true) => Err(self.failed("no containers specified and --all not supplied")),
        }
    }

    pub(super) fn stop(&mut self) -> i32 {
        let ids = match self.named(true) {
            Ok(ids) => ids,
            Err(code) => return code,
        };
        let signal = self.call.value("--signal").unwrap_or("TERM");
        let signal = signal.trim_start_matches("SIG").to_owned();
        let seconds = self.call.value("--time").and_then(|text| text.parse().ok()).unwrap_or(5);
        self.each(&ids, |engine, id| {
            engine.stop(id, &signal, seconds).map_err(|trouble| texts::collected("stop", &trouble))
        })
    }

    pub(super) fn kill(&mut self) -> i32 {
        let ids = match self.named(true) {
            Ok(ids) => ids,
            Err(code) => return code,
        };
        let signal = self.call.value("--signal").unwrap_or("KILL");
        let signal = signal.trim_start_matches("SIG").to_owned();
        self.each(&ids, |engine, id| {
            engine.kill(id, &signal).map_err(|trouble| texts::collected("kill", &trouble))
        })
    }

    pub(super) fn delete(&mut self) -> i32 {
        let ids = match self.named(false) {
            Ok(ids) => ids,
            Err(code) => return code,
        };
        let force = self.call.on("--force");
        self.each(&ids, |engine, id| {
            engine.remove(id, force).map_err(|trouble| texts::collected("delete", &trouble))
        })
    }

    pub(super) fn exec(&mut self) -> i32 {
        let id = self.call.operand(0).to_owned();
        if self.call.rest.is_empty() {
            return NOT_MODELLED;
        }
        let record = match self.engine.container(&id) {
            Ok(record) if record.state == State::Running => record,
            Ok(_) => return self.failed(format!("container {id} is not running")),
            Err(trouble) => return self.trouble(&trouble),
        };
        let env = match request::environment(self.call, &|name: &str| std::env::var(name).ok()) {
            Ok(env) => env,
            Err(text) => return self.failed(text),
        };
        let user = match (self.call.value("--user"), self.call.value("--uid")) {
            (Some(user), _) => Some(user.to_owned()),
            (None, uid) => uid.map(str::to_owned),
        };
        let (interactive, detached) = (self.call.on("--interactive"), self.call.on("--detach"));
        let words = self.call.rest.clone();
        let request = Request::Exec {
            words,
            env: [record.env, env].concat(),
            workdir: self.call.value("--workdir").map(str::to_owned),
            user,
            tty: self.call.on("--tty").then(window),
            stdin: interactive,
        };
        if detached {
            // whoever called does not wait for the end; the container's own process has it
            let engine = &self.engine;
            let done = engine.ask(&id, &request, None, &mut io::sink(), &mut io::sink());
            return match done {
                Ok(_) => {
                    self.scene.say(format!("{id}\n"));
                    0
                }
                Err(trouble) => self.trouble(&trouble),
            };
        }
        let input = interactive.then(|| self.scene.input());
        let scene = &mut *self.scene;
        match self.engine.ask(&id, &request, input, &mut *scene.out, &mut *scene.err) {
            Ok(code) => code,
            Err(Trouble::Failed(text)) if text.contains("no such file or directory") => {
                let program = self.call.rest.first().map_or("", String::as_str);
                self.failed(format!(
                    "failed to exec process (cause: \"internalError: \"failed to find target executable {program}\"\")"
                ))
            }
            Err(trouble) => self.trouble(&trouble),
        }
    }

    pub(super) fn logs(&mut self) -> io::Result<i32> {
        let id = self.call.operand(0).to_owned();
        if self.call.on("--boot") {
            return Ok(NOT_MODELLED);
        }
        if self.engine.container(&id).is_err() {
            return Ok(self.failed(format!(
                "failed to get logs for container {id} (cause: \"notFound: \"container with ID {id} not found\"\")"
            )));
        }
        let mut bytes = Vec::new();
        let path = self.engine.store.log(&id);
        let mut at = match File::open(&path) {
            Ok(mut file) => file.read_to_end(&mut bytes)?,
            Err(_) => 0, // it never ran
        };
        if let Some(count) = self.call.value("-n").and_then(|text| text.parse::<usize>().ok()) {
            // only lines that are not empty count
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
            let last = &lines[lines.len().saturating_sub(count)..];
            self.scene.say(last.iter().map(|line| format!("{line}\n")).collect::<String>());
        } else {
            self.scene.out.write_all(&bytes)?;
        }
        if !self.call.on("--follow") {
            return Ok(0);
        }
        self.scene.out.flush()?;
        (self.scene.early)();
        // it follows the file for ever; that the container ended is no end of it
        while self.engine.container(&id).is_ok() {
            let mut new = Vec::new();
            if let Ok(mut file) = File::open(&path) {
                let length = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
                if length < at {
                    at = 0; // it was started again
                }
                file.seek(io::SeekFrom::Start(at as u64))?;
                at += file.read_to_end(&mut new)?;
            }
            if self.scene.out.write_all(&new).and_then(|()| self.scene.out.flush()).is_err() {
                break;
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(0)
    }

    pub(super) fn list(&mut self) -> i32 {
        let all = self.call.on("--all");
        let mut found = self.engine.store.all::<Container>();
        found.retain(|one| all || one.state == State::Running);
        let ids: Vec<String> = found.iter().map(|one| one.id.clone()).collect();
        let shown = found.iter().map(|one| render::container(one, self.era)).collect();
        self.listed(&ids, shown)
    }

    pub(super) fn inspect(&mut self) -> i32 {
        let (mut found, mut missing) = (Vec::new(), Vec::new());
        for id in &self.call.operands {
            match self.engine.container(id) {
                Ok(one) => found.push(render::container(&one, self.era)),
                Err(_) => missing.push(id.as_str()),
            }
        }
        if !missing.is_empty() && self.era == render::Era::New {
            return self.failed(format!("container not found: {}", missing.join(", ")));
        }
        self.scene.say(render::pretty(found));
        0
    }

    pub(super) fn stats(&mut self) -> i32 {
        if !self.call.on("--no-stream") || self.call.value("--format") != Some("json") {
            return NOT_MODELLED;
        }
        let mut ids = self.call.operands.clone();
        if ids.is_empty() {
            let all = self.engine.store.all::<Container>().into_iter();
            ids = all.filter(|one| one.state == State::Running).map(|one| one.id).collect();
        }
        let mut shown = Vec::new();
        for id in &ids {
            match self.engine.container(id) {
                Ok(one) if one.state == State::Running => shown.push(render::usage(id)),
                Ok(_) => {}
                Err(_) => return self.failed(format!("no such container: {id}")),
            }
        }
        self.scene.say(render::compact(shown));
        0
    }
}
