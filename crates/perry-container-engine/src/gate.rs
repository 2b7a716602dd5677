//! Images are verified before they are used.

use crate::{EngineError, Session};
use perry_container_backend::{GateError, ImageGate};
use perry_container_plan::Facts;
use perry_container_reconcile::{Action, Desired, GateOptions, Gated, UpOptions};
use perry_container_spec::{Id, Ref};
use std::{
    collections::BTreeSet,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Who verifies images for a session, and what has passed. Clones share it.
#[derive(Clone)]
pub struct SessionGate {
    gate: Arc<dyn ImageGate>,
    warn: bool,
    open: Arc<Mutex<Open>>,
}

/// What may be pulled and created.
#[derive(Default)]
struct Open {
    /// By digest: verified.
    passed: BTreeSet<String>,
    /// By reference: nothing is demanded.
    free: BTreeSet<String>,
}

impl fmt::Debug for SessionGate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionGate").field("warn", &self.warn).finish_non_exhaustive()
    }
}

impl SessionGate {
    /// With `warn` a failure is only told.
    pub fn new(gate: Arc<dyn ImageGate>, warn: bool) -> Self {
        Self { gate, warn, open: Arc::default() }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn options(&self, desired: &Desired) -> GateOptions {
        let mut options = GateOptions { warn: self.warn, ..GateOptions::default() };
        for unit in desired.units.values() {
            let (reference, demand) = (&unit.image.reference, &unit.image.demand);
            if !self.gate.wants(reference, demand.as_deref()) {
                options.free.insert((reference.clone(), demand.clone()));
            }
        }
        let mut open = self.open();
        open.free = options.free.iter().map(|(reference, _)| reference.clone()).collect();
        // A reference of which somebody demands something is free for nobody.
        for unit in desired.units.values() {
            let image = &unit.image;
            if !options.free.contains(&(image.reference.clone(), image.demand.clone())) {
                open.free.remove(&image.reference);
            }
        }
        drop(open);
        options
    }

    /// What the reference names now; a note instead of an error where a failure is only told.
    pub(crate) async fn resolve(
        &self,
        gated: &Gated,
    ) -> Result<(Facts<Action>, Option<String>), EngineError> {
        match self.gate.resolve(&gated.reference).await {
            Ok(pinned) => {
                let of = Ref::Pinned(gated.reference.clone());
                Ok(([(of, pinned)].into(), None))
            }
            Err(error) if gated.warn => Ok((Facts::<Action>::new(), Some(error.to_string()))),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether it may run.
    pub(crate) async fn verify(&self, gated: &Gated) -> Result<Option<String>, EngineError> {
        // Without a digest it was told already that it could not be resolved.
        let Some(pinned) = &gated.pinned else { return Ok(None) };
        match self.gate.verify(&gated.reference, pinned, gated.demand.as_deref()).await {
            Ok(_) => {
                self.open().passed.insert(pinned.clone());
                Ok(None)
            }
            Err(error) if gated.warn => Ok(Some(error.to_string())),
            Err(error) => Err(error.into()),
        }
    }

    /// The last look, whatever a plan says: nothing is pulled or created that did not pass.
    pub(crate) fn admit(&self, call: &Action<Id>) -> Result<(), EngineError> {
        let image = match call {
            Action::Pull(image) => &image.reference,
            Action::Create(_, spec) => &spec.image,
            _ => return Ok(()),
        };
        let open = self.open();
        if self.warn || open.passed.contains(image) || open.free.contains(image) {
            return Ok(());
        }
        let (image, reason) = (image.clone(), format!("{image} was not verified"));
        Err(GateError { image, reason, code: 403 }.into())
    }
}

impl Session {
    /// The same session, for which images are verified before they are pulled or made containers of.
    #[must_use]
    pub fn with_gate(mut self, gate: SessionGate) -> Self {
        self.options.gate = Some(gate);
        self
    }

    /// The same options, with what the session's gate demands.
    #[must_use]
    pub fn gated(&self, desired: &Desired, options: &UpOptions) -> UpOptions {
        let mut options = options.clone();
        if let Some(gate) = &self.options.gate {
            options.gate = Some(gate.options(desired));
        }
        options
    }
}
