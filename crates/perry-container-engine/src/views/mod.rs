//! Views of what was observed: no calls, no time of their own.

mod event;
mod images;
mod ls;
mod port;
mod ps;
mod status;
mod top;
mod words;

pub use event::{EventRow, event_row};
pub use images::{ImageRow, images};
pub(crate) use images::{is_its, of_services};
pub use ls::{LsRow, ls};
pub use port::port;
pub use ps::{PsFilter, PsRow, Publisher, ps};
pub use status::{ServiceState, ServiceStatus, StackStatus, status};
pub use top::{Processes, top};
pub use words::human_duration;

use crate::{EngineError, Session};
use perry_container_reconcile::{self as reconcile, Desired};
use perry_container_spec::{Id, Observed, Parts};

impl Session {
    /// The rows of `ps`, with one look at the runtime, and a closer one where its list does not tell commands.
    ///
    /// # Errors
    /// The runtime's.
    pub async fn ps(&self, project: &str, filter: &PsFilter) -> Result<Vec<PsRow>, EngineError> {
        Ok(self.ps_and_traces(project, filter).await?.0)
    }

    /// The same, and what interrupted runs have left, a sentence each.
    ///
    /// # Errors
    /// The runtime's.
    pub async fn ps_and_traces(
        &self,
        project: &str,
        filter: &PsFilter,
    ) -> Result<(Vec<PsRow>, Vec<String>), EngineError> {
        let mut observed = self.containers(project).await?;
        self.learn_commands(&mut observed).await?;
        let traces = reconcile::traces(&observed);
        Ok((ps(project, &observed, filter, jiff::Timestamp::now()), traces))
    }

    /// Commands that a list does not tell (podman's) are those of a closer look.
    async fn learn_commands(&self, observed: &mut Observed) -> Result<(), EngineError> {
        let silent = observed.containers.values().filter(|seen| seen.command.is_empty());
        let ids: Vec<Id> = silent.map(|seen| seen.id.clone()).collect();
        if ids.is_empty() {
            return Ok(());
        }
        for (id, info) in self.backend.inspect_each(&ids).await? {
            // One that vanishes meanwhile is shown as it was listed.
            if let (Some(seen), Ok(info)) = (observed.containers.get_mut(&id), info) {
                seen.command = info.command;
            }
        }
        Ok(())
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
