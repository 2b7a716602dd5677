//! One connection per request: dropping the answer closes it, and what one call does never waits for another.

use crate::{
    Endpoint,
    ask::{About, Ask, Content, Patience},
    fault::{self, Flavour},
};
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use http_body_util::{BodyExt as _, Full, StreamBody, combinators::UnsyncBoxBody};
use hyper::{
    Request,
    body::{Frame, Incoming},
    client::conn::http1,
    header::{CONNECTION, CONTENT_TYPE, DATE, HOST, UPGRADE},
    upgrade::Upgraded,
};
use hyper_util::rt::TokioIo;
use perry_container_backend::{BackendError, Flow, Result};
use perry_container_spec::ErrorKind;
use serde::de::DeserializeOwned;
use std::{
    error::Error as _,
    io,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    task::JoinHandle,
    time::{Instant, timeout, timeout_at},
};

const LATE: &str = "no answer in time; it may still happen";

type Sent = UnsyncBoxBody<Bytes, BackendError>;

trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// How patient calls are and how much they hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    pub(crate) deadline: Duration,
    pub(crate) silence: Duration,
    pub(crate) whole: usize,
}

/// The way to an engine.
#[derive(Debug)]
pub(crate) struct Wire {
    pub(crate) endpoint: Endpoint,
    pub(crate) limits: Limits,
    pub(crate) flavour: Flavour,
    /// What stands before every path: `/v1.51`; empty until it is known.
    pub(crate) version: String,
    /// The same before podman's own paths: `/v4.3.1`.
    pub(crate) libpod: String,
    pub(crate) calls: AtomicU64,
}

/// The task that drives a connection; the connection closes when this is dropped.
#[derive(Debug)]
struct Guard(JoinHandle<()>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// An answer whose body is still to come.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: hyper::http::response::Parts,
    body: Incoming,
    guard: Option<Guard>,
    until: Option<Instant>,
    silence: Option<Duration>,
    whole: usize,
    about: About,
}

impl Wire {
    /// Sends a request; an answer that is no success is an error with the engine's words.
    pub(crate) async fn send(&self, ask: Ask) -> Result<Answer> {
        ask.checked()?;
        self.calls.fetch_add(1, Ordering::Relaxed);
        let started = Instant::now();
        let (verb, path) = (ask.about.verb, ask.path.clone());
        let answer = self.exchange(ask).await;
        let status = answer.as_ref().map_or(0, |a| a.status);
        tracing::debug!(verb, path, status, ms = started.elapsed().as_millis(), "engine call");
        let answer = answer?;
        if matches!(answer.status, 101 | 200..=299 | 304) {
            return Ok(answer);
        }
        let (status, About { verb, object }) = (answer.status, answer.about.clone());
        let body = answer.whole().await.unwrap_or_default(); // the status alone still tells
        Err(fault::refused(self.flavour, verb, &object, status, &body))
    }

    /// Sends a request whose answer does not matter.
    pub(crate) async fn tell(&self, ask: Ask) -> Result<()> {
        self.send(ask).await?.whole().await?;
        Ok(())
    }

    /// Sends a request; the answer as a value.
    pub(crate) async fn value<T: DeserializeOwned>(&self, ask: Ask) -> Result<T> {
        self.send(ask).await?.json().await
    }

    async fn exchange(&self, ask: Ask) -> Result<Answer> {
        let until = match ask.patience {
            Patience::Deadline(more) => {
                Some(Instant::now() + self.limits.deadline + Duration::from_secs(more))
            }
            Patience::Silence | Patience::Endless => None,
        };
        let silence = (ask.patience == Patience::Silence).then_some(self.limits.silence);
        let (request, about) = self.request(ask)?;
        let within = Within { until, silence };
        let stream = match within.wait(self.dial()).await {
            None => return Err(about.error(ErrorKind::EngineDown, "no connection in time")),
            Some(Err(error)) => return Err(self.unreachable(&about, &error)),
            Some(Ok(stream)) => stream,
        };
        let late = || about.error(ErrorKind::Cut, LATE);
        let (mut sender, connection) = within
            .wait(http1::handshake(TokioIo::new(stream)))
            .await
            .ok_or_else(late)?
            .map_err(|error| broken(&about, &error))?;
        let guard = Guard(tokio::spawn(async move {
            drop(connection.with_upgrades().await); // what goes wrong is told to the request
        }));
        let answer = within
            .wait(sender.send_request(request))
            .await
            .ok_or_else(late)?
            .map_err(|error| broken(&about, &error))?;
        let (head, body) = answer.into_parts();
        Ok(Answer {
            status: head.status.as_u16(),
            head,
            body,
            guard: Some(guard),
            until,
            silence,
            whole: self.limits.whole,
            about,
        })
    }

    async fn dial(&self) -> io::Result<Box<dyn Duplex>> {
        match &self.endpoint {
            #[cfg(unix)]
            Endpoint::Unix(path) => Ok(Box::new(tokio::net::UnixStream::connect(path).await?)),
            #[cfg(not(unix))]
            Endpoint::Unix(_) => Err(io::Error::from(io::ErrorKind::Unsupported)),
            Endpoint::Tcp(host, port) => {
                let stream = tokio::net::TcpStream::connect((host.as_str(), *port)).await?;
                stream.set_nodelay(true)?;
                Ok(Box::new(stream))
            }
            #[cfg(windows)]
            Endpoint::Npipe(path) => {
                Ok(Box::new(tokio::net::windows::named_pipe::ClientOptions::new().open(path)?))
            }
            #[cfg(not(windows))]
            Endpoint::Npipe(_) => {
                Err(io::Error::new(io::ErrorKind::Unsupported, "named pipes are on Windows only"))
            }
        }
    }

    fn unreachable(&self, about: &About, error: &io::Error) -> BackendError {
        let (kind, hint) = match error.kind() {
            io::ErrorKind::PermissionDenied => (
                ErrorKind::Permission,
                "this user may not use the socket; join its group, or use a rootless engine",
            ),
            io::ErrorKind::Unsupported => (ErrorKind::Unsupported, "use a unix socket"),
            _ => (ErrorKind::EngineDown, "is the engine running?"),
        };
        about.error(kind, format!("{}: {error}", self.endpoint)).with_hint(hint)
    }

    fn request(&self, ask: Ask) -> Result<(Request<Sent>, About)> {
        let version = if ask.libpod { &self.libpod } else { &self.version };
        let uri = format!("{version}{}{}", ask.path, ask.query);
        let mut request = Request::builder().method(ask.method).uri(uri).header(HOST, "engine");
        for (name, value) in &ask.headers {
            request = request.header(*name, value);
        }
        if ask.hijack {
            request = request.header(CONNECTION, "Upgrade").header(UPGRADE, "tcp");
        }
        let never = |never: std::convert::Infallible| match never {};
        let body = match ask.content {
            Content::Nothing => Full::new(Bytes::new()).map_err(never).boxed_unsync(),
            Content::Json(json) => {
                request = request.header(CONTENT_TYPE, "application/json");
                Full::new(json.into()).map_err(never).boxed_unsync()
            }
            Content::Tar(tar) => {
                request = request.header(CONTENT_TYPE, "application/x-tar");
                StreamBody::new(tar.map_ok(Frame::data)).boxed_unsync()
            }
        };
        let about = ask.about;
        match request.body(body) {
            Ok(request) => Ok((request, about)),
            Err(_) => Err(about.error(ErrorKind::Invalid, "it makes no request")),
        }
    }
}

/// Until when to wait.
#[derive(Debug, Clone, Copy)]
struct Within {
    until: Option<Instant>,
    silence: Option<Duration>,
}

impl Within {
    async fn wait<T>(self, what: impl Future<Output = T>) -> Option<T> {
        match (self.until, self.silence) {
            (Some(until), _) => timeout_at(until, what).await.ok(),
            (None, Some(silence)) => timeout(silence, what).await.ok(),
            (None, None) => Some(what.await),
        }
    }
}

/// What became of a connection after the request went out.
fn broken(about: &About, error: &hyper::Error) -> BackendError {
    // What the caller's own stream said comes back as it was.
    if let Some(own) = error.source().and_then(|e| e.downcast_ref::<BackendError>()) {
        return own.clone();
    }
    let (kind, text) = if error.is_parse() {
        (ErrorKind::Malformed, format!("the answer is no HTTP: {error}"))
    } else {
        (ErrorKind::Cut, format!("the connection was cut: {error}"))
    };
    about.error(kind, text)
}

impl Answer {
    pub(crate) fn error(&self, kind: ErrorKind, text: impl Into<String>) -> BackendError {
        self.about.error(kind, text)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The engine's clock, in whole seconds.
    pub(crate) fn date(&self) -> Option<&str> {
        self.header(DATE.as_str())
    }

    async fn piece(&mut self) -> Result<Option<Bytes>> {
        let within = Within { until: self.until, silence: self.silence };
        loop {
            match within.wait(self.body.frame()).await {
                None => {
                    return Err(self.error(ErrorKind::Cut, LATE));
                }
                Some(None) => return Ok(None),
                Some(Some(Err(error))) => {
                    return Err(
                        self.error(ErrorKind::Cut, format!("the connection was cut: {error}"))
                    );
                }
                Some(Some(Ok(frame))) => {
                    if let Ok(bytes) = frame.into_data() {
                        return Ok(Some(bytes));
                    }
                }
            }
        }
    }

    /// The whole body, within the bound.
    pub(crate) async fn whole(mut self) -> Result<Bytes> {
        let mut all = BytesMut::new();
        while let Some(bytes) = self.piece().await? {
            if all.len() + bytes.len() > self.whole {
                let text = format!("the answer is longer than {} bytes", self.whole);
                return Err(self.error(ErrorKind::Malformed, text));
            }
            all.extend_from_slice(&bytes);
        }
        Ok(all.freeze())
    }

    /// The body as a value.
    pub(crate) async fn json<T: DeserializeOwned>(self) -> Result<T> {
        let about = self.about.clone();
        let body = self.whole().await?;
        serde_json::from_slice(&body).map_err(|error| {
            about.error(ErrorKind::Malformed, format!("the answer is not understood: {error}"))
        })
    }

    /// The body as it comes. Dropping it closes the connection.
    pub(crate) fn flow(self) -> Flow<Bytes> {
        stream::try_unfold(self, |mut answer| async move {
            Ok(answer.piece().await?.map(|bytes| (bytes, answer)))
        })
        .boxed()
    }

    /// The raw connection after `101 UPGRADED`.
    pub(crate) async fn upgraded(self) -> Result<TokioIo<Upgraded>> {
        let Self { head, about, mut guard, .. } = self;
        let response = hyper::Response::from_parts(head, http_body_util::Empty::<Bytes>::new());
        let io = hyper::upgrade::on(response).await;
        // The task ends by itself once it has handed the connection over.
        drop(guard.take());
        io.map(TokioIo::new).map_err(|error| {
            about.error(ErrorKind::Cut, format!("the connection was cut: {error}"))
        })
    }
}
