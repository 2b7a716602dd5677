//! A keeper that is a program.

use perry_container_engine::{KeeperStart, LaunchKeeper};
use perry_container_process::{Detached, Environment, start_detached};
use std::{ffi::OsString, io, path::PathBuf};

/// The command that a session leaves behind as a project's keeper (`SessionOptions::keeper`). `--since TIME`, where there
/// is one, and the project's name are added to its arguments. The program must do as `perry-compose keeper` does: adopt
/// the post that is its standard input, sign it, and supervise the project.
#[derive(Debug, Clone)]
pub struct KeeperCommand {
    /// The program.
    pub program: PathBuf,
    /// Its arguments: everybody can read them.
    pub args: Vec<OsString>,
    /// Its environment, for as long as it lives: no more than leads to the engine.
    pub env: Environment,
}

/// What leads to an engine: where its client is found, how it is talked to, where its files lie.
const NEEDED: [&str; 12] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "LANG",
    "TMPDIR",
    "XDG_RUNTIME_DIR",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "DBUS_SESSION_BUS_ADDRESS",
    "SSH_AUTH_SOCK",
    "STORAGE_DRIVER",
];
/// And whole families of it.
const FAMILIES: [&str; 7] =
    ["DOCKER_", "CONTAINER", "PODMAN_", "NERDCTL_", "LIMA_", "COLIMA_", "PERRY_"];
/// But not what they hold in secret.
const SECRET: [&str; 3] = ["AUTH", "PASS", "TOKEN"];

impl KeeperCommand {
    /// Of an environment, what a keeper needs: no secret of a project, nothing that another command has set.
    pub fn environment(all: &Environment) -> Environment {
        let needed = |name: &str| {
            NEEDED.contains(&name)
                || FAMILIES.iter().any(|family| name.starts_with(family))
                    && !SECRET.iter().any(|secret| name.contains(secret))
                || name.to_ascii_lowercase().ends_with("_proxy")
        };
        all.iter().filter(|(name, _)| name.to_str().is_some_and(needed)).collect()
    }
}

impl LaunchKeeper for KeeperCommand {
    fn launch(&self, start: KeeperStart<'_>) -> io::Result<u32> {
        let mut args = self.args.clone();
        args.extend(start.since.map(|since| format!("--since={since}").into()));
        args.extend(["--".into(), start.project.into()]);
        start_detached(Detached {
            program: self.program.clone(),
            args,
            env: self.env.clone(),
            input: start.post,
            output: start.log,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keeper_inherits_the_way_to_its_engine_and_no_secret() {
        let all: Environment = [
            ("PATH", "/bin"),
            ("DOCKER_HOST", "unix:///x.sock"),
            ("DOCKER_AUTH_CONFIG", "secret"),
            ("CONTAINER_HOST", "unix:///y.sock"),
            ("PERRY_CONTAINER_TRANSPORT", "socket"),
            ("https_proxy", "http://proxy"),
            ("DB_PASSWORD", "secret"),
            ("COMPOSE_FILE", "x.yaml"),
        ]
        .into_iter()
        .collect();
        let names = format!("{:?}", KeeperCommand::environment(&all));
        assert_eq!(
            names,
            r#"{"CONTAINER_HOST", "DOCKER_HOST", "PATH", "PERRY_CONTAINER_TRANSPORT", "https_proxy"}"#
        );
    }
}
