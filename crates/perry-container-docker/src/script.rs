//! Dialogues as closures.

use crate::errors;
use perry_container_protocol::{Dialogue, Invocation, Output, Step, ToolError};

/// A dialogue whose memory is what its closure holds.
pub(crate) struct Script<F>(F);

pub(crate) const fn script<R, F: FnMut(&[Output<'_>]) -> Step<R>>(next: F) -> Script<F> {
    Script(next)
}

impl<R, F: FnMut(&[Output<'_>]) -> Step<R>> Dialogue for Script<F> {
    type Reply = R;

    fn next(&mut self, last: &[Output<'_>]) -> Step<R> {
        (self.0)(last)
    }
}

/// One call, if it can be described at all.
pub(crate) fn once<R, F: FnMut(&Output<'_>) -> Result<R, ToolError>>(
    call: Result<Invocation, ToolError>,
    mut read: F,
) -> Script<impl FnMut(&[Output<'_>]) -> Step<R>> {
    let mut call = Some(call);
    script(move |last| match (call.take(), last) {
        (Some(Ok(call)), _) => Step::Run(vec![call]),
        (Some(Err(error)), _) => Step::Done(Err(error)),
        (None, [out, ..]) => Step::Done(read(out)),
        (None, []) => Step::Done(Err(lost())),
    })
}

/// One call that only has to succeed.
pub(crate) fn done(
    call: Result<Invocation, ToolError>,
    errors: errors::Reader,
) -> Script<impl FnMut(&[Output<'_>]) -> Step<()>> {
    once(call, move |out| errors.accepted(out))
}

/// Outputs that a dialogue waited for did not come.
pub(crate) fn lost() -> ToolError {
    ToolError::Malformed { why: "a call has no output".to_owned() }
}
