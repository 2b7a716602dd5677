//! A file that is an array in JSON after every event.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{FileExt as _, OpenOptionsExt as _},
    path::Path,
};

/// Events go to a file one by one. A regular file is whole after each of them, so that even a process that is killed
/// leaves valid JSON; a pipe gets its closing bracket in the end.
#[derive(Debug)]
pub(super) struct Sink {
    file: File,
    /// Where the closing bracket stands; none: not a regular file.
    end: Option<u64>,
    any: bool,
    failed: Option<io::Error>,
}

const CLOSE: &str = "\n]\n";

impl Sink {
    /// Makes the file, for its owner alone; one that is there is emptied.
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
        file.write_all(b"[")?;
        let end = file.metadata()?.is_file().then_some(1);
        if end.is_some() {
            file.write_all(CLOSE.as_bytes())?;
        }
        Ok(Self { file, end, any: false, failed: None })
    }

    /// Adds an event. After the first failure nothing more is tried.
    pub(super) fn push(&mut self, event: &serde_json::Value) {
        if self.failed.is_some() {
            return;
        }
        let mut text = if self.any { ",\n" } else { "\n" }.to_owned();
        text.push_str(&event.to_string());
        self.any = true;
        let written = match &mut self.end {
            Some(end) => {
                let at = *end;
                *end += text.len() as u64;
                text.push_str(CLOSE);
                self.file.write_all_at(text.as_bytes(), at)
            }
            None => self.file.write_all(text.as_bytes()),
        };
        self.failed = written.err();
    }

    /// No more events come.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        match self.end {
            Some(_) => Ok(()),
            None => self.file.write_all(CLOSE.as_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Sink;
    use serde_json::{Value, json};
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn the_file_is_whole_after_every_event_and_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trace.json");
        let read = || -> Vec<Value> {
            serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap()
        };
        let mut sink = Sink::create(&path).unwrap();
        assert!(read().is_empty());
        for n in 0..3 {
            sink.push(&json!({ "n": n }));
            assert_eq!(read().len(), n + 1);
        }
        sink.finish().unwrap();
        assert_eq!(read()[2], json!({"n": 2}));
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn what_cannot_be_written_is_said_once() {
        let Ok(mut sink) = Sink::create("/dev/full".as_ref()) else { return };
        sink.push(&json!({}));
        assert!(sink.finish().is_err());
    }
}
