//! The program as a process, where no runtime is asked, and as a function over a runtime in memory: what it prints where,
//! and with which status.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test of a process")]

mod config;
mod digests;
mod enforcement;
mod errors;
mod explain;
mod halt;
mod looks;
mod over_fake;
mod over_sim;
mod stage;
mod strict;
mod trace;
mod usage;
mod verify;

use std::{
    path::Path,
    process::{Command, Output, Stdio},
};

/// A folder with these files, and the program in it.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Self(dir)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Runs the program in a bare environment.
    fn run(&self, line: &str, env: &[(&str, &str)]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_perry-compose"));
        command.args(line.split_whitespace()).current_dir(self.path()).stdin(Stdio::null());
        command.env_clear().envs(env.iter().copied()).output().unwrap()
    }

    /// Status, standard output and standard error as one text, without the time of warnings and the folder's name.
    fn text(&self, line: &str, env: &[(&str, &str)]) -> String {
        let done = self.run(line, env);
        let status = done.status.code().unwrap_or(-1);
        let (out, err) = (plain(self.path(), &done.stdout), plain(self.path(), &done.stderr));
        format!("status {status}\n{out}---\n{err}")
    }
}

/// Without the folder's name, and without the time of warnings.
fn plain(folder: &Path, text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let folder = folder.canonicalize().unwrap();
    let text = text.replace(&*folder.to_string_lossy(), "[DIR]");
    let lines = text.split_inclusive('\n').map(|line| match line.split_once(" level=") {
        Some((time, rest)) if time.starts_with("time=") => format!("level={rest}"),
        _ => line.to_owned(),
    });
    lines.collect()
}
