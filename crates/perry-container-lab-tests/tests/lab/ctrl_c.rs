//! Ctrl-C in a real terminal: while an image is pulled, a container made, health awaited, output shown; once and twice.

use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use perry_container_lab_tests::{Engine, Lane, Project, Proxy, Terminal, lanes, skip};

/// Longer than anything takes that is not held back.
const SOON: Duration = Duration::from_secs(30);
/// How long a call is held back.
const HELD: Duration = Duration::from_secs(6);
/// What a wheel of progress looks like: it turns only while something is under way.
const WHEEL: [char; 10] = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/// A terminal in which the binary under test is used in this lane, or nothing where there is no tmux.
pub(crate) fn terminal(project: &Project, name: &str, env: &[(&str, String)]) -> Option<Terminal> {
    if let Err(reason) = Terminal::available() {
        skip(name, &reason, false);
        return None;
    }
    let command = project.command(&[]);
    let mut all: Vec<(String, String)> = command
        .get_envs()
        .filter(|(name, _)| *name != "NO_COLOR")
        .filter_map(|(name, value)| Some((name.to_str()?.to_owned(), value?.to_str()?.to_owned())))
        .collect();
    let program = PathBuf::from(command.get_program());
    let folder = program.parent().unwrap().display().to_string();
    let own: Vec<String> =
        all.iter().filter(|(name, _)| name == "PATH").map(|(_, path)| path.clone()).collect();
    all.retain(|(name, _)| name != "PATH" && !env.iter().any(|(other, _)| other == name));
    all.extend(env.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    if !env.iter().any(|(name, _)| *name == "PATH") {
        all.push(("PATH".to_owned(), format!("{folder}:{}", own.concat())));
    }
    all.push(("COMPOSE_PROJECT_NAME".to_owned(), project.name.clone()));
    let name = format!("{name}-{}", project.lane.name());
    Some(Terminal::open(&name, project.dir(), &all))
}

/// The way to an engine with some of its calls held back: through a socket of ours, or a client of ours.
struct Held {
    env: Vec<(&'static str, String)>,
    _proxy: Option<Proxy>,
}

impl Held {
    /// `paths`: what the request's first line has; `words`: what the command line has.
    fn new(project: &Project, paths: &[&str], words: &[&str], delay: Duration) -> Self {
        let socket = |engine, variable| {
            let proxy = Proxy::holding(engine, paths, delay).unwrap();
            Self { env: vec![(variable, proxy.address())], _proxy: Some(proxy) }
        };
        match project.lane {
            Lane::DockerSocket => socket("/var/run/docker.sock", "DOCKER_HOST"),
            Lane::PodmanSocket => socket("/run/podman/podman.sock", "CONTAINER_HOST"),
            Lane::DockerCli | Lane::PodmanCli | Lane::NerdctlCli => {
                Self::client(project, words, delay)
            }
        }
    }

    fn client(project: &Project, words: &[&str], delay: Duration) -> Self {
        let name = project.engine().name();
        let command = project.command(&[]);
        let path = command.get_envs().find(|(name, _)| *name == "PATH").unwrap().1.unwrap();
        let path = path.to_str().unwrap();
        let real = std::env::split_paths(path)
            .map(|folder| folder.join(name))
            .find(|file| file.exists())
            .unwrap();
        let folder = project.dir().join("bin");
        std::fs::create_dir_all(&folder).unwrap();
        let patterns: Vec<String> = words.iter().map(|word| format!("*\" {word} \"*")).collect();
        let text = format!(
            "#!/bin/sh\ncase \" $* \" in *\" network \"*);; {}) sleep {};; esac\nexec {} \"$@\"\n",
            patterns.join("|"),
            delay.as_secs(),
            real.display()
        );
        let file = folder.join(name);
        std::fs::write(&file, text).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&file, mode).unwrap();
        let ours = PathBuf::from(command.get_program());
        let ours = ours.parent().unwrap().display();
        let path = format!("{}:{ours}:{path}", folder.display());
        Self { env: vec![("PATH", path)], _proxy: None }
    }
}

/// A registry that takes connections and says nothing.
struct Silent {
    address: String,
    _connections: Arc<Mutex<Vec<TcpStream>>>,
}

impl Silent {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let connections = Arc::new(Mutex::new(vec![]));
        let kept = Arc::clone(&connections);
        std::thread::spawn(move || {
            // As long as somebody holds the registry.
            for client in listener.incoming().map_while(Result::ok) {
                if Arc::strong_count(&kept) == 1 {
                    return;
                }
                kept.lock().unwrap().push(client);
            }
        });
        Self { address, _connections: connections }
    }
}

impl Drop for Silent {
    fn drop(&mut self) {
        let address = self.address.clone();
        // Wakes the thread that accepts, once this has gone.
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(100));
            drop(TcpStream::connect(address));
        });
    }
}

/// What a person finds after a command that was interrupted: no row that still turns, the shell's prompt, the terminal
/// as it was.
fn left_alone(terminal: &mut Terminal, limit: Duration, status: i32) -> String {
    let screen = terminal.ends(limit);
    let recording = terminal.recording();
    assert!(!screen.contains(WHEEL), "a row still turns\n{recording}");
    assert_eq!(terminal.status(), status, "{}", terminal.recording());
    terminal.sane();
    screen
}

fn says(screen: &str, words: &[&str]) {
    for word in words {
        assert!(screen.contains(word), "no {word:?} in\n{screen}");
    }
}

/// The pull ends at once, and nothing was made.
fn ctrl_c_while_an_image_is_pulled(project: &Project) {
    let registry = Silent::new();
    project.file(
        "compose.yaml",
        &format!(
            "
services:
  db: {{image: @graceful@, command: [idle], stop_grace_period: 2s}}
  web: {{image: \"{}/stalled:1\", depends_on: [db]}}
",
            registry.address
        ),
    );
    let Some(mut terminal) = terminal(project, "pull", &[]) else { return };
    for presses in 1..=2 {
        terminal.line("perry-compose up");
        terminal.shows("/stalled:1  ", SOON);
        let begin = Instant::now();
        (0..presses).for_each(|_| {
            terminal.press("C-c");
            std::thread::sleep(Duration::from_millis(150));
        });
        let screen = left_alone(&mut terminal, SOON, 130);
        assert!(begin.elapsed() < Duration::from_secs(15), "{}", terminal.recording());
        says(&screen, &["interrupted"]);
        if presses == 1 {
            project.assert_gone();
        }
        project.compose(&["down"]).ok();
        project.assert_gone();
    }
}

/// The call under way comes to its end, then everything is taken back; twice: it stays, and `down` clears it.
fn ctrl_c_while_a_container_is_made(project: &Project) {
    project.file(
        "compose.yaml",
        "
services:
  db: {image: @graceful@, command: [idle], stop_grace_period: 2s}
  web: {image: @graceful@, command: [idle], stop_grace_period: 2s, depends_on: [db]}
",
    );
    let paths = ["/containers/create"];
    let held = Held::new(project, &paths, &["create"], HELD);
    let Some(mut terminal) = terminal(project, "create", &held.env) else { return };
    let creating = format!("{}-db-1  Creating", project.name);

    terminal.line("perry-compose up");
    terminal.shows(&creating, SOON);
    terminal.press("C-c");
    let screen = left_alone(&mut terminal, SOON, 130);
    // Its client was not ended by the key: it was made, and removed again.
    says(&screen, &[&format!("{}-db-1  Removed", project.name), "error: interrupted"]);
    assert!(!screen.contains("could not"), "{}", terminal.recording());
    project.assert_gone();

    terminal.line("perry-compose up");
    terminal.shows(&creating, SOON);
    terminal.press("C-c");
    std::thread::sleep(Duration::from_millis(300));
    let begin = Instant::now();
    terminal.press("C-c");
    let screen = left_alone(&mut terminal, SOON, 130);
    assert!(begin.elapsed() < HELD, "the second does not wait\n{}", terminal.recording());
    says(
        &screen,
        &["interrupted; could not take back: create ", "the next `up` or `down` mends it"],
    );
    // What was held back may still reach the engine.
    std::thread::sleep(HELD);
    project.compose(&["up", "-d"]).ok();
    assert_eq!(project.containers().len(), 2);
    project.compose(&["down"]).ok();
    project.assert_gone();
}

/// The wait ends at once and everything is taken back; the second press ends the taking back.
fn ctrl_c_while_health_is_awaited(project: &Project) {
    project.file(
        "compose.yaml",
        "
services:
  db:
    image: @graceful@
    command: [stubborn]
    stop_grace_period: 6s
    healthcheck: {test: [CMD, test, -e, /never], interval: 1s, retries: 600}
  web: {image: @graceful@, command: [idle], depends_on: {db: {condition: service_healthy}}}
",
    );
    let Some(mut terminal) = terminal(project, "health", &[]) else { return };
    let db = |text: &str| format!("{}-db-1  {text}", project.name);

    terminal.line("perry-compose up");
    terminal.shows(&db("Waiting"), SOON);
    terminal.press("C-c");
    terminal.shows(&db("Stopping"), Duration::from_secs(3));
    let screen = left_alone(&mut terminal, SOON, 130);
    says(&screen, &["taking back what was done", &db("Removed"), "error: interrupted"]);
    project.assert_gone();

    terminal.line("perry-compose up");
    terminal.shows(&db("Waiting"), SOON);
    terminal.press("C-c");
    terminal.shows(&db("Stopping"), Duration::from_secs(3));
    // Two signals at the same time are one.
    std::thread::sleep(Duration::from_millis(300));
    let begin = Instant::now();
    terminal.press("C-c");
    let screen = left_alone(&mut terminal, SOON, 130);
    assert!(begin.elapsed() < Duration::from_secs(5), "{}", terminal.recording());
    says(&screen, &["interrupted; could not take back: stop ", "the next `up` or `down` mends it"]);
    project.compose(&["down", "-t", "1"]).ok();
    project.assert_gone();
}

/// Once everything runs: the first press stops the containers and keeps them, the second kills them.
fn ctrl_c_while_output_is_shown(project: &Project) {
    project.file(
        "compose.yaml",
        "
services:
  db: {image: @graceful@, command: [sh, -c, \"echo db speaks; exec stubborn\"], stop_grace_period: 6s}
  web: {image: @graceful@, command: [sh, -c, \"echo web speaks; exec idle\"], depends_on: [db], stop_grace_period: 4s}
",
    );
    let Some(mut terminal) = terminal(project, "attached", &[]) else { return };
    for presses in 1..=2 {
        terminal.line("perry-compose up");
        terminal.wait_for("both speak", SOON, |screen| {
            screen.contains("| db speaks") && screen.contains("| web speaks")
        });
        terminal.press("C-c");
        terminal.shows("Gracefully Stopping... press Ctrl+C again to force", SOON);
        terminal.shows(&format!("{}-db-1  Stopping", project.name), SOON);
        let begin = Instant::now();
        if presses == 2 {
            terminal.press("C-c");
        }
        let screen = left_alone(&mut terminal, SOON, 130);
        if presses == 2 {
            says(&screen, &[&format!("{}-db-1  Killed", project.name)]);
            assert!(begin.elapsed() < Duration::from_millis(5500), "{}", terminal.recording());
        } else {
            says(&screen, &["db-1   | stubborn: ignoring TERM"]);
        }
        let containers = project.containers();
        assert!(
            containers.len() == 2 && containers.values().all(|live| live.status == "exited"),
            "{containers:?}\n{}",
            terminal.recording()
        );
    }
}

lanes!(
    ctrl_c_while_an_image_is_pulled,
    ctrl_c_while_a_container_is_made,
    ctrl_c_while_health_is_awaited,
    ctrl_c_while_output_is_shown
);

/// Two presses are for the work; who presses a third time gets the prompt, whatever the engine does.
#[test]
fn a_third_ctrl_c_ends_everything() {
    Lane::DockerSocket.test("a_third_ctrl_c_ends_everything", |project| {
        project.file("compose.yaml", "services: {db: {image: @graceful@, command: [idle]}}");
        let held = Held::new(project, &["/stop", "/kill"], &[], Duration::from_secs(15));
        let Some(mut terminal) = terminal(project, "third", &held.env) else { return };
        terminal.line("perry-compose up");
        terminal.shows("| idle: up", SOON);
        for _ in 0..2 {
            terminal.press("C-c");
            std::thread::sleep(Duration::from_millis(500));
        }
        let begin = Instant::now();
        terminal.press("C-c");
        let screen = left_alone(&mut terminal, SOON, 130);
        assert!(begin.elapsed() < Duration::from_secs(3), "{}", terminal.recording());
        says(&screen, &["error: interrupted; all was left as it stood"]);
    });
}

/// An engine that takes connections and says nothing keeps nobody from leaving.
#[test]
fn ctrl_c_while_an_engine_does_not_answer() {
    Lane::DockerSocket.test("ctrl_c_while_an_engine_does_not_answer", |project| {
        project.file("compose.yaml", "services: {db: {image: @graceful@, command: [idle]}}");
        let socket = project.dir().join("silent.sock");
        let listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        let env = [("DOCKER_HOST", format!("unix://{}", socket.display()))];
        for transport in ["socket", "cli"] {
            let mut env = env.to_vec();
            env.push(("PERRY_CONTAINER_TRANSPORT", transport.to_owned()));
            let Some(mut terminal) = terminal(project, "silent", &env) else { return };
            for command in ["up", "down", "ps", "logs -f", "up -d --dry-run"] {
                terminal.line(&format!("perry-compose {command}"));
                std::thread::sleep(Duration::from_millis(700));
                let begin = Instant::now();
                terminal.press("C-c");
                left_alone(&mut terminal, SOON, 130);
                assert!(begin.elapsed() < Duration::from_secs(3), "{}", terminal.recording());
            }
        }
        drop(listener);
    });
}

/// A window that is closed is a signal like the others.
#[test]
fn a_terminal_that_goes_away_takes_back_too() {
    Lane::DockerCli.test("a_terminal_that_goes_away_takes_back_too", |project| {
        project.file(
            "compose.yaml",
            "
services:
  db:
    image: @graceful@
    command: [idle]
    healthcheck: {test: [CMD, test, -e, /never], interval: 1s, retries: 600}
  web: {image: @graceful@, depends_on: {db: {condition: service_healthy}}}
",
        );
        let Some(mut terminal) = terminal(project, "closed", &[]) else { return };
        terminal.line("perry-compose up");
        terminal.shows("Waiting", SOON);
        terminal.close();
        let until = Instant::now() + SOON;
        let filter = format!("label=com.docker.compose.project={}", project.name);
        let networks = || Engine::Docker.call(&["network", "ls", "-q", "--filter", &filter]).stdout;
        while !networks().is_empty() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(100));
        }
        project.assert_gone();
    });
}
