//! Removing containers, so that the answer for each is true.

use super::inspect;
use crate::{argv, dialect::Traits, errors, parse::container::container};
use perry_container_protocol::{
    Dialogue, Each, Invocation, Output, Step, ToolError, lost, once, script, values,
};
use perry_container_spec::{ContainerInfo, ErrorKind, Id, Removal};

/// What is being done.
enum At {
    Start,
    Remove(Vec<Id>),
    /// Which of those that were not reported as removed are there; and what the tool complained, with its exit code.
    Look(Vec<Id>, Option<(i32, String)>),
}

/// One `rm` for all. What it does not report is looked up: gone is [`ErrorKind::NotFound`], there is the tool's error.
///
/// podman 4's `rm -f A missing` removes nothing, prints nothing and exits 0: it gets those that are there only, and when
/// one of those vanished, again those that are left.
pub(crate) fn remove(
    ids: &[Id],
    how: &Removal,
    tool: &'static Traits,
) -> impl Dialogue<Reply = Each<()>> + Send + 'static {
    let (asked, how, errors) = (ids.to_vec(), *how, tool.reader());
    let mut done: Vec<Option<Result<(), ToolError>>> = asked.iter().map(|_| None).collect();
    let (mut at, mut tries) = (At::Start, 0);
    script(move |last| {
        let look_first = !tool.rm_batch && asked.len() > 1;
        let step = match (std::mem::replace(&mut at, At::Start), last.first()) {
            (At::Start, _) if asked.is_empty() => None,
            (At::Start, _) if look_first => Some(At::Look(asked.clone(), None)),
            (At::Start, _) => Some(At::Remove(asked.clone())),
            (At::Remove(ids), Some(out)) => removed(&ids, out, &asked, &mut done, errors),
            (At::Look(ids, said), Some(out)) => {
                tries += 1;
                match looked(&ids, said.as_ref(), out, &asked, &mut done, errors) {
                    Ok(rest) if rest.is_empty() => None,
                    Ok(_) if tries > 3 => None,
                    Ok(rest) => Some(At::Remove(rest)),
                    Err(error) => return Step::Done(Err(error)),
                }
            }
            (At::Remove(_) | At::Look(..), None) => return Step::Done(Err(lost())),
        };
        let Some(step) = step else {
            let each = asked
                .iter()
                .cloned()
                .zip(done.drain(..).map(|one| one.unwrap_or(Err(ToolError::Unstable))));
            return Step::Done(Ok(each.collect()));
        };
        let call: Invocation = match &step {
            At::Remove(ids) => argv::container::remove(ids.iter().map(String::as_str), &how, tool),
            At::Look(ids, _) => argv::container::plain(
                tool,
                &["container", "inspect"],
                ids.iter().map(String::as_str),
            ),
            At::Start => return Step::Done(Err(lost())),
        };
        at = step;
        Step::Run(vec![call])
    })
}

fn settle(
    asked: &[Id],
    done: &mut [Option<Result<(), ToolError>>],
    id: &Id,
    result: &Result<(), ToolError>,
) {
    for (one, slot) in asked.iter().zip(done) {
        if one == id {
            *slot = Some(result.clone());
        }
    }
}

/// Notes what `rm` reports as removed; the rest has to be looked at.
fn removed(
    ids: &[Id],
    out: &Output<'_>,
    asked: &[Id],
    done: &mut [Option<Result<(), ToolError>>],
    errors: errors::Reader,
) -> Option<At> {
    let text = out.text();
    let printed: Vec<&str> = text.lines().map(str::trim).collect();
    let mut rest = Vec::new();
    for id in ids {
        // podman may print the full id of what was named otherwise
        let is = |line: &&str| {
            *line == id || id.len() >= 12 && line.len() == 64 && line.starts_with(id.as_str())
        };
        if printed.iter().any(is) {
            settle(asked, done, id, &Ok(()));
        } else {
            rest.push(id.clone());
        }
    }
    if rest.is_empty() {
        return None;
    }
    if let ([only], Err(error)) = (&rest[..], errors.accepted(out)) {
        // one error, and one to whom it belongs
        settle(asked, done, only, &Err(error));
        return None;
    }
    Some(At::Look(rest, (out.code != 0).then(|| (out.code, out.complaint()))))
}

/// Notes those that are gone; what is there and was refused gets the tool's words, the rest is left to be removed.
fn looked(
    ids: &[Id],
    said: Option<&(i32, String)>,
    out: &Output<'_>,
    asked: &[Id],
    done: &mut [Option<Result<(), ToolError>>],
    errors: errors::Reader,
) -> Result<Vec<Id>, ToolError> {
    if let Err(error) = errors.accepted(out)
        && error.kind() != ErrorKind::NotFound
    {
        return Err(error);
    }
    let found: Vec<ContainerInfo> = values(out.stdout)?.iter().filter_map(container).collect();
    let mut rest = Vec::new();
    for id in ids {
        let Some(info) = found.iter().find(|info| inspect::is(info, id)) else {
            settle(asked, done, id, &Err(errors.missing(ErrorKind::NotFound, "container", id)));
            continue;
        };
        let error = said.map(|(code, said)| complaint_about(info, *code, said, errors));
        match error {
            // it was another that was missing
            None => rest.push(id.clone()),
            Some(error) if error.kind() == ErrorKind::NotFound => rest.push(id.clone()),
            Some(error) => settle(asked, done, id, &Err(error)),
        }
    }
    Ok(rest)
}

/// The line about this container; all that was said when no line names it.
fn complaint_about(
    info: &ContainerInfo,
    code: i32,
    said: &str,
    errors: errors::Reader,
) -> ToolError {
    let name = |c: char| !(c.is_ascii_alphanumeric() || "_.-".contains(c));
    let names = |line: &&str| line.split(name).any(|word| word == info.name || word == info.id);
    let line = said.lines().find(names).unwrap_or(said);
    errors.error(&Output { code, stdout: b"", stderr: line.as_bytes() })
}

/// `rmi`. With `-f` podman removes the containers of an image too, which nobody asked for; and both tools exit 0 for an
/// image that is not there. So force means on podman what it can mean there: nothing more.
pub(crate) fn image(
    reference: &str,
    force: bool,
    tool: &'static Traits,
) -> impl Dialogue<Reply = ()> + Send + 'static {
    let (errors, asked) = (tool.reader(), reference.to_owned());
    let mut line = argv::Line::new(tool, &["rmi"]);
    line.switch("-f", force && tool.rmi_force);
    once(Ok(line.operands([reference])), move |out| {
        errors.accepted(out)?;
        // `Untagged: x` and `Deleted: x`
        if out.stdout.iter().all(u8::is_ascii_whitespace) {
            return Err(errors.missing(ErrorKind::ImageMissing, "image", &asked));
        }
        Ok(())
    })
}
