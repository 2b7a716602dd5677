//! The trait, verb by verb.

use crate::{
    Product,
    argv::{
        self,
        container::{self as lines, plain},
    },
    dialect::{Copies, Dialect, ExecCode, Traits},
    errors, exec, own,
    parse::{self, events, logs::Logs, objects::Objects, stats, steps},
    verbs,
};
use perry_container_protocol::{
    CliProtocol, Deadline, Dialogue, Each, Invocation, LineReader, LogItem, Output, Reader, Step,
    Stream, Table, ToolError, lost, once, script, values,
};
use perry_container_spec::{
    BuildSpec, BuildStep, ContainerHandle, ContainerInfo, ContainerSpec, EventOptions, ExecSpec,
    HealthProbe, HealthTest, Id, ImageInfo, ImagePull, LogOptions, NetworkInfo, NetworkSpec,
    Observed, Parts, PullStep, Removal, ResourceUpdate, RuntimeEvent, Selector, Usage, VolumeSpec,
};

/// One call that only has to succeed.
fn done(
    call: Result<Invocation, ToolError>,
    errors: errors::Reader,
) -> impl Dialogue<Reply = ()> + Send + 'static {
    once(call, move |out| errors.accepted(out))
}

/// The language of one tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DockerProtocol {
    dialect: Dialect,
    product: Option<Product>,
}

impl DockerProtocol {
    /// In this dialect.
    pub const fn new(dialect: Dialect) -> Self {
        Self { dialect, product: None }
    }

    /// Spoken by this product, under its name.
    #[must_use]
    pub const fn of(mut self, product: Product) -> Self {
        self.product = Some(product);
        self
    }

    /// The dialect.
    pub const fn dialect(&self) -> Dialect {
        self.dialect
    }

    fn tool(self) -> &'static Traits {
        self.dialect.traits()
    }

    fn errors(self) -> errors::Reader {
        self.tool().reader()
    }
}

/// Steps of a pull or push.
fn progress(
    call: Invocation,
    errors: errors::Reader,
) -> Stream<impl Reader<Item = PullStep> + 'static> {
    let reader = LineReader::new(
        |_, line: &[u8]| Ok(steps::step(line)),
        move |last: &Output<'_>, _: &mut Vec<PullStep>| errors.accepted(last),
    );
    Stream { call, reader }
}

/// An image's id on the last line.
fn last_id(out: &Output<'_>) -> Result<Id, ToolError> {
    let text = out.text();
    let line = text.lines().rev().map(str::trim).find(|line| !line.is_empty());
    line.map(parse::image_id)
        .ok_or_else(|| ToolError::Malformed { why: "it names no image".to_owned() })
}

impl CliProtocol for DockerProtocol {
    fn name(&self) -> &str {
        self.product.map_or(self.tool().name, Product::name)
    }

    fn check(&self) -> impl Dialogue<Reply = Option<String>> + Send + 'static {
        let (tool, errors) = (self.tool(), self.errors());
        let mut calls = vec![Invocation::new(["version", "--format=json"])];
        if tool.version_asks_nobody {
            // podman's version is printed without asking anyone; its store is opened by a list only
            calls.push(Invocation::new(["ps", "-q"]));
        }
        let mut calls = Some(calls);
        script(move |last| {
            if let Some(calls) = calls.take() {
                return Step::Run(calls);
            }
            if let Some(error) = last.iter().find_map(|out| errors.accepted(out).err()) {
                return Step::Done(Err(error));
            }
            let Some(out) = last.first() else { return Step::Done(Err(lost())) };
            let version = values(out.stdout).map(|all| {
                let of = |part: &str| {
                    all.first().map(|all| parse::text(all, &[part, "Version"]).to_owned())
                };
                [of("Server"), of("Client")]
                    .into_iter()
                    .flatten()
                    .find(|version| !version.is_empty())
            });
            Step::Done(version.map_err(ToolError::from))
        })
    }

    fn observe(
        &self,
        of: &Selector,
        parts: Parts,
    ) -> impl Dialogue<Reply = Observed> + Send + 'static {
        verbs::observe::observe(of, parts, self.tool())
    }

    fn inspect_each(
        &self,
        ids: &[Id],
    ) -> impl Dialogue<Reply = Each<ContainerInfo>> + Send + 'static {
        verbs::inspect::containers(ids, self.tool())
    }

    fn events(
        &self,
        of: &Selector,
        how: &EventOptions,
    ) -> Result<Stream<impl Reader<Item = RuntimeEvent> + 'static>, ToolError> {
        let call = lines::events(of, how, self.tool())?;
        let (of, how, errors) = (of.clone(), how.clone(), self.errors());
        let topics = self.events_tell_ids_only();
        let read = move |value: &serde_json::Value| {
            if topics { events::of_containerd(value) } else { events::event(value, &of, &how) }
        };
        let reader = Objects::new(
            Some(RuntimeEvent::subscribed(String::new())),
            read,
            move |last: &Output<'_>| errors.accepted(last),
        );
        Ok(Stream { call, reader })
    }

    fn stats(&self, ids: &[Id], follow: bool) -> Stream<impl Reader<Item = Usage> + 'static> {
        let errors = self.errors();
        let reader =
            Objects::new(None, stats::usage, move |last: &Output<'_>| errors.accepted(last));
        Stream { call: lines::stats(ids, follow, self.tool()), reader }
    }

    fn top(&self, id: &str, ps_args: &[String]) -> impl Dialogue<Reply = Table> + Send + 'static {
        let errors = self.errors();
        let words = std::iter::once(id).chain(ps_args.iter().map(String::as_str));
        once(Ok(plain(self.tool(), &["top"], words)), move |out| {
            errors.accepted(out)?;
            Ok(stats::table(&out.text()))
        })
    }

    fn wait(&self, id: &str) -> impl Dialogue<Reply = i32> + Send + 'static {
        let errors = self.errors();
        once(Ok(plain(self.tool(), &["wait"], [id]).within(Deadline::None)), move |out| {
            errors.accepted(out)?;
            let text = out.text();
            let code = text.lines().rev().find_map(|line| line.trim().parse().ok());
            code.ok_or_else(|| ToolError::Malformed { why: "it tells no exit code".to_owned() })
        })
    }

    fn create(
        &self,
        spec: &ContainerSpec,
    ) -> impl Dialogue<Reply = ContainerHandle> + Send + 'static {
        verbs::create::create(spec, self.tool())
    }

    fn start(&self, id: &str) -> impl Dialogue<Reply = ()> + Send + 'static {
        verbs::start::start(id, self.tool())
    }

    fn stop(&self, id: &str, timeout: Option<u32>) -> impl Dialogue<Reply = ()> + Send + 'static {
        let (tool, errors, id) = (self.tool(), self.errors(), id.to_owned());
        let mut round = 0;
        script(move |last| {
            round += 1;
            let result = match (round, last.first()) {
                (1 | 3, _) => return Step::Run(vec![lines::stop(&id, timeout, tool)]),
                (_, Some(out)) => errors.accepted(out),
                (_, None) => Err(lost()),
            };
            match result {
                // podman refuses to stop what is paused: one more call repairs it
                Err(ToolError::Refused { message, .. })
                    if round == 2 && tool.stop_needs_unpause && message.contains("paused") =>
                {
                    Step::Run(vec![plain(tool, &["unpause"], [id.as_str()])])
                }
                result => Step::Done(result),
            }
        })
    }

    fn kill(&self, id: &str, signal: &str) -> impl Dialogue<Reply = ()> + Send + 'static {
        done(Ok(lines::kill(id, signal, self.tool())), self.errors())
    }

    fn pause(&self, id: &str, paused: bool) -> impl Dialogue<Reply = ()> + Send + 'static {
        let verb = if paused { "pause" } else { "unpause" };
        done(Ok(plain(self.tool(), &[verb], [id])), self.errors())
    }

    fn rename(&self, id: &str, name: &str) -> impl Dialogue<Reply = ()> + Send + 'static {
        done(Ok(plain(self.tool(), &["rename"], [id, name])), self.errors())
    }

    fn update(
        &self,
        id: &str,
        what: &ResourceUpdate,
    ) -> impl Dialogue<Reply = ()> + Send + 'static {
        let (mut call, errors) = (Some(argv::limits::update(id, what, self.tool())), self.errors());
        script(move |last| match (call.take(), last) {
            (Some(Ok(Some(call))), _) => Step::Run(vec![call]),
            (Some(Ok(None)), _) => Step::Done(Ok(())),
            (Some(Err(error)), _) => Step::Done(Err(error)),
            (None, [out, ..]) => Step::Done(errors.accepted(out)),
            (None, []) => Step::Done(Err(lost())),
        })
    }

    fn remove_each(
        &self,
        ids: &[Id],
        how: &Removal,
    ) -> impl Dialogue<Reply = Each<()>> + Send + 'static {
        verbs::remove::remove(ids, how, self.tool())
    }

    fn probe_health(
        &self,
        id: &str,
        test: &HealthTest,
    ) -> impl Dialogue<Reply = HealthProbe> + Send + 'static {
        verbs::health::probe(id, test, self.tool())
    }

    fn logs(&self, id: &str, how: &LogOptions) -> Stream<impl Reader<Item = LogItem> + 'static> {
        Stream { call: lines::logs(id, how, self.tool()), reader: Logs::new(how, self.tool()) }
    }

    fn exec(&self, id: &str, what: &ExecSpec) -> Result<Invocation, ToolError> {
        argv::exec::exec(id, what, self.tool())
    }

    fn exec_exit(&self, last: &Output<'_>) -> Result<i32, ToolError> {
        exec::exit(last, self.tool())
    }

    fn attach(&self, id: &str) -> Invocation {
        lines::attach(id, self.tool())
    }

    fn copy_in(&self, id: &str, path: &str) -> Invocation {
        lines::copy_in(id, path, self.tool())
    }

    fn copy_out(&self, id: &str, path: &str) -> Invocation {
        lines::copy_out(id, path, self.tool())
    }

    fn is_own_line(&self, line: &[u8]) -> bool {
        self.tool().exec_code == ExecCode::Told && own::may_be(line)
    }

    fn pipes_archives(&self) -> bool {
        self.tool().copies == Copies::Pipe
    }

    fn copy_from(
        &self,
        id: &str,
        path: &str,
        folder: &str,
        what: &[String],
    ) -> impl Dialogue<Reply = ()> + Send + 'static {
        verbs::copy::from(id, path, folder, what, self.tool())
    }

    fn copy_to(&self, id: &str, path: &str, folder: &str) -> Invocation {
        lines::copy_to(id, path, folder, self.tool())
    }

    fn events_tell_ids_only(&self) -> bool {
        self.tool().exec_code == ExecCode::Told
    }

    fn accepted(&self, out: &Output<'_>) -> Result<(), ToolError> {
        self.errors().accepted(out)
    }

    fn commit(&self, id: &str, reference: &str) -> impl Dialogue<Reply = Id> + Send + 'static {
        let errors = self.errors();
        once(Ok(lines::commit(id, reference, self.tool())), move |out| {
            errors.accepted(out)?;
            last_id(out)
        })
    }

    fn pull(&self, what: &ImagePull) -> Stream<impl Reader<Item = PullStep> + 'static> {
        progress(lines::pull(what, self.tool()), self.errors())
    }

    fn push(&self, reference: &str) -> Stream<impl Reader<Item = PullStep> + 'static> {
        progress(
            plain(self.tool(), &["push"], [reference]).within(Deadline::Silence),
            self.errors(),
        )
    }

    fn build(
        &self,
        what: &BuildSpec,
    ) -> Result<Stream<impl Reader<Item = BuildStep> + 'static>, ToolError> {
        let call = argv::build::build(what, self.tool())?;
        Ok(Stream { call, reader: parse::build::reader(self.errors()) })
    }

    fn inspect_images(
        &self,
        references: &[String],
    ) -> impl Dialogue<Reply = Each<ImageInfo>> + Send + 'static {
        verbs::inspect::images(references, self.tool())
    }

    fn registry_digest(&self, reference: &str) -> impl Dialogue<Reply = String> + Send + 'static {
        verbs::inspect::digest(reference, self.tool())
    }

    fn list_images(&self) -> impl Dialogue<Reply = Vec<ImageInfo>> + Send + 'static {
        verbs::inspect::all_images(self.tool())
    }

    fn tag_image(&self, reference: &str, tag: &str) -> impl Dialogue<Reply = ()> + Send + 'static {
        done(Ok(plain(self.tool(), &["tag"], [reference, tag])), self.errors())
    }

    fn remove_image(
        &self,
        reference: &str,
        force: bool,
    ) -> impl Dialogue<Reply = ()> + Send + 'static {
        verbs::remove::image(reference, force, self.tool())
    }

    fn create_network(&self, spec: &NetworkSpec) -> impl Dialogue<Reply = ()> + Send + 'static {
        verbs::network::create(spec, self.tool())
    }

    fn connect_network(
        &self,
        network: &str,
        id: &str,
        aliases: &[String],
        on: bool,
    ) -> impl Dialogue<Reply = ()> + Send + 'static {
        done(argv::network::connect(network, id, aliases, on, self.tool()), self.errors())
    }

    fn remove_network(&self, name: &str) -> impl Dialogue<Reply = ()> + Send + 'static {
        done(Ok(plain(self.tool(), &["network", "rm"], [name])), self.errors())
    }

    fn inspect_network(&self, name: &str) -> impl Dialogue<Reply = NetworkInfo> + Send + 'static {
        verbs::inspect::network(name, self.tool())
    }

    fn create_volume(&self, spec: &VolumeSpec) -> impl Dialogue<Reply = ()> + Send + 'static {
        done(lines::create_volume(spec, self.tool()), self.errors())
    }

    fn remove_volume(&self, name: &str) -> impl Dialogue<Reply = ()> + Send + 'static {
        done(Ok(plain(self.tool(), &["volume", "rm"], [name])), self.errors())
    }
}
