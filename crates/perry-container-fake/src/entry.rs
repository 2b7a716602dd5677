//! One call, from its name to its status.

use crate::{
    FACES, Stdin,
    face::{Face, NOT_MODELLED, Scene},
    grammar::Misuse,
    journal::{Entry, append, matters},
    shim,
    store::Store,
    switches::Switches,
};
use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    thread,
    time::{Duration, Instant},
};

/// The whole program: which tool it is tells the name it is called by.
#[must_use]
pub fn main() -> ExitCode {
    let mut words = std::env::args();
    let name = words.next().unwrap_or_default();
    let name = Path::new(&name).file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let mut switches = Switches::read(|name| std::env::var(name).ok());
    if switches.state.as_os_str().is_empty() {
        switches.state = beside().unwrap_or_default();
    }
    if let Ok(id) = std::env::var(shim::SHIM) {
        let awaits = std::env::var(shim::AWAITS).is_ok();
        return shim::main(&switches.state, &id, switches.ports, awaits);
    }
    let words: Vec<String> = words.collect();
    match called(name, &words, &switches) {
        Ok(code) => ExitCode::from(u8::try_from(code).unwrap_or(1)),
        Err(error) => {
            drop(writeln!(io::stderr(), "fake: {error}"));
            ExitCode::from(1)
        }
    }
}

/// The state of the bench this program lies on: who calls may pass on only what the real tool would look at.
fn beside() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    let state = program.parent()?.parent()?.join("state");
    state.join("lock").is_file().then_some(state)
}

fn called(name: &str, words: &[String], switches: &Switches) -> io::Result<i32> {
    let began = Instant::now();
    if switches.state.as_os_str().is_empty() {
        return Err(io::Error::other("FAKE_STATE names no directory"));
    }
    let store = Store::open(&switches.state)?;
    let mut entry = Entry {
        n: 0,
        t: store.now_ms(),
        argv0: name.to_owned(),
        argv: words.to_vec(),
        cwd: std::env::current_dir()?.display().to_string(),
        env: std::env::vars().filter(|(name, _)| matters(name)).collect(),
        stdin_sha256: None,
        rc: None,
        ms: 0,
        pid: std::process::id(),
        ppid: std::os::unix::process::parent_id(),
    };
    let stdin = Stdin::default();
    let mut noted = false;
    let mut note = |rc: Option<i32>| {
        if !std::mem::replace(&mut noted, true) {
            entry.ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
            (entry.rc, entry.stdin_sha256) = (rc, stdin.hash());
            let held = store.lock();
            drop(held.and_then(|_held| append(store.root(), entry.clone()))); // the call counts, not the note
        }
    };
    thread::sleep(switches.delay);
    let code = match (&switches.proxy, FACES.iter().find(|face| face.names.contains(&name))) {
        (Some(real), _) => proxied(real, words)?,
        (None, Some(face)) => answer(face, words, switches, &store, &stdin, &mut note)?,
        (None, None) => {
            writeln!(io::stderr(), "fake: no face is called `{name}`")?;
            NOT_MODELLED
        }
    };
    note(Some(code));
    Ok(code)
}

/// The real tool answers.
fn proxied(real: &Path, words: &[String]) -> io::Result<i32> {
    use std::os::unix::process::ExitStatusExt as _;
    let ended = Command::new(real).args(words).env_remove("FAKE_PROXY").status()?;
    Ok(ended.code().unwrap_or_else(|| 128 + ended.signal().unwrap_or(0)))
}

/// Garbage and noise of a test's wish around what the face says.
fn answer(
    face: &Face,
    words: &[String],
    switches: &Switches,
    store: &Store,
    stdin: &Stdin,
    note: &mut dyn FnMut(Option<i32>),
) -> io::Result<i32> {
    let parsed = face.grammar.parse(words);
    let command = parsed.as_ref().map_or_else(Misuse::command, |call| call.command);
    let means = |switch: &Option<String>| Switches::means(switch.as_deref(), command);
    if means(&switches.hang) {
        note(None);
        thread::sleep(Duration::from_secs(3600));
    }
    if means(&switches.kill) {
        note(None);
        rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL)?;
    }
    let (mut out, mut err) = (io::stdout(), io::stderr());
    if switches.noise {
        let text = "time=\"2026-01-01T00:00:00Z\" level=warning msg=\"nothing is wrong\"\n";
        err.write_all(text.as_bytes())?;
    }
    if means(&switches.big) {
        let line = "not what you asked for, and much of it\n".repeat(256);
        for _ in 0..(10 << 20) / line.len() {
            out.write_all(line.as_bytes())?;
            err.write_all(line.as_bytes())?;
        }
    }
    let garbage = means(&switches.garbage);
    let mut held = Vec::new();
    let mut early = || note(None);
    let mut scene = Scene {
        switches,
        store,
        words,
        out: if garbage { &mut held } else { &mut out },
        err: &mut err,
        early: &mut early,
        stdin: stdin.clone(),
    };
    let code = match &parsed {
        Err(Misuse::NotModelled) => NOT_MODELLED,
        Err(misuse) => (face.misuse)(&mut scene, misuse),
        Ok(call) => {
            let down = if switches.down { (face.down)(&mut scene, call) } else { None };
            match down {
                Some(code) => code,
                None => (face.answer)(&mut scene, call)?,
            }
        }
    };
    if code == NOT_MODELLED {
        scene.complain(format!("fake: not modelled: {}\n", words.join(" ")));
    }
    if garbage {
        out.write_all(&held[..held.len() / 2])?;
    }
    out.flush()?;
    Ok(code)
}
