#![doc = include_str!("../README.md")]

mod error;
mod ext;
mod gate;
mod streams;
#[cfg(feature = "tracing")]
mod traced;

pub use error::{BackendError, Result};
pub use ext::{ContainerBackendExt, collect_logs};
pub use gate::{GateError, ImageGate};
pub use streams::{Feed, FeedItem, Flow, Frame, LogChunk, Session};
#[cfg(feature = "tracing")]
pub use traced::Traced;

use async_trait::async_trait;
use bytes::Bytes;
use perry_container_spec::{
    BuildSpec, BuildStep, ContainerHandle, ContainerInfo, ContainerSpec, EngineId, EventOptions,
    ExecSpec, ExecutionStrategy, HealthProbe, HealthTest, Id, ImageInfo, ImagePull, IsolationLevel,
    LogOptions, NetworkInfo, NetworkSpec, Observed, Parts, PullStep, Removal, ResourceUpdate,
    RuntimeEvent, Selector, Usage, VolumeSpec,
};
use perry_container_support::Capabilities;

/// Per item: a batch can half fail. In the order that was asked for.
pub type Each<T> = Vec<(Id, Result<T>)>;

/// One runtime.
///
/// - Dropping a future may leave its effect in doubt: observe. Dropping a [`Flow`] ends what feeds it.
/// - No call retries in secret, except where one look needs several calls and the world changed between them.
/// - Containers are named by their id or name, as the caller likes; networks and volumes by name.
/// - Every error carries the runtime's own words and a kind that decisions are made on.
#[async_trait]
pub trait ContainerBackend: Send + Sync + 'static {
    /// `docker`, `podman`, ...
    fn backend_name(&self) -> &str;

    /// Which engine it is, the same for every way to it.
    fn engine_id(&self) -> &EngineId;

    /// How it is talked to.
    fn strategy(&self) -> &ExecutionStrategy;

    /// What it can do.
    fn capabilities(&self) -> &Capabilities;

    /// How its containers are kept apart.
    fn isolation_level(&self) -> IsolationLevel {
        IsolationLevel::Container
    }

    /// The version of the engine, as far as it is known.
    fn version(&self) -> Option<&str> {
        None
    }

    /// A real call to the engine that proves it answers.
    async fn check_available(&self) -> Result<()>;

    /// Looks at everything that is selected, at one cost however much there is. Of a container it may tell less than
    /// [`inspect_each`](Self::inspect_each): no aliases, no terminal, and times of start and end only roughly.
    async fn observe(&self, of: &Selector, parts: Parts) -> Result<Observed>;

    /// Looks at these containers with one call; one that is gone is [`ErrorKind::NotFound`](perry_container_spec::ErrorKind).
    async fn inspect_each(&self, ids: &[Id]) -> Result<Each<ContainerInfo>>;

    /// What happens to containers; the first item is `Subscribed`. Ends only where `how` says until when. `Unsupported`
    /// where the runtime tells nothing usable, or keeps no history when that is asked for.
    async fn events(&self, of: &Selector, how: &EventOptions) -> Result<Flow<RuntimeEvent>>;

    /// What these containers use: one item per container and turn; one turn only unless `follow`.
    async fn stats(&self, ids: &[Id], follow: bool) -> Result<Flow<Usage>>;

    /// The processes of a container: titles, then one row a process.
    async fn top(&self, id: &str, ps_args: &[String]) -> Result<(Vec<String>, Vec<Vec<String>>)>;

    /// Waits until a container has ended; its exit status. No deadline.
    async fn wait(&self, id: &str) -> Result<i32>;

    /// Makes a container with all its networks at once and writes its files into it. Nothing is left of a failed one.
    async fn create(&self, spec: &ContainerSpec) -> Result<ContainerHandle>;

    /// Starts it. One that runs is left alone.
    async fn start(&self, id: &str) -> Result<()>;

    /// Asks it to stop and kills it after `timeout` seconds (its own stop timeout when absent). One that does not run is
    /// left alone.
    async fn stop(&self, id: &str, timeout: Option<u32>) -> Result<()>;

    /// Sends a signal.
    async fn kill(&self, id: &str, signal: &str) -> Result<()>;

    /// Freezes it, or lets it go on.
    async fn pause(&self, id: &str, paused: bool) -> Result<()>;

    /// Gives it another name.
    async fn rename(&self, id: &str, name: &str) -> Result<()>;

    /// Changes its limits.
    async fn update(&self, id: &str, what: &ResourceUpdate) -> Result<()>;

    /// Removes containers; one that is gone is `NotFound`.
    async fn remove_each(&self, ids: &[Id], how: &Removal) -> Result<Each<()>>;

    /// Runs a health test once, for runtimes that run none themselves.
    async fn probe_health(&self, id: &str, test: &HealthTest) -> Result<HealthProbe>;

    /// Its output so far, or as it comes.
    async fn open_logs(&self, id: &str, how: &LogOptions) -> Result<Flow<LogChunk>>;

    /// Runs a command in it.
    async fn open_exec(&self, id: &str, what: &ExecSpec, input: Feed) -> Result<Session>;

    /// Its own output as it comes, and its input.
    async fn attach(&self, id: &str, input: Feed) -> Result<Session>;

    /// Unpacks a tar archive at an absolute path in it.
    async fn copy_in(&self, id: &str, path: &str, tar: Flow<Bytes>) -> Result<()>;

    /// An absolute path in it as a tar archive.
    async fn copy_out(&self, id: &str, path: &str) -> Result<Flow<Bytes>>;

    /// Makes an image of it; the image's id.
    async fn commit(&self, id: &str, reference: &str) -> Result<Id>;

    /// Pulls an image; done when the flow ends without an error.
    async fn pull(&self, what: &ImagePull) -> Result<Flow<PullStep>>;

    /// Pushes an image.
    async fn push(&self, reference: &str) -> Result<Flow<PullStep>>;

    /// Builds an image; the last item is `Built`.
    async fn open_build(&self, what: &BuildSpec) -> Result<Flow<BuildStep>>;

    /// Looks at these images with one call; a missing one is `ImageMissing`.
    async fn inspect_images(&self, references: &[String]) -> Result<Each<ImageInfo>>;

    /// The digest that a registry has for a reference now (`sha256:...`); nothing is pulled. `Unsupported` where the
    /// runtime has no call for it.
    async fn registry_digest(&self, reference: &str) -> Result<String>;

    /// All images, one value per tag.
    async fn list_images(&self) -> Result<Vec<ImageInfo>>;

    /// Gives an image a further reference.
    async fn tag_image(&self, reference: &str, tag: &str) -> Result<()>;

    /// Removes a reference, and the image with its last one.
    async fn remove_image(&self, reference: &str, force: bool) -> Result<()>;

    /// Makes a network; `Conflict` when the name is taken.
    async fn create_network(&self, spec: &NetworkSpec) -> Result<()>;

    /// Attaches a container to a network, or takes it off.
    async fn connect_network(
        &self,
        network: &str,
        id: &str,
        aliases: &[String],
        on: bool,
    ) -> Result<()>;

    /// Removes a network; `InUse` while containers are in it.
    async fn remove_network(&self, name: &str) -> Result<()>;

    /// Looks at a network.
    async fn inspect_network(&self, name: &str) -> Result<NetworkInfo>;

    /// Makes a volume. One that exists is left alone where the runtime does so.
    async fn create_volume(&self, spec: &VolumeSpec) -> Result<()>;

    /// Removes a volume; `InUse` while containers have it.
    async fn remove_volume(&self, name: &str) -> Result<()>;
}
