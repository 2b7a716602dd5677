//! Streams of a protocol as flows.

use super::{About, CliBackend};
use crate::{
    Limits, Sign,
    host::{Watched, own_feed},
};
use bytes::Bytes;
use futures_util::stream;
use perry_container_backend::{BackendError, Flow, Result};
use perry_container_protocol::{CliProtocol, Output, RawChunk, Reader, Stream};
use perry_container_spec::LogSource;
use std::collections::VecDeque;

/// How much of the end of each stream is kept for whoever judges the end.
const TAIL: usize = 64 << 10;

/// The ends of both streams.
#[derive(Debug, Default)]
pub(super) struct Tails {
    stdout: VecDeque<u8>,
    stderr: VecDeque<u8>,
}

impl Tails {
    pub(super) fn add(&mut self, source: LogSource, bytes: &Bytes) {
        let tail = match source {
            LogSource::Stdout => &mut self.stdout,
            LogSource::Stderr => &mut self.stderr,
        };
        let new = &bytes[bytes.len().saturating_sub(TAIL)..];
        drop(tail.drain(..(tail.len() + new.len()).saturating_sub(TAIL).min(tail.len())));
        tail.extend(new);
    }

    pub(super) fn output(&mut self, code: i32) -> Output<'_> {
        Output {
            code,
            stdout: self.stdout.make_contiguous(),
            stderr: self.stderr.make_contiguous(),
        }
    }
}

/// A reader at work.
struct Reading<R: Reader> {
    watched: Watched,
    reader: R,
    tails: Tails,
    ready: VecDeque<R::Item>,
    over: Option<Option<BackendError>>,
    about: About,
}

impl<R: Reader> Reading<R> {
    /// The next item, or the error that ends it all.
    async fn next(&mut self) -> Option<Result<R::Item>> {
        let mut items = Vec::new();
        loop {
            if let Some(item) = self.ready.pop_front() {
                return Some(Ok(item));
            }
            if let Some(end) = self.over.take() {
                self.over = Some(None);
                return end.map(Err);
            }
            match self.watched.next().await {
                Ok(Sign::Printed(RawChunk { source, bytes })) => {
                    self.tails.add(source, &bytes);
                    if let Err(error) = self.reader.read(source, &bytes, &mut items) {
                        self.over = Some(Some(self.about.refused(error)));
                    }
                }
                Ok(Sign::Ended(code)) => {
                    let end = self.reader.end(&self.tails.output(code), &mut items);
                    self.over = Some(end.err().map(|error| self.about.refused(error)));
                }
                Err(error) => self.over = Some(Some(self.about.failed(error))),
            }
            self.ready.extend(items.drain(..));
        }
    }
}

impl<P: CliProtocol> CliBackend<P> {
    /// Starts a stream.
    pub(super) async fn flow<R>(&self, about: About, what: Stream<R>) -> Result<Flow<R::Item>>
    where
        R: Reader + 'static,
        R::Item: 'static,
    {
        let Stream { call, mut reader } = what;
        let limits: &Limits = &self.limits;
        self.count();
        let (host, feed) = (&*self.host, own_feed(&call));
        let watched = Watched::start(host, &self.program, &call, feed, None, limits)
            .await
            .map_err(|error| about.failed(error))?;
        let mut first = Vec::new();
        reader.begin(&mut first);
        let (tails, ready) = (Tails::default(), first.into());
        let reading = Reading { watched, reader, tails, ready, over: None, about };
        let next = |mut reading: Reading<R>| async move {
            let item = reading.next().await?;
            Some((item, reading))
        };
        Ok(Box::pin(stream::unfold(reading, next)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_are_the_last_bytes() {
        for size in [1, 7, 4096, TAIL - 1, TAIL, TAIL + 1, 3 * TAIL] {
            let (mut tails, mut all) = (Tails::default(), Vec::new());
            for n in 0..(2 * TAIL / size).max(1) + 1 {
                let piece = Bytes::from(vec![(n % 251) as u8; size]);
                all.extend_from_slice(&piece);
                tails.add(LogSource::Stderr, &piece);
            }
            let last = &all[all.len().saturating_sub(TAIL)..];
            let output = tails.output(1);
            assert!(output.stderr == last && output.stdout.is_empty(), "{size}");
        }
    }
}
