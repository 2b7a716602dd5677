//! A container with its files.

use super::inspect::{found, found_images, image_calls};
use crate::{
    argv,
    dialect::{Copies, Traits},
    errors,
    notes::{self, Notes},
    tar,
};
use perry_container_protocol::{
    Deadline, Dialogue, Input, Invocation, Output, Step, ToolError, lost, script,
};
use perry_container_spec::{ContainerHandle, ContainerSpec, ErrorKind, Removal, Sensitive};

/// What is being done.
enum At {
    Start,
    /// The image is looked at, for a tool whose containers do not tell it.
    Image,
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
    let (name, noted) = (spec.name.clone(), tool.keeps_notes.then(|| spec.clone()));
    // where there is no pipe into a container, who runs this copies them by a folder
    let piped = tool.copies == Copies::Pipe && !spec.files.is_empty();
    let files = piped.then(|| Sensitive::new(tar::archive(&spec.files)));
    let (mut at, mut id, errors) = (At::Start, String::new(), tool.reader());
    script(move |last| {
        let out = last.first();
        match (std::mem::replace(&mut at, At::Start), out) {
            (At::Start, _) => match (call.take(), &noted) {
                (Some(Ok(_)), Some(spec)) => {
                    at = At::Image;
                    Step::Run(image_calls(std::slice::from_ref(&spec.image), tool))
                }
                (Some(Ok(call)), None) => {
                    at = At::Create;
                    Step::Run(vec![call])
                }
                (Some(Err(error)), _) => Step::Done(Err(error)),
                (None, _) => Step::Done(Err(lost())),
            },
            (At::Image, Some(out)) => {
                let Some(spec) = &noted else { return Step::Done(Err(lost())) };
                match with_notes(spec, out, tool) {
                    Ok(call) => {
                        at = At::Create;
                        Step::Run(vec![call])
                    }
                    Err(error) => Step::Done(Err(error)),
                }
            }
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
            (At::Image | At::Create | At::Copy | At::Undo(_), None) => Step::Done(Err(lost())),
        }
    })
}

/// The `create` with what the tool does not keep in a label.
fn with_notes(
    spec: &ContainerSpec,
    out: &Output<'_>,
    tool: &'static Traits,
) -> Result<Invocation, ToolError> {
    let errors = tool.reader();
    let asked = std::slice::from_ref(&spec.image);
    let known = found_images(asked, std::slice::from_ref(out), errors, tool)?.pop().flatten();
    let missing = || errors.missing(ErrorKind::ImageMissing, "image", &spec.image);
    let id = known.ok_or_else(missing)?.id;
    let image = found(out, errors)?.into_iter().next().unwrap_or_default();
    let mut spec = spec.clone();
    spec.labels.insert(notes::LABEL.to_owned(), Notes::of(&spec, &id, &image).text());
    argv::create::create(&spec, tool)
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
