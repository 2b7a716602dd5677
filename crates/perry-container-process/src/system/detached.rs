//! The one kind of process that outlives its starter on purpose.

use crate::Environment;
use rustix::io::{FdFlags, fcntl_setfd};
use std::{
    ffi::OsString,
    fs::File,
    io,
    os::{
        fd::{BorrowedFd, RawFd},
        unix::process::CommandExt as _,
    },
    path::PathBuf,
    process::{Command, Stdio},
};

/// A program that goes on when this process ends.
#[derive(Debug)]
pub struct Detached {
    /// The program's path.
    pub program: PathBuf,
    /// Its arguments: everybody can read them.
    pub args: Vec<OsString>,
    /// Its environment.
    pub env: Environment,
    /// Its standard input; a lock on this file goes along.
    pub input: File,
    /// Where it prints, both streams.
    pub output: File,
}

/// Starts a program in a session of its own, so that no signal of the user's terminal reaches it, with `/` as its
/// directory and no other descriptor than these; its process id. It is reaped when it ends before this process.
///
/// # Errors
/// When it cannot be started.
pub fn start_detached(what: Detached) -> io::Result<u32> {
    let output = what.output.try_clone()?;
    #[expect(clippy::disallowed_methods, reason = "this crate is the one that starts processes")]
    let mut command = Command::new(&what.program);
    command.args(&what.args).env_clear().envs(what.env.iter()).current_dir("/");
    command.stdin(what.input).stdout(output).stderr(Stdio::from(what.output));
    own_session(&mut command);
    let mut child = command.spawn()?;
    drop(command); // closes our copies of its files
    let pid = child.id();
    let reap = move || drop(child.wait());
    drop(std::thread::Builder::new().name("perry-reap".to_owned()).spawn(reap)?);
    Ok(pid)
}

/// What this process has open without wanting to pass it on, such as a pipe of a shell's that it was started with, must
/// not be held open for as long as the child lives.
#[expect(unsafe_code, reason = "there is no other way to act between fork and exec")]
fn own_session(command: &mut Command) {
    let number =
        |entry: io::Result<std::fs::DirEntry>| entry.ok()?.file_name().to_str()?.parse().ok();
    let open = std::fs::read_dir("/dev/fd").into_iter().flatten().filter_map(number);
    let open: Vec<RawFd> = open.filter(|fd| *fd > 2).collect();
    let prepare = move || {
        for fd in &open {
            // SAFETY: the number is used for one system call, which refuses it when it is not open any more.
            let fd = unsafe { BorrowedFd::borrow_raw(*fd) };
            let _closed = fcntl_setfd(fd, FdFlags::CLOEXEC);
        }
        Ok(rustix::process::setsid().map(drop)?)
    };
    // SAFETY: between fork and exec only system calls are made: nothing is allocated and no lock is taken.
    unsafe { command.pre_exec(prepare) };
}
