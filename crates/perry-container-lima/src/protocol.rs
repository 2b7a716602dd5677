//! The trait, verb by verb: nerdctl's own, through the way into the machine.

use crate::{
    Guest, copy,
    create::WithFiles,
    hand,
    through::{Through, stream},
};
use perry_container_docker::{Dialect, DockerProtocol};
use perry_container_protocol::{
    CliProtocol, Dialogue, Each, Input, Invocation, LogItem, Output, Reader, Stream, Table,
    ToolError,
};
use perry_container_spec::{
    BuildSpec, BuildStep, ContainerHandle, ContainerInfo, ContainerSpec, EventOptions, ExecSpec,
    HealthProbe, HealthTest, Id, ImageInfo, ImagePull, LogOptions, NetworkInfo, NetworkSpec,
    Observed, Parts, PullStep, Removal, ResourceUpdate, RuntimeEvent, Selector, Usage, VolumeSpec,
};

/// nerdctl in a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimaProtocol {
    guest: Guest,
    inner: DockerProtocol,
}

impl LimaProtocol {
    /// nerdctl of this version in this machine.
    pub fn new(guest: Guest, version: &str) -> Self {
        let inner = DockerProtocol::new(Dialect::nerdctl(version)).of(guest.product());
        Self { guest, inner }
    }

    /// The machine.
    pub const fn guest(&self) -> &Guest {
        &self.guest
    }

    /// A call of nerdctl, as it is called in the machine. Nothing of its environment and its files is in the arguments.
    ///
    /// # Errors
    /// [`ToolError::Refused`] for a variable that cannot be carried there.
    pub fn over(&self, call: Invocation) -> Result<Invocation, ToolError> {
        hand::over(&self.guest, call)
    }

    fn through<D>(&self, inner: D) -> Through<D> {
        Through::new(self.guest.clone(), inner)
    }

    /// A stream of a call that holds nothing private.
    fn plain<R>(&self, what: Stream<R>) -> Stream<Through<R>> {
        let call = hand::plain(&self.guest, what.call);
        Stream { call, reader: self.through(what.reader) }
    }
}

impl CliProtocol for LimaProtocol {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn check(&self) -> impl Dialogue<Reply = Option<String>> + Send + 'static {
        self.through(self.inner.check())
    }

    fn observe(
        &self,
        of: &Selector,
        parts: Parts,
    ) -> impl Dialogue<Reply = Observed> + Send + 'static {
        self.through(self.inner.observe(of, parts))
    }

    fn inspect_each(
        &self,
        ids: &[Id],
    ) -> impl Dialogue<Reply = Each<ContainerInfo>> + Send + 'static {
        self.through(self.inner.inspect_each(ids))
    }

    fn events(
        &self,
        of: &Selector,
        how: &EventOptions,
    ) -> Result<Stream<impl Reader<Item = RuntimeEvent> + 'static>, ToolError> {
        Ok(self.plain(self.inner.events(of, how)?))
    }

    fn stats(&self, ids: &[Id], follow: bool) -> Stream<impl Reader<Item = Usage> + 'static> {
        self.plain(self.inner.stats(ids, follow))
    }

    fn top(&self, id: &str, ps_args: &[String]) -> impl Dialogue<Reply = Table> + Send + 'static {
        self.through(self.inner.top(id, ps_args))
    }

    fn wait(&self, id: &str) -> impl Dialogue<Reply = i32> + Send + 'static {
        self.through(self.inner.wait(id))
    }

    fn create(
        &self,
        spec: &ContainerSpec,
    ) -> impl Dialogue<Reply = ContainerHandle> + Send + 'static {
        let (inner, guest) = (self.inner, self.guest.clone());
        let accepted = move |out: &Output<'_>| inner.accepted(out);
        let undo = move |id: &str| hand::plain(&guest, Invocation::new(["rm", "-f", "-v", id]));
        let create = self.through(self.inner.create(spec));
        WithFiles::new(self.guest.clone(), create, spec.files.clone(), accepted, undo)
    }

    fn start(&self, id: &str) -> impl Dialogue<Reply = ()> + Send + 'static {
        self.through(self.inner.start(id))
    }

    fn stop(&self, id: &str, timeout: Option<u32>) -> impl Dialogue<Reply = ()> + Send + 'static {
        self.through(self.inner.stop(id, timeout))
    }

    fn kill(&self, id: &str, signal: &str) -> impl Dialogue<Reply = ()> + Send + 'static {
        self.through(self.inner.kill(id, signal))
    }

    fn pause(&self, id: &str, paused: bool) -> impl Dialogue<Reply = ()> + Send + 'static {
        self.through(self.inner.pause(id, paused))
    }

    fn rename(&self, id: &str, name: &str) -> impl Dialogue<Reply = ()> + Send + 'static {
        self.through(self.inner.rename(id, name))
    }

    fn update(
        &self,
        id: &str,
        what: &ResourceUpdate,
    ) -> impl Dialogue<Reply = ()> + Send + 'static {
        self.through(self.inner.update(id, what))
    }

    fn remove_each(
        &self,
        ids: &[Id],
        how: &Removal,
    ) -> impl Dialogue<Reply = Each<()>> + Send + 'static {
        self.through(self.inner.remove_each(ids, how))
    }

    fn probe_health(
        &self,
        id: &str,
        test: &HealthTest,
    ) -> impl Dialogue<Reply = HealthProbe> + Send + 'static {
        self.through(self.inner.probe_health(id, test))
    }

    fn logs(&self, id: &str, how: &LogOptions) -> Stream<impl Reader<Item = LogItem> + 'static> {
        self.plain(self.inner.logs(id, how))
    }

    /// What goes in front of a terminal's input would show on it, so variables are refused there.
    fn exec(&self, id: &str, what: &ExecSpec) -> Result<Invocation, ToolError> {
        let call = self.inner.exec(id, what)?;
        if what.tty.is_some() && hand::is_private(&call) {
            return Err(ToolError::Unsupported(format!(
                "variables cannot be handed to a terminal in {} without showing on it; set them in the command, or use \
                 no terminal",
                self.guest
            )));
        }
        self.over(call)
    }

    fn exec_exit(&self, last: &Output<'_>) -> Result<i32, ToolError> {
        match crate::broken::broken(&self.guest, last) {
            Some(error) => Err(error),
            None => self.inner.exec_exit(last),
        }
    }

    fn attach(&self, id: &str) -> Invocation {
        hand::plain(&self.guest, self.inner.attach(id))
    }

    fn copy_in(&self, id: &str, path: &str) -> Invocation {
        let deadline = self.inner.copy_in(id, path).deadline;
        copy::unpack(&self.guest, id, path).within(deadline).input(Input::Stream)
    }

    fn copy_out(&self, id: &str, path: &str) -> Invocation {
        let deadline = self.inner.copy_out(id, path).deadline;
        copy::pack(&self.guest, id, path).within(deadline)
    }

    fn is_own_line(&self, line: &[u8]) -> bool {
        self.inner.is_own_line(line)
    }

    fn events_tell_ids_only(&self) -> bool {
        self.inner.events_tell_ids_only()
    }

    fn accepted(&self, out: &Output<'_>) -> Result<(), ToolError> {
        match crate::broken::broken(&self.guest, out) {
            Some(error) => Err(error),
            None => self.inner.accepted(out),
        }
    }

    fn commit(&self, id: &str, reference: &str) -> impl Dialogue<Reply = Id> + Send + 'static {
        self.through(self.inner.commit(id, reference))
    }

    fn pull(&self, what: &ImagePull) -> Stream<impl Reader<Item = PullStep> + 'static> {
        self.plain(self.inner.pull(what))
    }

    fn push(&self, reference: &str) -> Stream<impl Reader<Item = PullStep> + 'static> {
        self.plain(self.inner.push(reference))
    }

    fn build(
        &self,
        what: &BuildSpec,
    ) -> Result<Stream<impl Reader<Item = BuildStep> + 'static>, ToolError> {
        stream(&self.guest, self.inner.build(what)?)
    }

    fn inspect_images(
        &self,
        references: &[String],
    ) -> impl Dialogue<Reply = Each<ImageInfo>> + Send + 'static {
        self.through(self.inner.inspect_images(references))
    }

    fn registry_digest(&self, reference: &str) -> impl Dialogue<Reply = String> + Send + 'static {
        self.through(self.inner.registry_digest(reference))
    }

    fn list_images(&self) -> impl Dialogue<Reply = Vec<ImageInfo>> + Send + 'static {
        self.through(self.inner.list_images())
    }

    fn tag_image(&self, reference: &str, tag: &str) -> impl Dialogue<Reply = ()> + Send + 'static {
        self.through(self.inner.tag_image(reference, tag))
    }

    fn remove_image(
        &self,
        reference: &str,
        force: bool,
    ) -> impl Dialogue<Reply = ()> + Send + 'static {
        self.through(self.inner.remove_image(reference, force))
    }

    fn create_network(&self, spec: &NetworkSpec) -> impl Dialogue<Reply = ()> + Send + 'static {
        self.through(self.inner.create_network(spec))
    }

    fn connect_network(
        &self,
        network: &str,
        id: &str,
        aliases: &[String],
        on: bool,
    ) -> impl Dialogue<Reply = ()> + Send + 'static {
        self.through(self.inner.connect_network(network, id, aliases, on))
    }

    fn remove_network(&self, name: &str) -> impl Dialogue<Reply = ()> + Send + 'static {
        self.through(self.inner.remove_network(name))
    }

    fn inspect_network(&self, name: &str) -> impl Dialogue<Reply = NetworkInfo> + Send + 'static {
        self.through(self.inner.inspect_network(name))
    }

    fn create_volume(&self, spec: &VolumeSpec) -> impl Dialogue<Reply = ()> + Send + 'static {
        self.through(self.inner.create_volume(spec))
    }

    fn remove_volume(&self, name: &str) -> impl Dialogue<Reply = ()> + Send + 'static {
        self.through(self.inner.remove_volume(name))
    }
}
