//! `exec`: a command in a container that runs.

use crate::{EngineError, Session};
use perry_container_backend::{self as backend, Feed};
use perry_container_reconcile::{is_oneoff, service_of, unit_of};
use perry_container_spec::{ContainerInfo, ExecSpec, State};

impl Session {
    /// The container of a service that a command is meant for: the one with this number, else the first by number that
    /// runs, one-off containers last.
    ///
    /// # Errors
    /// [`EngineError::NotRunning`], [`EngineError::NoSuchIndex`].
    pub async fn container_of(
        &self,
        project: &str,
        service: &str,
        index: Option<u32>,
    ) -> Result<ContainerInfo, EngineError> {
        self.pick(project, service, index, |state| state == State::Running).await
    }

    /// The same among those in a state that will do.
    pub(crate) async fn pick(
        &self,
        project: &str,
        service: &str,
        index: Option<u32>,
        will_do: fn(State) -> bool,
    ) -> Result<ContainerInfo, EngineError> {
        let mut all: Vec<ContainerInfo> = self
            .containers(project)
            .await?
            .containers
            .into_values()
            .filter(|seen| service_of(seen) == Some(service))
            .collect();
        let number = |seen: &ContainerInfo| unit_of(seen).map_or(u32::MAX, |unit| unit.number);
        all.sort_by_key(|seen| (is_oneoff(seen), number(seen), seen.name.clone()));
        let not_running = || EngineError::NotRunning(service.to_owned());
        if let Some(index) = index {
            let found = all.into_iter().find(|seen| !is_oneoff(seen) && number(seen) == index);
            let missing = || EngineError::NoSuchIndex { service: service.to_owned(), index };
            let found = found.ok_or_else(missing)?;
            return if will_do(found.state) { Ok(found) } else { Err(not_running()) };
        }
        all.into_iter().find(|seen| will_do(seen.state)).ok_or_else(not_running)
    }

    /// Runs a command in a container of a service.
    ///
    /// # Errors
    /// [`EngineError::NotRunning`], [`EngineError::NoSuchIndex`], and the runtime's. A status other than 0 is no error.
    pub async fn exec(
        &self,
        project: &str,
        service: &str,
        index: Option<u32>,
        what: &ExecSpec,
        input: Feed,
    ) -> Result<backend::Session, EngineError> {
        let container = self.container_of(project, service, index).await?;
        Ok(self.backend.open_exec(&container.id, what, input).await?)
    }
}
