//! Dialogues and readers of nerdctl, through the way into the machine.

use crate::{Guest, broken::broken, hand};
use bytes::Bytes;
use perry_container_protocol::{Dialogue, Invocation, Output, Reader, Step, Stream, ToolError};
use perry_container_spec::LogSource;

/// Whatever nerdctl's protocol describes, as it is in the machine.
#[derive(Debug)]
pub(crate) struct Through<D> {
    guest: Guest,
    inner: D,
}

impl<D> Through<D> {
    pub(crate) const fn new(guest: Guest, inner: D) -> Self {
        Self { guest, inner }
    }
}

impl<D: Dialogue> Dialogue for Through<D> {
    type Reply = D::Reply;

    fn next(&mut self, last: &[Output<'_>]) -> Step<D::Reply> {
        if let Some(error) = last.iter().find_map(|out| broken(&self.guest, out)) {
            return Step::Done(Err(error));
        }
        match self.inner.next(last) {
            Step::Done(done) => Step::Done(done),
            Step::Run(calls) => {
                let over = calls.into_iter().map(|call| hand::over(&self.guest, call));
                match over.collect() {
                    Ok(calls) => Step::Run(calls),
                    Err(error) => Step::Done(Err(error)),
                }
            }
        }
    }
}

impl<R: Reader> Reader for Through<R> {
    type Item = R::Item;

    fn begin(&mut self, items: &mut Vec<R::Item>) {
        self.inner.begin(items);
    }

    fn read(
        &mut self,
        source: LogSource,
        bytes: &Bytes,
        items: &mut Vec<R::Item>,
    ) -> Result<(), ToolError> {
        self.inner.read(source, bytes, items)
    }

    fn end(&mut self, last: &Output<'_>, items: &mut Vec<R::Item>) -> Result<(), ToolError> {
        match broken(&self.guest, last) {
            Some(error) => Err(error),
            None => self.inner.end(last, items),
        }
    }
}

/// A stream in the machine.
///
/// # Errors
/// Those of [`hand::over`].
pub(crate) fn stream<R>(guest: &Guest, what: Stream<R>) -> Result<Stream<Through<R>>, ToolError> {
    let call: Invocation = hand::over(guest, what.call)?;
    Ok(Stream { call, reader: Through::new(guest.clone(), what.reader) })
}
