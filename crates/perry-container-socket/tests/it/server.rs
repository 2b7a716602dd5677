//! An engine that answers what a script says, and remembers what it was asked.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{UnixListener, UnixStream},
    task::JoinHandle,
};

/// What to do with a request.
pub(crate) enum Answer {
    /// This status and JSON.
    Json(u16, &'static str),
    /// These bytes, then the end of the connection.
    Raw(Vec<u8>),
    /// These bytes, and the connection stays open.
    Open(Vec<u8>),
    /// The end of the connection at once.
    Cut,
}

type Script = dyn Fn(&str) -> Answer + Send + Sync;

/// A server in a folder of its own; it ends when this is dropped.
pub(crate) struct Server {
    folder: tempfile::TempDir,
    said: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The head of an answer without a length: it ends with the connection.
pub(crate) fn head(kind: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n\r\n").into_bytes()
}

impl Server {
    /// `ping` are the headers of the answer to a ping; `script` is asked with the request's line (`GET /v1.51/x`).
    pub(crate) fn start(
        ping: &'static str,
        script: impl Fn(&str) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join("s")).unwrap();
        let said = Arc::new(Mutex::new(Vec::new()));
        let (log, script): (_, Arc<Script>) = (Arc::clone(&said), Arc::new(script));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (log, script) = (Arc::clone(&log), Arc::clone(&script));
                tokio::spawn(async move { serve(stream, ping, &log, &*script).await });
            }
        });
        Self { folder, said, task }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("s")
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("unix://{}", self.path().display())
    }

    /// What was asked so far, and when a connection was closed by the client.
    pub(crate) fn said(&self) -> String {
        self.said.lock().unwrap().join("\n")
    }
}

async fn serve(mut stream: UnixStream, ping: &str, log: &Mutex<Vec<String>>, script: &Script) {
    let Some((line, body)) = request(&mut stream).await else { return };
    let answer = if line.ends_with("/_ping") {
        Answer::Raw(format!("HTTP/1.1 200 OK\r\nDate: Tue, 24 Nov 2026 20:53:55 GMT\r\nContent-Length: 2\r\n{ping}\r\nOK").into_bytes())
    } else {
        let text = String::from_utf8_lossy(&body).into_owned();
        let shown = if text.starts_with('{') { format!("{line} {text}") } else { line.clone() };
        log.lock().unwrap().push(shown);
        script(&line)
    };
    match answer {
        Answer::Json(status, json) => {
            let text =
                format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n{json}", json.len());
            drop(stream.write_all(text.as_bytes()).await);
        }
        Answer::Raw(bytes) => drop(stream.write_all(&bytes).await),
        Answer::Open(bytes) => {
            drop(stream.write_all(&bytes).await);
            let mut rest = [0; 64];
            while !matches!(stream.read(&mut rest).await, Ok(0) | Err(_)) {}
            log.lock().unwrap().push(format!("closed {line}"));
        }
        Answer::Cut => {}
    }
}

/// `METHOD /path` and the body; `None` when the connection ends first.
async fn request(stream: &mut UnixStream) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let end = loop {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut body = bytes.split_off(end);
    let length = head
        .lines()
        .find_map(|l| l.to_lowercase().strip_prefix("content-length: ")?.parse::<usize>().ok());
    if let Some(length) = length {
        while body.len() < length && stream.read_buf(&mut body).await.ok()? > 0 {}
    } else if head.to_lowercase().contains("transfer-encoding: chunked") {
        while !body.ends_with(b"0\r\n\r\n") && stream.read_buf(&mut body).await.ok()? > 0 {}
    }
    let line = head.lines().next()?.trim_end_matches(" HTTP/1.1").to_owned();
    Some((line, body))
}
