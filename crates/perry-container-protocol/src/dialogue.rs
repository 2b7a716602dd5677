//! Verbs that need calls.

use crate::{Invocation, ToolError};

/// What a command printed and how it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Output<'a> {
    /// Its exit code; 128 + n when signal n ended it.
    pub code: i32,
    /// All it printed.
    pub stdout: &'a [u8],
    /// All it complained.
    pub stderr: &'a [u8],
}

impl Output<'_> {
    /// Standard output as text; what is no UTF-8 becomes U+FFFD.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(self.stdout).into_owned()
    }

    /// Standard error as text; what is no UTF-8 becomes U+FFFD.
    pub fn complaint(&self) -> String {
        String::from_utf8_lossy(self.stderr).into_owned()
    }
}

/// What is next.
#[derive(Debug)]
pub enum Step<R> {
    /// Run these at the same time, then go on with their outputs in this order.
    Run(Vec<Invocation>),
    /// It is over.
    Done(Result<R, ToolError>),
}

/// One verb, however many calls it takes. The first `next` gets no output, each later one those of the calls before.
pub trait Dialogue {
    /// What comes of it.
    type Reply;

    /// What is next.
    fn next(&mut self, last: &[Output<'_>]) -> Step<Self::Reply>;
}

/// A verb that takes one call.
pub struct Single<F> {
    call: Option<Result<Invocation, ToolError>>,
    read: F,
}

impl<F> Single<F> {
    /// Runs `call` and reads its output with `read`.
    pub const fn new(call: Invocation, read: F) -> Self {
        Self { call: Some(Ok(call)), read }
    }
}

/// One call, if it can be described at all.
pub const fn once<R, F: FnMut(&Output<'_>) -> Result<R, ToolError>>(
    call: Result<Invocation, ToolError>,
    read: F,
) -> Single<F> {
    Single { call: Some(call), read }
}

impl<R, F: FnMut(&Output<'_>) -> Result<R, ToolError>> Dialogue for Single<F> {
    type Reply = R;

    fn next(&mut self, last: &[Output<'_>]) -> Step<R> {
        match (self.call.take(), last) {
            (Some(Ok(call)), _) => Step::Run(vec![call]),
            (Some(Err(error)), _) => Step::Done(Err(error)),
            (None, [out, ..]) => Step::Done((self.read)(out)),
            (None, []) => Step::Done(Err(lost())),
        }
    }
}

/// A dialogue whose memory is what its closure holds.
pub struct Script<F>(F);

/// Goes on as the closure says.
///
/// ```
/// # use perry_container_protocol::{Dialogue as _, Invocation, Step, script};
/// let mut call = Some(Invocation::new(["version"]));
/// let mut version = script(move |last| match call.take() {
///     Some(call) => Step::Run(vec![call]),
///     None => Step::Done(Ok(last.len())),
/// });
/// assert!(matches!(version.next(&[]), Step::Run(calls) if calls[0].to_string() == "version"));
/// assert!(matches!(version.next(&[]), Step::Done(Ok(0))));
/// ```
pub const fn script<R, F: FnMut(&[Output<'_>]) -> Step<R>>(next: F) -> Script<F> {
    Script(next)
}

impl<R, F: FnMut(&[Output<'_>]) -> Step<R>> Dialogue for Script<F> {
    type Reply = R;

    fn next(&mut self, last: &[Output<'_>]) -> Step<R> {
        (self.0)(last)
    }
}

/// Outputs that a dialogue waited for did not come.
pub fn lost() -> ToolError {
    ToolError::Malformed { why: "a call has no output".to_owned() }
}
