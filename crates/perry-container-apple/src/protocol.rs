//! The trait, verb by verb.

use crate::{
    argv::{self, plain},
    errors, parse,
    verbs::{self, done, never},
};
use bytes::Bytes;
use perry_container_protocol::{
    CliProtocol, Deadline, Dialogue, Each, Invocation, LineReader, LogItem, Output, RawChunk,
    Reader, Step, Stream, Table, ToolError, once, script, values,
};
use perry_container_spec::{
    BuildSpec, BuildStep, ContainerHandle, ContainerInfo, ContainerSpec, EventOptions, ExecSpec,
    HealthProbe, HealthTest, Id, ImageInfo, ImagePull, LogOptions, LogSource, NetworkInfo,
    NetworkSpec, Observed, Parts, PullStep, Removal, ResourceUpdate, RuntimeEvent, Selector, Usage,
    VolumeSpec,
};

/// How much of a probe's output is kept.
const LONGEST: usize = 4096;

/// The language of apple's `container`: 1.x, and 0.x by its JSON.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AppleContainerProtocol;

impl AppleContainerProtocol {
    /// It is the same for every version.
    pub const fn new() -> Self {
        Self
    }
}

/// A log: what is printed, as it is. The tool keeps no times.
struct Log {
    refused: Option<&'static str>,
}

impl Reader for Log {
    type Item = LogItem;

    fn begin(&mut self, _: &mut Vec<LogItem>) {}

    fn read(
        &mut self,
        source: LogSource,
        bytes: &Bytes,
        items: &mut Vec<LogItem>,
    ) -> Result<(), ToolError> {
        if let Some(text) = self.refused {
            return Err(ToolError::Unsupported(text.to_owned()));
        }
        // only the tool itself writes to standard error
        if source == LogSource::Stdout {
            items.push((None, RawChunk { source, bytes: bytes.clone() }));
        }
        Ok(())
    }

    fn end(&mut self, last: &Output<'_>, _: &mut Vec<LogItem>) -> Result<(), ToolError> {
        errors::accepted(last)?;
        match self.refused {
            Some(text) => Err(ToolError::Unsupported(text.to_owned())),
            None => Ok(()),
        }
    }
}

/// What is told of nothing.
struct Silent<T>(std::marker::PhantomData<fn() -> T>);

impl<T: Send> Reader for Silent<T> {
    type Item = T;

    fn read(&mut self, _: LogSource, _: &Bytes, _: &mut Vec<T>) -> Result<(), ToolError> {
        Ok(())
    }

    fn end(&mut self, last: &Output<'_>, _: &mut Vec<T>) -> Result<(), ToolError> {
        errors::accepted(last)
    }
}

/// Lines of a pull or push.
fn progress(call: Invocation) -> Stream<impl Reader<Item = PullStep> + 'static> {
    let line = |_, line: &[u8]| {
        let text = String::from_utf8_lossy(line).trim().to_owned();
        Ok((!text.is_empty()).then(|| PullStep { text, ..PullStep::default() }))
    };
    let end = |last: &Output<'_>, _: &mut Vec<PullStep>| errors::accepted(last);
    Stream { call, reader: LineReader::new(line, end) }
}

/// A call whose operand may be refused, in a stream that cannot be.
fn one(verb: &str, operand: &str) -> Invocation {
    let mut call = Invocation::new(verb.split(' '));
    call.arg(argv::anyway(operand));
    call
}

/// All output of a turn, whole.
struct Turn(Vec<u8>);

impl Reader for Turn {
    type Item = Usage;

    fn read(
        &mut self,
        source: LogSource,
        bytes: &Bytes,
        _: &mut Vec<Usage>,
    ) -> Result<(), ToolError> {
        if source == LogSource::Stdout {
            self.0.extend_from_slice(bytes);
        }
        Ok(())
    }

    fn end(&mut self, last: &Output<'_>, items: &mut Vec<Usage>) -> Result<(), ToolError> {
        errors::accepted(last)?;
        items.extend(values(&self.0)?.iter().filter_map(parse::usage));
        Ok(())
    }
}

impl CliProtocol for AppleContainerProtocol {
    fn name(&self) -> &str {
        "apple/container"
    }

    fn check(&self) -> impl Dialogue<Reply = Option<String>> + Send + 'static {
        verbs::check()
    }

    fn observe(
        &self,
        of: &Selector,
        parts: Parts,
    ) -> impl Dialogue<Reply = Observed> + Send + 'static {
        verbs::observe(of, parts)
    }

    fn inspect_each(
        &self,
        ids: &[Id],
    ) -> impl Dialogue<Reply = Each<ContainerInfo>> + Send + 'static {
        verbs::inspect_each(ids)
    }

    fn events(
        &self,
        _: &Selector,
        _: &EventOptions,
    ) -> Result<Stream<impl Reader<Item = RuntimeEvent> + 'static>, ToolError> {
        let told: Option<Stream<Silent<RuntimeEvent>>> = None;
        told.ok_or_else(|| ToolError::Unsupported("apple/container tells no events".to_owned()))
    }

    /// One turn, also where more are wanted: with JSON the tool ends after it.
    fn stats(&self, ids: &[Id], _: bool) -> Stream<impl Reader<Item = Usage> + 'static> {
        let mut call = Invocation::new(["stats", "--format=json", "--no-stream"]);
        call.args(ids.iter().map(|id| argv::anyway(id)));
        Stream { call, reader: Turn(Vec::new()) }
    }

    fn top(&self, _: &str, _: &[String]) -> impl Dialogue<Reply = Table> + Send + 'static {
        never("apple/container lists no processes")
    }

    fn wait(&self, _: &str) -> impl Dialogue<Reply = i32> + Send + 'static {
        never("apple/container cannot wait, and keeps no exit status")
    }

    fn create(
        &self,
        spec: &ContainerSpec,
    ) -> impl Dialogue<Reply = ContainerHandle> + Send + 'static {
        verbs::create(spec)
    }

    fn start(&self, id: &str) -> impl Dialogue<Reply = ()> + Send + 'static {
        done(plain("start", &[id]))
    }

    fn stop(&self, id: &str, timeout: Option<u32>) -> impl Dialogue<Reply = ()> + Send + 'static {
        verbs::stop(id, timeout)
    }

    fn kill(&self, id: &str, signal: &str) -> impl Dialogue<Reply = ()> + Send + 'static {
        let call = argv::operand(id).map(|id| {
            let mut call = Invocation::new(["kill"]);
            call.flag("--signal", signal).arg(id);
            call
        });
        done(call)
    }

    fn pause(&self, _: &str, _: bool) -> impl Dialogue<Reply = ()> + Send + 'static {
        never("apple/container freezes nothing")
    }

    fn rename(&self, _: &str, _: &str) -> impl Dialogue<Reply = ()> + Send + 'static {
        never("the name is the identity on apple/container")
    }

    fn update(&self, _: &str, what: &ResourceUpdate) -> impl Dialogue<Reply = ()> + Send + 'static {
        let nothing = *what == ResourceUpdate::default();
        script(move |_| {
            Step::Done(if nothing {
                Ok(())
            } else {
                let text = "apple/container changes no limits of what is there".to_owned();
                Err(ToolError::Unsupported(text))
            })
        })
    }

    fn remove_each(
        &self,
        ids: &[Id],
        how: &Removal,
    ) -> impl Dialogue<Reply = Each<()>> + Send + 'static {
        verbs::remove_each(ids, how)
    }

    fn probe_health(
        &self,
        id: &str,
        test: &HealthTest,
    ) -> impl Dialogue<Reply = HealthProbe> + Send + 'static {
        let command = match test {
            HealthTest::Shell(text) => {
                Ok(vec!["/bin/sh".to_owned(), "-c".to_owned(), text.clone()])
            }
            HealthTest::Command(words) => Ok(words.clone()),
            HealthTest::Inherit | HealthTest::Disabled => Err(ToolError::Unsupported(
                "apple/container does not tell the health check of an image".to_owned(),
            )),
        };
        let call = command.and_then(|words| argv::exec(id, &ExecSpec::new(words)));
        once(call.map(|call| call.within(Deadline::Call)), |out| {
            let code = errors::exit(out)?;
            let output = format!("{}{}", out.text(), out.complaint());
            let output = output.trim();
            let mut end = output.len().min(LONGEST);
            while !output.is_char_boundary(end) {
                end -= 1;
            }
            Ok(HealthProbe { healthy: code == 0, output: output[..end].to_owned() })
        })
    }

    fn logs(&self, id: &str, how: &LogOptions) -> Stream<impl Reader<Item = LogItem> + 'static> {
        let bounded = how.since.is_some() || how.until.is_some();
        let refused = bounded.then_some("the logs of apple/container have no times");
        Stream { call: argv::logs(id, how), reader: Log { refused } }
    }

    fn follow_ends(&self) -> bool {
        false
    }

    fn exec(&self, id: &str, what: &ExecSpec) -> Result<Invocation, ToolError> {
        argv::exec(id, what)
    }

    fn exec_exit(&self, last: &Output<'_>) -> Result<i32, ToolError> {
        errors::exit(last)
    }

    /// Its output from now on; nothing goes in. Tables say that the tool cannot attach.
    fn attach(&self, id: &str) -> Invocation {
        let how = LogOptions { follow: true, tail: Some(0), ..LogOptions::default() };
        argv::logs(id, &how)
    }

    /// By the container's own `tar`: the tool's `copy` takes no archives, and exists since 1.0 only.
    fn copy_in(&self, id: &str, path: &str) -> Invocation {
        argv::inside(id, true, &["tar", "-x", "-f", "-", "-C", path]).within(Deadline::Silence)
    }

    fn copy_out(&self, id: &str, path: &str) -> Invocation {
        let trimmed = path.trim_end_matches('/');
        let (dir, name) = trimmed.rsplit_once('/').unwrap_or(("", trimmed));
        let dir = if dir.is_empty() { "/" } else { dir };
        let name = if name.is_empty() { "." } else { name };
        let name = format!("./{name}");
        argv::inside(id, false, &["tar", "-c", "-f", "-", "-C", dir, &name])
            .within(Deadline::Silence)
    }

    fn accepted(&self, out: &Output<'_>) -> Result<(), ToolError> {
        errors::accepted(out)
    }

    fn commit(&self, _: &str, _: &str) -> impl Dialogue<Reply = Id> + Send + 'static {
        never("apple/container makes no images of containers")
    }

    fn pull(&self, what: &ImagePull) -> Stream<impl Reader<Item = PullStep> + 'static> {
        progress(argv::pull(what))
    }

    fn push(&self, reference: &str) -> Stream<impl Reader<Item = PullStep> + 'static> {
        progress(one("image push", reference).within(Deadline::Silence))
    }

    /// The tool tells no id: the first tag stands for it.
    fn build(
        &self,
        what: &BuildSpec,
    ) -> Result<Stream<impl Reader<Item = BuildStep> + 'static>, ToolError> {
        let call = argv::build::build(what)?;
        let tag = what.tags.first().cloned().unwrap_or_default();
        let line = |_, line: &[u8]| {
            let text = String::from_utf8_lossy(line).trim_end().to_owned();
            Ok((!text.is_empty()).then_some(BuildStep::Line(text)))
        };
        let end = move |last: &Output<'_>, items: &mut Vec<BuildStep>| {
            errors::accepted(last)?;
            items.push(BuildStep::Built(tag.clone()));
            Ok(())
        };
        Ok(Stream { call, reader: LineReader::new(line, end) })
    }

    fn inspect_images(
        &self,
        references: &[String],
    ) -> impl Dialogue<Reply = Each<ImageInfo>> + Send + 'static {
        verbs::inspect_images(references)
    }

    fn registry_digest(&self, _: &str) -> impl Dialogue<Reply = String> + Send + 'static {
        never("apple/container asks no registry without pulling")
    }

    fn list_images(&self) -> impl Dialogue<Reply = Vec<ImageInfo>> + Send + 'static {
        once(Ok(argv::list("image list")), |out| verbs::listed(out, parse::image))
    }

    fn tag_image(&self, reference: &str, tag: &str) -> impl Dialogue<Reply = ()> + Send + 'static {
        done(plain("image tag", &[reference, tag]))
    }

    fn remove_image(&self, reference: &str, _: bool) -> impl Dialogue<Reply = ()> + Send + 'static {
        done(plain("image delete", &[reference]))
    }

    fn create_network(&self, spec: &NetworkSpec) -> impl Dialogue<Reply = ()> + Send + 'static {
        done(argv::create_network(spec))
    }

    fn connect_network(
        &self,
        _: &str,
        _: &str,
        _: &[String],
        _: bool,
    ) -> impl Dialogue<Reply = ()> + Send + 'static {
        never(
            "apple/container attaches a container to its networks when it is created, and never after",
        )
    }

    fn remove_network(&self, name: &str) -> impl Dialogue<Reply = ()> + Send + 'static {
        verbs::remove_network(name)
    }

    fn inspect_network(&self, name: &str) -> impl Dialogue<Reply = NetworkInfo> + Send + 'static {
        verbs::inspect_network(name)
    }

    fn create_volume(&self, spec: &VolumeSpec) -> impl Dialogue<Reply = ()> + Send + 'static {
        done(argv::create_volume(spec))
    }

    fn remove_volume(&self, name: &str) -> impl Dialogue<Reply = ()> + Send + 'static {
        done(plain("volume delete", &[name]))
    }
}
