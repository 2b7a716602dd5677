//! What the runtime accepted and did not keep.

use crate::{Run, Session};
use perry_container_plan::Step;
use perry_container_reconcile::{Action, Desired};
use perry_container_support::{kept, may_differ};

impl Session {
    /// What was made otherwise than it was asked for, as notes, and what kept something from being made: podman's command
    /// line knows no image of a platform that is not there. One call where anything may be, else none; who cannot be
    /// asked tells nothing.
    pub(crate) async fn note_on_what_was_made(&self, desired: &Desired, run: &Run) -> Vec<String> {
        let can = self.backend.capabilities();
        let nodes = run.plan.nodes.iter().zip(&run.outcomes);
        let made: Vec<_> = nodes
            .filter_map(|(node, outcome)| match &node.step {
                Step::Act(Action::Create(id, _))
                    if outcome.is_done() || outcome.error().is_some() =>
                {
                    Some((id, desired.units.get(id)?))
                }
                _ => None,
            })
            .filter(|(_, unit)| may_differ(&unit.template, can))
            .collect();
        let mut references: Vec<_> =
            made.iter().map(|(_, unit)| unit.image.reference.clone()).collect();
        references.sort();
        references.dedup();
        if references.is_empty() {
            return Vec::new();
        }
        let images = self.backend.inspect_images(&references).await.unwrap_or_default();
        let mut notes = Vec::new();
        for (id, unit) in made {
            let image = images.iter().find(|(reference, _)| *reference == unit.image.reference);
            let Some((_, Ok(image))) = image else { continue };
            for note in kept(&unit.template, image, can) {
                let note = format!("services.{}.{note}", id.service);
                if !notes.contains(&note) {
                    notes.push(note);
                }
            }
        }
        notes
    }
}
