//! Asks the real docker compose.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result, bail};

use super::case::{Answer, Case, HOME, PATH, ROOT};
use super::ours;
use crate::{lab, run};

/// The docker compose whose answers are recorded.
const VERSION: &str = "2.40.3";
/// Questions at a time.
const LANES: usize = 2;
/// Seconds for one answer.
const LIMIT: &str = "20";
/// Address space of one docker compose, in bytes.
const MEMORY: &str = "--as=8589934592";
/// As much of an error is kept.
const ERROR: usize = 240;

/// Fails unless the docker compose at hand is the one whose answers are recorded.
pub(super) fn check_version() -> Result<()> {
    let out = run::Cmd::new(lab::docker()).args(["compose", "version", "--short"]).capture_ok()?;
    if !out.trim().starts_with(VERSION) {
        bail!("answers are docker compose {VERSION}'s; the one here is {}", out.trim());
    }
    Ok(())
}

/// Fills in the answers of cases, all their modes.
pub(super) fn ask_all(cases: &mut [&mut Case]) -> Result<()> {
    std::fs::create_dir_all(ROOT).with_context(|| format!("creating {ROOT}"))?;
    let fault = Mutex::new(None);
    let share = cases.len().div_ceil(LANES).max(1);
    std::thread::scope(|scope| {
        for cases in cases.chunks_mut(share) {
            let fault = &fault;
            scope.spawn(move || {
                for case in cases {
                    if run::interrupted() {
                        return;
                    }
                    if let Err(error) = ask(case) {
                        let error = error.context(format!("asking {}", case.id));
                        fault.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                        return;
                    }
                }
            });
        }
    });
    match fault.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(error) => Err(error),
        None if run::interrupted() => bail!("interrupted"),
        None => Ok(()),
    }
}

fn ask(case: &mut Case) -> Result<()> {
    let directory = case.directory();
    drop(std::fs::remove_dir_all(&directory));
    // Without the `.` at the end, which cannot be created.
    std::fs::create_dir_all(case.cwd())?;
    for (path, content) in &case.files {
        let path = Path::new(&directory).join(path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(&path, content.bytes()?)?;
    }
    let modes: Vec<String> = case.expect.keys().cloned().collect();
    for mode in modes {
        let answer = ask_mode(case, &mode)?;
        case.expect.insert(mode, answer);
    }
    std::fs::remove_dir_all(&directory)?;
    Ok(())
}

fn ask_mode(case: &Case, mode: &str) -> Result<Answer> {
    let mut child = Command::new("timeout")
        .args(["--signal=KILL", LIMIT, "prlimit", MEMORY, lab::docker(), "compose"])
        .args(case.args.iter().map(|word| case.place(word)))
        .arg("config")
        .args(ours::flags(mode))
        .args(&case.config_args)
        .env_clear()
        .env("HOME", HOME)
        .env("PATH", PATH)
        .envs(case.env.iter().map(|(name, value)| (name, case.place(value))))
        .current_dir(case.cwd())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    if let Some(mut pipe) = child.stdin.take() {
        // One that never reads closes it.
        drop(pipe.write_all(case.stdin.as_deref().unwrap_or_default().as_bytes()));
    }
    let errors = child.stderr.take().map(|mut pipe| {
        std::thread::spawn(move || {
            let mut text = Vec::new();
            drop(pipe.read_to_end(&mut text));
            text
        })
    });
    let out = child.wait_with_output()?;
    let errors = errors.and_then(|thread| thread.join().ok()).unwrap_or_default();
    let code = out.status.code().unwrap_or(124);
    let rc = match code {
        124 | 137 => 124,
        code => code,
    };
    if rc == 0 {
        let text = String::from_utf8(out.stdout).context("docker compose printed no UTF-8")?;
        let value = ours::value(case, mode, &text);
        return Ok(Answer { value: Some(value), ..Answer::default() });
    }
    let errors = case.unplace(&String::from_utf8_lossy(&errors));
    let lines = errors.lines().filter(|line| !line.starts_with("time="));
    let error: String = lines.collect::<Vec<_>>().join("\n").chars().take(ERROR).collect();
    Ok(Answer { rc, error: Some(error), ..Answer::default() })
}
