//! One decorator for every backend: writes down the calls, and lets chosen ones fail, wait or exceed a budget. It
//! simulates nothing itself.

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use perry_container_backend::{
    BackendError, ContainerBackend, Each, Feed, Flow, LogChunk, Result, Session,
};
use perry_container_spec::{
    BuildSpec, BuildStep, ContainerHandle, ContainerInfo, ContainerSpec, EngineId, ErrorKind,
    EventOptions, ExecSpec, ExecutionStrategy, HealthProbe, HealthTest, Id, ImageInfo, ImagePull,
    IsolationLevel, LogOptions, NetworkInfo, NetworkSpec, Observed, Parts, PullStep, Removal,
    ResourceUpdate, RuntimeEvent, Selector, Usage, VolumeSpec,
};
use perry_container_support::Capabilities;
use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{sync::mpsc, time::sleep};

/// One call that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedCall {
    /// The method of the seam.
    pub method: &'static str,
    /// On which object, and what matters of the arguments. Never a value of an environment.
    pub object: String,
}

/// `create_network demo_default`.
impl fmt::Display for RecordedCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.method)?;
        if self.object.is_empty() { Ok(()) } else { write!(f, " {}", self.object) }
    }
}

/// How a call fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The runtime refuses: no effect.
    Refused(ErrorKind, String),
    /// The connection is cut before the runtime got the call: no effect, and nobody knows.
    CutBefore,
    /// The connection is cut when the runtime is done: the effect is there, and nobody knows.
    CutAfter,
    /// No answer ever comes; there is no effect.
    Hangs,
    /// What flows ends at once, and well; of a call that answers otherwise, the connection is cut before it.
    EndsAtOnce,
    /// The runtime takes so much longer, and its effect comes also when the caller has gone away in the meantime.
    Late(Duration),
}

impl Fault {
    /// Refused for a reason of the runtime's own.
    pub fn refused() -> Self {
        Self::Refused(ErrorKind::Other, "injected".to_owned())
    }
}

type Moment = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct Script {
    calls: Vec<RecordedCall>,
    nth: BTreeMap<usize, Fault>,
    matching: Vec<(String, Fault)>,
    /// Answers for the next call (of a method), in order; `None` lets the backend answer.
    next: VecDeque<(Option<String>, Option<Fault>)>,
    delays: Vec<(String, Duration)>,
    /// What happens when the nth call begins.
    moments: BTreeMap<usize, Moment>,
    budgets: BTreeMap<String, usize>,
}

/// A backend whose calls are written down.
pub struct Tap<B> {
    inner: Arc<B>,
    script: Mutex<Script>,
}

impl<B: fmt::Debug> fmt::Debug for Tap<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tap").field("inner", &self.inner).finish_non_exhaustive()
    }
}

impl<B> Tap<B> {
    /// Writes down what is called on `inner`.
    pub fn new(inner: B) -> Self {
        Self { inner: Arc::new(inner), script: Mutex::default() }
    }

    /// What is behind it.
    pub fn inner(&self) -> &B {
        &self.inner
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The calls so far, in the order in which they began.
    pub fn calls(&self) -> Vec<RecordedCall> {
        self.script().calls.clone()
    }

    /// The calls so far, one line each.
    pub fn text(&self) -> String {
        self.script().calls.iter().map(|call| format!("{call}\n")).collect()
    }

    /// How many calls of a method there were; of any method, when it is empty.
    pub fn count(&self, method: &str) -> usize {
        let of = |call: &&RecordedCall| method.is_empty() || call.method == method;
        self.script().calls.iter().filter(of).count()
    }

    /// How many calls of each method there were.
    pub fn counts(&self) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for call in &self.script().calls {
            *counts.entry(call.method).or_default() += 1;
        }
        counts
    }

    /// Forgets the calls so far; counting begins again.
    pub fn clear(&self) {
        self.script().calls.clear();
    }

    /// The nth call, counted from 0, fails.
    pub fn fail_nth(&self, n: usize, fault: Fault) {
        self.script().nth.insert(n, fault);
    }

    /// Does something when the nth call, counted from 0, begins: pulls a brake, ends the caller.
    pub fn at_nth(&self, n: usize, then: impl FnOnce() + Send + 'static) {
        self.script().moments.insert(n, Box::new(then));
    }

    /// Every call whose text begins like this fails.
    pub fn fail_matching(&self, text: &str, fault: Fault) {
        self.script().matching.push((text.to_owned(), fault));
    }

    /// The next call (of this method) that nothing was said about yet fails, or is answered by the backend.
    pub fn answer_next(&self, method: Option<&str>, fault: Option<Fault>) {
        self.script().next.push_back((method.map(str::to_owned), fault));
    }

    /// Takes all faults back.
    pub fn heal(&self) {
        let mut script = self.script();
        (script.nth, script.matching, script.next) = Default::default();
        script.moments.clear();
    }

    /// Every call whose text begins like this takes so much longer, before it reaches the backend.
    pub fn delay(&self, text: &str, by: Duration) {
        self.script().delays.push((text.to_owned(), by));
    }

    /// Calls of a method beyond this many are refused.
    pub fn budget(&self, method: &str, most: usize) {
        self.script().budgets.insert(method.to_owned(), most);
    }

    fn begin(&self, method: &'static str, object: String) -> (Option<Fault>, Duration) {
        let mut script = self.script();
        let call = RecordedCall { method, object };
        let text = call.to_string();
        let n = script.calls.len();
        script.calls.push(call);
        let moment = script.moments.remove(&n);
        let mut fault = script.nth.get(&n).cloned();
        let begins =
            |(begin, fault): &(String, Fault)| text.starts_with(begin).then(|| fault.clone());
        fault = fault.or_else(|| script.matching.iter().find_map(begins));
        let at = script.next.iter().position(|(m, _)| m.as_deref().is_none_or(|m| m == method));
        if let Some((_, answer)) = at.and_then(|at| script.next.remove(at)) {
            fault = fault.or(answer);
        }
        if let Some(most) = script.budgets.get(method) {
            let made = script.calls.iter().filter(|call| call.method == method).count();
            if made > *most {
                let text = format!("more than {most} calls of {method}");
                fault = Some(Fault::Refused(ErrorKind::Invalid, text));
            }
        }
        let delay = script.delays.iter().filter(|(begin, _)| text.starts_with(begin));
        let delay = delay.map(|(_, by)| *by).sum();
        drop(script);
        if let Some(then) = moment {
            then();
        }
        (fault, delay)
    }

    async fn tap<T>(
        &self,
        method: &'static str,
        object: impl Into<String>,
        call: impl Future<Output = Result<T>> + Send,
    ) -> Result<T> {
        let object = object.into();
        let (fault, delay) = self.begin(method, object.clone());
        sleep(delay).await;
        answer(fault, method, &object, call).await
    }

    /// A call with an effect, which may come when the caller has gone away.
    async fn tap_effect<T: Send + 'static>(
        &self,
        method: &'static str,
        object: impl Into<String>,
        call: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        let object = object.into();
        let (fault, delay) = self.begin(method, object.clone());
        sleep(delay).await;
        let Some(Fault::Late(by)) = fault else {
            return answer(fault, method, &object, call).await;
        };
        let late = tokio::spawn(async move {
            sleep(by).await;
            call.await
        });
        late.await.unwrap_or_else(|_| Err(cut(method, &object)))
    }

    /// A flow that is cut ends with the error instead of well.
    async fn tap_flow<T: Send + 'static>(
        &self,
        method: &'static str,
        object: impl Into<String>,
        call: impl Future<Output = Result<Flow<T>>> + Send,
    ) -> Result<Flow<T>> {
        let object = object.into();
        let (fault, delay) = self.begin(method, object.clone());
        sleep(delay).await;
        let cut = cut(method, &object);
        match fault {
            None => call.await,
            Some(Fault::Refused(kind, text)) => Err(BackendError::new(method, &object, kind, text)),
            Some(Fault::CutBefore) => Ok(stream::iter([Err(cut)]).boxed()),
            Some(Fault::CutAfter) => Ok(call.await?.chain(stream::iter([Err(cut)])).boxed()),
            Some(Fault::Hangs) => Ok(stream::pending().boxed()),
            Some(Fault::EndsAtOnce) => Ok(stream::empty().boxed()),
            Some(Fault::Late(by)) => {
                let (send, heard) = mpsc::unbounded_channel();
                let mut late = call.await?;
                tokio::spawn(async move {
                    sleep(by).await;
                    while let Some(item) = late.next().await {
                        drop(send.send(item)); // the effect does not depend on who listens
                    }
                });
                let items = |mut heard: mpsc::UnboundedReceiver<Result<T>>| async move {
                    heard.recv().await.map(|item| (item, heard))
                };
                Ok(stream::unfold(heard, items).boxed())
            }
        }
    }
}

async fn answer<T>(
    fault: Option<Fault>,
    method: &str,
    object: &str,
    call: impl Future<Output = Result<T>> + Send,
) -> Result<T> {
    match fault {
        None => call.await,
        Some(Fault::Refused(kind, text)) => Err(BackendError::new(method, object, kind, text)),
        Some(Fault::CutBefore | Fault::EndsAtOnce) => Err(cut(method, object)),
        Some(Fault::CutAfter) => {
            call.await?;
            Err(cut(method, object))
        }
        Some(Fault::Late(by)) => {
            sleep(by).await;
            call.await
        }
        Some(Fault::Hangs) => std::future::pending().await,
    }
}

fn cut(method: &str, object: &str) -> BackendError {
    BackendError::new(method, object, ErrorKind::Cut, "the connection was cut")
}

fn letters(parts: Parts) -> String {
    [(Parts::CONTAINERS, 'C'), (Parts::NETWORKS, 'N'), (Parts::VOLUMES, 'V'), (Parts::IMAGES, 'I')]
        .into_iter()
        .filter_map(|(part, letter)| parts.contains(part).then_some(letter))
        .collect()
}

#[async_trait]
impl<B: ContainerBackend> ContainerBackend for Tap<B> {
    fn backend_name(&self) -> &str {
        self.inner.backend_name()
    }
    fn engine_id(&self) -> &EngineId {
        self.inner.engine_id()
    }
    fn strategy(&self) -> &ExecutionStrategy {
        self.inner.strategy()
    }
    fn capabilities(&self) -> &Capabilities {
        self.inner.capabilities()
    }
    fn isolation_level(&self) -> IsolationLevel {
        self.inner.isolation_level()
    }
    fn version(&self) -> Option<&str> {
        self.inner.version()
    }
    async fn check_available(&self) -> Result<()> {
        self.tap("check_available", "", self.inner.check_available()).await
    }
    async fn observe(&self, of: &Selector, parts: Parts) -> Result<Observed> {
        self.tap("observe", letters(parts), self.inner.observe(of, parts)).await
    }
    async fn inspect_each(&self, ids: &[Id]) -> Result<Each<ContainerInfo>> {
        self.tap("inspect_each", ids.join(" "), self.inner.inspect_each(ids)).await
    }
    async fn events(&self, of: &Selector, how: &EventOptions) -> Result<Flow<RuntimeEvent>> {
        self.tap_flow("events", "", self.inner.events(of, how)).await
    }
    async fn stats(&self, ids: &[Id], follow: bool) -> Result<Flow<Usage>> {
        self.tap_flow("stats", ids.join(" "), self.inner.stats(ids, follow)).await
    }
    async fn top(&self, id: &str, ps_args: &[String]) -> Result<(Vec<String>, Vec<Vec<String>>)> {
        self.tap("top", id, self.inner.top(id, ps_args)).await
    }
    async fn wait(&self, id: &str) -> Result<i32> {
        self.tap("wait", id, self.inner.wait(id)).await
    }
    async fn create(&self, spec: &ContainerSpec) -> Result<ContainerHandle> {
        let inner = Arc::clone(&self.inner);
        let object = spec.name.clone().unwrap_or_else(|| spec.image.clone());
        let spec = spec.clone();
        self.tap_effect("create", object, async move { inner.create(&spec).await }).await
    }
    async fn start(&self, id: &str) -> Result<()> {
        let inner = Arc::clone(&self.inner);
        let of = id.to_owned();
        self.tap_effect("start", id, async move { inner.start(&of).await }).await
    }
    async fn stop(&self, id: &str, timeout: Option<u32>) -> Result<()> {
        let inner = Arc::clone(&self.inner);
        let of = id.to_owned();
        self.tap_effect("stop", id, async move { inner.stop(&of, timeout).await }).await
    }
    async fn kill(&self, id: &str, signal: &str) -> Result<()> {
        let inner = Arc::clone(&self.inner);
        let (of, with) = (id.to_owned(), signal.to_owned());
        self.tap_effect(
            "kill",
            format!("{id} {signal}"),
            async move { inner.kill(&of, &with).await },
        )
        .await
    }
    async fn pause(&self, id: &str, paused: bool) -> Result<()> {
        let object = if paused { id.to_owned() } else { format!("{id} off") };
        let inner = Arc::clone(&self.inner);
        let of = id.to_owned();
        self.tap_effect("pause", object, async move { inner.pause(&of, paused).await }).await
    }
    async fn rename(&self, id: &str, name: &str) -> Result<()> {
        let inner = Arc::clone(&self.inner);
        let (of, to) = (id.to_owned(), name.to_owned());
        self.tap_effect(
            "rename",
            format!("{id} {name}"),
            async move { inner.rename(&of, &to).await },
        )
        .await
    }
    async fn update(&self, id: &str, what: &ResourceUpdate) -> Result<()> {
        self.tap("update", id, self.inner.update(id, what)).await
    }
    async fn remove_each(&self, ids: &[Id], how: &Removal) -> Result<Each<()>> {
        let inner = Arc::clone(&self.inner);
        let (all, how) = (ids.to_vec(), *how);
        self.tap_effect(
            "remove_each",
            ids.join(" "),
            async move { inner.remove_each(&all, &how).await },
        )
        .await
    }
    async fn probe_health(&self, id: &str, test: &HealthTest) -> Result<HealthProbe> {
        self.tap("probe_health", id, self.inner.probe_health(id, test)).await
    }
    async fn open_logs(&self, id: &str, how: &LogOptions) -> Result<Flow<LogChunk>> {
        self.tap_flow("open_logs", id, self.inner.open_logs(id, how)).await
    }
    async fn open_exec(&self, id: &str, what: &ExecSpec, input: Feed) -> Result<Session> {
        let object = format!("{id} {}", what.command.join(" "));
        self.tap("open_exec", object, self.inner.open_exec(id, what, input)).await
    }
    async fn attach(&self, id: &str, input: Feed) -> Result<Session> {
        self.tap("attach", id, self.inner.attach(id, input)).await
    }
    async fn copy_in(&self, id: &str, path: &str, tar: Flow<Bytes>) -> Result<()> {
        self.tap("copy_in", format!("{id} {path}"), self.inner.copy_in(id, path, tar)).await
    }
    async fn copy_out(&self, id: &str, path: &str) -> Result<Flow<Bytes>> {
        self.tap_flow("copy_out", format!("{id} {path}"), self.inner.copy_out(id, path)).await
    }
    async fn commit(&self, id: &str, reference: &str) -> Result<Id> {
        self.tap("commit", format!("{id} {reference}"), self.inner.commit(id, reference)).await
    }
    async fn pull(&self, what: &ImagePull) -> Result<Flow<PullStep>> {
        self.tap_flow("pull", &what.reference, self.inner.pull(what)).await
    }
    async fn push(&self, reference: &str) -> Result<Flow<PullStep>> {
        self.tap_flow("push", reference, self.inner.push(reference)).await
    }
    async fn open_build(&self, what: &BuildSpec) -> Result<Flow<BuildStep>> {
        let object = what.tags.first().unwrap_or(&what.context);
        self.tap_flow("open_build", object, self.inner.open_build(what)).await
    }
    async fn inspect_images(&self, references: &[String]) -> Result<Each<ImageInfo>> {
        let call = self.inner.inspect_images(references);
        self.tap("inspect_images", references.join(" "), call).await
    }
    async fn registry_digest(&self, reference: &str) -> Result<String> {
        self.tap("registry_digest", reference, self.inner.registry_digest(reference)).await
    }
    async fn list_images(&self) -> Result<Vec<ImageInfo>> {
        self.tap("list_images", "", self.inner.list_images()).await
    }
    async fn tag_image(&self, reference: &str, tag: &str) -> Result<()> {
        let object = format!("{reference} {tag}");
        self.tap("tag_image", object, self.inner.tag_image(reference, tag)).await
    }
    async fn remove_image(&self, reference: &str, force: bool) -> Result<()> {
        self.tap("remove_image", reference, self.inner.remove_image(reference, force)).await
    }
    async fn create_network(&self, spec: &NetworkSpec) -> Result<()> {
        let inner = Arc::clone(&self.inner);
        let what = spec.clone();
        self.tap_effect(
            "create_network",
            &spec.name,
            async move { inner.create_network(&what).await },
        )
        .await
    }
    async fn connect_network(
        &self,
        network: &str,
        id: &str,
        aliases: &[String],
        on: bool,
    ) -> Result<()> {
        let object = format!("{network} {id}{}", if on { "" } else { " off" });
        let inner = Arc::clone(&self.inner);
        let (network, id, aliases) = (network.to_owned(), id.to_owned(), aliases.to_vec());
        let call = async move { inner.connect_network(&network, &id, &aliases, on).await };
        self.tap_effect("connect_network", object, call).await
    }
    async fn remove_network(&self, name: &str) -> Result<()> {
        let inner = Arc::clone(&self.inner);
        let of = name.to_owned();
        self.tap_effect("remove_network", name, async move { inner.remove_network(&of).await })
            .await
    }
    async fn inspect_network(&self, name: &str) -> Result<NetworkInfo> {
        self.tap("inspect_network", name, self.inner.inspect_network(name)).await
    }
    async fn create_volume(&self, spec: &VolumeSpec) -> Result<()> {
        let inner = Arc::clone(&self.inner);
        let what = spec.clone();
        self.tap_effect(
            "create_volume",
            &spec.name,
            async move { inner.create_volume(&what).await },
        )
        .await
    }
    async fn remove_volume(&self, name: &str) -> Result<()> {
        let inner = Arc::clone(&self.inner);
        let of = name.to_owned();
        self.tap_effect("remove_volume", name, async move { inner.remove_volume(&of).await }).await
    }
}
