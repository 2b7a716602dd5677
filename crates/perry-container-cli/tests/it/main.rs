//! The program as a process: what it prints where, and with which status. No runtime is asked.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test of a process")]

mod config;
mod errors;
mod usage;

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
        let folder = self.path().canonicalize().unwrap();
        let text = |bytes: &[u8]| {
            String::from_utf8_lossy(bytes).replace(&*folder.to_string_lossy(), "[DIR]")
        };
        let err = text(&done.stderr);
        let err: Vec<String> = err
            .lines()
            .map(|line| match line.split_once(" level=") {
                Some((time, rest)) if time.starts_with("time=") => format!("level={rest}\n"),
                _ => format!("{line}\n"),
            })
            .collect();
        let status = done.status.code().unwrap_or(-1);
        format!("status {status}\n{}---\n{}", text(&done.stdout), err.concat())
    }
}
