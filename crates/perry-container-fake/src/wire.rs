//! How a call talks with the process that runs a container: one line of JSON, then frames both ways.

use serde::{Deserialize, Serialize};
use std::io::{self, Read, Write};

/// What a container's process is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "do")]
pub(crate) enum Request {
    /// Runs a command.
    Exec {
        words: Vec<String>,
        env: Vec<String>,
        workdir: Option<String>,
        user: Option<String>,
        tty: Option<(u16, u16)>,
        stdin: bool,
    },
    /// Its own output and input.
    Attach,
    /// Its end.
    Wait,
    /// Asks it to end with a signal, and kills it after so many seconds.
    Stop { seconds: u32 },
    /// Sends a signal.
    Kill { signal: String },
    /// Unpacks the archive that comes as input.
    Put { path: String },
    /// An archive of a path.
    Get { path: String },
}

/// What a frame holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Kind {
    /// Input; empty at its end.
    In = 0,
    Out = 1,
    Err = 2,
    /// An exit status as text: the end.
    Exit = 3,
    /// Why there is no exit status: the end.
    Failed = 4,
}

impl Kind {
    pub(crate) const fn of(byte: u8) -> Option<Self> {
        Some(match byte {
            0 => Self::In,
            1 => Self::Out,
            2 => Self::Err,
            3 => Self::Exit,
            4 => Self::Failed,
            _ => return None,
        })
    }
}

/// The bytes of a frame.
pub(crate) fn frame(kind: Kind, bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    let mut all = vec![kind as u8];
    all.extend(length.to_be_bytes());
    all.extend_from_slice(bytes);
    all
}

pub(crate) fn send(to: &mut impl Write, kind: Kind, bytes: &[u8]) -> io::Result<()> {
    to.write_all(&frame(kind, bytes))
}

/// The next frame; none when the other side has gone.
pub(crate) fn receive(from: &mut impl Read) -> io::Result<Option<(Kind, Vec<u8>)>> {
    let mut head = [0; 5];
    match from.read_exact(&mut head) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let [kind, a, b, c, d] = head;
    let kind = Kind::of(kind).ok_or_else(|| io::Error::other("no such frame"))?;
    let mut bytes = Vec::new();
    from.take(u32::from_be_bytes([a, b, c, d]).into()).read_to_end(&mut bytes)?;
    Ok(Some((kind, bytes)))
}
