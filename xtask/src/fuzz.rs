//! `cargo xtask fuzz`: the targets of `fuzz/` with the stable toolchain, on values of the fixtures that are changed at
//! random. Each target has a process of its own, whose memory is limited, and a time.

use std::cell::Cell;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail};
use clap::Args;
use nix::sys::resource::{Resource, UsageWho, getrusage, setrlimit};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestError, TestRunner};

use self::targets::{TARGETS, Target};
use crate::conformance::values_of;
use crate::run::Cmd;
use crate::ui::heading;
use crate::workspace;

#[path = "../../fuzz/src/lib.rs"]
#[expect(unreachable_pub, reason = "it is a crate of its own for cargo-fuzz")]
mod targets;

/// One input may take so long, on a machine that does something else meanwhile.
const SLOW: Duration = Duration::from_secs(2);
/// Address space of a target's process.
const MEMORY: u64 = 1 << 30;

#[derive(Args)]
pub(crate) struct Options {
    /// Targets (default: all)
    targets: Vec<String>,
    /// How long each runs
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Run one target in this process
    #[arg(long, hide = true)]
    here: bool,
}

pub(crate) fn main(options: &Options) -> Result<()> {
    let named =
        |name: &str| options.targets.is_empty() || options.targets.iter().any(|t| t == name);
    if let Some(unknown) = options.targets.iter().find(|name| target(name).is_none()) {
        let known: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
        bail!("no target is called {unknown}; there are {}", known.join(", "));
    }
    for (name, target) in TARGETS.into_iter().filter(|(name, _)| named(name)) {
        if options.here {
            return here(name, target, Duration::from_secs(options.seconds));
        }
        heading(name);
        Cmd::new(std::env::current_exe()?)
            .args(["fuzz", name, "--here", "--seconds", &options.seconds.to_string()])
            .limit(Duration::from_secs(options.seconds + 60))
            .run()?;
    }
    Ok(())
}

fn target(name: &str) -> Option<Target> {
    TARGETS.iter().find(|(known, _)| *known == name).map(|(_, target)| *target)
}

/// One target for a time, in a process whose memory is limited.
fn here(name: &str, target: Target, time: Duration) -> Result<()> {
    setrlimit(Resource::RLIMIT_AS, MEMORY, MEMORY).context("limiting memory")?;
    let strategy = inputs(name)?;
    let (start, mut tried, mut slowest) = (Instant::now(), 0, Duration::ZERO);
    while start.elapsed() < time {
        slowest = slowest.max(batch(name, target, &strategy, 200)?);
        tried += 200;
    }
    let peak = getrusage(UsageWho::RUSAGE_SELF)?.max_rss() / 1024;
    println!("{name}: {tried} inputs, the slowest took {slowest:.1?}; peak memory {peak} MiB");
    Ok(())
}

/// Some inputs, and how long the slowest took. The smallest one that fails is the error.
fn batch(
    name: &str,
    target: Target,
    strategy: &BoxedStrategy<Vec<u8>>,
    cases: u32,
) -> Result<Duration> {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let slowest = Cell::new(Duration::ZERO);
    let result = TestRunner::new(config).run(strategy, |bytes| {
        let start = Instant::now();
        target(&bytes);
        let took = start.elapsed();
        slowest.set(slowest.get().max(took));
        prop_assert!(took < SLOW, "took {took:?}");
        Ok(())
    });
    match result {
        Ok(()) => Ok(slowest.get()),
        Err(TestError::Fail(why, bytes)) => {
            Err(anyhow!("{name}: {:?}: {why}", String::from_utf8_lossy(&bytes)))
        }
        Err(TestError::Abort(why)) => Err(anyhow!("{name}: {why}")),
    }
}

/// Values of the fixtures with a few changes, now and then plain noise.
fn inputs(name: &str) -> Result<BoxedStrategy<Vec<u8>>> {
    let rules: &[&str] = match name {
        "yaml" => &["scalar", "environment", "top"],
        "interpolate" => &["template"],
        "dotenv" => &["dotenv"],
        "ports" => &["port"],
        "durations" => &["duration", "size"],
        _ => &["volume", "device"],
    };
    let mut seeds: Vec<Vec<u8>> = Vec::new();
    for rule in rules {
        seeds.extend(values_of(rule)?.into_iter().map(String::into_bytes));
    }
    if name == "yaml" {
        let files = ["full/compose.yaml", "grammar.txt", "written/yaml.txt", "written/tags.txt"];
        for file in files.map(|file| PathBuf::from("fixtures/compose").join(file)) {
            let bytes = std::fs::read(workspace::root().join(&file))
                .with_context(|| format!("reading {}", file.display()))?;
            // Pieces, so that a change has an effect near it.
            seeds.extend(bytes.chunks(400).map(<[u8]>::to_vec));
        }
    }
    let edits = prop::collection::vec((any::<prop::sample::Index>(), edit()), 0..6);
    let changed = (prop::sample::select(seeds), edits).prop_map(|(mut bytes, edits)| {
        for (at, edit) in edits {
            apply(&mut bytes, at, &edit);
        }
        bytes
    });
    let noise = prop::collection::vec(any::<u8>(), 0..200);
    Ok(prop_oneof![8 => changed, 1 => noise].boxed())
}

#[derive(Debug, Clone)]
enum Edit {
    Put(Vec<u8>),
    Cut(usize),
    /// What stands there, so many times more.
    Repeat(usize, usize),
    Flip(u8),
}

fn edit() -> impl Strategy<Value = Edit> {
    let tokens: Vec<&str> = "${ } ${A:- : - , / . [ ] { } & * ! | > ' \" # ? @ % $ $$ \\ 0 -1 1e999 65535 65536 0x 9223372036854775808 << <<: &a *a !reset !!str --- ... ~ null 1h30m 1us µ ns é \u{feff} \u{85} :ro :z [::1]: /tcp / // ..".split(' ').collect();
    prop_oneof![
        4 => prop::sample::select(tokens).prop_map(|token| Edit::Put(token.as_bytes().to_vec())),
        1 => prop::sample::select(vec!["\n", "\r\n", "\t", " ", "\n  ", ": ", "- ", "\0"])
            .prop_map(|token| Edit::Put(token.as_bytes().to_vec())),
        2 => (1..20usize).prop_map(Edit::Cut),
        1 => (1..30usize, 1..300usize).prop_map(|(length, times)| Edit::Repeat(length, times)),
        1 => any::<u8>().prop_map(Edit::Flip),
    ]
}

fn apply(bytes: &mut Vec<u8>, at: prop::sample::Index, edit: &Edit) {
    let at = at.index(bytes.len() + 1);
    match edit {
        Edit::Put(token) => drop(bytes.splice(at..at, token.iter().copied())),
        Edit::Cut(length) => drop(bytes.drain(at..(at + length).min(bytes.len()))),
        Edit::Repeat(length, times) => {
            let piece = bytes[at..(at + length).min(bytes.len())].repeat(*times);
            drop(bytes.splice(at..at, piece));
        }
        Edit::Flip(bits) => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= bits;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_holds_for_some_hundred_inputs() {
        for (name, target) in TARGETS {
            // More with `PROPTEST_CASES`.
            let cases = Config::default().cases * 2;
            batch(name, target, &inputs(name).unwrap(), cases).unwrap();
        }
    }

    #[test]
    fn what_fails_is_told_with_the_smallest_input() {
        let fails: Target = |bytes| assert!(!bytes.contains(&b'$'), "a dollar");
        let inputs = inputs("interpolate").unwrap();
        let error = batch("x", fails, &inputs, 1000).unwrap_err().to_string();
        assert!(error.starts_with("x: \"") && error.contains("a dollar"), "{error}");
    }
}
