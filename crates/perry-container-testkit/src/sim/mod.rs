//! A runtime in memory and virtual time, as strict as the real ones.

mod backend;
mod clock;
mod container;
mod containers;
mod flows;
mod script;
mod shell;
mod verbs;
mod world;

pub use script::{Script, Term};

use perry_container_backend::{BackendError, Result};
use perry_container_spec::{
    ContainerInfo, EngineId, ErrorKind, ExecutionStrategy, IsolationLevel, State,
};
use perry_container_support::{Capabilities, Feature, Level};
use shell::{Input, Process, Sink};
use std::{
    fmt::{self, Write as _},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::{
    sync::watch,
    time::{Instant, sleep},
};
use world::{Reply, World};

/// A runtime in memory. Its time is tokio's, so a paused clock makes a day pass at once; every call takes a while and
/// has its effect in the middle of it, so that dropping a call leaves the effect in doubt. Clones share one world.
///
/// Names that are taken, networks and images that are missing, networks and volumes in use, ports that are held by
/// others: all refused as real runtimes refuse them, and where they differ, as the strictest does.
#[derive(Clone)]
pub struct Sim {
    world: Arc<Mutex<World>>,
    changed: Arc<watch::Sender<u64>>,
    engine: EngineId,
    strategy: ExecutionStrategy,
    capabilities: Capabilities,
    isolation: IsolationLevel,
    version: String,
}

impl fmt::Debug for Sim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

impl Default for Sim {
    fn default() -> Self {
        Self::new()
    }
}

impl Sim {
    /// An empty runtime that can do everything. Its time begins at 2026-01-01T00:00:00Z.
    pub fn new() -> Self {
        let mut world = World::new(Instant::now());
        world.add_network(&perry_container_spec::NetworkSpec {
            name: "bridge".to_owned(),
            ..Default::default()
        });
        Self {
            world: Arc::new(Mutex::new(world)),
            changed: Arc::new(watch::Sender::new(0)),
            engine: EngineId("sim".to_owned()),
            strategy: ExecutionStrategy::InProcess,
            capabilities: Capabilities::all("sim"),
            isolation: IsolationLevel::Container,
            version: "1.0".to_owned(),
        }
    }

    /// A runtime that can do less: verbs that its table calls unsupported fail, health checks that it emulates run
    /// only when they are asked to, and nobody restarts what is not native.
    #[must_use]
    pub fn with_capabilities(mut self, capabilities: Capabilities) -> Self {
        {
            let mut world = self.world();
            world.native_health = capabilities.level(Feature::Health) == Level::Native;
            world.native_restart = capabilities.level(Feature::Restart) == Level::Native;
        }
        self.capabilities = capabilities;
        self
    }

    /// With this isolation.
    #[must_use]
    pub fn with_isolation(mut self, isolation: IsolationLevel) -> Self {
        self.isolation = isolation;
        self
    }

    /// With this version, for those who drive no older ones.
    #[must_use]
    pub fn with_version(mut self, version: impl Into<String>) -> Self {
        self.version = version.into();
        self
    }

    /// With an image that is there.
    #[must_use]
    pub fn with_image(self, reference: &str, script: Script) -> Self {
        self.world().add_image(reference, 1, script, Instant::now());
        self
    }

    /// With an image that can be pulled.
    #[must_use]
    pub fn with_registry(self, reference: &str, script: Script) -> Self {
        self.publish(reference, script);
        self
    }

    /// With a registry that has every image; those that were not published run for ever.
    #[must_use]
    pub fn with_any_image(self) -> Self {
        self.world().any_image = true;
        self
    }

    /// Publishes an image; a second time under the same reference it is a newer one.
    pub fn publish(&self, reference: &str, script: Script) {
        let mut world = self.world();
        let next = world.registry.entry(world::normal(reference)).or_default();
        *next = (script, next.1 + 1);
    }

    /// What a build with this tag comes to; without it, an image that runs for ever.
    pub fn builds(&self, tag: &str, result: std::result::Result<Script, &str>) {
        self.world().builds.insert(world::normal(tag), result.map_err(str::to_owned));
    }

    /// What containers of this name do, whatever their image says.
    pub fn script(&self, container: &str, script: Script) {
        self.world().scripts.insert(container.to_owned(), script);
    }

    /// Another program of the host holds this port.
    pub fn occupy(&self, port: u16) {
        self.world().occupied.insert(port);
    }

    /// A container as it is now, without a call.
    pub fn peek(&self, id: &str) -> Option<ContainerInfo> {
        let mut world = self.settled();
        let begin = world.begin;
        world.container(id).ok().map(|c| c.info(begin))
    }

    /// Everything a user could lose, one line each, sorted.
    pub fn text(&self) -> String {
        let world = self.settled();
        let mut lines = Vec::new();
        lines.extend(
            world
                .networks
                .keys()
                .filter(|name| *name != "bridge")
                .map(|name| format!("network {name}")),
        );
        lines.extend(world.volumes.keys().map(|name| format!("volume {name}")));
        for c in world.containers.values() {
            let mut line = format!("container {} {} {} {}", c.id, c.name, c.spec.image, c.state);
            if c.ending.is_some() {
                line.push_str(" ending");
            }
            lines.push(line);
        }
        lines.sort();
        lines.iter().fold(String::new(), |mut text, line| {
            let _ = writeln!(text, "{line}");
            text
        })
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn settled(&self) -> MutexGuard<'_, World> {
        let mut world = self.world();
        world.settle(Instant::now());
        world
    }

    /// Begins the processes of containers that were started.
    fn tend(&self) {
        let mut world = self.world();
        let new: Vec<(String, Instant, Vec<String>)> = (world.containers.shells())
            .filter(|c| c.state == State::Running)
            .filter_map(|c| Some((c.id.clone(), c.started?, c.spec.command.clone()?)))
            .filter(|(id, started, _)| world.tasks.get(id).is_none_or(|(of, _)| of != started))
            .collect();
        for (id, started, words) in new {
            let sim = self.clone();
            let task = tokio::spawn({
                let id = id.clone();
                async move {
                    let mut process = Process::new(&sim, &id, Input::Container, Sink::Log);
                    process.main = true;
                    let status = process.run(words).await;
                    let mut world = sim.settled();
                    if let Some(container) = world.containers.get_mut(&id)
                        && container.started == Some(started)
                    {
                        let now = Instant::now();
                        container.ending = Some((now, status));
                        world.settle(now);
                    }
                    drop(world);
                    sim.tend();
                    sim.changed();
                }
            });
            world.tasks.insert(id, (started, task.abort_handle()));
        }
    }

    fn changed(&self) {
        self.changed.send_modify(|n| *n += 1);
    }

    /// One call: the effect comes in the middle of it.
    async fn call<T>(
        &self,
        verb: &str,
        object: &str,
        effect: impl FnOnce(&mut World, Instant) -> Reply<T> + Send,
    ) -> Result<T> {
        self.long_call(verb, object, world::cost(verb), effect).await
    }

    /// One call that takes so long.
    async fn long_call<T>(
        &self,
        verb: &str,
        object: &str,
        cost: std::time::Duration,
        effect: impl FnOnce(&mut World, Instant) -> Reply<T> + Send,
    ) -> Result<T> {
        sleep(cost / 2).await;
        let result = effect(&mut self.settled(), Instant::now());
        self.tend();
        self.changed();
        sleep(cost / 2).await;
        result.map_err(|(kind, text)| BackendError::new(verb, object, kind, text))
    }

    fn supports(&self, feature: Feature, verb: &str, object: &str) -> Result<()> {
        match self.capabilities.level(feature) {
            Level::Unsupported => {
                let text = format!("{} cannot do this", self.capabilities.runtime);
                Err(BackendError::new(verb, object, ErrorKind::Unsupported, text))
            }
            _ => Ok(()),
        }
    }
}
