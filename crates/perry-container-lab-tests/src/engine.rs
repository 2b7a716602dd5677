//! A container engine, asked through its own client: what is true does not depend on what is tested.

use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::Value;

use crate::run::{Done, run};

const LIMIT: Duration = Duration::from_secs(60);

/// An engine of the lab.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Engine {
    /// The Docker Engine.
    Docker,
    /// podman, root.
    Podman,
    /// nerdctl on docker's containerd.
    Nerdctl,
}

impl Engine {
    /// What `PERRY_CONTAINER_BACKEND` calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Self::Podman => "podman",
            Self::Nerdctl => "nerdctl",
        }
    }

    /// A command of the engine's own client.
    #[must_use]
    pub fn command(self) -> Command {
        let mut command = match self {
            Self::Docker => Command::new(docker()),
            Self::Podman | Self::Nerdctl => Command::new(self.name()),
        };
        command.env_remove("DOCKER_HOST").env_remove("DOCKER_CONTEXT").env_remove("CONTAINER_HOST");
        command
    }

    /// Calls the engine's own client.
    ///
    /// # Panics
    /// When the client is not there or hangs.
    #[must_use]
    pub fn call(self, args: &[&str]) -> Done {
        let mut command = self.command();
        command.args(args);
        run(command, LIMIT)
    }

    /// The objects a call prints as JSON: docker prints one per line, podman one array.
    ///
    /// # Panics
    /// When the call fails or prints something else.
    #[must_use]
    pub fn json(self, args: &[&str]) -> Vec<Value> {
        values(&self.call(args).checked().stdout)
    }

    /// `Ok` if the engine answers and has the lab's images; else what is wrong.
    ///
    /// # Errors
    /// A line that says what is missing.
    pub fn available(self) -> Result<(), String> {
        static ANSWERS: [OnceLock<Result<(), String>>; 3] = [const { OnceLock::new() }; 3];
        ANSWERS[self as usize].get_or_init(|| self.ask()).clone()
    }

    fn ask(self) -> Result<(), String> {
        let name = self.name();
        let installed =
            self.command().arg("--version").output().is_ok_and(|output| output.status.success());
        if !installed {
            return Err(format!("{name} is not installed"));
        }
        let ps = self.call(&["ps", "-q"]);
        if ps.code != 0 {
            return Err(format!("{name} does not answer: {}", ps.stderr.trim()));
        }
        let image = crate::project::image("base");
        if self.call(&["image", "inspect", &image]).code != 0 {
            return Err(format!("{name} has no image {image}: cargo xtask lab up"));
        }
        Ok(())
    }
}

/// Debian's client where it is installed: an older one may come first on the PATH.
#[must_use]
pub fn docker() -> String {
    std::env::var("PERRY_LAB_DOCKER").unwrap_or_else(|_| {
        let debian = "/usr/bin/docker";
        if std::path::Path::new(debian).exists() { debian.to_owned() } else { "docker".to_owned() }
    })
}

/// Every object in a text of concatenated JSON values and arrays of them.
///
/// # Panics
/// When the text is no JSON.
#[must_use]
pub fn values(text: &str) -> Vec<Value> {
    let stream = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let mut found = vec![];
    for value in stream {
        match value.unwrap_or_else(|error| panic!("no JSON ({error}): {text}")) {
            Value::Array(values) => found.extend(values),
            value => found.push(value),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_shapes_of_json_lists_are_read() {
        assert_eq!(values("{\"a\":1}\n{\"a\":2}\n").len(), 2);
        assert_eq!(values("[{\"a\":1},{\"a\":2}]").len(), 2);
        assert!(values("[]").is_empty() && values("").is_empty());
    }
}
