//! A container engine as the tasks see it: its own client, asked for what a project left in it.

use anyhow::Result;

use crate::lab;
use crate::run::Cmd;

/// The label by which docker compose, and we, mark what belongs to a project.
const PROJECT: &str = "com.docker.compose.project";

#[derive(Clone, Copy)]
pub(crate) struct Engine {
    /// What `PERRY_CONTAINER_BACKEND` calls it.
    pub(crate) name: &'static str,
    client: &'static str,
}

/// What a project has in an engine.
#[derive(Default, PartialEq, Eq)]
pub(crate) struct Objects {
    pub(crate) containers: Vec<String>,
    pub(crate) networks: Vec<String>,
    pub(crate) volumes: Vec<String>,
}

impl Objects {
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Engine {
    pub(crate) fn docker() -> Self {
        Self { name: "docker", client: lab::docker() }
    }

    pub(crate) fn podman() -> Self {
        Self { name: "podman", client: "podman" }
    }

    /// The engine's own client.
    pub(crate) fn cmd(&self) -> Cmd {
        Cmd::new(self.client)
    }

    /// True if a real call to the engine answers.
    pub(crate) fn answers(&self) -> bool {
        let format = "{{.Server.Version}}";
        let args: &[&str] =
            if self.name == "docker" { &["version", "--format", format] } else { &["ps", "-q"] };
        self.cmd().args(args.iter().copied()).capture().is_ok_and(|out| out.code == 0)
    }

    fn list(&self, kind: &str, all: &[&str], project: &str) -> Result<Vec<String>> {
        let filter = format!("label={PROJECT}={project}");
        let args = [&[kind, "ls", "-q"], all, &["--filter", &filter]].concat();
        let out = self.cmd().args(args).cleanup().capture_ok()?;
        Ok(out.lines().map(str::to_owned).collect())
    }

    pub(crate) fn objects(&self, project: &str) -> Result<Objects> {
        Ok(Objects {
            containers: self.list("container", &["-a"], project)?,
            networks: self.list("network", &[], project)?,
            volumes: self.list("volume", &[], project)?,
        })
    }

    /// Each container's id, name and time of start: what must stay as it is when nothing is to be done.
    pub(crate) fn lives(&self, project: &str) -> Result<Vec<String>> {
        let ids = self.list("container", &["-a"], project)?;
        if ids.is_empty() {
            return Ok(vec![]);
        }
        let format = "{{.Id}} {{.Name}} {{.State.StartedAt}}";
        let out = self
            .cmd()
            .args(["inspect", "--type", "container", "--format", format])
            .args(ids)
            .capture_ok()?;
        let mut lives: Vec<String> = out.lines().map(str::to_owned).collect();
        lives.sort();
        Ok(lives)
    }

    /// Removes whatever a project has, without a word.
    pub(crate) fn sweep(&self, project: &str) {
        let Ok(objects) = self.objects(project) else { return };
        let groups: [(&[&str], Vec<String>); 3] = [
            (&["rm", "-f", "-v"], objects.containers),
            (&["network", "rm"], objects.networks),
            (&["volume", "rm"], objects.volumes),
        ];
        for (verb, ids) in groups {
            if !ids.is_empty() {
                drop(self.cmd().args(verb.iter().copied()).args(ids).cleanup().capture());
            }
        }
    }
}
