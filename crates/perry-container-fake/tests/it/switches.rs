//! What tests can ask of it.

use crate::common::{bench, call, said, until};
use perry_container_fake::{Bench, record::Image};
use snapbox::{assert_data_eq, str};
use std::{fmt::Write as _, path::Path, process::Stdio};

fn with(bench: &Bench, switch: (&str, &str), line: &str) -> String {
    let mut command = bench.command("container");
    command.args(line.split_whitespace()).env(switch.0, switch.1);
    said(command, None).to_string()
}

#[test]
fn the_service_is_down() {
    let bench = bench();
    let mut text = String::new();
    for line in ["--version", "list --all", "system status --format json", "wait one", "run waits"]
    {
        writeln!(text, "$ {line}\n{}", with(&bench, ("FAKE_SERVICE", "down"), line)).unwrap();
    }
    assert_data_eq!(
        text,
        str![[r#"
$ --version
0
  O container CLI version 1.2.2 (build: release, commit: abc1234)
$ list --all
1
  E Error: internalError: "XPC connection error: Connection invalid"
  E Ensure container system service has been started with `container system start`.
$ system status --format json
1
  O {"status":"unregistered"}
$ wait one
64
  E Error: Plugins are unavailable. Start the container system services and retry:
  E 
  E     container system start
  E 
$ run waits
1
  E Error: internalError: "XPC connection error: Connection invalid"
  E Ensure container system service has been started with `container system start`.

"#]]
    );
    for command in perry_container_fake::apple::FACE.grammar.commands {
        let words = match command.operands {
            perry_container_fake::grammar::Operands::Exactly(names) => "x ".repeat(names.len()),
            perry_container_fake::grammar::Operands::None => String::new(),
            _ => "x".to_owned(),
        };
        let said = with(&bench, ("FAKE_SERVICE", "down"), &format!("{} {words}", command.name));
        let known = matches!(command.name, "system status" | "system version");
        assert!(known || said.contains("`container system start`"), "{}: {said}", command.name);
    }
    // `system status` without a format is a table for people, which is not modelled
    std::fs::write(bench.store().root().join("journal.jsonl"), "").unwrap();
}

#[test]
fn garbage_noise_much_and_death() {
    let bench = bench();
    call(&bench, "create --name=one waits");
    let list = "list --all --format json";
    let whole = call(&bench, list).out;
    let half = with(&bench, ("FAKE_GARBAGE", "list"), list);
    assert!(half.starts_with("0\n  O [{") && half.len() < whole.len());
    assert!(with(&bench, ("FAKE_NOISE", "1"), "list -aq").contains("level=warning"));
    assert!(with(&bench, ("FAKE_BIG", "list"), "list -aq").len() > 20 << 20);
    assert_eq!(with(&bench, ("FAKE_KILL", "list"), "list -aq"), "killed");
    assert_eq!(with(&bench, ("FAKE_KILL", "list"), "inspect missing").lines().next(), Some("1"));
}

#[test]
fn it_hangs() {
    let bench = bench();
    let mut hangs = bench.command("container");
    hangs.args(["list"]).env("FAKE_HANG", "*").stdout(Stdio::null());
    let mut hangs = hangs.spawn().unwrap();
    until("its line", || bench.journal().iter().any(|entry| entry.rc.is_none()));
    assert!(hangs.try_wait().unwrap().is_none());
    hangs.kill().unwrap();
    hangs.wait().unwrap();
}

#[test]
fn ports_are_bound_where_that_is_wanted() {
    let serves = Image { listens: vec![80], serves: "hello".to_owned(), ..Image::default() };
    let bench = bench().image("serves", &serves);
    let free = || std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let port = free();
    let run = format!("run -d --name=one -p 127.0.0.1:{port}:80 serves");
    assert_eq!(with(&bench, ("FAKE_PORTS", "real"), &run), "0\n  O one");
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
    let mut text = String::new();
    std::io::Write::write_all(&mut stream, b"GET / HTTP/1.0\r\n\r\n").unwrap();
    std::io::Read::read_to_string(&mut stream, &mut text).unwrap();
    assert!(text.ends_with("hello"), "{text}");

    let holder = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = holder.local_addr().unwrap().port();
    let run = format!("run -d --name=two -p 127.0.0.1:{taken}:80 serves");
    let said = with(&bench, ("FAKE_PORTS", "real"), &run);
    assert!(said.contains("failed to bootstrap container"), "{said}");
    assert!(call(&bench, "inspect two").err.contains("not found"), "it left nothing");
}

#[test]
fn the_real_one_may_answer() {
    let bench = bench();
    let mut call = bench.command("container");
    call.args(["-c", "read line; echo $line; exit 5"]).env("FAKE_PROXY", "/bin/sh");
    assert_eq!(said(call, Some("in\n")).to_string(), "5\n  O in");
    assert_eq!(bench.lines(), ["container -c read line; echo $line; exit 5"]);
}

#[test]
fn what_it_does_not_know_fails_a_test() {
    let bench = bench();
    assert_eq!(call(&bench, "prune").to_string(), "199\n  E fake: not modelled: prune");
    let dropped = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(bench)));
    let text = *dropped.unwrap_err().downcast::<String>().unwrap();
    assert!(text.contains("the fake does not know: container [\"prune\"]"), "{text}");
}

#[test]
fn no_secret_is_in_the_journal() {
    let bench = bench();
    let mut call = bench.command("container");
    call.args(["create", "--name=one", "--env=PASSWORD", "waits"]).env("PASSWORD", "hunter2");
    assert_eq!(said(call, None).code, Some(0));
    let journal = std::fs::read_to_string(bench.store().root().join("journal.jsonl")).unwrap();
    assert!(!journal.contains("hunter2"), "{journal}");
    assert!(Path::new(&bench.bin()).join("container").exists());
}
