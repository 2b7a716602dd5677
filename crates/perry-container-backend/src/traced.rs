//! A span for every call on a runtime: one place for all backends.

use crate::{BackendError, ContainerBackend, Each, Feed, Flow, LogChunk, Result, Session};
use async_trait::async_trait;
use bytes::Bytes;
use futures_core::Stream;
use perry_container_spec::{
    BuildSpec, BuildStep, ContainerHandle, ContainerInfo, ContainerSpec, EngineId, EventOptions,
    ExecSpec, ExecutionStrategy, HealthProbe, HealthTest, Id, ImageInfo, ImagePull, IsolationLevel,
    LogOptions, NetworkInfo, NetworkSpec, Observed, Parts, PullStep, Removal, ResourceUpdate,
    RuntimeEvent, Selector, Usage, VolumeSpec,
};
use perry_container_support::Capabilities;
use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};
use tracing::{Instrument as _, Span};

/// Gives every call on a backend a span named `call`, with the method of the seam and the name or id of what it is
/// called on: never a value of an environment, a command, a file or a runtime's own text. A call that fails says of
/// which kind the failure is. What flows has its span until it ends or is dropped.
#[derive(Clone)]
pub struct Traced(Arc<dyn ContainerBackend>);

impl fmt::Debug for Traced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Traced").field(&self.0.backend_name()).finish()
    }
}

impl Traced {
    /// Over a backend.
    pub const fn new(backend: Arc<dyn ContainerBackend>) -> Self {
        Self(backend)
    }
}

fn span(method: &'static str, object: impl fmt::Display) -> Span {
    let empty = tracing::field::Empty;
    tracing::debug_span!(target: "perry_container", "call", method, %object, error = empty)
}

fn failed(span: &Span, error: &BackendError) {
    span.record("error", tracing::field::display(error.kind));
}

async fn call<T>(span: Span, call: impl Future<Output = Result<T>> + Send) -> Result<T> {
    let done = call.instrument(span.clone()).await;
    if let Err(error) = &done {
        failed(&span, error);
    }
    done
}

async fn flow<T: Send + 'static>(
    span: Span,
    begin: impl Future<Output = Result<Flow<T>>> + Send,
) -> Result<Flow<T>> {
    let flow = call(span.clone(), begin).await?;
    Ok(Box::pin(Spanned { flow, span }))
}

struct Spanned<T> {
    flow: Flow<T>,
    span: Span,
}

impl<T> Stream for Spanned<T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Self { flow, span } = &mut *self;
        let item = span.in_scope(|| flow.as_mut().poll_next(cx));
        if let Poll::Ready(Some(Err(error))) = &item {
            failed(span, error);
        }
        item
    }
}

#[async_trait]
impl ContainerBackend for Traced {
    fn backend_name(&self) -> &str {
        self.0.backend_name()
    }
    fn engine_id(&self) -> &EngineId {
        self.0.engine_id()
    }
    fn strategy(&self) -> &ExecutionStrategy {
        self.0.strategy()
    }
    fn capabilities(&self) -> &Capabilities {
        self.0.capabilities()
    }
    fn isolation_level(&self) -> IsolationLevel {
        self.0.isolation_level()
    }
    fn version(&self) -> Option<&str> {
        self.0.version()
    }
    async fn check_available(&self) -> Result<()> {
        call(span("check_available", ""), self.0.check_available()).await
    }
    async fn observe(&self, of: &Selector, parts: Parts) -> Result<Observed> {
        call(span("observe", ""), self.0.observe(of, parts)).await
    }
    async fn inspect_each(&self, ids: &[Id]) -> Result<Each<ContainerInfo>> {
        call(span("inspect_each", count(ids)), self.0.inspect_each(ids)).await
    }
    async fn events(&self, of: &Selector, how: &EventOptions) -> Result<Flow<RuntimeEvent>> {
        flow(span("events", ""), self.0.events(of, how)).await
    }
    async fn stats(&self, ids: &[Id], follow: bool) -> Result<Flow<Usage>> {
        flow(span("stats", count(ids)), self.0.stats(ids, follow)).await
    }
    async fn top(&self, id: &str, ps_args: &[String]) -> Result<(Vec<String>, Vec<Vec<String>>)> {
        call(span("top", id), self.0.top(id, ps_args)).await
    }
    async fn wait(&self, id: &str) -> Result<i32> {
        call(span("wait", id), self.0.wait(id)).await
    }
    async fn create(&self, spec: &ContainerSpec) -> Result<ContainerHandle> {
        let object = spec.name.as_deref().unwrap_or(&spec.image);
        call(span("create", object), self.0.create(spec)).await
    }
    async fn start(&self, id: &str) -> Result<()> {
        call(span("start", id), self.0.start(id)).await
    }
    async fn stop(&self, id: &str, timeout: Option<u32>) -> Result<()> {
        call(span("stop", id), self.0.stop(id, timeout)).await
    }
    async fn kill(&self, id: &str, signal: &str) -> Result<()> {
        call(span("kill", id), self.0.kill(id, signal)).await
    }
    async fn pause(&self, id: &str, paused: bool) -> Result<()> {
        call(span(if paused { "pause" } else { "unpause" }, id), self.0.pause(id, paused)).await
    }
    async fn rename(&self, id: &str, name: &str) -> Result<()> {
        call(span("rename", id), self.0.rename(id, name)).await
    }
    async fn update(&self, id: &str, what: &ResourceUpdate) -> Result<()> {
        call(span("update", id), self.0.update(id, what)).await
    }
    async fn remove_each(&self, ids: &[Id], how: &Removal) -> Result<Each<()>> {
        call(span("remove_each", count(ids)), self.0.remove_each(ids, how)).await
    }
    async fn probe_health(&self, id: &str, test: &HealthTest) -> Result<HealthProbe> {
        call(span("probe_health", id), self.0.probe_health(id, test)).await
    }
    async fn open_logs(&self, id: &str, how: &LogOptions) -> Result<Flow<LogChunk>> {
        flow(span("open_logs", id), self.0.open_logs(id, how)).await
    }
    async fn open_exec(&self, id: &str, what: &ExecSpec, input: Feed) -> Result<Session> {
        call(span("open_exec", id), self.0.open_exec(id, what, input)).await
    }
    async fn attach(&self, id: &str, input: Feed) -> Result<Session> {
        call(span("attach", id), self.0.attach(id, input)).await
    }
    async fn copy_in(&self, id: &str, path: &str, tar: Flow<Bytes>) -> Result<()> {
        call(span("copy_in", id), self.0.copy_in(id, path, tar)).await
    }
    async fn copy_out(&self, id: &str, path: &str) -> Result<Flow<Bytes>> {
        flow(span("copy_out", id), self.0.copy_out(id, path)).await
    }
    async fn commit(&self, id: &str, reference: &str) -> Result<Id> {
        call(span("commit", id), self.0.commit(id, reference)).await
    }
    async fn pull(&self, what: &ImagePull) -> Result<Flow<PullStep>> {
        flow(span("pull", &what.reference), self.0.pull(what)).await
    }
    async fn push(&self, reference: &str) -> Result<Flow<PullStep>> {
        flow(span("push", reference), self.0.push(reference)).await
    }
    async fn open_build(&self, what: &BuildSpec) -> Result<Flow<BuildStep>> {
        let tag = what.tags.first().map_or("", String::as_str);
        flow(span("open_build", tag), self.0.open_build(what)).await
    }
    async fn inspect_images(&self, references: &[String]) -> Result<Each<ImageInfo>> {
        call(span("inspect_images", count(references)), self.0.inspect_images(references)).await
    }
    async fn registry_digest(&self, reference: &str) -> Result<String> {
        call(span("registry_digest", reference), self.0.registry_digest(reference)).await
    }
    async fn list_images(&self) -> Result<Vec<ImageInfo>> {
        call(span("list_images", ""), self.0.list_images()).await
    }
    async fn tag_image(&self, reference: &str, tag: &str) -> Result<()> {
        call(span("tag_image", reference), self.0.tag_image(reference, tag)).await
    }
    async fn remove_image(&self, reference: &str, force: bool) -> Result<()> {
        call(span("remove_image", reference), self.0.remove_image(reference, force)).await
    }
    async fn create_network(&self, spec: &NetworkSpec) -> Result<()> {
        call(span("create_network", &spec.name), self.0.create_network(spec)).await
    }
    async fn connect_network(
        &self,
        network: &str,
        id: &str,
        aliases: &[String],
        on: bool,
    ) -> Result<()> {
        call(span("connect_network", id), self.0.connect_network(network, id, aliases, on)).await
    }
    async fn remove_network(&self, name: &str) -> Result<()> {
        call(span("remove_network", name), self.0.remove_network(name)).await
    }
    async fn inspect_network(&self, name: &str) -> Result<NetworkInfo> {
        call(span("inspect_network", name), self.0.inspect_network(name)).await
    }
    async fn create_volume(&self, spec: &VolumeSpec) -> Result<()> {
        call(span("create_volume", &spec.name), self.0.create_volume(spec)).await
    }
    async fn remove_volume(&self, name: &str) -> Result<()> {
        call(span("remove_volume", name), self.0.remove_volume(name)).await
    }
}

/// One by its name, several by their number: a batch may be long.
fn count(all: &[String]) -> String {
    match all {
        [one] => one.clone(),
        _ => format!("{} objects", all.len()),
    }
}
