//! The program itself over a tool that cannot run here: apple's `container`, by the program that stands in for it.

use perry_container_fake::{
    Bench, program,
    record::{Answer, Image},
};
use snapbox::{assert_data_eq, str};
use std::{
    fs,
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Command, Output},
};

fn healthy(command: &str, after: u64) -> Image {
    let answer = Answer { healthy: true, ..Answer::default() };
    let commands = [(command.to_owned(), answer)].into();
    Image { healthy_after_ms: after, commands, ..Image::default() }
}

/// The images of `fixtures/demo`, in a registry.
fn bench() -> Bench {
    let web = Image { listens: vec![8080], serves: "hello".to_owned(), ..Image::default() };
    let db = healthy("pg_isready -q -h 127.0.0.1 -U shop -d shop", 900);
    Bench::new(program(), &["container"])
        .unwrap()
        .published("127.0.0.1:5000/lab/postgres:1", &db)
        .published("127.0.0.1:5000/lab/redis:1", &healthy("redis-cli ping | grep -q PONG", 200))
        .published("127.0.0.1:5000/lab/httpd:1", &web)
}

#[expect(clippy::disallowed_methods, reason = "this is about the program as it is called")]
fn compose(bench: &Bench, dir: &Path, words: &[&str], more: &[(&str, &str)]) -> Output {
    let mut call = Command::new(env!("CARGO_BIN_EXE_perry-compose"));
    call.args(words).current_dir(dir).env_clear().envs(bench.env());
    call.env("FAKE_PORTS", "real").env("PERRY_CONTAINER_BACKEND", "apple/container");
    call.env("HOME", bench.scratch()).env("XDG_RUNTIME_DIR", bench.scratch());
    call.envs(more.iter().copied()).output().unwrap()
}

fn text(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    format!("{}{}", String::from_utf8_lossy(out), String::from_utf8_lossy(err))
}

fn stopped(bench: &Bench) -> bool {
    fs::read_dir(bench.store().root().join("containers")).unwrap().count() == 0
}

#[test]
fn the_demo_comes_up_is_used_and_goes_down() {
    let bench = bench();
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/demo");
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let env = [("DEMO_PORT", port.as_str())];
    let up = compose(&bench, &demo, &["up", "-d"], &env);
    assert!(up.status.success(), "{}", text(&up));
    let ps = compose(&bench, &demo, &["ps", "--format", "{{.Name}} {{.State}}"], &env);
    assert_data_eq!(
        String::from_utf8_lossy(&ps.stdout).into_owned(),
        str![[r#"
demo-cache-1 running
demo-db-1 running
demo-web-1 running

"#]]
    );
    let mut stream = TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
    stream.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
    let mut page = String::new();
    stream.read_to_string(&mut page).unwrap();
    assert!(page.ends_with("hello"), "{page}");

    // what is there stays; what is changed is made anew in its place, for it can have no other name
    let again = compose(&bench, &demo, &["up", "-d"], &env);
    assert!(text(&again).contains("demo-web-1  Running"), "{}", text(&again));
    let other = [env[0], ("DEMO_GREETING", "Hi")];
    let changed = compose(&bench, &demo, &["up", "-d"], &other);
    let said = text(&changed);
    assert!(changed.status.success(), "{said}");
    assert!(said.contains("demo-web-1 cannot be set aside on this runtime"), "{said}");

    let down = compose(&bench, &demo, &["down", "-v"], &env);
    assert!(down.status.success() && stopped(&bench), "{}", text(&down));
    for kind in ["networks", "volumes"] {
        let left = fs::read_dir(bench.store().root().join(kind)).unwrap().flatten();
        let left: Vec<_> = left.map(|file| file.file_name()).collect();
        assert!(left.iter().all(|name| name == "default.json"), "{left:?}");
    }
    let secret =
        bench.journal().iter().any(|entry| entry.argv.iter().any(|a| a.contains("not-a-secret")));
    assert!(!secret, "no value of an environment is among the arguments");
}

#[test]
fn a_container_that_ends_is_started_again_and_a_check_is_run_after_the_command_has_gone() {
    let bench = bench().image("brief", &Image { exit: Some(3), after_ms: 300, ..Image::default() });
    let dir = bench.scratch().join("restarts");
    fs::create_dir(&dir).unwrap();
    fs::write(
        dir.join("compose.yaml"),
        "services: {a: {image: brief, restart: always, stop_signal: INT}}\n",
    )
    .unwrap();
    let up = compose(&bench, &dir, &["up", "-d"], &[]);
    assert!(up.status.success(), "{}", text(&up));
    let starts =
        || bench.lines().iter().filter(|line| **line == "container start restarts-a-1").count();
    let end = std::time::Duration::from_secs(20);
    #[expect(clippy::disallowed_methods, reason = "it is another process that is waited for")]
    let begin = std::time::Instant::now();
    while starts() < 3 {
        assert!(begin.elapsed() < end, "{:?}", bench.lines());
        #[expect(clippy::disallowed_methods, reason = "it is another process that is waited for")]
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let down = compose(&bench, &dir, &["down"], &[]);
    assert!(down.status.success() && stopped(&bench), "{}", text(&down));
}

#[test]
fn a_service_that_is_down_is_told_with_how_to_start_it() {
    let bench = bench();
    let dir = bench.scratch().join("down");
    fs::create_dir(&dir).unwrap();
    fs::write(dir.join("compose.yaml"), "services: {a: {image: brief}}\n").unwrap();
    let mut said = String::new();
    for switch in [("FAKE_SERVICE", "down"), ("FAKE_GARBAGE", "system")] {
        let up = compose(&bench, &dir, &["up", "-d"], &[switch]);
        said.extend([switch.0, ": ", &format!("{:?}", up.status.code()), "\n", &text(&up)]);
    }
    assert_data_eq!(
        said,
        str![[r#"
FAKE_SERVICE: Some(1)
error: the container backend `apple/container` cannot be used: its service is unregistered; `container system start` starts it
hint: `container system start` starts it; or unset PERRY_CONTAINER_BACKEND to take whatever answers
FAKE_GARBAGE: Some(1)
error: the container backend `apple/container` cannot be used: could not understand the tool's answer: EOF while parsing a string at line 1 column 38
hint: make sure that `container` is apple/container's own; or unset PERRY_CONTAINER_BACKEND to take whatever answers

"#]]
    );
}
