//! A container with its files: nerdctl has no pipe into a container, so they are copied when it is there.

use crate::{Guest, broken::broken, copy};
use perry_container_docker::archive;
use perry_container_protocol::{Dialogue, Input, Invocation, Output, Step, ToolError};
use perry_container_spec::{ContainerHandle, InjectedFile, Sensitive};

/// What is being done.
enum At {
    Create,
    Copy,
    /// The copy failed, and the container is removed again.
    Undo(ToolError),
}

/// Creates, then copies, then removes if that failed.
pub(crate) struct WithFiles<D, J, U> {
    pub(crate) guest: Guest,
    pub(crate) create: D,
    pub(crate) files: Vec<InjectedFile>,
    /// Judges the copy.
    pub(crate) accepted: J,
    /// Removes by the id.
    pub(crate) undo: U,
    at: At,
    made: Option<ContainerHandle>,
}

impl<D, J, U> WithFiles<D, J, U> {
    pub(crate) const fn new(
        guest: Guest,
        create: D,
        files: Vec<InjectedFile>,
        accepted: J,
        undo: U,
    ) -> Self {
        Self { guest, create, files, accepted, undo, at: At::Create, made: None }
    }
}

impl<D, J, U> Dialogue for WithFiles<D, J, U>
where
    D: Dialogue<Reply = ContainerHandle>,
    J: Fn(&Output<'_>) -> Result<(), ToolError>,
    U: Fn(&str) -> Invocation,
{
    type Reply = ContainerHandle;

    fn next(&mut self, last: &[Output<'_>]) -> Step<ContainerHandle> {
        match (std::mem::replace(&mut self.at, At::Create), last.first()) {
            (At::Create, _) => match self.create.next(last) {
                Step::Done(Ok(made)) if !self.files.is_empty() => {
                    let mut call = copy::unpack(&self.guest, &made.id, "/");
                    call.input = Input::Bytes(Sensitive::new(archive(&self.files)));
                    self.made = Some(made);
                    self.at = At::Copy;
                    Step::Run(vec![call])
                }
                step => step,
            },
            (At::Copy, Some(out)) => {
                let lost = || ToolError::Malformed { why: "create named no container".to_owned() };
                let made = self.made.take().ok_or_else(lost);
                let judged = broken(&self.guest, out).map_or_else(|| (self.accepted)(out), Err);
                match (made, judged) {
                    (Ok(made), Ok(())) => Step::Done(Ok(made)),
                    (Ok(made), Err(error)) => {
                        self.at = At::Undo(error);
                        Step::Run(vec![(self.undo)(&made.id)])
                    }
                    (Err(error), _) => Step::Done(Err(error)),
                }
            }
            (At::Undo(error), _) => Step::Done(Err(error)), // the first error is the one that tells
            (At::Copy, None) => {
                Step::Done(Err(ToolError::Malformed { why: "nothing was run".to_owned() }))
            }
        }
    }
}
