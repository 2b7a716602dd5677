//! SIGKILL at any moment: nothing of the user's is lost, the next `up` mends it, `down` clears everything.
//!
//! A sample in every run; 100 moments on docker and 50 on podman in long ones (`PERRY_LAB_LONG=1`).

use std::time::{Duration, Instant};

use perry_container_lab_tests::{
    Engine, Lane, Project, Running, Seed, docker_lanes, lanes, long, tell,
};
use rustix::process::Signal;

/// Longer than any command takes here.
const LIMIT: Duration = Duration::from_secs(90);
/// What children and engines need to see that a command has gone.
const GONE: Duration = Duration::from_secs(10);

fn stack(level: &str) -> String {
    format!(
        "
services:
  db:
    image: @graceful@
    command: [idle]
    environment: {{LEVEL: \"{level}\"}}
    volumes: [data:/data, /scratch]
    networks: [inner]
    healthcheck: {{test: [CMD, test, -d, /data], interval: 1s, start_period: 10s, start_interval: 1s}}
    stop_grace_period: 3s
  cache:
    image: @graceful@
    command: [idle]
    networks: [inner, outer]
    stop_grace_period: 3s
  web:
    image: @graceful@
    command: [idle]
    environment: {{LEVEL: \"{level}\"}}
    networks: [outer, inner]
    stop_grace_period: 3s
    depends_on:
      db: {{condition: service_healthy}}
      cache: {{condition: service_started, restart: true}}
networks:
  inner:
  outer:
volumes:
  data:
"
    )
}

/// What is killed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Up,
    Drift,
    Down,
    Restart,
}

const KINDS: [Kind; 4] = [Kind::Drift, Kind::Up, Kind::Down, Kind::Restart];

impl Kind {
    fn words(self) -> &'static [&'static str] {
        match self {
            Self::Up | Self::Drift => &["up", "-d", "--wait"],
            Self::Down => &["down"],
            Self::Restart => &["restart"],
        }
    }
}

/// A project whose commands are killed.
struct Storm<'a> {
    project: &'a Project,
    /// What the data says; it changes from case to case.
    mark: String,
    level: u32,
    /// What the case did so far, for whoever has to find out why it failed.
    told: String,
}

impl Storm<'_> {
    fn tell(&mut self, text: &str) {
        self.told.push_str(text);
        self.told.push('\n');
    }

    fn fail(&self, why: &str) -> ! {
        panic!("{}\n{why}", self.told)
    }

    /// A command that must succeed.
    fn compose(&mut self, words: &[&str]) -> String {
        let done = self.project.compose(words);
        self.tell(&format!("`{}`: {} after {:.1?}", words.join(" "), done.code, done.took));
        if done.code != 0 {
            self.fail(&format!("{done}"));
        }
        done.stdout
    }

    fn write(&mut self, volume: &str) {
        let text = format!("echo {} > {volume}/mark", self.mark);
        drop(self.compose(&["exec", "-T", "db", "sh", "-c", &text]));
    }

    fn read(&mut self, volume: &str, when: &str) {
        let text = self.compose(&["exec", "-T", "db", "cat", &format!("{volume}/mark")]);
        if text.trim() != self.mark {
            self.fail(&format!("{volume} lost its data {when}: {text:?}, not {:?}", self.mark));
        }
    }

    /// Everything runs, once, and the next `up` has nothing to do.
    fn converged(&mut self) {
        let started = Instant::now();
        drop(self.compose(&["up", "-d", "--wait"]));
        let containers = self.project.containers();
        let running = containers.values().filter(|live| live.status == "running").count();
        if containers.len() != 3 || running != 3 {
            self.fail(&format!("not everything runs: {containers:?}"));
        }
        for (service, live) in &containers {
            if live.name != format!("{}-{service}-1", self.project.name) {
                self.fail(&format!("{service} has another name: {live:?}"));
            }
        }
        let plan = self.compose(&["up", "-d", "--dry-run"]);
        if plan != "nothing to do\n" {
            self.fail(&format!("a second up has something to do:\n{plan}"));
        }
        self.tell(&format!("converged after {:.1?}", started.elapsed()));
    }

    /// Everything but the volume goes.
    fn cleared(&mut self) {
        drop(self.compose(&["down"]));
        let (containers, networks) = (self.project.containers(), self.project.networks());
        let volumes = self.project.volumes();
        if !containers.is_empty() || !networks.is_empty() {
            self.fail(&format!("down left {containers:?} {networks:?}"));
        }
        if volumes != [format!("{}_data", self.project.name)] {
            self.fail(&format!("down did not leave the volume: {volumes:?}"));
        }
    }

    /// From a project that is down (its volume may be there) to one that is down.
    fn case(&mut self, kind: Kind, moment: Duration) {
        if kind != Kind::Up {
            self.compose(&["up", "-d", "--wait"]);
            self.write("/data");
            self.write("/scratch");
        }
        if kind == Kind::Drift {
            self.level += 1;
            self.project.file("compose.yaml", &stack(&self.level.to_string()));
        }
        let mut running = Running::start(self.project.command(kind.words()));
        std::thread::sleep(moment);
        let early = running.ended().is_none();
        running.signal(Signal::KILL);
        let done = running.finish(LIMIT);
        self.tell(&format!(
            "`{}` killed after {moment:.1?}: {}",
            kind.words().join(" "),
            done.code
        ));
        if early && done.code != 137 {
            self.fail(&format!("{done}"));
        }
        let left = self.processes();
        if !left.is_empty() {
            self.fail(&format!("these live on: {left:?}"));
        }
        self.converged();
        // A `down` may have removed the container, and what was its alone.
        let kept: &[&str] = if kind == Kind::Down { &["/data"] } else { &["/data", "/scratch"] };
        if kind != Kind::Up {
            kept.iter().for_each(|volume| self.read(volume, &format!("when {kind:?} was killed")));
        }
        if kind == Kind::Up {
            self.write("/data");
        }
        self.cleared();
    }

    /// Processes that a command of this project left: our own, and clients of the engine. What keeps containers (shims,
    /// conmon and its cleanup) is the engine's.
    fn processes(&self) -> Vec<String> {
        let until = Instant::now() + GONE;
        loop {
            let left = clients(&self.project.dir().display().to_string());
            if left.is_empty() || Instant::now() > until {
                return left;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// Command lines of our processes and of engines' clients that were started in this folder.
fn clients(folder: &str) -> Vec<String> {
    let mut found = vec![];
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let path = entry.path();
        let Ok(line) = std::fs::read(path.join("cmdline")) else { continue };
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        let program = line.split(' ').next().and_then(|word| word.rsplit('/').next());
        let ours = matches!(program, Some("perry-compose" | "docker" | "podman"));
        let cleanup = line.contains(" container cleanup ");
        let here = std::fs::read_link(path.join("cwd")).is_ok_and(|cwd| cwd.starts_with(folder));
        if ours && !cleanup && here {
            found.push(line);
        }
    }
    found
}

/// How long each command takes here when nobody kills it.
fn measure(storm: &mut Storm<'_>) -> [(Kind, Duration); 4] {
    let time = |storm: &mut Storm<'_>, kind: Kind| {
        let start = Instant::now();
        storm.compose(kind.words());
        (kind, start.elapsed())
    };
    let up = time(storm, Kind::Up);
    storm.level += 1;
    storm.project.file("compose.yaml", &stack(&storm.level.to_string()));
    let drift = time(storm, Kind::Drift);
    let restart = time(storm, Kind::Restart);
    [up, drift, restart, time(storm, Kind::Down)]
}

/// Must hold 2 of step 2.
fn a_kill_at_any_moment_is_mended(project: &Project) {
    let full = if project.engine() == Engine::Docker { 50 } else { 25 };
    let cases = if long() { full } else { full / 12 };
    let mut seed = Seed::of_this_run();
    // Each lane has moments and an order of its own.
    let lane = Lane::ALL.iter().position(|lane| *lane == project.lane).unwrap();
    for _ in 0..lane {
        let _ = seed.next();
    }
    let first = seed.first;
    project.file("compose.yaml", &stack("0"));
    let mut storm = Storm { project, mark: String::new(), level: 0, told: String::new() };
    let times = measure(&mut storm);
    tell(&format!(
        "{}: PERRY_LAB_SEED={first}, {cases} kills; unharmed: {times:.1?}",
        project.lane.name()
    ));
    for case in 0..cases {
        let kind = KINDS[(case + lane * 2) % KINDS.len()];
        let (_, whole) = times.iter().find(|(other, _)| *other == kind).unwrap();
        let moment = seed.before(*whole);
        storm.mark = format!("mark-{first}-{case}");
        storm.told = format!("PERRY_LAB_SEED={first}, case {case}: {kind:?}");
        storm.tell("");
        storm.case(kind, moment);
        tell(&storm.told);
    }
    storm.told.clear();
    storm.compose(&["down", "-v"]);
    project.assert_gone();
}

/// docker stops a container also when whoever asked for it is gone: the next `up` waits for that, and starts it again.
fn a_stop_that_outlives_its_command(project: &Project) {
    project.file(
        "compose.yaml",
        "services: {db: {image: @graceful@, command: [stubborn], stop_grace_period: 4s}}",
    );
    project.compose(&["up", "-d"]).ok();
    let mut down = Running::start(project.command(&["down"]));
    down.says("-db-1  Stopping", LIMIT);
    // The request is on its way to the engine; what follows is true wherever it is now.
    std::thread::sleep(Duration::from_millis(500));
    down.signal(Signal::KILL);
    assert_eq!(down.finish(LIMIT).code, 137);
    let up = project.compose(&["up", "-d"]).checked();
    up.says(&["perry-compose down (process ", "was ended during: stop ", "waiting for it"]);
    std::thread::sleep(Duration::from_secs(5));
    assert_eq!(project.containers()["db"].status, "running", "{up}");
    project.compose(&["down", "-t", "1"]).ok();
    project.assert_gone();
}

lanes!(a_kill_at_any_moment_is_mended);
docker_lanes!(a_stop_that_outlives_its_command);
