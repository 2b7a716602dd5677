//! Commands in containers and their terminals: streams in both directions.

use crate::{
    SocketBackend,
    ask::{Ask, Patience},
    fault::{self, Flavour},
    frames,
    shape::{Created, ExecShape, Inspect, Waited},
    wire::{Answer, Wire},
};
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt as _, stream};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use perry_container_backend::{BackendError, Feed, FeedItem, Flow, Frame, Result, Session};
use perry_container_spec::{ErrorKind, ExecSpec, LogSource};
use serde::Serialize;
use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, ReadHalf, WriteHalf},
    task::JoinHandle,
};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct NewExec<'a> {
    attach_stdin: bool,
    attach_stdout: bool,
    attach_stderr: bool,
    tty: bool,
    cmd: &'a [String],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    env: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    working_dir: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'a str>,
    privileged: bool,
    /// Rows and columns.
    #[serde(skip_serializing_if = "Option::is_none")]
    console_size: Option<[u16; 2]>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct StartExec {
    detach: bool,
    tty: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    console_size: Option<[u16; 2]>,
    /// podman's form of the same.
    #[serde(rename = "h", skip_serializing_if = "Option::is_none")]
    rows: Option<u16>,
    #[serde(rename = "w", skip_serializing_if = "Option::is_none")]
    columns: Option<u16>,
}

/// Whose terminal changes its size.
#[derive(Debug, Clone)]
struct Terminal {
    wire: Arc<Wire>,
    kind: &'static str,
    id: String,
}

impl Terminal {
    async fn resize(&self, columns: u16, rows: u16) {
        let ask = Ask::post("resize", &self.id)
            .at(self.kind)
            .name(&self.id)
            .at("resize")
            .query("h", &rows.to_string())
            .query("w", &columns.to_string());
        // A terminal that has gone meanwhile needs no size.
        if let Err(error) = self.wire.tell(ask).await {
            tracing::debug!(%error, "terminal not resized");
        }
    }
}

/// The task that passes input on; it ends when this is dropped.
struct Typing(Option<JoinHandle<()>>);

impl Drop for Typing {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}

/// Input, and whether its end is passed on.
struct Input {
    feed: Feed,
    ends: bool,
}

/// Passes input on. A half-closed connection is the end of input.
async fn typing(
    mut to: WriteHalf<TokioIo<Upgraded>>,
    input: Input,
    terminal: Terminal,
) -> io::Result<()> {
    match input.feed {
        Feed::Empty => {}
        Feed::Bytes(bytes) => to.write_all(&bytes).await?,
        Feed::Stream(mut items) => {
            while let Some(item) = items.next().await {
                match item {
                    FeedItem::Bytes(bytes) => {
                        to.write_all(&bytes).await?;
                        to.flush().await?;
                    }
                    FeedItem::Resize(columns, rows) => terminal.resize(columns, rows).await,
                }
            }
        }
    }
    if input.ends {
        return to.shutdown().await;
    }
    to.flush().await?;
    std::future::pending().await // keeps it open as long as somebody reads
}

const PIECE: usize = 32 << 10;

/// What comes out of a hijacked connection. Input is passed on as long as this is read, and the connection closes with it.
fn talk(
    io: TokioIo<Upgraded>,
    input: Option<Input>,
    terminal: Terminal,
    verb: &'static str,
    object: &str,
) -> Flow<Bytes> {
    let (from, to) = tokio::io::split(io);
    let (typing, idle) = match input {
        Some(input) => {
            let task = tokio::spawn(async move {
                // A command that ends before its input does is no failure.
                if let Err(error) = typing(to, input, terminal).await {
                    tracing::debug!(%error, "input not passed on");
                }
            });
            (Typing(Some(task)), None)
        }
        // Unused, it stays open: podman takes a half-closed connection for a client that left.
        None => (Typing(None), Some(to)),
    };
    let object = object.to_owned();
    type Open = (ReadHalf<TokioIo<Upgraded>>, Typing, Option<WriteHalf<TokioIo<Upgraded>>>, String);
    let open: Open = (from, typing, idle, object);
    stream::try_unfold(open, move |(mut from, typing, idle, object)| async move {
        let mut piece = BytesMut::with_capacity(PIECE);
        match from.read_buf(&mut piece).await {
            Ok(0) => Ok(None),
            Ok(_) => Ok(Some((piece.freeze(), (from, typing, idle, object)))),
            Err(error) => {
                let text = format!("the connection was cut: {error}");
                Err(BackendError::new(verb, object, ErrorKind::Cut, text))
            }
        }
    })
    .boxed()
}

/// The last output, where an engine writes why a command could not be started.
#[derive(Debug, Clone, Default)]
struct Tail(Arc<Mutex<BytesMut>>);

impl Tail {
    const LONGEST: usize = 4096;

    fn keep(&self, bytes: &[u8]) {
        if let Ok(mut tail) = self.0.lock() {
            tail.extend_from_slice(&bytes[bytes.len().saturating_sub(Self::LONGEST)..]);
            let over = tail.len().saturating_sub(Self::LONGEST);
            drop(tail.split_to(over));
        }
    }

    fn text(&self) -> String {
        self.0.lock().map(|tail| String::from_utf8_lossy(&tail).into_owned()).unwrap_or_default()
    }
}

/// docker writes into the command's own output that it could not be started, podman into its stderr; status 126 or 127,
/// on podman also 125: it calls a container running that has died together with its monitor.
fn not_started(flavour: Flavour, code: i32, tail: &str) -> Option<&str> {
    if !(matches!(code, 126 | 127) || code == 125 && flavour == Flavour::Podman) {
        return None;
    }
    let mut lines = tail.lines().map(str::trim).filter(|line| !line.is_empty());
    match flavour {
        Flavour::Docker => lines.find(|line| line.starts_with("OCI runtime exec failed: ")),
        Flavour::Podman => lines.filter_map(|line| line.strip_prefix("Error: ")).find(|line| {
            ["crun: ", "runc: ", "OCI runtime"].iter().any(|own| line.starts_with(own))
        }),
    }
}

impl SocketBackend {
    pub(crate) async fn exec(&self, id: &str, what: &ExecSpec, input: Feed) -> Result<Session> {
        // docker takes the size at once since 1.42, podman in a form of its own.
        let podman = self.engine.flavour == Flavour::Podman;
        let sized = !podman && self.engine.api >= (1, 42);
        let size = what.tty.map(|(columns, rows)| [rows, columns]);
        let new = NewExec {
            attach_stdin: what.stdin && !what.detach,
            attach_stdout: !what.detach,
            attach_stderr: !what.detach,
            tty: what.tty.is_some(),
            cmd: &what.command,
            env: what
                .env
                .iter()
                .map(|(name, value)| format!("{name}={}", value.expose()))
                .collect(),
            working_dir: what.workdir.as_deref(),
            user: what.user.as_deref(),
            privileged: what.privileged,
            console_size: size.filter(|_| sized),
        };
        let ask = Ask::post("exec in", id).at("containers").name(id).at("exec").json(&new);
        let exec = self.wire.value::<Created>(ask).await?.id;
        let start = StartExec {
            detach: what.detach,
            tty: what.tty.is_some(),
            console_size: size.filter(|_| sized && !what.detach),
            rows: size.map(|[rows, _]| rows).filter(|_| podman),
            columns: size.map(|[_, columns]| columns).filter(|_| podman),
        };
        let ask = Ask::post("exec in", id).at("exec").name(&exec).at("start").json(&start);
        if what.detach {
            self.wire.tell(ask).await?;
            return Ok(Session {
                output: stream::empty().boxed(),
                exit: Box::pin(async { Ok(0) }),
            });
        }
        let answer = self.wire.send(ask.hijack()).await?;
        let terminal = Terminal { wire: Arc::clone(&self.wire), kind: "exec", id: exec.clone() };
        if let (Some((columns, rows)), false) = (what.tty, sized || podman) {
            terminal.resize(columns, rows).await;
        }
        let input = what.stdin.then_some(Input { feed: input, ends: true });
        let output =
            self.hijacked(answer, input, terminal, what.tty.is_some(), "exec in", id).await?;
        let tail = Tail::default();
        let kept = tail.clone();
        let output = output
            .inspect(move |frame| {
                if let Ok(frame) = frame {
                    kept.keep(&frame.bytes);
                }
            })
            .boxed();
        let (wire, flavour, id) = (Arc::clone(&self.wire), self.engine.flavour, id.to_owned());
        let exit = Box::pin(async move {
            let code = ended(&wire, &exec, &id).await?;
            let tail = tail.text();
            match not_started(flavour, code, &tail) {
                Some(text) => {
                    let kind = fault::meaning(flavour, text).unwrap_or(ErrorKind::Invalid);
                    Err(BackendError::new("exec in", id, kind, text).with_status(code))
                }
                None => Ok(code),
            }
        });
        Ok(Session { output, exit })
    }

    async fn hijacked(
        &self,
        answer: Answer,
        input: Option<Input>,
        terminal: Terminal,
        tty: bool,
        verb: &'static str,
        id: &str,
    ) -> Result<Flow<Frame>> {
        let bytes = if answer.status == 101 {
            talk(answer.upgraded().await?, input, terminal, verb, id)
        } else {
            answer.flow()
        };
        Ok(frames::frames(bytes, tty, verb, id))
    }

    pub(crate) async fn attached(&self, id: &str, input: Feed) -> Result<Session> {
        let shape: Inspect =
            self.wire.value(Ask::get("attach to", id).at("containers").name(id).at("json")).await?;
        // docker tells that it waits before anything else can happen, so an end is never missed; one that has not been
        // started yet has to be waited for in another way. podman answers only at the end.
        let docker = self.engine.flavour == Flavour::Docker;
        let fresh = shape.state.status == "created";
        let condition = if fresh && docker { "next-exit" } else { "not-running" };
        let waiting =
            if docker { Some(self.wire.send(waiting(id, condition)).await?) } else { None };
        let ask = ["stream", "stdin", "stdout", "stderr"]
            .into_iter()
            .fold(Ask::post("attach to", id).at("containers").name(id).at("attach"), |ask, key| {
                ask.query(key, "1")
            });
        let answer = self.wire.send(ask.hijack()).await?;
        let terminal =
            Terminal { wire: Arc::clone(&self.wire), kind: "containers", id: id.to_owned() };
        // docker ends the whole session with the input, unless the container's own input ends with it.
        let ends = shape.config.stdin_once;
        let input = shape.config.open_stdin.then_some(Input { feed: input, ends });
        let output =
            self.hijacked(answer, input, terminal, shape.config.tty, "attach to", id).await?;
        let (wire, id) = (Arc::clone(&self.wire), id.to_owned());
        let exit = Box::pin(async move {
            let answer = match waiting {
                Some(answer) => answer,
                None => wire.send(self::waiting(&id, "not-running")).await?,
            };
            waited(answer, &id).await
        });
        Ok(Session { output, exit })
    }
}

/// Waits until a container has ended.
pub(crate) fn waiting(id: &str, condition: &str) -> Ask {
    let ask = Ask::post("wait for", id).at("containers").name(id).at("wait");
    ask.query("condition", condition).patience(Patience::Endless)
}

/// How it ended.
pub(crate) async fn waited(answer: Answer, id: &str) -> Result<i32> {
    let waited: Waited = answer.json().await?;
    if !waited.error.message.is_empty() {
        return Err(BackendError::new("wait for", id, ErrorKind::Other, waited.error.message));
    }
    Ok(i32::try_from(waited.status).unwrap_or(-1))
}

/// The exit status of a command whose output has ended: it may have closed its output and go on, or the engine may not
/// have noticed yet.
async fn ended(wire: &Wire, exec: &str, id: &str) -> Result<i32> {
    let mut pause = Duration::from_millis(5);
    loop {
        let shape: ExecShape =
            wire.value(Ask::get("exec in", id).at("exec").name(exec).at("json")).await?;
        if !shape.running {
            return Ok(shape.exit_code);
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(1));
    }
}

/// The whole output as bytes of both streams, cut at `longest`, and the exit status.
pub(crate) async fn collected(session: Session, longest: usize) -> Result<(String, i32)> {
    let Session { mut output, exit } = session;
    let mut all = Vec::new();
    while let Some(frame) = output.next().await {
        let Frame { source: LogSource::Stdout | LogSource::Stderr, bytes } = frame?;
        let room = longest.saturating_sub(all.len());
        all.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }
    drop(output);
    Ok((String::from_utf8_lossy(&all).into_owned(), exit.await?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_that_could_not_be_started() {
        let docker = "OCI runtime exec failed: exec failed: unable to start: exec: \"nope\": executable file not found in $PATH";
        assert_eq!(not_started(Flavour::Docker, 127, docker), Some(docker));
        assert_eq!(not_started(Flavour::Docker, 127, "sh: nope: not found"), None);
        assert_eq!(not_started(Flavour::Docker, 1, docker), None);
        let podman = "Error: crun: executable file `nope` not found in $PATH\nError: read unixpacket: reset by peer\n";
        assert_eq!(
            not_started(Flavour::Podman, 127, podman),
            Some("crun: executable file `nope` not found in $PATH")
        );
        assert_eq!(not_started(Flavour::Podman, 127, "Error: no such thing"), None);
    }

    #[test]
    fn a_tail_is_bounded() {
        let tail = Tail::default();
        (0..100).for_each(|_| tail.keep(&[b'x'; 100]));
        tail.keep(b"end");
        assert_eq!((tail.text().len(), tail.text().ends_with("xend")), (Tail::LONGEST, true));
        tail.keep(&[b'y'; 10_000]);
        assert_eq!(tail.text(), "y".repeat(Tail::LONGEST));
    }
}
