//! Real children of `sh`, and a command line backend on a scripted machine.
#![cfg(test)]

mod children;
mod cli;
mod death;
mod detached;
mod terminal;
mod toy;

use perry_container_process::{Environment, Host as _, Limits, Program, Running, Sign, SystemHost};
use perry_container_protocol::{Deadline, Invocation};
use std::time::Duration;

/// The machine, impatient.
fn host() -> SystemHost {
    SystemHost::new(Environment::current()).with_grace(Duration::from_millis(500))
}

/// A script with its arguments.
fn script(text: &str) -> Invocation {
    Invocation::new(["-c", text, "sh"])
}

fn sh() -> Program {
    Program::new("sh")
}

fn limits() -> Limits {
    Limits::default().within(Duration::from_secs(20))
}

/// Starts a script without a deadline.
async fn start(text: &str) -> Running {
    let call = script(text).within(Deadline::None);
    host().start(&sh(), &call, perry_container_backend::Feed::Empty, None).await.unwrap()
}

/// What a running program prints next, as text.
async fn printed(running: &mut Running) -> String {
    use futures_util::StreamExt as _;
    match running.next().await.unwrap().unwrap() {
        Sign::Printed(chunk) => String::from_utf8_lossy(&chunk.bytes).into_owned(),
        Sign::Ended(code) => panic!("ended with {code}"),
    }
}

/// Whether a process is there and no zombie.
fn lives(pid: u32) -> bool {
    status(pid).is_some_and(|(state, _)| state != 'Z')
}

/// Whether this process has a child of this number, alive or dead.
fn is_child(pid: u32) -> bool {
    status(pid).is_some_and(|(_, parent)| parent == std::process::id())
}

/// The state of a process as `ps` shows it, and its parent.
#[cfg(target_os = "linux")]
fn status(pid: u32) -> Option<(char, u32)> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(')')?;
    let mut words = rest.split_whitespace();
    Some((words.next()?.chars().next()?, words.next()?.parse().ok()?))
}

/// The state of a process as `ps` shows it, and its parent.
#[cfg(not(target_os = "linux"))]
fn status(pid: u32) -> Option<(char, u32)> {
    #[expect(clippy::disallowed_methods, reason = "what is tested cannot be asked")]
    let out = std::process::Command::new("ps")
        .args(["-o", "stat=,ppid=", "-p", &pid.to_string()])
        .output()
        .ok()?;
    let text = String::from_utf8(out.stdout).ok()?;
    let mut words = text.split_whitespace();
    Some((words.next()?.chars().next()?, words.next()?.parse().ok()?))
}

/// Waits until something holds.
async fn eventually(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..500 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("never: {what}");
}
