//! The programs of the image, as far as tests use them.

use super::{Flow, Input, Place, Process, files::File, files::absolute};
use std::time::Duration;

/// What can be run.
pub(super) const ALL: &[&str] = &[
    "sh", "true", "false", ":", "echo", "printf", "cat", "env", "exit", "sleep", "read", "pwd",
    "hostname", "id", "test", "stty", "wget", "stat", "touch", "trap", "tar",
];

/// `/bin/sh` is `sh`.
pub(super) fn name(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}

impl Process {
    pub(super) async fn simple(&mut self, words: Vec<String>, places: &[Place; 2]) -> Flow {
        let [out, err] = places;
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let Some((program, arguments)) = words.split_first() else { return Flow::Status(0) };
        let status = match (name(program), arguments) {
            ("true" | ":", _) => 0,
            ("false", _) => 1,
            ("exit", []) => return Flow::Exit(0),
            ("exit", [status, ..]) => return Flow::Exit(status.parse().unwrap_or(2)),
            ("echo", words) => {
                self.print(out, format!("{}\n", words.join(" ")).as_bytes());
                0
            }
            ("printf", ["%s", text] | [text]) => {
                self.print(out, text.as_bytes());
                0
            }
            ("sleep", [time, ..]) => {
                let seconds = time.parse::<f64>().unwrap_or(0.0).clamp(0.0, 1e9);
                self.nap(Duration::from_secs_f64(seconds)).await;
                0
            }
            ("trap", [command, ..]) => {
                self.trap = Some((*command).to_owned());
                0
            }
            ("read", names) => match self.read_line().await {
                Some(line) => {
                    let variable = names.first().copied().unwrap_or("REPLY");
                    self.env.insert(variable.to_owned(), line);
                    0
                }
                None => 1,
            },
            ("cat", []) => {
                if let Input::Fed(_, rest) = &mut self.input {
                    let rest: Vec<u8> = std::mem::take(rest).into();
                    self.print(out, &rest);
                }
                while let Some(bytes) = self.read().await {
                    self.print(out, &bytes);
                }
                0
            }
            ("cat", paths) => {
                let mut status = 0;
                for path in paths {
                    match self.lookup(path) {
                        Some(file) => self.print(out, &file.bytes),
                        None => status = self.missing(err, "cat", "can't open", path),
                    }
                }
                status
            }
            ("env", []) => {
                let all: String = self.env.iter().map(|(k, v)| format!("{k}={v}\n")).collect();
                self.print(out, all.as_bytes());
                0
            }
            ("pwd", _) => {
                let directory = format!("{}\n", self.directory);
                self.print(out, directory.as_bytes());
                0
            }
            ("hostname", _) => {
                let name = self.world(|world, id| {
                    let container = &world.containers[id];
                    container.spec.hostname.clone().unwrap_or_else(|| container.id.clone())
                });
                self.print(out, format!("{name}\n").as_bytes());
                0
            }
            ("id", ["-u"]) => {
                let uid = format!("{}\n", self.uid);
                self.print(out, uid.as_bytes());
                0
            }
            ("stty", ["size"]) => match self.terminal {
                Some((columns, rows)) => {
                    self.print(out, format!("{rows} {columns}\n").as_bytes());
                    0
                }
                None => 1,
            },
            ("test", arguments) => i32::from(!self.holds(arguments)),
            // Nobody serves anything here: what differs is whether the name is known.
            ("wget", [.., url]) => {
                let address = url.trim_start_matches("http://").trim_end_matches('/');
                let host = address.split(':').next().unwrap_or(address);
                let found = self.world(|world, id| world.resolve(id, host));
                let text = match found {
                    Some(ip) => format!("can't connect to remote host ({ip}): Connection refused"),
                    None => format!("bad address '{address}'"),
                };
                self.print(err, format!("wget: {text}\n").as_bytes());
                1
            }
            ("stat", ["-c", format, path]) => match self.lookup(path) {
                Some(file) => {
                    let text = format
                        .replace("%a", &format!("{:o}", file.mode))
                        .replace("%u", &file.uid.to_string())
                        .replace("%g", &file.gid.to_string())
                        .replace("%s", &file.bytes.len().to_string());
                    self.print(out, format!("{text}\n").as_bytes());
                    0
                }
                None => self.missing(err, "stat", "can't stat", path),
            },
            ("touch", paths) => {
                let mut status = 0;
                for path in paths {
                    let path = absolute(&self.directory, path);
                    let file = self.lookup(&path);
                    let file = file.unwrap_or_else(|| File::new(Vec::new(), self.uid));
                    let failed = self.world(|world, id| world.write_file(id, &path, file).err());
                    if let Some(text) = failed {
                        self.print(err, format!("touch: {text}\n").as_bytes());
                        status = 1;
                    }
                }
                status
            }
            ("tar", ["-x", "-f", "-", "-C", directory]) => {
                let mut archive = Vec::new();
                while let Some(bytes) = self.read().await {
                    archive.extend(bytes);
                }
                let directory = absolute(&self.directory, directory);
                let failed = self.world(|world, id| world.unpack(id, &directory, &archive).err());
                self.ended(err, "tar", failed.map(|(_, text)| text))
            }
            ("tar", ["-c", "-f", "-", "-C", directory, name]) => {
                let path = absolute(&absolute(&self.directory, directory), name);
                let packed = self.world(|world, id| Some(world.pack(id, &path)));
                match packed {
                    Some(Ok(archive)) => {
                        self.print(out, &archive);
                        0
                    }
                    failed => {
                        let text = failed.and_then(Result::err).map(|(_, text)| text);
                        self.ended(err, "tar", Some(text.unwrap_or_default()))
                    }
                }
            }
            ("sh", ["-c", ..]) => {
                let words = words.iter().map(|word| (*word).to_owned()).collect();
                let (mut arguments, mut trap) = (self.arguments.clone(), self.trap.take());
                let status = Box::pin(self.start(words)).await;
                std::mem::swap(&mut self.arguments, &mut arguments);
                std::mem::swap(&mut self.trap, &mut trap);
                status
            }
            _ => {
                self.print(err, format!("sh: {program}: not found\n").as_bytes());
                127
            }
        };
        Flow::Status(status)
    }

    fn lookup(&self, path: &str) -> Option<File> {
        let path = absolute(&self.directory, path);
        self.world(|world, id| world.file(id, &path).cloned())
    }

    /// The status of a program that says why it failed, if it did.
    fn ended(&mut self, place: &Place, program: &str, failed: Option<String>) -> i32 {
        match failed {
            Some(text) => {
                self.print(place, format!("{program}: {text}\n").as_bytes());
                1
            }
            None => 0,
        }
    }

    fn missing(&mut self, place: &Place, program: &str, what: &str, which: &str) -> i32 {
        self.print(place, format!("{program}: {what} '{which}'\n").as_bytes());
        1
    }

    fn holds(&self, arguments: &[&str]) -> bool {
        match arguments {
            ["!", rest @ ..] => !self.holds(rest),
            ["-t", _] => self.terminal.is_some(),
            ["-f" | "-e", path] => self.lookup(path).is_some(),
            ["-s", path] => self.lookup(path).is_some_and(|file| !file.bytes.is_empty()),
            ["-n", text] | [text] => !text.is_empty(),
            ["-z", text] => text.is_empty(),
            [a, "=", b] => a == b,
            [a, "!=", b] => a != b,
            _ => false,
        }
    }
}
