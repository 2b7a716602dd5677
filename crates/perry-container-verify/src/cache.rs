//! What was verified, for the life of the process. Failures are never kept.

use crate::Verified;
use perry_container_registry::{Digest, Repository};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

/// An image, where it lies, and what was demanded of it. The same content elsewhere would be as good, but then it would
/// depend on what came first whether something that nobody signed there is refused.
type Subject = (Repository, Digest, Digest);

#[derive(Default)]
pub(crate) struct Cache(Mutex<BTreeMap<Subject, Slot>>);

/// Whoever wants the same at the same time waits for the same.
pub(crate) type Slot = Arc<tokio::sync::Mutex<Option<Verified>>>;

impl Cache {
    pub(crate) fn slot(&self, of: &Repository, image: &Digest, requirement: Digest) -> Slot {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(slots.entry((of.clone(), image.clone(), requirement)).or_default())
    }
}
