//! Real children of `sh`, and a command line backend on a scripted machine.
#![cfg(test)]

mod children;
mod cli;
mod death;
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
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with('Z'))
}

/// Whether this process has a child of this number, alive or dead.
fn is_child(pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| {
        let rest = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        rest.split_whitespace().nth(1) == Some(&std::process::id().to_string())
    })
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
