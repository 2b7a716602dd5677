//! What to look at before planning.

use crate::{Desired, labels};
use indexmap::IndexSet;
use perry_container_spec::Selector;

/// Everything that belongs to a project, and what it needs of others: external networks and volumes, names that could
/// be taken, images.
pub fn selector(project: &str, desired: Option<&Desired>) -> Selector {
    let mut of = Selector::label(labels::PROJECT, project);
    if let Some(desired) = desired {
        of.networks = desired.networks.keys().cloned().collect();
        of.volumes = desired.volumes.keys().cloned().collect();
        let images: IndexSet<&String> =
            desired.units.values().map(|unit| &unit.image.reference).collect();
        of.images = images.into_iter().cloned().collect();
    }
    of
}

/// Whatever belongs to a project, of all projects.
pub fn any_project() -> Selector {
    Selector { labels: vec![(labels::PROJECT.to_owned(), None)], ..Selector::default() }
}
