//! JSON objects out of a stream that is still growing.

use bytes::Bytes;
use perry_container_protocol::{Output, Reader, ToolError};
use perry_container_spec::LogSource;
use serde_json::Value;

/// An object that is longer is none of ours: what a tool prints must not fill the memory.
const LONGEST: usize = 4 << 20;

/// Finds whole objects: one a line (docker), inside arrays (podman), between the codes that clear a screen (`stats`).
#[derive(Debug, Default)]
struct Scanner {
    open: Vec<u8>,
    depth: usize,
    quoted: bool,
    escaped: bool,
}

impl Scanner {
    fn feed(&mut self, bytes: &[u8], mut each: impl FnMut(&[u8])) -> Result<(), ToolError> {
        for byte in bytes {
            if self.depth == 0 && *byte != b'{' {
                continue;
            }
            self.open.push(*byte);
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' if self.quoted => self.escaped = true,
                b'"' => self.quoted = !self.quoted,
                b'{' if !self.quoted => self.depth += 1,
                b'}' if !self.quoted => self.depth -= 1,
                _ => {}
            }
            if self.depth == 0 {
                each(&std::mem::take(&mut self.open));
            } else if self.open.len() > LONGEST {
                return Err(ToolError::Malformed {
                    why: "an object of it does not end".to_owned(),
                });
            }
        }
        Ok(())
    }
}

/// Makes items of the objects that a running command prints.
pub(crate) struct Objects<I, F, E> {
    scanner: Scanner,
    first: Option<I>,
    read: F,
    end: E,
}

impl<I, F, E> Objects<I, F, E> {
    /// `first` comes before all, `read` may make an item of an object, `end` judges the end.
    pub(crate) fn new(first: Option<I>, read: F, end: E) -> Self {
        Self { scanner: Scanner::default(), first, read, end }
    }
}

impl<I, F, E> Reader for Objects<I, F, E>
where
    I: Send,
    F: FnMut(&Value) -> Option<I> + Send,
    E: FnMut(&Output<'_>) -> Result<(), ToolError> + Send,
{
    type Item = I;

    fn begin(&mut self, items: &mut Vec<I>) {
        items.extend(self.first.take());
    }

    fn read(
        &mut self,
        source: LogSource,
        bytes: &Bytes,
        items: &mut Vec<I>,
    ) -> Result<(), ToolError> {
        if source == LogSource::Stderr {
            return Ok(());
        }
        let mut wrong = None;
        let read = &mut self.read;
        self.scanner.feed(bytes, |object| match serde_json::from_slice(object) {
            Ok(value) => items.extend(read(&value)),
            Err(error) => wrong = Some(error),
        })?;
        wrong.map_or(Ok(()), |error| Err(error.into()))
    }

    fn end(&mut self, last: &Output<'_>, _: &mut Vec<I>) -> Result<(), ToolError> {
        (self.end)(last)
    }
}
