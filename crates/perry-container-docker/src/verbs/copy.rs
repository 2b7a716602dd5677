//! Copying files from a folder.

use crate::{argv::container::copy_from, dialect::Traits};
use perry_container_protocol::{Dialogue, Step, ToolError, lost, script};
use std::collections::VecDeque;

/// Each path by itself, so that folders that are there keep their mode and owner: nerdctl gives a folder that it copies
/// those of its source. Where the folder that something belongs into is missing, that one is copied with all that is
/// below it, and so on upwards.
pub(crate) fn from(
    id: &str,
    path: &str,
    folder: &str,
    what: &[String],
    tool: &'static Traits,
) -> impl Dialogue<Reply = ()> + Send + 'static {
    let (id, path, folder) = (id.to_owned(), path.to_owned(), folder.to_owned());
    let mut left: VecDeque<String> = what.iter().cloned().collect();
    let (errors, mut begun) = (tool.reader(), false);
    script(move |last| {
        if std::mem::replace(&mut begun, true) {
            let Some(out) = last.first() else { return Step::Done(Err(lost())) };
            match (errors.accepted(out), left.pop_front()) {
                (Ok(()), Some(_)) => {}
                (Err(ToolError::Refused { message, .. }), Some(item))
                    if ["does not exist", "must exist"].iter().any(|no| message.contains(no))
                        && item.contains('/') =>
                {
                    let (parent, _) = item.rsplit_once('/').unwrap_or_default();
                    left.push_front(parent.to_owned());
                }
                (Err(error), _) => return Step::Done(Err(error)),
                (Ok(()), None) => return Step::Done(Err(lost())),
            }
        }
        let Some(item) = left.front() else { return Step::Done(Ok(())) };
        let parent = item.rsplit_once('/').map(|(parent, _)| parent).unwrap_or_default();
        let target = format!("{}/{parent}", path.trim_end_matches('/'));
        let target = format!("{}/", target.trim_end_matches('/'));
        Step::Run(vec![copy_from(&id, &target, &format!("{folder}/{item}"), tool)])
    })
}
