//! The commands that look: one question to the runtime, or one for each thing where it has no question for all.

use crate::{
    EngineError, Session, events,
    views::{self, ImageRow, LsRow, Processes, is_its, of_services},
};
use futures_util::{StreamExt as _, TryStreamExt as _, stream::FuturesUnordered};
use indexmap::{IndexMap, IndexSet};
use perry_container_backend::Flow;
use perry_container_reconcile::{any_project, is_oneoff_in, selector, service_in};
use perry_container_spec::{
    ContainerInfo, ErrorKind, EventOptions, Id, ImageInfo, Parts, RuntimeEvent, RuntimeEventKind,
    State,
};
use std::net::SocketAddr;

/// How many containers are asked for their processes at once.
const ABREAST: usize = 8;

/// The end of a container that was waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// The container's id.
    pub id: Id,
    /// Its name.
    pub name: String,
    /// Its exit status.
    pub status: i32,
}

impl Session {
    /// The rows of `ls`, with one look at the runtime.
    ///
    /// # Errors
    /// The runtime's.
    pub async fn ls(&self, all: bool) -> Result<Vec<LsRow>, EngineError> {
        Ok(views::ls(&self.look(&any_project(), Parts::CONTAINERS).await?, all))
    }

    /// The rows of `images`: one look at the containers and one at their images; one more at those that have lost their
    /// names.
    ///
    /// # Errors
    /// The runtime's.
    pub async fn images(
        &self,
        project: &str,
        services: &IndexSet<String>,
    ) -> Result<Vec<ImageRow>, EngineError> {
        let observed = self.containers(project).await?;
        let containers = of_services(&observed, services);
        let mut known: IndexMap<String, ImageInfo> = IndexMap::new();
        let names: IndexSet<&String> = containers.iter().map(|seen| &seen.image).collect();
        self.know(&mut known, names.into_iter().cloned().collect()).await?;
        let named = |seen: &&ContainerInfo| {
            known.get(&seen.image).is_some_and(|info| is_its(seen, info))
                || seen.image_id.is_empty()
        };
        let nameless = containers.iter().copied().filter(|seen| !named(seen));
        let ids: IndexSet<&String> = nameless.map(|seen| &seen.image_id).collect();
        let ids: Vec<String> = ids.into_iter().cloned().collect();
        self.know(&mut known, ids).await?;
        Ok(views::images(&containers, &known))
    }

    /// One that is gone is left out.
    async fn know(
        &self,
        known: &mut IndexMap<String, ImageInfo>,
        references: Vec<String>,
    ) -> Result<(), EngineError> {
        if references.is_empty() {
            return Ok(());
        }
        for (reference, info) in self.backend.inspect_images(&references).await? {
            match info {
                Ok(info) => drop(known.insert(reference, info)),
                Err(error)
                    if matches!(error.kind, ErrorKind::ImageMissing | ErrorKind::NotFound) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// The processes of a project, container by container: runtimes have no question for several.
    ///
    /// # Errors
    /// The runtime's. A container that ends meanwhile is left out.
    pub async fn top(
        &self,
        project: &str,
        services: &IndexSet<String>,
    ) -> Result<(Vec<String>, Vec<Vec<String>>), EngineError> {
        let observed = self.containers(project).await?;
        let running = of_services(&observed, services).into_iter();
        let running: Vec<&ContainerInfo> = running.filter(|seen| seen.state.is_up()).collect();
        let ask = |seen: &&ContainerInfo| {
            let (backend, id) = (std::sync::Arc::clone(&self.backend), seen.id.clone());
            async move { backend.top(&id, &[]).await }
        };
        let asked: Vec<_> = running.iter().map(ask).collect();
        let answers: Vec<_> = futures_util::stream::iter(asked).buffered(ABREAST).collect().await;
        let mut tables: Vec<(&ContainerInfo, Processes)> = Vec::new();
        for (seen, answer) in running.into_iter().zip(answers) {
            match answer {
                Ok(table) => tables.push((seen, table)),
                Err(error) if matches!(error.kind, ErrorKind::NotFound | ErrorKind::NotRunning) => {
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(views::top(&tables))
    }

    /// Where a port of a service's container is published: the container with this number, else the first that runs.
    ///
    /// # Errors
    /// [`EngineError::NotRunning`], [`EngineError::NoSuchIndex`], [`EngineError::NoPort`], and the runtime's.
    pub async fn port(
        &self,
        project: &str,
        service: &str,
        index: Option<u32>,
        port: u16,
        protocol: &str,
    ) -> Result<SocketAddr, EngineError> {
        let seen = self.pick(project, service, index, State::is_up).await?;
        views::port(&seen, port, protocol).ok_or_else(|| {
            let published = seen.ports.iter().filter(|port| port.host.is_some());
            EngineError::NoPort {
                container: seen.name.clone(),
                port,
                protocol: protocol.to_owned(),
                published: published.map(ToString::to_string).collect(),
            }
        })
    }

    /// Waits until the containers of these services that run now have ended, each told as it ends; the exit status of the
    /// last.
    ///
    /// # Errors
    /// [`EngineError::NoContainers`] when none runs, and the runtime's.
    pub async fn wait(
        &self,
        project: &str,
        services: &IndexSet<String>,
        tell: &mut (dyn FnMut(Ended) + Send),
    ) -> Result<i32, EngineError> {
        let observed = self.containers(project).await?;
        let running = of_services(&observed, services).into_iter();
        let mut waits: FuturesUnordered<_> = running
            .filter(|seen| seen.state.is_up())
            .map(|seen| async move {
                let status = self.backend.wait(&seen.id).await?;
                Ok::<_, EngineError>(Ended { id: seen.id.clone(), name: seen.name.clone(), status })
            })
            .collect();
        let mut last = None;
        while let Some(ended) = waits.try_next().await? {
            last = Some(ended.status);
            tell(ended);
        }
        last.ok_or_else(|| EngineError::NoContainers(project.to_owned()))
    }

    /// What happens to the containers of these services (empty: all), those of `run` left out.
    ///
    /// # Errors
    /// The runtime's.
    pub async fn events(
        &self,
        project: &str,
        services: &IndexSet<String>,
        how: &EventOptions,
    ) -> Result<Flow<RuntimeEvent>, EngineError> {
        let services = services.clone();
        let wanted = move |event: &RuntimeEvent| {
            let service = service_in(&event.labels);
            let named = services.is_empty() || service.is_some_and(|name| services.contains(name));
            named
                && service.is_some()
                && event.kind != RuntimeEventKind::Subscribed
                && !is_oneoff_in(&event.labels)
        };
        let flow = events::follow(self, selector(project, None), how.clone()).await?;
        Ok(flow.try_filter(move |event| std::future::ready(wanted(event))).boxed())
    }
}
