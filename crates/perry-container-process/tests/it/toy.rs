//! A tool that has every verb under its own name: `toy start web` prints nothing, or `ERROR kind: words`.

use perry_container_protocol::{
    CliProtocol, Deadline, Dialogue, Each, Input, Invocation, LineReader, LogItem, Output,
    RawChunk, Reader, Single, Step, Stream, Table, ToolError,
};
use perry_container_spec::{
    BuildSpec, BuildStep, ContainerHandle, ContainerInfo, ContainerSpec, ErrorKind, EventOptions,
    ExecSpec, HealthProbe, HealthTest, Id, ImageInfo, ImagePull, LogOptions, LogSource,
    NetworkInfo, NetworkSpec, Observed, Parts, PullStep, Removal, ResourceUpdate, RuntimeEvent,
    RuntimeEventKind, Selector, State, Usage, VolumeSpec,
};

pub(crate) struct Toy;

fn judge(out: &Output<'_>) -> Result<(), ToolError> {
    if out.code == 0 {
        return Ok(());
    }
    let text = out.complaint();
    let text = text.trim();
    let kind = match text.split_once(':').map_or("", |(kind, _)| kind) {
        "gone" => ErrorKind::NotFound,
        "no image" => ErrorKind::ImageMissing,
        "port" => ErrorKind::PortInUse,
        "down" => ErrorKind::EngineDown,
        "forbidden" => ErrorKind::Permission,
        _ => ErrorKind::Other,
    };
    Err(ToolError::Refused { kind, code: out.code, message: text.to_owned() })
}

fn call(args: &[&str]) -> Invocation {
    Invocation::new(args.iter().copied())
}

type Ask<T> = Single<Box<dyn FnMut(&Output<'_>) -> Result<T, ToolError> + Send>>;

fn ask<T>(args: &[&str], mut read: impl FnMut(&str) -> T + Send + 'static) -> Ask<T> {
    let read = move |out: &Output<'_>| judge(out).map(|()| read(out.text().trim()));
    Single::new(call(args), Box::new(read))
}

type Line<T> = Box<dyn FnMut(LogSource, &[u8]) -> Result<Option<T>, ToolError> + Send>;
type End<T> = fn(&Output<'_>, &mut Vec<T>) -> Result<(), ToolError>;

fn lines<T>(
    call: Invocation,
    mut item: impl FnMut(LogSource, &str) -> T + Send + 'static,
) -> Stream<LineReader<Line<T>, End<T>>> {
    let line: Line<T> = Box::new(move |source, line| match std::str::from_utf8(line) {
        Ok("garbage") => Err(ToolError::Malformed { why: "garbage".to_owned() }),
        Ok(line) => Ok(Some(item(source, line))),
        Err(error) => Err(ToolError::Malformed { why: error.to_string() }),
    });
    Stream { call, reader: LineReader::new(line, |out, _| judge(out)) }
}

/// Asks for each object at the same time, then once more for all.
struct Two {
    ids: Vec<Id>,
    turn: u8,
}

impl Dialogue for Two {
    type Reply = Each<ContainerInfo>;

    fn next(&mut self, last: &[Output<'_>]) -> Step<Self::Reply> {
        self.turn += 1;
        if self.turn == 1 {
            return Step::Run(self.ids.iter().map(|id| call(&["inspect", id])).collect());
        }
        let one = |(id, out): (&Id, &Output<'_>)| {
            let info = judge(out).map(|()| {
                let mut info = ContainerInfo::new(id, out.text().trim(), "image");
                let exit = info.name.strip_prefix("exited ").map(|code| code.parse().unwrap());
                info.state = if exit.is_some() { State::Exited } else { State::Running };
                info.exit_code = exit;
                info.tty = id == "tty";
                info
            });
            (id.clone(), info)
        };
        Step::Done(Ok(self.ids.iter().zip(last).map(one).collect()))
    }
}

impl CliProtocol for Toy {
    fn name(&self) -> &str {
        "toy"
    }
    fn check(&self) -> impl Dialogue<Reply = Option<String>> + Send + 'static {
        ask(&["version"], |text| Some(text.to_owned()))
    }
    fn observe(&self, _: &Selector, _: Parts) -> impl Dialogue<Reply = Observed> + Send + 'static {
        ask(&["observe"], |_| Observed::default())
    }
    fn inspect_each(
        &self,
        ids: &[Id],
    ) -> impl Dialogue<Reply = Each<ContainerInfo>> + Send + 'static {
        Two { ids: ids.to_vec(), turn: 0 }
    }
    fn events(
        &self,
        _: &Selector,
        _: &EventOptions,
    ) -> Result<Stream<impl Reader<Item = RuntimeEvent> + 'static>, ToolError> {
        Ok(lines(call(&["events"]).within(Deadline::None), |_, id| RuntimeEvent {
            time: String::new(),
            kind: RuntimeEventKind::Start,
            id: id.to_owned(),
            name: String::new(),
            labels: indexmap::IndexMap::new(),
            attributes: indexmap::IndexMap::new(),
        }))
    }
    fn stats(&self, _: &[Id], _: bool) -> Stream<impl Reader<Item = Usage> + 'static> {
        lines(call(&["stats"]), |_, _| Usage::default())
    }
    fn top(&self, id: &str, _: &[String]) -> impl Dialogue<Reply = Table> + Send + 'static {
        ask(&["top", id], |_| (Vec::new(), Vec::new()))
    }
    fn wait(&self, id: &str) -> impl Dialogue<Reply = i32> + Send + 'static {
        ask(&["wait", id], |text| text.parse().unwrap_or(-1))
    }
    fn create(
        &self,
        spec: &ContainerSpec,
    ) -> impl Dialogue<Reply = ContainerHandle> + Send + 'static {
        ask(&["create", &spec.image], |id| ContainerHandle { id: id.to_owned(), name: None })
    }
    fn start(&self, id: &str) -> impl Dialogue<Reply = ()> + Send + 'static {
        ask(&["start", id], |_| ())
    }
    fn stop(&self, id: &str, _: Option<u32>) -> impl Dialogue<Reply = ()> + Send + 'static {
        ask(&["stop", id], |_| ())
    }
    fn kill(&self, id: &str, signal: &str) -> impl Dialogue<Reply = ()> + Send + 'static {
        ask(&["kill", id, signal], |_| ())
    }
    fn pause(&self, id: &str, _: bool) -> impl Dialogue<Reply = ()> + Send + 'static {
        ask(&["pause", id], |_| ())
    }
    fn rename(&self, id: &str, name: &str) -> impl Dialogue<Reply = ()> + Send + 'static {
        ask(&["rename", id, name], |_| ())
    }
    fn update(&self, id: &str, _: &ResourceUpdate) -> impl Dialogue<Reply = ()> + Send + 'static {
        ask(&["update", id], |_| ())
    }
    fn remove_each(
        &self,
        ids: &[Id],
        _: &Removal,
    ) -> impl Dialogue<Reply = Each<()>> + Send + 'static {
        let ids = ids.to_vec();
        ask(&["rm"], move |_| ids.iter().map(|id| (id.clone(), Ok(()))).collect())
    }
    fn probe_health(
        &self,
        id: &str,
        _: &HealthTest,
    ) -> impl Dialogue<Reply = HealthProbe> + Send + 'static {
        ask(&["probe", id], |text| HealthProbe { healthy: true, output: text.to_owned() })
    }
    fn logs(&self, id: &str, _: &LogOptions) -> Stream<impl Reader<Item = LogItem> + 'static> {
        lines(call(&["logs", id]), |source, line| {
            (None, RawChunk { source, bytes: line.to_owned().into() })
        })
    }
    fn exec(&self, id: &str, what: &ExecSpec) -> Result<Invocation, ToolError> {
        let mut all = call(&["exec", id]).within(Deadline::None);
        all.args(&what.command);
        if what.command.is_empty() {
            return Err(ToolError::Unsupported("nothing to run".to_owned()));
        }
        Ok(if what.stdin { all.input(Input::Stream) } else { all })
    }
    fn exec_exit(&self, last: &Output<'_>) -> Result<i32, ToolError> {
        if last.complaint().contains("gone:") { judge(last).map(|()| 0) } else { Ok(last.code) }
    }
    fn attach(&self, id: &str) -> Invocation {
        call(&["attach", id]).within(Deadline::None).input(Input::Stream)
    }
    fn copy_in(&self, id: &str, path: &str) -> Invocation {
        call(&["cp", "-", id, path]).input(Input::Stream)
    }
    fn copy_out(&self, id: &str, path: &str) -> Invocation {
        call(&["cp", id, path, "-"])
    }
    fn accepted(&self, out: &Output<'_>) -> Result<(), ToolError> {
        judge(out)
    }
    fn commit(&self, id: &str, reference: &str) -> impl Dialogue<Reply = Id> + Send + 'static {
        ask(&["commit", id, reference], ToOwned::to_owned)
    }
    fn pull(&self, what: &ImagePull) -> Stream<impl Reader<Item = PullStep> + 'static> {
        lines(call(&["pull", &what.reference]).within(Deadline::Silence), |_, line| PullStep {
            text: line.to_owned(),
            ..PullStep::default()
        })
    }
    fn push(&self, reference: &str) -> Stream<impl Reader<Item = PullStep> + 'static> {
        lines(call(&["push", reference]), |_, _| PullStep::default())
    }
    fn build(
        &self,
        _: &BuildSpec,
    ) -> Result<Stream<impl Reader<Item = BuildStep> + 'static>, ToolError> {
        let lines = lines(call(&["build"]), |_, line| BuildStep::Line(line.to_owned()));
        if self.name() == "toy" {
            return Err(ToolError::Unsupported("toy cannot build".to_owned()));
        }
        Ok(lines)
    }
    fn inspect_images(
        &self,
        _: &[String],
    ) -> impl Dialogue<Reply = Each<ImageInfo>> + Send + 'static {
        ask(&["images"], |_| Vec::new())
    }
    fn registry_digest(&self, reference: &str) -> impl Dialogue<Reply = String> + Send + 'static {
        ask(&["digest", reference], |_| String::new())
    }
    fn list_images(&self) -> impl Dialogue<Reply = Vec<ImageInfo>> + Send + 'static {
        ask(&["images"], |_| Vec::new())
    }
    fn tag_image(&self, reference: &str, tag: &str) -> impl Dialogue<Reply = ()> + Send + 'static {
        ask(&["tag", reference, tag], |_| ())
    }
    fn remove_image(&self, reference: &str, _: bool) -> impl Dialogue<Reply = ()> + Send + 'static {
        ask(&["rmi", reference], |_| ())
    }
    fn create_network(&self, spec: &NetworkSpec) -> impl Dialogue<Reply = ()> + Send + 'static {
        ask(&["network", "create", &spec.name], |_| ())
    }
    fn connect_network(
        &self,
        network: &str,
        id: &str,
        _: &[String],
        _: bool,
    ) -> impl Dialogue<Reply = ()> + Send + 'static {
        ask(&["network", "connect", network, id], |_| ())
    }
    fn remove_network(&self, name: &str) -> impl Dialogue<Reply = ()> + Send + 'static {
        ask(&["network", "rm", name], |_| ())
    }
    fn inspect_network(&self, name: &str) -> impl Dialogue<Reply = NetworkInfo> + Send + 'static {
        ask(&["network", "inspect", name], |_| NetworkInfo::default())
    }
    fn create_volume(&self, spec: &VolumeSpec) -> impl Dialogue<Reply = ()> + Send + 'static {
        ask(&["volume", "create", &spec.name], |_| ())
    }
    fn remove_volume(&self, name: &str) -> impl Dialogue<Reply = ()> + Send + 'static {
        ask(&["volume", "rm", name], |_| ())
    }
}
