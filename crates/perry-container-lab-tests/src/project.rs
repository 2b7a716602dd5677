//! A compose project with a folder and a name of its own, removed when the test is over, however it ends.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::engine::{Engine, docker, values};
use crate::lane::Lane;
use crate::run::{Done, run};

/// The label by which docker compose, and we, mark what belongs to a project.
const PROJECT: &str = "com.docker.compose.project";
const SERVICE: &str = "com.docker.compose.service";
/// Longer than any test takes; a hang ends here.
const LIMIT: Duration = Duration::from_secs(90);

/// Images that tests use.
const IMAGES: [&str; 9] =
    ["base", "httpd", "sick", "exit", "graceful", "stubborn", "chatty", "redis", "postgres"];

/// An image of the lab by its full name, which means the same to every engine.
#[must_use]
pub fn image(name: &str) -> String {
    let registry = std::env::var("LAB_REGISTRY").unwrap_or_else(|_| "127.0.0.1:5000".to_owned());
    format!("{registry}/lab/{name}:1")
}

/// A container as its engine knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Live {
    /// Full id.
    pub id: String,
    /// Name without a slash.
    pub name: String,
    /// `running`, `exited`, ...
    pub status: String,
    /// When it was started last.
    pub started: String,
}

/// A project in a lane.
pub struct Project {
    /// Its name, new in every test.
    pub name: String,
    /// The way to its engine.
    pub lane: Lane,
    dir: TempDir,
}

impl Project {
    /// A project with an empty folder.
    ///
    /// # Panics
    /// When there can be no folder.
    #[must_use]
    pub fn new(lane: Lane, test: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let short: String = test.chars().filter(char::is_ascii_alphanumeric).take(20).collect();
        Self::named(lane, &format!("plt{}-{number}-{short}", std::process::id()))
    }

    /// A project with this name.
    ///
    /// # Panics
    /// When there can be no folder.
    #[must_use]
    pub fn named(lane: Lane, name: &str) -> Self {
        let dir = tempfile::Builder::new()
            .prefix("perry-lab-")
            .tempdir()
            .expect("a folder for the project");
        Self { name: name.to_owned(), lane, dir }
    }

    /// The engine at the lane's end.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.lane.engine()
    }

    /// The project's folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Writes a file into the folder; `@base@` in it becomes the lab's image `base`, and so on for every image.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.dir().join(name);
        std::fs::write(&path, with_images(text)).expect("a file of the project");
        path
    }

    /// A command of the binary under test in this lane: `perry-compose -p NAME ARGS`, in the project's folder.
    #[must_use]
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(binary());
        for name in [
            "DOCKER_HOST",
            "DOCKER_CONTEXT",
            "CONTAINER_HOST",
            "COMPOSE_FILE",
            "COMPOSE_PROJECT_NAME",
        ] {
            command.env_remove(name);
        }
        command
            .args(["-p", &self.name])
            .args(args)
            .current_dir(self.dir())
            .env("PATH", path())
            .env("NO_COLOR", "1")
            .env("PERRY_CONTAINER_BACKEND", self.engine().name())
            .env("PERRY_CONTAINER_TRANSPORT", self.lane.transport());
        command
    }

    /// Runs the binary under test.
    ///
    /// # Panics
    /// When it cannot be started or hangs.
    #[must_use]
    pub fn compose(&self, args: &[&str]) -> Done {
        run(self.command(args), LIMIT)
    }

    /// Runs the real docker compose on this project.
    ///
    /// # Panics
    /// When it is not there or hangs.
    #[must_use]
    pub fn docker_compose(&self, args: &[&str]) -> Done {
        let mut command = Engine::Docker.command();
        command.args(["compose", "-p", &self.name]).args(args).current_dir(self.dir());
        run(command, LIMIT)
    }

    /// `ps --format json` of the binary under test, sorted by name.
    ///
    /// # Panics
    /// When it fails or prints no JSON.
    #[must_use]
    pub fn ps(&self, args: &[&str]) -> Vec<Value> {
        let done = self.compose(&[&["ps", "--format", "json"], args].concat()).checked();
        let mut rows = values(&done.stdout);
        rows.sort_by_key(|row| row["Name"].as_str().unwrap_or_default().to_owned());
        rows
    }

    fn ids(&self, kind: &str, all: &[&str]) -> Vec<String> {
        let filter = format!("label={PROJECT}={}", self.name);
        let done = self
            .engine()
            .call(&[&[kind, "ls", "-q"], all, &["--filter", &filter]].concat())
            .checked();
        done.stdout.lines().map(str::to_owned).collect()
    }

    /// The project's containers by service, whatever their state, as the engine's own client tells.
    ///
    /// # Panics
    /// When the engine does not answer, or a service has two containers.
    #[must_use]
    pub fn containers(&self) -> BTreeMap<String, Live> {
        let mut found = BTreeMap::new();
        for container in self.inspect() {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let service = text(&container["Config"]["Labels"][SERVICE]);
            let live = Live {
                id: text(&container["Id"]),
                name: text(&container["Name"]).trim_start_matches('/').to_owned(),
                status: text(&container["State"]["Status"]),
                started: text(&container["State"]["StartedAt"]),
            };
            let other = found.insert(service, live);
            assert!(other.is_none(), "two containers of one service: {other:?}");
        }
        found
    }

    /// Everything the engine's own client tells about the project's containers.
    ///
    /// # Panics
    /// When the engine does not answer.
    #[must_use]
    pub fn inspect(&self) -> Vec<Value> {
        let ids = self.ids("container", &["-a"]);
        if ids.is_empty() {
            return vec![];
        }
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        self.engine().json(&[&["container", "inspect"], &ids[..]].concat())
    }

    /// Names of the project's networks.
    #[must_use]
    pub fn networks(&self) -> Vec<String> {
        self.names("network")
    }

    /// Names of the project's volumes.
    #[must_use]
    pub fn volumes(&self) -> Vec<String> {
        self.names("volume")
    }

    fn names(&self, kind: &str) -> Vec<String> {
        let mut names: Vec<String> = self.inspect_all(kind).into_keys().collect();
        names.sort();
        names
    }

    /// Names and labels of the project's networks or volumes.
    ///
    /// # Panics
    /// When the engine does not answer.
    #[must_use]
    pub fn inspect_all(&self, kind: &str) -> BTreeMap<String, Value> {
        let ids = self.ids(kind, &[]);
        if ids.is_empty() {
            return BTreeMap::new();
        }
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let objects = self.engine().json(&[&[kind, "inspect"], &ids[..]].concat());
        let field = |object: &Value, name: &str| {
            let lower = name.to_lowercase(); // podman's networks
            object.get(name).or_else(|| object.get(&lower)).cloned().unwrap_or_default()
        };
        objects
            .iter()
            .map(|object| {
                (
                    field(object, "Name").as_str().unwrap_or_default().to_owned(),
                    field(object, "Labels"),
                )
            })
            .collect()
    }

    /// Checks that nothing of the project is left in the engine.
    ///
    /// # Panics
    /// With what is left.
    pub fn assert_gone(&self) {
        let containers: Vec<String> =
            self.containers().into_values().map(|live| live.name).collect();
        let (networks, volumes) = (self.networks(), self.volumes());
        assert!(
            containers.is_empty() && networks.is_empty() && volumes.is_empty(),
            "left in {}: containers {containers:?}, networks {networks:?}, volumes {volumes:?}",
            self.engine().name()
        );
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        // Twice: what was being made when a command was killed may appear a moment later.
        for _ in 0..2 {
            let groups: [(&str, &[&str], &[&str]); 3] = [
                ("container", &["-a"], &["rm", "-f", "-v"]),
                ("network", &[], &["network", "rm"]),
                ("volume", &[], &["volume", "rm", "-f"]),
            ];
            let mut any = false;
            for (kind, all, verb) in groups {
                let filter = format!("label={PROJECT}={}", self.name);
                let listed = self
                    .engine()
                    .call(&[&[kind, "ls", "-q"], all, &["--filter", &filter]].concat());
                let ids: Vec<&str> = listed.stdout.lines().collect();
                // One by one: podman removes none of several when one is missing.
                for id in ids {
                    any = true;
                    drop(self.engine().call(&[verb, &[id]].concat()));
                }
            }
            if !any {
                break;
            }
        }
    }
}

/// The binary under test.
fn binary() -> PathBuf {
    if let Some(binary) = std::env::var_os("PERRY_COMPOSE_BIN") {
        return binary.into();
    }
    // target/debug/deps/lab-... -> target/debug/perry-compose
    let me = std::env::current_exe().unwrap_or_default();
    let binary = me.ancestors().nth(2).unwrap_or(Path::new(".")).join("perry-compose");
    assert!(
        binary.exists(),
        "{} is not built: cargo build -p perry-container-cli",
        binary.display()
    );
    binary
}

/// A PATH on which the lab's docker comes first.
#[must_use]
pub fn path() -> String {
    let path = std::env::var("PATH").unwrap_or_default();
    match Path::new(&docker()).parent() {
        Some(dir) if dir.is_absolute() => format!("{}:{path}", dir.display()),
        _ => path,
    }
}

fn with_images(text: &str) -> String {
    IMAGES
        .iter()
        .fold(text.to_owned(), |text, name| text.replace(&format!("@{name}@"), &image(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_filled_in() {
        let name = image("base");
        assert_eq!(
            with_images("image: @base@\nmail: a@b.c"),
            format!("image: {name}\nmail: a@b.c")
        );
    }
}
