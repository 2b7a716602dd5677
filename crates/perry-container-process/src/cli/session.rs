//! Commands in containers, and archives.

use super::{About, CliBackend, flow::Tails};
use crate::{Sign, Window, host, host::Watched};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use perry_container_backend::{BackendError, Feed, FeedItem, Flow, Frame, Result, Session};
use perry_container_protocol::{CliProtocol, Input, Invocation, Output, RawChunk, ToolError};
use perry_container_spec::ErrorKind;
use tokio::sync::oneshot;

/// Says how a session ended.
pub(super) type Judge = Box<dyn FnOnce(&Output<'_>) -> std::result::Result<i32, ToolError> + Send>;

struct Bridge {
    watched: Watched,
    tails: Tails,
    judge: Judge,
    exit: oneshot::Sender<Result<i32>>,
    about: About,
}

impl<P: CliProtocol> CliBackend<P> {
    /// Starts a session: output as it comes, then the exit status.
    pub(super) async fn session(
        &self,
        about: About,
        call: Invocation,
        input: Feed,
        terminal: Option<Window>,
        judge: Judge,
    ) -> Result<Session> {
        self.count();
        let feed = match call.input {
            Input::Stream => input,
            Input::Null | Input::Bytes(_) => host::own_feed(&call),
        };
        let (host, program, limits) = (&*self.host, &self.program, &self.limits);
        let watched = Watched::start(host, program, &call, feed, terminal, limits)
            .await
            .map_err(|error| about.failed(error))?;
        let (exit, ended) = oneshot::channel();
        let dropped = about.error(ErrorKind::Cut, "its output was dropped before its end");
        let bridge = Bridge { watched, tails: Tails::default(), judge, exit, about };
        Ok(Session {
            output: Box::pin(stream::unfold(Some(bridge), step)),
            exit: Box::pin(async move { ended.await.unwrap_or(Err(dropped)) }),
        })
    }

    /// Runs a call that a tar archive goes into. An archive that breaks off ends the call, not the archive.
    pub(super) async fn pour(
        &self,
        about: &About,
        call: Invocation,
        tar: Flow<Bytes>,
    ) -> Result<()> {
        self.count();
        let (broken, breaks) = oneshot::channel::<BackendError>();
        let items = stream::unfold((tar, broken), |(mut tar, broken)| async move {
            match tar.next().await? {
                Ok(bytes) => Some((FeedItem::Bytes(bytes), (tar, broken))),
                Err(error) => {
                    drop(broken.send(error));
                    std::future::pending().await
                }
            }
        });
        let feed = Feed::Stream(Box::pin(items));
        let run = host::run_with(&*self.host, &self.program, &call, feed, &self.limits);
        let finished = tokio::select! {
            finished = run => finished.map_err(|error| about.failed(error))?,
            Ok(error) = breaks => return Err(error),
        };
        self.protocol.accepted(&finished.output()).map_err(|error| about.refused(error))
    }
}

async fn step(bridge: Option<Bridge>) -> Option<(Result<Frame>, Option<Bridge>)> {
    let mut bridge = bridge?;
    match bridge.watched.next().await {
        Ok(Sign::Printed(RawChunk { source, bytes })) => {
            bridge.tails.add(source, &bytes);
            Some((Ok(Frame { source, bytes }), Some(bridge)))
        }
        Ok(Sign::Ended(code)) => {
            let Bridge { mut tails, judge, exit, about, .. } = bridge;
            let end = judge(&tails.output(code)).map_err(|error| about.refused(error));
            drop(exit.send(end));
            None
        }
        Err(error) => {
            let error = bridge.about.failed(error);
            drop(bridge.exit.send(Err(error.clone())));
            Some((Err(error), None))
        }
    }
}
