//! What follows from the trait, written once for every backend.

use crate::{BackendError, ContainerBackend, Feed, Flow, LogChunk, Result};
use async_trait::async_trait;
use futures_util::TryStreamExt as _;
use perry_container_spec::{
    BuildSpec, BuildStep, ContainerHandle, ContainerInfo, ContainerLogs, ContainerSpec, ErrorKind,
    ExecSpec, Id, ImageInfo, ImagePull, LogOptions, LogSource, Parts, Removal, Selector,
};

/// Verbs made of other verbs.
#[async_trait]
pub trait ContainerBackendExt: ContainerBackend {
    /// Creates and starts; what could not start is removed again.
    async fn run(&self, spec: &ContainerSpec) -> Result<ContainerHandle> {
        let made = self.create(spec).await?;
        match self.start(&made.id).await {
            Ok(()) => Ok(made),
            Err(error) => {
                drop(self.remove(&made.id, true).await); // the first error is the one that tells
                Err(error)
            }
        }
    }

    /// Removes one container.
    async fn remove(&self, id: &str, force: bool) -> Result<()> {
        let each = self.remove_each(&[id.to_owned()], &Removal { force, volumes: false }).await?;
        each.into_iter().try_for_each(|(_, one)| one)
    }

    /// Looks at one container.
    async fn inspect(&self, id: &str) -> Result<ContainerInfo> {
        let each = self.inspect_each(&[id.to_owned()]).await?;
        let missing =
            || Err(BackendError::new("inspect", id, ErrorKind::NotFound, "no such container"));
        each.into_iter().next().map_or_else(missing, |(_, one)| one)
    }

    /// All containers, only those that are up unless `all`.
    async fn list(&self, all: bool) -> Result<Vec<ContainerInfo>> {
        let seen = self.observe(&Selector::default(), Parts::CONTAINERS).await?;
        Ok(seen.containers.into_values().filter(|c| all || c.state.is_up()).collect())
    }

    /// A container's output so far, whole.
    async fn logs(&self, id: &str, tail: Option<u64>) -> Result<ContainerLogs> {
        collect_logs(self.open_logs(id, &LogOptions { tail, ..LogOptions::default() }).await?).await
    }

    /// Runs a command to its end: its output and its exit status.
    async fn exec(&self, id: &str, what: &ExecSpec) -> Result<(ContainerLogs, i32)> {
        let session = self.open_exec(id, what, Feed::Empty).await?;
        let chunks =
            session.output.map_ok(|f| LogChunk { time: None, source: f.source, bytes: f.bytes });
        Ok((collect_logs(Box::pin(chunks)).await?, session.exit.await?))
    }

    /// Pulls an image to the end.
    async fn pull_image(&self, what: &ImagePull) -> Result<()> {
        self.pull(what).await?.try_for_each(|_| async { Ok(()) }).await
    }

    /// Builds an image to the end: its id.
    async fn build(&self, what: &BuildSpec) -> Result<Id> {
        let mut steps = self.open_build(what).await?;
        let mut built = None;
        while let Some(step) = steps.try_next().await? {
            if let BuildStep::Built(id) = step {
                built = Some(id);
            }
        }
        built.ok_or_else(|| {
            BackendError::new("build", &what.context, ErrorKind::Malformed, "no image came of it")
        })
    }

    /// Looks at one image.
    async fn inspect_image(&self, reference: &str) -> Result<ImageInfo> {
        let each = self.inspect_images(&[reference.to_owned()]).await?;
        let missing = || {
            Err(BackendError::new(
                "inspect image",
                reference,
                ErrorKind::ImageMissing,
                "no such image",
            ))
        };
        each.into_iter().next().map_or_else(missing, |(_, one)| one)
    }
}

impl<B: ContainerBackend + ?Sized> ContainerBackendExt for B {}

/// Gathers a flow of output. Bytes that are no UTF-8 become U+FFFD, once both streams are whole.
///
/// # Errors
/// The flow's.
pub async fn collect_logs(mut chunks: Flow<LogChunk>) -> Result<ContainerLogs> {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    while let Some(chunk) = chunks.try_next().await? {
        match chunk.source {
            LogSource::Stdout => stdout.extend_from_slice(&chunk.bytes),
            LogSource::Stderr => stderr.extend_from_slice(&chunk.bytes),
        }
    }
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ok(ContainerLogs { stdout: text(stdout), stderr: text(stderr) })
}
