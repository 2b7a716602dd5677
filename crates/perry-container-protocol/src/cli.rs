//! A tool's language.

use crate::{Dialogue, Each, Invocation, Output, RawChunk, Reader, Single, Stream, ToolError};
use perry_container_spec::{
    BuildSpec, BuildStep, ContainerHandle, ContainerInfo, ContainerSpec, EventOptions, ExecSpec,
    HealthProbe, HealthTest, Id, ImageInfo, ImagePull, LogOptions, NetworkInfo, NetworkSpec,
    Observed, Parts, PullStep, Removal, ResourceUpdate, RuntimeEvent, Selector, Timestamp, Usage,
    VolumeSpec,
};

/// A line of a log with its time, or a piece without.
pub type LogItem = (Option<Timestamp>, RawChunk);

/// Titles, then one row a process.
pub type Table = (Vec<String>, Vec<Vec<String>>);

/// Every verb of the seam as command lines. Used as a static type, so a protocol costs no vtable.
///
/// Each method only describes; what it means is said at `ContainerBackend` in `perry-container-backend`. A tool that
/// lacks a verb answers with [`ToolError::Unsupported`].
pub trait CliProtocol: Send + Sync + 'static {
    /// `docker`, `podman`, ...
    fn name(&self) -> &str;

    /// A call that proves that the engine answers; its version.
    fn check(&self) -> impl Dialogue<Reply = Option<String>> + Send + 'static;

    /// Looks at everything that is selected with a constant number of calls.
    fn observe(
        &self,
        of: &Selector,
        parts: Parts,
    ) -> impl Dialogue<Reply = Observed> + Send + 'static;

    /// Looks at these containers.
    fn inspect_each(
        &self,
        ids: &[Id],
    ) -> impl Dialogue<Reply = Each<ContainerInfo>> + Send + 'static;

    /// Events as they come; the reader's [`begin`](Reader::begin) gives the first, `Subscribed`.
    ///
    /// # Errors
    /// Where the tool tells nothing usable, or not of the past.
    fn events(
        &self,
        of: &Selector,
        how: &EventOptions,
    ) -> Result<Stream<impl Reader<Item = RuntimeEvent> + 'static>, ToolError>;

    /// Usage, one turn or as it comes.
    fn stats(&self, ids: &[Id], follow: bool) -> Stream<impl Reader<Item = Usage> + 'static>;

    /// Processes.
    fn top(&self, id: &str, ps_args: &[String]) -> impl Dialogue<Reply = Table> + Send + 'static;

    /// Waits for the end.
    fn wait(&self, id: &str) -> impl Dialogue<Reply = i32> + Send + 'static;

    /// Creates, and writes the spec's files into it; leaves nothing behind when it fails.
    fn create(
        &self,
        spec: &ContainerSpec,
    ) -> impl Dialogue<Reply = ContainerHandle> + Send + 'static;

    /// Starts.
    fn start(&self, id: &str) -> impl Dialogue<Reply = ()> + Send + 'static;

    /// Stops.
    fn stop(&self, id: &str, timeout: Option<u32>) -> impl Dialogue<Reply = ()> + Send + 'static;

    /// Signals.
    fn kill(&self, id: &str, signal: &str) -> impl Dialogue<Reply = ()> + Send + 'static;

    /// Freezes, or lets go on.
    fn pause(&self, id: &str, paused: bool) -> impl Dialogue<Reply = ()> + Send + 'static;

    /// Renames.
    fn rename(&self, id: &str, name: &str) -> impl Dialogue<Reply = ()> + Send + 'static;

    /// Changes limits.
    fn update(&self, id: &str, what: &ResourceUpdate)
    -> impl Dialogue<Reply = ()> + Send + 'static;

    /// Removes containers.
    fn remove_each(
        &self,
        ids: &[Id],
        how: &Removal,
    ) -> impl Dialogue<Reply = Each<()>> + Send + 'static;

    /// Runs a health test once.
    fn probe_health(
        &self,
        id: &str,
        test: &HealthTest,
    ) -> impl Dialogue<Reply = HealthProbe> + Send + 'static;

    /// Output so far, or as it comes.
    fn logs(&self, id: &str, how: &LogOptions) -> Stream<impl Reader<Item = LogItem> + 'static>;

    /// Whether logs that are followed end with their container; else whoever follows has to look whether it runs.
    fn follow_ends(&self) -> bool {
        true
    }

    /// A command in a container. How it ended is read by [`CliProtocol::exec_exit`].
    ///
    /// # Errors
    /// When something of it cannot be handed over, such as a variable that would steer the client and holds a newline.
    fn exec(&self, id: &str, what: &ExecSpec) -> Result<Invocation, ToolError>;

    /// The command's own exit code, or the reason why it could not be run; `last` holds the ends of both streams.
    ///
    /// # Errors
    /// When the tool, not the command, failed.
    fn exec_exit(&self, last: &Output<'_>) -> Result<i32, ToolError>;

    /// A container's own output and input.
    fn attach(&self, id: &str) -> Invocation;

    /// Unpacks a tar archive from standard input.
    fn copy_in(&self, id: &str, path: &str) -> Invocation;

    /// A tar archive to standard output.
    fn copy_out(&self, id: &str, path: &str) -> Invocation;

    /// Whether a line that a command in a container wrote to standard error, or the beginning of one that has no end yet,
    /// may be the tool's own. Such a line is kept from whoever reads what the command says.
    fn is_own_line(&self, _line: &[u8]) -> bool {
        false
    }

    /// Whether archives pass through pipes ([`copy_in`](Self::copy_in), [`copy_out`](Self::copy_out)); else files are
    /// copied from and to a folder ([`copy_from`](Self::copy_from), [`copy_to`](Self::copy_to)), and those of a new
    /// container are copied by whoever had it made.
    fn pipes_archives(&self) -> bool {
        true
    }

    /// Copies what is at these paths below a folder of this machine to the same paths below `path`. Folders on the way
    /// that are not there are those of the folder; those that are there stay as they are.
    fn copy_from(
        &self,
        _id: &str,
        _path: &str,
        _folder: &str,
        _what: &[String],
    ) -> impl Dialogue<Reply = ()> + Send + 'static {
        Single::new(Invocation::default(), |_: &Output<'_>| {
            Err(ToolError::Unsupported("archives go through pipes here".to_owned()))
        })
    }

    /// Copies what is at a path into a folder of this machine.
    fn copy_to(&self, id: &str, path: &str, _folder: &str) -> Invocation {
        self.copy_out(id, path)
    }

    /// Whether events name their container by its id alone, so that whoever runs this has to look up the rest.
    fn events_tell_ids_only(&self) -> bool {
        false
    }

    /// Judges a call that only has to succeed.
    ///
    /// # Errors
    /// When it did not.
    fn accepted(&self, out: &Output<'_>) -> Result<(), ToolError>;

    /// Makes an image of a container.
    fn commit(&self, id: &str, reference: &str) -> impl Dialogue<Reply = Id> + Send + 'static;

    /// Pulls.
    fn pull(&self, what: &ImagePull) -> Stream<impl Reader<Item = PullStep> + 'static>;

    /// Pushes.
    fn push(&self, reference: &str) -> Stream<impl Reader<Item = PullStep> + 'static>;

    /// Builds.
    ///
    /// # Errors
    /// Where the tool cannot build what is asked for.
    fn build(
        &self,
        what: &BuildSpec,
    ) -> Result<Stream<impl Reader<Item = BuildStep> + 'static>, ToolError>;

    /// Looks at these images.
    fn inspect_images(
        &self,
        references: &[String],
    ) -> impl Dialogue<Reply = Each<ImageInfo>> + Send + 'static;

    /// The digest that a registry has for a reference.
    fn registry_digest(&self, reference: &str) -> impl Dialogue<Reply = String> + Send + 'static;

    /// All images.
    fn list_images(&self) -> impl Dialogue<Reply = Vec<ImageInfo>> + Send + 'static;

    /// Tags.
    fn tag_image(&self, reference: &str, tag: &str) -> impl Dialogue<Reply = ()> + Send + 'static;

    /// Removes an image's reference.
    fn remove_image(
        &self,
        reference: &str,
        force: bool,
    ) -> impl Dialogue<Reply = ()> + Send + 'static;

    /// Makes a network.
    fn create_network(&self, spec: &NetworkSpec) -> impl Dialogue<Reply = ()> + Send + 'static;

    /// Attaches, or takes off.
    fn connect_network(
        &self,
        network: &str,
        id: &str,
        aliases: &[String],
        on: bool,
    ) -> impl Dialogue<Reply = ()> + Send + 'static;

    /// Removes a network.
    fn remove_network(&self, name: &str) -> impl Dialogue<Reply = ()> + Send + 'static;

    /// Looks at a network.
    fn inspect_network(&self, name: &str) -> impl Dialogue<Reply = NetworkInfo> + Send + 'static;

    /// Makes a volume.
    fn create_volume(&self, spec: &VolumeSpec) -> impl Dialogue<Reply = ()> + Send + 'static;

    /// Removes a volume.
    fn remove_volume(&self, name: &str) -> impl Dialogue<Reply = ()> + Send + 'static;
}
