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
    call: Option<Invocation>,
    read: F,
}

impl<F> Single<F> {
    /// Runs `call` and reads its output with `read`.
    pub const fn new(call: Invocation, read: F) -> Self {
        Self { call: Some(call), read }
    }
}

impl<R, F: FnMut(&Output<'_>) -> Result<R, ToolError>> Dialogue for Single<F> {
    type Reply = R;

    fn next(&mut self, last: &[Output<'_>]) -> Step<R> {
        match (self.call.take(), last) {
            (Some(call), _) => Step::Run(vec![call]),
            (None, [out, ..]) => Step::Done((self.read)(out)),
            (None, []) => {
                Step::Done(Err(ToolError::Malformed { why: "nothing was run".to_owned() }))
            }
        }
    }
}
