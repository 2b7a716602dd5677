//! Looking at everything that is selected.

use super::inspect::{found, found_images, image_calls};
use crate::{
    argv::container::{list, plain},
    dialect::Traits,
    errors,
    parse::{
        container::container,
        network::{network, volume},
    },
};
use indexmap::IndexMap;
use perry_container_protocol::{Dialogue, Invocation, Output, Step, ToolError, lost, script};
use perry_container_spec::{Observed, Parts, Selector};
use std::collections::BTreeSet;

/// How often everything is looked at again when something vanished between the list and the look.
const TRIES: u32 = 3;

/// The kinds that are listed by label and then inspected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Containers,
    Networks,
    Volumes,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Containers, Self::Networks, Self::Volumes];

    const fn part(self) -> Parts {
        match self {
            Self::Containers => Parts::CONTAINERS,
            Self::Networks => Parts::NETWORKS,
            Self::Volumes => Parts::VOLUMES,
        }
    }

    const fn list(self, tool: &Traits) -> &'static [&'static str] {
        tool.lists[self as usize]
    }

    const fn inspect(self) -> &'static [&'static str] {
        match self {
            Self::Containers => &["container", "inspect"],
            Self::Networks => &["network", "inspect"],
            Self::Volumes => &["volume", "inspect"],
        }
    }

    /// Names that are looked at besides; one of them may be missing.
    fn named(self, of: &Selector) -> &[String] {
        match self {
            Self::Containers => &[],
            Self::Networks => &of.networks,
            Self::Volumes => &of.volumes,
        }
    }
}

/// What was asked in a round.
enum Round {
    List(Vec<Kind>, bool),
    Inspect(Vec<(Kind, Vec<String>)>),
}

/// Ids by label and the images by their references, at the same time; then one inspect for each kind of which there is
/// something, at the same time. An object that was listed and is not shown has vanished: all is looked at again.
///
/// Labels are never read out of a listing: docker prints them as `k=v,k=v` without escapes.
pub(crate) fn observe(
    of: &Selector,
    parts: Parts,
    tool: &'static Traits,
) -> impl Dialogue<Reply = Observed> + Send + 'static {
    let (of, errors) = (of.clone(), tool.reader());
    let (mut tries, mut round, mut seen) = (0, None, Observed::default());
    script(move |last| {
        let result = match round.take() {
            None => Ok(false),
            Some(Round::List(kinds, images)) => {
                match listed(&of, &kinds, images, last, tool, &mut seen) {
                    Ok(ids) => {
                        let calls: Vec<Invocation> = ids
                            .iter()
                            .map(|(kind, ids)| {
                                plain(tool, kind.inspect(), ids.iter().map(String::as_str))
                            })
                            .collect();
                        if calls.is_empty() {
                            return Step::Done(Ok(std::mem::take(&mut seen)));
                        }
                        round = Some(Round::Inspect(ids));
                        return Step::Run(calls);
                    }
                    Err(error) => Err(error),
                }
            }
            Some(Round::Inspect(ids)) => inspected(&of, &ids, last, errors, &mut seen),
        };
        match result {
            Ok(true) => Step::Done(Ok(std::mem::take(&mut seen))),
            Err(error) => Step::Done(Err(error)),
            Ok(false) if tries == TRIES => Step::Done(Err(ToolError::Unstable)),
            Ok(false) => {
                tries += 1;
                seen = Observed::default();
                let kinds: Vec<Kind> =
                    Kind::ALL.into_iter().filter(|kind| parts.contains(kind.part())).collect();
                let images = parts.contains(Parts::IMAGES) && !of.images.is_empty();
                let mut calls: Vec<Invocation> =
                    kinds.iter().map(|kind| list(kind.list(tool), &of, tool)).collect();
                if images {
                    calls.extend(image_calls(&of.images, tool));
                }
                if calls.is_empty() {
                    return Step::Done(Ok(Observed::default()));
                }
                round = Some(Round::List(kinds, images));
                Step::Run(calls)
            }
        }
    })
}

/// What to inspect. Images are done with.
fn listed(
    of: &Selector,
    kinds: &[Kind],
    images: bool,
    last: &[Output<'_>],
    tool: &'static Traits,
    seen: &mut Observed,
) -> Result<Vec<(Kind, Vec<String>)>, ToolError> {
    let errors = tool.reader();
    if last.len() < kinds.len() + usize::from(images) {
        return Err(lost());
    }
    let mut all = Vec::new();
    for (kind, out) in kinds.iter().zip(last) {
        errors.accepted(out)?;
        let mut ids: Vec<String> = out.text().lines().map(|line| line.trim().to_owned()).collect();
        ids.extend(kind.named(of).iter().cloned());
        ids.retain(|id| !id.is_empty());
        let mut once = indexmap::IndexSet::new();
        ids.retain(|id| once.insert(id.clone()));
        if !ids.is_empty() {
            all.push((*kind, ids));
        }
    }
    if images {
        let found = found_images(&of.images, &last[kinds.len()..], errors, tool)?;
        for (asked, info) in of.images.iter().zip(found) {
            seen.images.extend(info.map(|info| (asked.clone(), info)));
        }
    }
    Ok(all)
}

/// Whether all that was listed was there.
fn inspected(
    of: &Selector,
    ids: &[(Kind, Vec<String>)],
    last: &[Output<'_>],
    errors: errors::Reader,
    seen: &mut Observed,
) -> Result<bool, ToolError> {
    if last.len() != ids.len() {
        return Err(lost());
    }
    for ((kind, ids), out) in ids.iter().zip(last) {
        let values = found(out, errors)?;
        let named = kind.named(of);
        // A name could also be the beginning of another's id, and labels were matched by the tool's own rules.
        let wanted = |name: &String, labels: &IndexMap<String, String>| {
            named.contains(name) || of.matches(labels)
        };
        let mut known: BTreeSet<String> = named.iter().cloned().collect();
        match kind {
            Kind::Containers => {
                for info in values.iter().filter_map(container) {
                    known.insert(info.id.clone());
                    if of.matches(&info.labels) {
                        seen.containers.insert(info.id.clone(), info);
                    }
                }
            }
            Kind::Networks => {
                for info in values.iter().filter_map(network) {
                    known.extend([info.id.clone(), info.name.clone()]);
                    if wanted(&info.name, &info.labels) {
                        seen.networks.insert(info.name.clone(), info);
                    }
                }
            }
            Kind::Volumes => {
                for info in values.iter().filter_map(volume) {
                    known.insert(info.name.clone());
                    if wanted(&info.name, &info.labels) {
                        seen.volumes.insert(info.name.clone(), info);
                    }
                }
            }
        }
        if !ids.iter().all(|id| known.contains(id)) {
            return Ok(false);
        }
    }
    Ok(true)
}
