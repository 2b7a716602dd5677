//! The seam.

use super::{
    Script, Sim,
    container::Told,
    script::Term,
    verbs::{create, each, observed, start},
    world::{Reply, cost, no, normal},
};
use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use perry_container_backend::{ContainerBackend, Each, Feed, Flow, LogChunk, Result, Session};
use perry_container_spec::{
    BuildSpec, BuildStep, ContainerHandle, ContainerInfo, ContainerSpec, EngineId, ErrorKind,
    EventOptions, ExecSpec, ExecutionStrategy, HealthProbe, HealthTest, Id, ImageInfo, ImagePull,
    IsolationLevel, LogOptions, NetworkInfo, NetworkSpec, Observed, Parts, PullStep, Removal,
    ResourceUpdate, RuntimeEvent, Selector, State, Usage, VolumeSpec,
};
use perry_container_support::{Capabilities, Feature};
use std::time::Duration;
use tokio::time::{Instant, sleep};

#[async_trait]
impl ContainerBackend for Sim {
    fn backend_name(&self) -> &str {
        &self.capabilities.runtime
    }

    fn engine_id(&self) -> &EngineId {
        &self.engine
    }

    fn strategy(&self) -> &ExecutionStrategy {
        &self.strategy
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn isolation_level(&self) -> IsolationLevel {
        self.isolation
    }

    fn version(&self) -> Option<&str> {
        Some(&self.version)
    }

    async fn check_available(&self) -> Result<()> {
        self.call("reach", "sim", |_, _| Ok(())).await
    }

    async fn observe(&self, of: &Selector, parts: Parts) -> Result<Observed> {
        // As real engines do, it takes longer the more there is: 50 µs for each container.
        let many = u32::try_from(self.world().containers.len()).unwrap_or(u32::MAX);
        let more = Duration::from_millis((many / 20).into());
        let cost = cost("observe") + more;
        self.long_call("observe", "everything", cost, |world, _| Ok(observed(world, of, parts)))
            .await
    }

    async fn inspect_each(&self, ids: &[Id]) -> Result<Each<ContainerInfo>> {
        self.call("inspect", &ids.join(" "), |world, _| {
            let begin = world.begin;
            Ok(each(ids, "inspect", |id| world.container(id).map(|c| c.info(begin))))
        })
        .await
    }

    async fn events(&self, of: &Selector, how: &EventOptions) -> Result<Flow<RuntimeEvent>> {
        self.supports(Feature::Events, "watch", "events")?;
        self.call("watch", "events", |_, _| Ok(())).await?;
        Ok(self.follow_events(of, how))
    }

    async fn stats(&self, ids: &[Id], follow: bool) -> Result<Flow<Usage>> {
        let turn = move |sim: Self, ids: Vec<Id>| async move {
            sim.call("measure", &ids.join(" "), |world, _| {
                ids.iter()
                    .map(|id| {
                        world.container(id).map(|c| Usage {
                            id: c.id.clone(),
                            name: c.name.clone(),
                            pids: u64::from(c.state.is_up()),
                            memory: if c.state.is_up() { 1_000_000 } else { 0 },
                            ..Usage::default()
                        })
                    })
                    .collect::<Reply<Vec<Usage>>>()
            })
            .await
        };
        let first = turn(self.clone(), ids.to_vec()).await?;
        let turns = stream::unfold((self.clone(), ids.to_vec()), move |(sim, ids)| async move {
            sleep(Duration::from_secs(1)).await;
            Some((turn(sim.clone(), ids.clone()).await, (sim, ids)))
        });
        let turns = turns.take(if follow { usize::MAX } else { 0 });
        let all = stream::iter([Ok(first)]).chain(turns);
        Ok(all.map_ok(|turn| stream::iter(turn.into_iter().map(Ok))).try_flatten().boxed())
    }

    async fn top(&self, id: &str, _: &[String]) -> Result<(Vec<String>, Vec<Vec<String>>)> {
        self.call("list processes of", id, |world, _| {
            let container = world.running(id)?;
            let command = container.spec.command.clone().unwrap_or_default().join(" ");
            Ok((vec!["PID".to_owned(), "CMD".to_owned()], vec![vec!["1".to_owned(), command]]))
        })
        .await
    }

    async fn wait(&self, id: &str) -> Result<i32> {
        self.ended(id).await
    }

    async fn create(&self, spec: &ContainerSpec) -> Result<ContainerHandle> {
        let object = spec.name.clone().unwrap_or_else(|| spec.image.clone());
        self.call("create", &object, |world, now| create(world, spec, now)).await
    }

    async fn start(&self, id: &str) -> Result<()> {
        self.call("start", id, |world, now| start(world, id, now)).await
    }

    async fn stop(&self, id: &str, timeout: Option<u32>) -> Result<()> {
        let end = self
            .call("stop", id, |world, now| {
                let container = world.container(id)?;
                container.stopped = true;
                if container.state == State::Restarting {
                    container.state = State::Exited;
                    container.restart_at = None;
                }
                if !container.state.is_up() {
                    return Ok(None);
                }
                container.state = State::Running; // a frozen one is thawed first
                let grace = timeout
                    .map(|s| Duration::from_secs(s.into()))
                    .or(container.spec.stop_timeout)
                    .unwrap_or(Duration::from_secs(10));
                let (after, code) = match container.script.term {
                    _ if container.script.shell => {
                        container.asked_to_stop = true;
                        (grace, 137)
                    }
                    Term::Exits(after, code) if after <= grace => (after, code),
                    Term::Exits(..) | Term::Ignores => (grace, 137),
                };
                container.ending = Some((now + after, code));
                let id = container.id.clone();
                world.tell(&id, now, Told::Kill);
                world.settle(now);
                Ok(Some(id))
            })
            .await?;
        if let Some(id) = end {
            match self.ended(&id).await {
                Err(error) if error.kind == ErrorKind::NotFound => {} // removed as it ended
                other => drop(other?),
            }
            self.settled().tell(&id, Instant::now(), Told::Stop);
            self.changed();
        }
        Ok(())
    }

    async fn kill(&self, id: &str, signal: &str) -> Result<()> {
        self.call("kill", id, |world, now| {
            let container = world.container(id)?;
            if !container.state.is_up() {
                return no(
                    ErrorKind::NotRunning,
                    format!("container {} is not running", container.name),
                );
            }
            let name = signal.trim_start_matches("SIG");
            match (name, container.script.term) {
                ("KILL" | "9", _) => {
                    (container.stopped, container.state) = (true, State::Running);
                    container.ending = Some((now, 137));
                }
                ("TERM" | "15", _) if container.script.shell => container.asked_to_stop = true,
                ("TERM" | "INT" | "QUIT" | "15" | "2" | "3", Term::Exits(after, code)) => {
                    container.stopped = true;
                    container.ending = Some((now + after, code));
                }
                ("TERM" | "INT" | "QUIT" | "15" | "2" | "3", Term::Ignores)
                | (
                    "HUP" | "USR1" | "USR2" | "WINCH" | "CONT" | "1" | "10" | "12" | "28" | "18",
                    _,
                ) => {}
                _ => return no(ErrorKind::Invalid, format!("invalid signal: {signal}")),
            }
            let id = container.id.clone();
            world.tell(&id, now, Told::Kill);
            world.settle(now);
            Ok(())
        })
        .await
    }

    async fn pause(&self, id: &str, paused: bool) -> Result<()> {
        self.supports(Feature::Pause, "pause", id)?;
        let (from, to) =
            if paused { (State::Running, State::Paused) } else { (State::Paused, State::Running) };
        self.call(if paused { "pause" } else { "unpause" }, id, |world, now| {
            let container = world.container(id)?;
            if container.state != from {
                return no(
                    ErrorKind::NotRunning,
                    format!("container {} is {}", container.name, container.state),
                );
            }
            container.state = to;
            let id = container.id.clone();
            world.tell(&id, now, if paused { Told::Pause } else { Told::Unpause });
            Ok(())
        })
        .await
    }

    async fn rename(&self, id: &str, name: &str) -> Result<()> {
        self.supports(Feature::Rename, "rename", id)?;
        self.call("rename", id, |world, now| {
            let id = world.find(id)?;
            world.name_is_free(name)?;
            world.containers.rename(&id, name);
            world.tell(&id, now, Told::Rename);
            Ok(())
        })
        .await
    }

    async fn update(&self, id: &str, what: &ResourceUpdate) -> Result<()> {
        self.supports(Feature::Update, "update", id)?;
        self.call("update", id, |world, _| {
            let container = world.container(id)?;
            container.spec.resources = what.resources.clone();
            if what.restart.is_some() {
                container.spec.restart.clone_from(&what.restart);
            }
            Ok(())
        })
        .await
    }

    async fn remove_each(&self, ids: &[Id], how: &Removal) -> Result<Each<()>> {
        self.call("remove", &ids.join(" "), |world, now| {
            Ok(each(ids, "remove", |id| {
                let id = world.find(id)?;
                if world.containers[&id].state.is_up() {
                    if !how.force {
                        return no(
                            ErrorKind::InUse,
                            "the container is running: stop it first, or force it",
                        );
                    }
                    world.containers[&id].exit(now, 137, false);
                    world.release(&id);
                    world.tell(&id, now, Told::Die(Some(137)));
                }
                world.forget(&id, now, how.volumes);
                Ok(())
            }))
        })
        .await
    }

    async fn probe_health(&self, id: &str, test: &HealthTest) -> Result<HealthProbe> {
        let probe = self.call("probe", id, |world, now| {
            let container = world.running(id)?;
            let own = container.spec.healthcheck.as_ref().map(|check| check.test.clone());
            let (test, inherited) = match test {
                HealthTest::Inherit => (own.unwrap_or(HealthTest::Inherit), true),
                test => (test.clone(), false),
            };
            if test == HealthTest::Disabled || inherited && !container.has_check() {
                let text = format!("container {} has no health check", container.name);
                return no(ErrorKind::Invalid, text);
            }
            let words = match test {
                HealthTest::Shell(text) => vec!["sh".to_owned(), "-c".to_owned(), text],
                HealthTest::Command(words) => words,
                HealthTest::Inherit | HealthTest::Disabled => Vec::new(),
            };
            if container.script.shell && !words.is_empty() {
                return Ok(Err((container.id.clone(), words)));
            }
            let started = container.started.unwrap_or(now);
            let healthy = container.script.is_healthy(now - started);
            let output = if healthy { String::new() } else { "not yet\n".to_owned() };
            Ok(Ok(HealthProbe { healthy, output }))
        });
        match probe.await? {
            Ok(probe) => Ok(probe),
            Err((id, words)) => Ok(self.shell_probe(&id, words).await),
        }
    }

    async fn open_logs(&self, id: &str, how: &LogOptions) -> Result<Flow<LogChunk>> {
        self.call("read the logs of", id, |_, _| Ok(())).await?;
        self.output(id, how)
    }

    async fn open_exec(&self, id: &str, what: &ExecSpec, input: Feed) -> Result<Session> {
        self.command(id, what, input).await
    }

    async fn attach(&self, id: &str, input: Feed) -> Result<Session> {
        self.call("attach to", id, |_, _| Ok(())).await?;
        self.attached(id, input)
    }

    async fn copy_in(&self, id: &str, path: &str, tar: Flow<Bytes>) -> Result<()> {
        let bytes: Vec<Bytes> = tar.try_collect().await?;
        self.call("copy into", id, |world, _| world.unpack(id, path, &bytes.concat())).await
    }

    async fn copy_out(&self, id: &str, path: &str) -> Result<Flow<Bytes>> {
        let bytes = self.call("copy out of", id, |world, _| world.pack(id, path)).await?;
        Ok(stream::iter([Ok(Bytes::from(bytes))]).boxed())
    }

    async fn commit(&self, id: &str, reference: &str) -> Result<Id> {
        self.call("commit", id, |world, now| {
            let container = world.container(id)?;
            let (script, files) = (container.script.clone(), container.files.clone());
            world.made += 1;
            let revision = u32::try_from(world.made).unwrap_or(u32::MAX);
            let id = world.add_image(reference, revision, script, now);
            if let Some(image) = world.images.get_mut(&normal(reference)) {
                image.files = files;
            }
            Ok(id)
        })
        .await
    }

    async fn pull(&self, what: &ImagePull) -> Result<Flow<PullStep>> {
        let (sim, reference) = (self.clone(), what.reference.clone());
        let step = |text: &str, current| {
            Ok(PullStep {
                layer: Some("layer".to_owned()),
                text: text.to_owned(),
                current,
                total: Some(100),
            })
        };
        let end = stream::once(async move {
            sim.call("pull", &reference, |world, now| {
                let full = normal(&reference);
                let any = world.any_image.then(|| (Script::new(), 1));
                let Some((script, revision)) = world.registry.get(&full).cloned().or(any) else {
                    return no(
                        ErrorKind::ImageMissing,
                        format!("manifest for {reference} not found: manifest unknown"),
                    );
                };
                world.add_image(&reference, revision, script, now);
                Ok(PullStep { text: format!("Pulled {reference}"), ..PullStep::default() })
            })
            .await
        });
        Ok(stream::iter([step("Downloading", Some(40)), step("Downloading", Some(100))])
            .chain(end)
            .boxed())
    }

    async fn push(&self, reference: &str) -> Result<Flow<PullStep>> {
        self.call("push", reference, |world, _| {
            let Some(image) = world.image(reference).cloned() else {
                return no(ErrorKind::ImageMissing, format!("no such image: {reference}"));
            };
            let next = world.registry.entry(normal(reference)).or_default();
            *next = (image.script, next.1 + 1);
            Ok(())
        })
        .await?;
        Ok(stream::iter([Ok(PullStep { text: "Pushed".to_owned(), ..PullStep::default() })])
            .boxed())
    }

    async fn open_build(&self, what: &BuildSpec) -> Result<Flow<BuildStep>> {
        let (sim, what) = (self.clone(), what.clone());
        let tag = what.tags.first().cloned().unwrap_or_default();
        let line = format!("FROM {}", what.context);
        let end = stream::once(async move {
            sim.call("build", &tag, |world, now| {
                let made = world.builds.get(&normal(&tag)).cloned();
                let script = match made.unwrap_or_else(|| Ok(Script::new())) {
                    Ok(script) => script,
                    Err(text) => return no(ErrorKind::Other, text),
                };
                let mut id = String::new();
                for tag in &what.tags {
                    id = world.add_image(tag, 1, script.clone(), now);
                }
                if what.tags.is_empty() {
                    id = world.add_image(&what.context, 1, script, now);
                }
                Ok(BuildStep::Built(id))
            })
            .await
        });
        Ok(stream::iter([Ok(BuildStep::Line(line))]).chain(end).boxed())
    }

    async fn inspect_images(&self, references: &[String]) -> Result<Each<ImageInfo>> {
        self.call("inspect images", &references.join(" "), |world, _| {
            Ok(each(references, "inspect image", |reference| match world.image(reference) {
                Some(image) => Ok(world.image_info(&normal(reference), image)),
                None => no(ErrorKind::ImageMissing, format!("no such image: {reference}")),
            }))
        })
        .await
    }

    async fn registry_digest(&self, reference: &str) -> Result<String> {
        self.call("resolve", reference, |world, _| {
            world.registry_digest(reference).map_or_else(
                || no(ErrorKind::ImageMissing, format!("manifest for {reference} not found")),
                Ok,
            )
        })
        .await
    }

    async fn list_images(&self) -> Result<Vec<ImageInfo>> {
        self.call("list images", "all", |world, _| {
            Ok(world
                .images
                .iter()
                .map(|(reference, image)| world.image_info(reference, image))
                .collect())
        })
        .await
    }

    async fn tag_image(&self, reference: &str, tag: &str) -> Result<()> {
        self.call("tag", reference, |world, _| {
            let Some(image) = world.image(reference).cloned() else {
                return no(ErrorKind::ImageMissing, format!("no such image: {reference}"));
            };
            world.images.insert(normal(tag), image);
            Ok(())
        })
        .await
    }

    async fn remove_image(&self, reference: &str, force: bool) -> Result<()> {
        self.call("remove image", reference, |world, _| {
            let Some(image) = world.image(reference).cloned() else {
                return no(ErrorKind::ImageMissing, format!("no such image: {reference}"));
            };
            let last = world.images.values().filter(|other| other.id == image.id).count() == 1;
            let user = world.containers.values().find(|c| c.image_id == image.id);
            match user {
                Some(c) if last && (!force || c.state.is_up()) => {
                    no(ErrorKind::InUse, format!("container {} uses it", c.name))
                }
                _ => {
                    world.images.shift_remove(&normal(reference));
                    if reference.starts_with("sha256:") {
                        world.images.retain(|_, other| other.id != image.id);
                    }
                    Ok(())
                }
            }
        })
        .await
    }

    async fn create_network(&self, spec: &NetworkSpec) -> Result<()> {
        self.call("create network", &spec.name, |world, _| {
            if world.networks.contains_key(&spec.name) {
                return no(
                    ErrorKind::Conflict,
                    format!("network with name {} already exists", spec.name),
                );
            }
            world.add_network(spec);
            Ok(())
        })
        .await
    }

    async fn connect_network(
        &self,
        network: &str,
        id: &str,
        aliases: &[String],
        on: bool,
    ) -> Result<()> {
        self.supports(Feature::ConnectNetwork, "connect", id)?;
        let verb = if on { "connect" } else { "disconnect" };
        self.call(verb, id, |world, _| {
            let id = world.find(id)?;
            let Some(info) = world.networks.get(network) else {
                return no(ErrorKind::NotFound, format!("network {network} not found"));
            };
            let (network_id, aliases) = (info.id.clone(), aliases.to_vec());
            let up = world.containers[&id].state.is_up();
            let there = world.containers[&id].networks.contains_key(network);
            if on && there {
                let text = format!("the container is in network {network} already");
                return no(ErrorKind::Conflict, text);
            }
            if !on && !there {
                let text = format!("the container is not in network {network}");
                return no(ErrorKind::NotFound, text);
            }
            let ports = std::mem::take(&mut world.containers[&id].ports);
            if up {
                world.release(&id);
            }
            let networks = &mut world.containers[&id].networks;
            if on {
                let endpoint =
                    perry_container_spec::Endpoint { network_id, aliases, ..Default::default() };
                networks.insert(network.to_owned(), endpoint);
            } else {
                networks.shift_remove(network);
            }
            let claimed = if up { world.claim(&id) } else { Ok(()) };
            world.containers[&id].ports = ports;
            claimed
        })
        .await
    }

    async fn remove_network(&self, name: &str) -> Result<()> {
        self.call("remove network", name, |world, _| {
            if name == "bridge" {
                return no(
                    ErrorKind::Permission,
                    "bridge is a pre-defined network and cannot be removed",
                );
            }
            if let Some(user) = world.network_users(name).next() {
                return no(
                    ErrorKind::InUse,
                    format!("network {name} has active endpoints ({})", user.name),
                );
            }
            match world.networks.shift_remove(name) {
                Some(_) => Ok(()),
                None => no(ErrorKind::NotFound, format!("network {name} not found")),
            }
        })
        .await
    }

    async fn inspect_network(&self, name: &str) -> Result<NetworkInfo> {
        self.call("inspect network", name, |world, _| {
            world
                .networks
                .get(name)
                .cloned()
                .ok_or_else(|| (ErrorKind::NotFound, format!("network {name} not found")))
        })
        .await
    }

    async fn create_volume(&self, spec: &VolumeSpec) -> Result<()> {
        self.call("create volume", &spec.name, |world, _| {
            world.need_volume(&spec.name, &spec.labels);
            Ok(())
        })
        .await
    }

    async fn remove_volume(&self, name: &str) -> Result<()> {
        self.call("remove volume", name, |world, _| {
            if let Some(user) = world.volume_users(name).next() {
                return no(ErrorKind::InUse, format!("volume is in use by {}", user.name));
            }
            world.anonymous.shift_remove(name);
            world.volume_files.shift_remove(name);
            match world.volumes.shift_remove(name) {
                Some(_) => Ok(()),
                None => no(ErrorKind::NotFound, format!("no such volume: {name}")),
            }
        })
        .await
    }
}
