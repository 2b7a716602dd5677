//! Calls of nerdctl through the way into a machine.
#![cfg(test)]
#![cfg(unix)]
#![expect(clippy::disallowed_methods, reason = "a real shell is what is tested")]

mod argv;
mod copy;
mod hand;

use perry_container_lima::{Guest, LimaProtocol};
use perry_container_protocol::{Input, Invocation};
use std::{
    fs,
    io::Write as _,
    os::unix::fs::PermissionsExt as _,
    path::PathBuf,
    process::{Command, Stdio},
    sync::OnceLock,
};

fn lima() -> LimaProtocol {
    LimaProtocol::new(Guest::Lima { instance: "default".to_owned(), root: false }, "2.1.6")
}

/// A machine: a directory whose `nerdctl` tells what it was called with.
fn machine() -> &'static PathBuf {
    static MACHINE: OnceLock<PathBuf> = OnceLock::new();
    MACHINE.get_or_init(|| {
        let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("machine");
        fs::create_dir_all(&dir).unwrap();
        let nerdctl = dir.join("nerdctl");
        fs::write(&nerdctl, include_str!("nerdctl.sh")).unwrap();
        fs::set_permissions(&nerdctl, fs::Permissions::from_mode(0o755)).unwrap();
        dir
    })
}

/// What nerdctl in the machine says that it was called with.
fn arrives(shell: &str, call: &Invocation, caller: &[u8]) -> String {
    String::from_utf8_lossy(&printed(shell, call, caller)).into_owned()
}

/// What is printed in the machine, when the call is made as `limactl shell` makes it: `shell` runs it.
fn printed(shell: &str, call: &Invocation, caller: &[u8]) -> Vec<u8> {
    let texts = call.texts();
    let at = texts.iter().position(|text| text == "default").expect("the instance is named");
    let words = &texts[at + 1..];
    // limactl quotes every word and hands the line to a login shell
    let quote = |word: &String| format!("'{}'", word.replace('\'', r"'\''"));
    let line = words.iter().map(quote).collect::<Vec<_>>().join(" ");
    let temporary = tempfile::tempdir_in(machine()).unwrap();
    let mut child = Command::new(shell)
        .args(if shell == "busybox" { &["sh", "-c"][..] } else { &["-c"] })
        .arg(line)
        .env_clear()
        .env("PATH", format!("{}:/usr/bin:/bin", machine().display()))
        .env("TMPDIR", temporary.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    match &call.input {
        Input::Null => {}
        Input::Bytes(bytes) => stdin.write_all(bytes.expose()).unwrap(),
        Input::After(bytes) => {
            stdin.write_all(bytes.expose()).unwrap();
            stdin.write_all(caller).unwrap();
        }
        Input::Stream => stdin.write_all(caller).unwrap(),
    }
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let copies = line_copies(call);
    assert_eq!(output.status.code(), Some(if copies { 0 } else { 7 }), "nerdctl's own status");
    let left: Vec<_> = fs::read_dir(temporary.path()).unwrap().collect();
    assert!(left.is_empty(), "{left:?} is left");
    output.stdout
}

/// Whether a call copies: nerdctl succeeds then.
fn line_copies(call: &Invocation) -> bool {
    call.texts().iter().any(|text| text.contains("nerdctl cp"))
}
