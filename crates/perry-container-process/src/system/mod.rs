//! The machine we are on.

mod child;
mod detached;
mod files;
mod group;
mod pty;
mod spawn;

pub use detached::{Detached, start_detached};

use crate::{Environment, Host, HostError, Program, Running, Window, host::is_path};
use async_trait::async_trait;
use perry_container_backend::Feed;
use perry_container_protocol::Invocation;
use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

/// Runs programs on this machine.
///
/// - Every child leads a session and a process group of its own: no signal of the user's terminal reaches it.
/// - When its output is dropped, SIGTERM goes to the group; what is left after the grace gets SIGKILL. The child is
///   reaped in the background, or by a thread when the runtime has ended.
/// - On Linux the kernel kills the child when this process dies; elsewhere it finds its pipes or terminal closed.
/// - Whatever survives its own end on purpose (podman's monitor of a container, a name server) is left alone.
#[derive(Debug, Clone)]
pub struct SystemHost {
    environment: Environment,
    grace: Duration,
}

impl SystemHost {
    /// With the environment that children inherit and in which programs are found.
    pub const fn new(environment: Environment) -> Self {
        Self { environment, grace: Duration::from_secs(2) }
    }

    /// With another time between SIGTERM and SIGKILL than 2 s.
    #[must_use]
    pub const fn with_grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// The environment that children inherit.
    pub const fn environment(&self) -> &Environment {
        &self.environment
    }
}

fn is_program(path: &Path) -> bool {
    path.is_file() && rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok()
}

#[async_trait]
impl Host for SystemHost {
    fn find(&self, program: &str) -> Option<PathBuf> {
        if is_path(program) {
            return Some(PathBuf::from(program)).filter(|path| is_program(path));
        }
        let path = self.environment.get_os("PATH")?;
        let absolute = std::env::split_paths(path).filter(|dir| dir.is_absolute());
        absolute.map(|dir| dir.join(program)).find(|path| is_program(path))
    }

    async fn start(
        &self,
        program: &Program,
        call: &Invocation,
        feed: Feed,
        terminal: Option<Window>,
    ) -> Result<Running, HostError> {
        let name = program.name();
        let found = self.find(&program.path.to_string_lossy()).ok_or_else(|| {
            match program.path.is_file() {
                true => HostError::NotExecutable { program: program.path.display().to_string() },
                false => HostError::Missing { program: name.clone() },
            }
        })?;
        for path in &call.make_dirs {
            std::fs::create_dir_all(path)
                .map_err(|source| HostError::Directory { path: path.clone(), source })?;
        }
        let job = spawn::Job {
            path: found,
            args: program.prefix.clone(),
            call: call.clone(),
            env: self.full_environment(program, call),
            files: self.private_directory(),
            terminal,
            feeds: !matches!(feed, Feed::Empty),
        };
        let grace = self.grace;
        match spawn::spawn(job, grace).await {
            Ok(spawned) => Ok(child::running(name, spawned, feed)),
            Err(source) if source.kind() == io::ErrorKind::PermissionDenied => {
                Err(HostError::NotExecutable { program: program.path.display().to_string() })
            }
            Err(source) => Err(HostError::Start { program: name, source }),
        }
    }
}

impl SystemHost {
    /// Inherited, then the program's, then the call's.
    fn full_environment(&self, program: &Program, call: &Invocation) -> Environment {
        let mut all = self.environment.clone();
        for (name, value) in &program.env {
            all = match value {
                Some(value) => all.with(name, value),
                None => all.without(name),
            };
        }
        for (name, value) in &call.env {
            all = all.with(name, value.expose());
        }
        all
    }

    /// Where files of calls may lie: the user's runtime directory (in memory, nobody else's), else the temporary one.
    fn private_directory(&self) -> PathBuf {
        let runtime = self.environment.get_os("XDG_RUNTIME_DIR").map(PathBuf::from);
        let temporary = || self.environment.get_os("TMPDIR").map(PathBuf::from);
        let usable = |dir: &PathBuf| dir.is_absolute() && dir.is_dir();
        runtime
            .filter(usable)
            .or_else(|| temporary().filter(usable))
            .unwrap_or_else(std::env::temp_dir)
    }
}
