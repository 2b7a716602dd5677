//! The mock of the functional tests: a simulation whose answers can be scripted.

use crate::{Fault, Sim, Tap, tap::RecordedCall};
use perry_container_spec::ErrorKind;
use std::{ops::Deref, sync::Arc};

/// An answer for the next call, or for the next call of one method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MockResponse {
    method: Option<String>,
    fault: Option<Fault>,
}

impl MockResponse {
    /// As the simulation answers.
    pub const fn ok() -> Self {
        Self { method: None, fault: None }
    }

    /// Refused.
    pub fn error(kind: ErrorKind, text: impl Into<String>) -> Self {
        Self { method: None, fault: Some(Fault::Refused(kind, text.into())) }
    }

    /// For the next call of this method of the seam only: `start`, `create_network`, ...
    #[must_use]
    pub fn on(mut self, method: &str) -> Self {
        self.method = Some(method.to_owned());
        self
    }
}

/// A backend that records its calls and answers them from a queue, else as a [`Sim`] in which every image can be
/// pulled. It derefs to its [`Tap`], for faults and counts.
#[derive(Debug, Clone)]
pub struct MockBackend(Arc<Tap<Sim>>);

impl Default for MockBackend {
    fn default() -> Self {
        Self::new()
    }
}

impl MockBackend {
    /// Every image can be pulled.
    pub fn new() -> Self {
        Self::over(Sim::new().with_any_image())
    }

    /// Over a simulation that is prepared already.
    pub fn over(sim: Sim) -> Self {
        Self(Arc::new(Tap::new(sim)))
    }

    /// The simulation that answers.
    pub fn sim(&self) -> &Sim {
        self.0.inner()
    }

    /// The calls so far.
    pub fn calls(&self) -> Vec<RecordedCall> {
        self.0.calls()
    }

    /// Puts an answer behind the others in the queue.
    pub fn push_response(&self, response: MockResponse) {
        self.0.answer_next(response.method.as_deref(), response.fault);
    }

    /// As sessions take it.
    pub fn shared(&self) -> Arc<Tap<Sim>> {
        Arc::clone(&self.0)
    }
}

impl Deref for MockBackend {
    type Target = Tap<Sim>;

    fn deref(&self) -> &Tap<Sim> {
        &self.0
    }
}
