//! The verbs of the seam, each as its protocol describes it.

use super::CliBackend;
use crate::Window;
use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _};
use perry_container_backend::{
    ContainerBackend, ContainerBackendExt as _, Each, Feed, Flow, LogChunk, Result, Session,
};
use perry_container_protocol::{CliProtocol, Output, Raw, RawChunk, Stream};
use perry_container_spec::{
    BuildSpec, BuildStep, ContainerHandle, ContainerInfo, ContainerSpec, EngineId, ErrorKind,
    EventOptions, ExecSpec, ExecutionStrategy, HealthProbe, HealthTest, Id, ImageInfo, ImagePull,
    IsolationLevel, LogOptions, LogSource, NetworkInfo, NetworkSpec, Observed, Parts, PullStep,
    Removal, ResourceUpdate, RuntimeEvent, Selector, State, Usage, VolumeSpec,
};
use perry_container_support::{Capabilities, Feature, Level};
use std::{sync::Arc, time::Duration};

impl<P: CliProtocol> CliBackend<P> {
    /// Gives each error of a batch its object.
    fn each<T>(&self, verb: &'static str, all: perry_container_protocol::Each<T>) -> Each<T> {
        let one = |(id, one): (Id, std::result::Result<T, _>)| {
            let one = one.map_err(|error| self.about(verb, &id).refused(error));
            (id, one)
        };
        all.into_iter().map(one).collect()
    }
}

#[async_trait]
impl<P: CliProtocol> ContainerBackend for CliBackend<P> {
    fn backend_name(&self) -> &str {
        self.protocol.name()
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
        self.version.as_deref()
    }

    async fn check_available(&self) -> Result<()> {
        let about = self.about("reach", self.backend_name());
        self.talk(&about, self.protocol.check()).await.map(drop)
    }

    async fn observe(&self, of: &Selector, parts: Parts) -> Result<Observed> {
        let about = self.about("look at", "containers");
        self.talk(&about, self.protocol.observe(of, parts)).await
    }

    async fn inspect_each(&self, ids: &[Id]) -> Result<Each<ContainerInfo>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let about = self.about_each("inspect", ids);
        let each = self.talk(&about, self.protocol.inspect_each(ids)).await?;
        Ok(self.each("inspect", each))
    }

    async fn events(&self, of: &Selector, how: &EventOptions) -> Result<Flow<RuntimeEvent>> {
        let about = self.about("watch", "events");
        let what = self.protocol.events(of, how).map_err(|error| about.refused(error))?;
        let flow = self.flow(about, what).await?;
        Ok(if self.protocol.events_tell_ids_only() { self.named(of, flow) } else { flow })
    }

    async fn stats(&self, ids: &[Id], follow: bool) -> Result<Flow<Usage>> {
        let about = self.about_each("measure", ids);
        self.flow(about, self.protocol.stats(ids, follow)).await
    }

    async fn top(&self, id: &str, ps_args: &[String]) -> Result<(Vec<String>, Vec<Vec<String>>)> {
        self.talk(&self.about("list processes of", id), self.protocol.top(id, ps_args)).await
    }

    async fn wait(&self, id: &str) -> Result<i32> {
        if self.capabilities.emulated(Feature::Wait) {
            return self.wait_by_looking(id).await;
        }
        self.talk(&self.about("wait for", id), self.protocol.wait(id)).await
    }

    async fn create(&self, spec: &ContainerSpec) -> Result<ContainerHandle> {
        let about = self.about("create", spec.name.as_deref().unwrap_or(&spec.image));
        let made = self.talk(&about, self.protocol.create(spec)).await?;
        if spec.files.is_empty() || self.protocol.pipes_archives() {
            return Ok(made);
        }
        let Err(error) = self.inject(&about, &made.id, &spec.files).await else { return Ok(made) };
        let all = Removal { force: true, volumes: true };
        drop(self.remove_each(std::slice::from_ref(&made.id), &all).await); // the first error tells
        Err(error)
    }

    async fn start(&self, id: &str) -> Result<()> {
        self.talk(&self.about("start", id), self.protocol.start(id)).await
    }

    async fn stop(&self, id: &str, timeout: Option<u32>) -> Result<()> {
        let patience = Duration::from_secs(timeout.unwrap_or(0).into());
        let (about, stop) = (self.about("stop", id), self.protocol.stop(id, timeout));
        self.talk_within(&about, stop, &self.limits.and(patience)).await
    }

    async fn kill(&self, id: &str, signal: &str) -> Result<()> {
        self.talk(&self.about("kill", id), self.protocol.kill(id, signal)).await
    }

    async fn pause(&self, id: &str, paused: bool) -> Result<()> {
        let verb = if paused { "pause" } else { "unpause" };
        self.talk(&self.about(verb, id), self.protocol.pause(id, paused)).await
    }

    async fn rename(&self, id: &str, name: &str) -> Result<()> {
        self.talk(&self.about("rename", id), self.protocol.rename(id, name)).await
    }

    async fn update(&self, id: &str, what: &ResourceUpdate) -> Result<()> {
        self.talk(&self.about("update", id), self.protocol.update(id, what)).await
    }

    async fn remove_each(&self, ids: &[Id], how: &Removal) -> Result<Each<()>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let about = self.about_each("remove", ids);
        let each = self.talk(&about, self.protocol.remove_each(ids, how)).await?;
        Ok(self.each("remove", each))
    }

    async fn probe_health(&self, id: &str, test: &HealthTest) -> Result<HealthProbe> {
        let about = self.about("probe the health of", id);
        self.talk(&about, self.protocol.probe_health(id, test)).await
    }

    async fn open_logs(&self, id: &str, how: &LogOptions) -> Result<Flow<LogChunk>> {
        let about = self.about("read the logs of", id);
        let mut items = self.flow(about, self.protocol.logs(id, how)).await?;
        if how.follow && !self.protocol.follow_ends() {
            items = self.until_it_ends(id, items);
        }
        let chunk = |(time, RawChunk { source, bytes })| LogChunk { time, source, bytes };
        Ok(Box::pin(items.map_ok(chunk)))
    }

    async fn open_exec(&self, id: &str, what: &ExecSpec, input: Feed) -> Result<Session> {
        let about = self.about("run a command in", id);
        let terminal = what.tty.map(|(columns, rows)| Window { columns, rows });
        let protocol = Arc::clone(&self.protocol);
        let judge = Box::new(move |last: &Output<'_>| protocol.exec_exit(last));
        let call = self.protocol.exec(id, what).map_err(|error| about.refused(error))?;
        self.session(about, call, input, terminal, judge).await
    }

    /// With a terminal where the container has one: the tools refuse to pass input to it otherwise. How it ended is
    /// asked for at the end: podman 4 says 0 whatever the container says.
    async fn attach(&self, id: &str, input: Feed) -> Result<Session> {
        let about = self.about("attach to", id);
        if self.capabilities.level(Feature::Attach) == Level::Unsupported {
            let why = self.capabilities.text(Feature::Attach);
            return Err(about.error(ErrorKind::Unsupported, why));
        }
        let info = self.inspect(id).await?;
        if info.state != State::Running {
            let text = format!("it is {}, and has to run", info.state);
            return Err(about.error(ErrorKind::NotRunning, text));
        }
        let terminal = info.tty.then(Window::default);
        let judge = Box::new(|last: &Output<'_>| Ok(last.code));
        let session = self.session(about, self.protocol.attach(id), input, terminal, judge).await?;
        let (this, said) = (self.clone(), session.exit);
        let exit = Box::pin(async move {
            let said = said.await?;
            let ended =
                this.inspect(&info.id).await.ok().filter(|info| info.state == State::Exited);
            Ok(ended.and_then(|info| info.exit_code).unwrap_or(said))
        });
        Ok(Session { output: session.output, exit })
    }

    async fn copy_in(&self, id: &str, path: &str, tar: Flow<Bytes>) -> Result<()> {
        let about = self.about("copy into", id);
        if !self.protocol.pipes_archives() {
            return self.copy_by_folder(&about, id, path, tar).await;
        }
        self.pour(&about, self.protocol.copy_in(id, path), tar).await
    }

    async fn copy_out(&self, id: &str, path: &str) -> Result<Flow<Bytes>> {
        if !self.protocol.pipes_archives() {
            return self.archive_by_folder(self.about("copy out of", id), id, path).await;
        }
        let protocol = Arc::clone(&self.protocol);
        let reader = Raw(move |last: &Output<'_>| protocol.accepted(last));
        let what = Stream { call: self.protocol.copy_out(id, path), reader };
        let chunks = self.flow(self.about("copy out of", id), what).await?;
        let archive = |chunk: Result<RawChunk>| async move {
            match chunk {
                Ok(RawChunk { source: LogSource::Stdout, bytes }) => Some(Ok(bytes)),
                Ok(_) => None,
                Err(error) => Some(Err(error)),
            }
        };
        Ok(Box::pin(chunks.filter_map(archive)))
    }

    async fn commit(&self, id: &str, reference: &str) -> Result<Id> {
        self.talk(&self.about("commit", id), self.protocol.commit(id, reference)).await
    }

    async fn pull(&self, what: &ImagePull) -> Result<Flow<PullStep>> {
        self.flow(self.about("pull", &what.reference), self.protocol.pull(what)).await
    }

    async fn push(&self, reference: &str) -> Result<Flow<PullStep>> {
        self.flow(self.about("push", reference), self.protocol.push(reference)).await
    }

    async fn open_build(&self, what: &BuildSpec) -> Result<Flow<BuildStep>> {
        let about = self.about("build", &what.context);
        let stream = self.protocol.build(what).map_err(|error| about.refused(error))?;
        self.flow(about, stream).await
    }

    async fn inspect_images(&self, references: &[String]) -> Result<Each<ImageInfo>> {
        if references.is_empty() {
            return Ok(Vec::new());
        }
        let about = self.about_each("inspect image", references);
        let each = self.talk(&about, self.protocol.inspect_images(references)).await?;
        Ok(self.each("inspect image", each))
    }

    async fn registry_digest(&self, reference: &str) -> Result<String> {
        let about = self.about("resolve", reference);
        self.talk(&about, self.protocol.registry_digest(reference)).await
    }

    async fn list_images(&self) -> Result<Vec<ImageInfo>> {
        self.talk(&self.about("list", "images"), self.protocol.list_images()).await
    }

    async fn tag_image(&self, reference: &str, tag: &str) -> Result<()> {
        self.talk(&self.about("tag", reference), self.protocol.tag_image(reference, tag)).await
    }

    async fn remove_image(&self, reference: &str, force: bool) -> Result<()> {
        let about = self.about("remove image", reference);
        self.talk(&about, self.protocol.remove_image(reference, force)).await
    }

    async fn create_network(&self, spec: &NetworkSpec) -> Result<()> {
        self.talk(&self.about("create network", &spec.name), self.protocol.create_network(spec))
            .await
    }

    async fn connect_network(
        &self,
        network: &str,
        id: &str,
        aliases: &[String],
        on: bool,
    ) -> Result<()> {
        let verb = if on { "connect network" } else { "disconnect network" };
        let dialogue = self.protocol.connect_network(network, id, aliases, on);
        self.talk(&self.about(verb, network), dialogue).await
    }

    async fn remove_network(&self, name: &str) -> Result<()> {
        self.talk(&self.about("remove network", name), self.protocol.remove_network(name)).await
    }

    async fn inspect_network(&self, name: &str) -> Result<NetworkInfo> {
        self.talk(&self.about("inspect network", name), self.protocol.inspect_network(name)).await
    }

    async fn create_volume(&self, spec: &VolumeSpec) -> Result<()> {
        self.talk(&self.about("create volume", &spec.name), self.protocol.create_volume(spec)).await
    }

    async fn remove_volume(&self, name: &str) -> Result<()> {
        self.talk(&self.about("remove volume", name), self.protocol.remove_volume(name)).await
    }
}
