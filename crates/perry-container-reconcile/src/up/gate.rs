//! What is verified before anything is made.

use super::{Edges, Planner, images};
use crate::{Action, Cause, GateOptions, Gated, ImageSource, ReconcileError, UpOptions};
use images::Fetch;
use indexmap::IndexMap;
use perry_container_plan::{Edge, NodeId, Plan};
use perry_container_spec::{ImageInfo, Observed, Ref};

/// The nodes that resolve and verify, each once.
pub(super) struct Gate<'a> {
    options: Option<&'a GateOptions>,
    resolved: IndexMap<&'a str, Option<NodeId>>,
    verified: IndexMap<(&'a str, Option<&'a str>), NodeId>,
    notes: Vec<String>,
}

impl<'a> Gate<'a> {
    pub(super) fn new(options: &'a UpOptions) -> Self {
        Self {
            options: options.gate.as_ref(),
            resolved: IndexMap::new(),
            verified: IndexMap::new(),
            notes: Vec::new(),
        }
    }

    /// What must be done before this image is used; nothing where nothing is demanded of it.
    pub(super) fn verified(
        &mut self,
        plan: &mut Plan<Action>,
        service: &str,
        image: &'a ImageSource,
        observed: &Observed,
        fetch: Fetch,
    ) -> Result<Edges, ReconcileError> {
        let Some(options) = self.options else { return Ok(Edges::new()) };
        let (reference, demand) = (image.reference.as_str(), image.demand.as_deref());
        if options.free.contains(&(image.reference.clone(), image.demand.clone())) {
            return Ok(Edges::new());
        }
        if let Some(node) = self.verified.get(&(reference, demand)) {
            return Ok(vec![(*node, Edge::Needs)]);
        }
        let there = observed.images.get(reference);
        let pulled = matches!(fetch, Fetch::Pull(_));
        let why = if image.build.is_some() && !pulled {
            Some("is built here, so nobody has signed it; say that it needs no signature (skip)")
        } else if !pulled && there.is_some_and(|there| digest(there).is_none()) {
            Some("is on this machine only: no registry knows it by a digest")
        } else {
            None
        };
        if let Some(why) = why {
            let (service, image) = (service.to_owned(), reference.to_owned());
            let error = ReconcileError::Unverifiable { service, image, why };
            if !options.warn {
                return Err(error);
            }
            self.notes.push(error.to_string());
            return Ok(Edges::new());
        }
        let gated = Gated {
            reference: image.reference.clone(),
            demand: image.demand.clone(),
            warn: options.warn,
            pinned: None,
        };
        let known = there.filter(|_| !pulled).and_then(digest);
        let resolved = match (self.resolved.get(reference), known) {
            (Some(node), _) => *node,
            (None, Some(pinned)) => {
                plan.facts.insert(Ref::Pinned(image.reference.clone()), pinned.to_owned());
                None
            }
            (None, None) => {
                Some(plan.act(0, Action::Resolve(gated.clone()), Cause::Requested, &[]))
            }
        };
        self.resolved.insert(reference, resolved);
        let after: Edges = resolved.into_iter().map(|node| (node, Edge::Needs)).collect();
        let node = plan.act(0, Action::Verify(gated), Cause::Requested, &after);
        self.verified.insert((reference, demand), node);
        Ok(vec![(node, Edge::Needs)])
    }
}

/// The digest by which a registry knows an image that is here.
fn digest(there: &ImageInfo) -> Option<&str> {
    let own = |digest: &&String| {
        digest.split_once('@').is_some_and(|(repository, _)| repository == there.repository)
    };
    there.digests.iter().find(own).map(String::as_str)
}

impl Planner<'_> {
    /// Every image of a container that is made anew is verified before anything else begins.
    pub(super) fn gate(&mut self) -> Result<(), ReconcileError> {
        let mut gate = Gate::new(self.options);
        if gate.options.is_none() {
            return Ok(());
        }
        for id in self.scope.levels.iter().flatten() {
            if !self.choices[id].fresh {
                continue;
            }
            let image = &self.unit(id).image;
            let there = self.observed.images.contains_key(&image.reference);
            let fetch = images::fetch(image, there, self.options);
            let plan = &mut self.planned.plan;
            gate.verified(plan, &id.service, image, self.observed, fetch)?;
        }
        let nodes: Edges = gate.verified.values().map(|node| (*node, Edge::Needs)).collect();
        let notes = gate.notes;
        self.planned.notes.extend(notes);
        if !nodes.is_empty() {
            self.gate = Some(self.plan().barrier(0, nodes));
        }
        Ok(())
    }

    /// What would begin at once waits for the gate; everything else comes after it.
    pub(super) fn behind_the_gate(&mut self) {
        let Some(gate) = self.gate else { return };
        for node in self.plan().nodes.iter_mut().skip(gate + 1) {
            if node.after.is_empty() {
                node.after.push((gate, Edge::Needs));
            }
        }
    }
}
