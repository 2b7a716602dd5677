//! A container with its files.

use crate::{
    argv,
    dialect::Traits,
    errors,
    script::{lost, script},
    tar,
};
use perry_container_protocol::{Deadline, Dialogue, Input, Invocation, Output, Step, ToolError};
use perry_container_spec::{ContainerHandle, ContainerSpec, Removal, Sensitive};

/// What is being done.
enum At {
    Start,
    Create,
    Copy,
    /// A copy failed, and the container is removed again.
    Undo(ToolError),
}

/// `create`, then `cp` of the files, then `rm` if that failed.
///
/// A `create` that fails leaves nothing on docker and podman (measured: thirty ways to fail), so nothing is removed by
/// name, where it could hit another's container. Only an id that this call printed is ours.
pub(crate) fn create(
    spec: &ContainerSpec,
    tool: &'static Traits,
) -> impl Dialogue<Reply = ContainerHandle> + Send + 'static {
    let mut call = Some(argv::create::create(spec, tool));
    let name = spec.name.clone();
    let files = (!spec.files.is_empty()).then(|| Sensitive::new(tar::archive(&spec.files)));
    let (mut at, mut id, errors) = (At::Start, String::new(), tool.reader());
    script(move |last| {
        let out = last.first();
        match (std::mem::replace(&mut at, At::Start), out) {
            (At::Start, _) => match call.take() {
                Some(Ok(call)) => {
                    at = At::Create;
                    Step::Run(vec![call])
                }
                Some(Err(error)) => Step::Done(Err(error)),
                None => Step::Done(Err(lost())),
            },
            (At::Create, Some(out)) => {
                let (made, ok) = (printed_id(out), errors.accepted(out));
                match (ok, made, &files) {
                    (Ok(()), Some(made), None) => {
                        Step::Done(Ok(ContainerHandle { id: made, name: name.clone() }))
                    }
                    (Ok(()), Some(made), Some(files)) => {
                        id = made;
                        at = At::Copy;
                        Step::Run(vec![copy(&id, files, tool)])
                    }
                    (Ok(()), None, _) => Step::Done(Err(ToolError::Malformed {
                        why: "create printed no id".to_owned(),
                    })),
                    (Err(error), Some(made), _) => {
                        at = At::Undo(error);
                        Step::Run(vec![undo(&made, tool)])
                    }
                    (Err(error), None, _) => Step::Done(Err(error)),
                }
            }
            (At::Copy, Some(out)) => match errors.accepted(out) {
                Ok(()) => Step::Done(Ok(ContainerHandle { id: id.clone(), name: name.clone() })),
                Err(error) => {
                    at = At::Undo(error);
                    Step::Run(vec![undo(&id, tool)])
                }
            },
            (At::Undo(error), Some(_)) => Step::Done(Err(error)), // the first error is the one that tells
            (At::Create | At::Copy | At::Undo(_), None) => Step::Done(Err(lost())),
        }
    })
}

fn copy(id: &str, tar: &Sensitive<Vec<u8>>, tool: &'static Traits) -> Invocation {
    argv::container::copy_in(id, "/", tool).within(Deadline::Call).input(Input::Bytes(tar.clone()))
}

fn undo(id: &str, tool: &'static Traits) -> Invocation {
    argv::container::remove([id], &Removal { force: true, volumes: true }, tool)
}

/// The id is the last line.
fn printed_id(out: &Output<'_>) -> Option<String> {
    let text = out.text();
    let line = text.lines().rev().map(str::trim).find(|line| !line.is_empty())?;
    errors::is_id(line).then(|| line.to_owned())
}
