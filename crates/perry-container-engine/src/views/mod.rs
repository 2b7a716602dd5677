//! Views of what was observed: no calls, no time of their own.

mod ps;
mod status;
mod words;

pub use ps::{PsFilter, PsRow, Publisher, ps};
pub use status::{ServiceState, ServiceStatus, StackStatus, status};
pub use words::human_duration;

use crate::{EngineError, Session};
use perry_container_reconcile::Desired;
use perry_container_spec::Parts;

impl Session {
    /// The rows of `ps`, with one look at the runtime.
    ///
    /// # Errors
    /// The runtime's.
    pub async fn ps(&self, project: &str, filter: &PsFilter) -> Result<Vec<PsRow>, EngineError> {
        let observed = self.containers(project).await?;
        Ok(ps(project, &observed, filter, jiff::Timestamp::now()))
    }

    /// The state of a stack, with one look at the runtime.
    ///
    /// # Errors
    /// The runtime's.
    pub async fn status(
        &self,
        project: &str,
        desired: Option<&Desired>,
    ) -> Result<StackStatus, EngineError> {
        Ok(status(desired, &self.observe(project, None, Parts::CONTAINERS).await?))
    }
}
