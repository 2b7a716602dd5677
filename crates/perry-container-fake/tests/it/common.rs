//! Calls as text.

use perry_container_fake::{
    Bench,
    record::{Answer, Image},
};
use std::{
    fmt::Write as _,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

pub(crate) fn bench() -> Bench {
    let waits = Image { healthy_after_ms: 300, ..Image::default() };
    let healthy = Answer { healthy: true, out: "ready\n".to_owned(), exit: 0 };
    let waits = Image { commands: [("check".to_owned(), healthy)].into(), ..waits };
    let brief = Image { exit: Some(3), lines: vec!["done".to_owned()], ..Image::default() };
    let stubborn = Image { ignore_term: true, ..Image::default() };
    Bench::new(Path::new(env!("CARGO_BIN_EXE_perry-container-fake")), &["container"])
        .unwrap()
        .image("lab/base:1", &Image::shell())
        .image("waits", &waits)
        .image("brief", &brief)
        .image("stubborn", &stubborn)
        .published("far", &Image::default())
}

/// What one call says: its status, then each stream.
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.code {
            Some(code) => write!(f, "{code}")?,
            None => write!(f, "killed")?,
        }
        for (name, text) in [("O", &self.out), ("E", &self.err)] {
            for line in text.lines() {
                write!(f, "\n  {name} {line}")?;
            }
        }
        Ok(())
    }
}

pub(crate) fn said(mut command: Command, input: Option<&str>) -> Said {
    let stdin = if input.is_some() { Stdio::piped() } else { Stdio::null() };
    let spawned = command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = spawned.unwrap();
    if let Some(text) = input {
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    }
    let out = child.wait_with_output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Said { code: out.status.code(), out: text(&out.stdout), err: text(&out.stderr) }
}

/// One call of `container`, its words separated by blanks.
pub(crate) fn call(bench: &Bench, line: &str) -> Said {
    let mut command = bench.command("container");
    command.args(line.split_whitespace());
    said(command, None)
}

/// Calls and what they say.
pub(crate) fn talk(bench: &Bench, lines: &[&str]) -> String {
    let mut text = String::new();
    for line in lines {
        writeln!(text, "$ {line}\n{}", call(bench, line)).unwrap();
    }
    text
}

/// What a container does.
pub(crate) fn state(bench: &Bench, id: &str) -> String {
    let said = call(bench, &format!("inspect {id}"));
    if said.code != Some(0) {
        return said.err.trim().to_owned();
    }
    let all: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    all[0]["status"]["state"].as_str().unwrap_or("none").to_owned()
}

/// Waits until something holds.
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < end, "{what} never came");
        std::thread::sleep(Duration::from_millis(20));
    }
}
