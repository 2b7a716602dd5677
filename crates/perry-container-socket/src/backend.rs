//! The seam.

use crate::{
    Endpoint, Options,
    ask::{Ask, Patience},
    containers,
    engine::{self, Engine},
    fault::Flavour,
    images::{self, Known},
    look::{self, ABREAST},
    reference::Reference,
    session,
    shape::{Created, ImageShape, NetworkShape, Processes},
    wire::Wire,
};
use async_trait::async_trait;
use bollard::models::{
    EndpointSettings, Ipam, IpamConfig, NetworkConnectRequest, NetworkCreateRequest,
    NetworkDisconnectRequest, VolumeCreateRequest,
};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use indexmap::IndexMap;
use perry_container_backend::{
    BackendError, ContainerBackend, Each, Feed, Flow, LogChunk, Result, Session,
};
use perry_container_spec::{
    BuildSpec, BuildStep, ContainerHandle, ContainerInfo, ContainerSpec, EngineId, ErrorKind,
    EventOptions, ExecSpec, ExecutionStrategy, HealthProbe, HealthTest, Id, ImageInfo, ImagePull,
    LogOptions, NetworkInfo, NetworkSpec, Observed, Parts, PullStep, Removal, ResourceUpdate,
    RuntimeEvent, Selector, Usage, VolumeSpec,
};
use perry_container_support::Capabilities;
use std::{
    path::PathBuf,
    sync::{Arc, atomic::Ordering},
};

/// docker or podman through the Engine API.
#[derive(Debug)]
pub struct SocketBackend {
    pub(crate) wire: Arc<Wire>,
    pub(crate) engine: Engine,
    pub(crate) known: Known,
    pub(crate) credentials: Option<PathBuf>,
    name: String,
    id: EngineId,
    strategy: ExecutionStrategy,
    capabilities: Capabilities,
}

impl SocketBackend {
    /// Asks who answers at `endpoint` (`unix:///path`, `tcp://host:port`, `npipe:////./pipe/name`) and speaks the version
    /// of the API that both know. With `expect` another product than that is an error: podman often answers at docker's socket.
    ///
    /// # Errors
    /// `Invalid` and `Unsupported` for an endpoint that cannot be spoken to, `EngineDown` when nobody answers, `Permission`
    /// when the socket is not for this user, `Malformed` when what answers is no engine or not the one expected.
    pub async fn connect(
        endpoint: &str,
        expect: Option<Flavour>,
        options: &Options,
    ) -> Result<Self> {
        let endpoint: Endpoint = endpoint.parse()?;
        let text = endpoint.to_string();
        let (wire, engine) = engine::greet(endpoint, options).await?;
        if expect.is_some_and(|expected| expected != engine.flavour) {
            let why = format!("{} answers there", engine.name());
            return Err(BackendError::new("connect to", text, ErrorKind::Malformed, why));
        }
        let name = options.name.clone().unwrap_or_else(|| engine.name().to_owned());
        let mut capabilities = engine.capabilities();
        capabilities.runtime.clone_from(&name);
        Ok(Self {
            name,
            capabilities,
            id: options.engine_id.clone().unwrap_or_else(|| EngineId(text.clone())),
            strategy: ExecutionStrategy::ApiSocket { endpoint: text },
            wire: Arc::new(wire),
            engine,
            known: Known::default(),
            credentials: options.credentials.clone(),
        })
    }

    /// Whose engine answers.
    pub const fn flavour(&self) -> Flavour {
        self.engine.flavour
    }

    /// The version of the API that is spoken, as `(major, minor)`.
    pub const fn api_version(&self) -> (u32, u32) {
        self.engine.api
    }

    /// podman's own API for what takes the name of an image: the compatible one takes every short name for one of Docker Hub.
    fn own(&self, ask: Ask) -> Ask {
        if self.engine.flavour == Flavour::Podman { ask.libpod() } else { ask }
    }

    /// `repo` and `tag` of a new name; podman puts a short one below `localhost` itself.
    fn named(&self, ask: Ask, reference: &str) -> Ask {
        let full = Reference::parse(reference);
        let tag = full.tag.as_deref().unwrap_or("latest");
        let written = reference.strip_suffix(&format!(":{tag}")).unwrap_or(reference);
        let repository =
            if self.engine.flavour == Flavour::Podman { written } else { &full.repository };
        ask.query("repo", repository).query("tag", tag)
    }

    /// How many requests were sent so far.
    pub fn calls(&self) -> u64 {
        self.wire.calls.load(Ordering::Relaxed)
    }
}

fn map<M: FromIterator<(String, String)>>(pairs: &IndexMap<String, String>) -> Option<M> {
    (!pairs.is_empty()).then(|| pairs.iter().map(|(k, v)| (k.clone(), v.clone())).collect())
}

fn network_body(spec: &NetworkSpec) -> NetworkCreateRequest {
    let pools: Vec<_> = spec
        .pools
        .iter()
        .map(|pool| IpamConfig {
            subnet: pool.subnet.clone(),
            ip_range: pool.ip_range.clone(),
            gateway: pool.gateway.clone(),
            auxiliary_addresses: map(&pool.aux_addresses),
        })
        .collect();
    let ipam = Ipam {
        driver: spec.ipam_driver.clone(),
        config: (!pools.is_empty()).then_some(pools),
        options: map(&spec.ipam_options),
    };
    NetworkCreateRequest {
        name: spec.name.clone(),
        driver: spec.driver.clone(),
        internal: spec.internal.then_some(true),
        attachable: spec.attachable.then_some(true),
        ipam: Some(ipam).filter(|ipam| *ipam != Ipam::default()),
        enable_ipv4: spec.ipv4,
        enable_ipv6: spec.ipv6,
        options: map(&spec.driver_opts),
        labels: map(&spec.labels),
        ..NetworkCreateRequest::default()
    }
}

/// How often a network is tried to be made.
const NETWORK_TRIES: u32 = 4;

/// podman 4 reads the addresses of every interface of the host to find a free range, and gives up when one of them
/// vanishes meanwhile, as they do whenever a container ends (4.3.1). Nothing was made then, so it is asked again.
fn interface_vanished(error: &BackendError) -> bool {
    error.text.contains("no such network interface")
}

#[async_trait]
impl ContainerBackend for SocketBackend {
    fn backend_name(&self) -> &str {
        &self.name
    }

    fn engine_id(&self) -> &EngineId {
        &self.id
    }

    fn strategy(&self) -> &ExecutionStrategy {
        &self.strategy
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn version(&self) -> Option<&str> {
        self.engine.version.as_deref()
    }

    async fn check_available(&self) -> Result<()> {
        self.wire.tell(engine::ping(&self.wire.endpoint)).await
    }

    async fn observe(&self, of: &Selector, parts: Parts) -> Result<Observed> {
        self.look(of, parts).await
    }

    async fn inspect_each(&self, ids: &[Id]) -> Result<Each<ContainerInfo>> {
        let one = |id: &Id| {
            let id = id.clone();
            async move {
                let shape = self.shape("inspect", &id).await;
                (id, shape.map(|shape| containers::inspected(shape, self.engine.flavour)))
            }
        };
        Ok(stream::iter(ids.iter().map(one).collect::<Vec<_>>()).buffered(ABREAST).collect().await)
    }

    async fn events(&self, of: &Selector, how: &EventOptions) -> Result<Flow<RuntimeEvent>> {
        self.open_events(of, how).await
    }

    async fn stats(&self, ids: &[Id], follow: bool) -> Result<Flow<Usage>> {
        self.open_stats(ids, follow).await
    }

    async fn top(&self, id: &str, ps_args: &[String]) -> Result<(Vec<String>, Vec<Vec<String>>)> {
        // podman's compatible answer has one title that holds them all.
        let ask = Ask::get("list the processes of", id);
        let ask = if self.engine.flavour == Flavour::Podman { ask.libpod() } else { ask };
        let ask = ask.at("containers").name(id).at("top");
        let ask = match (self.engine.flavour, ps_args) {
            (_, []) => ask,
            (Flavour::Docker, _) => ask.query("ps_args", &ps_args.join(" ")),
            (Flavour::Podman, _) => {
                ps_args.iter().fold(ask, |ask, word| ask.query("ps_args", word))
            }
        };
        let processes: Processes = self.wire.value(ask).await?;
        Ok((processes.titles, processes.rows))
    }

    async fn wait(&self, id: &str) -> Result<i32> {
        let answer = self.wire.send(session::waiting(id, "not-running")).await?;
        session::waited(answer, id).await
    }

    async fn create(&self, spec: &ContainerSpec) -> Result<ContainerHandle> {
        self.make(spec).await
    }

    async fn start(&self, id: &str) -> Result<()> {
        self.wire.tell(Self::container("start", id, Ask::post).at("start")).await
    }

    async fn stop(&self, id: &str, timeout: Option<u32>) -> Result<()> {
        self.halt(id, timeout).await
    }

    async fn kill(&self, id: &str, signal: &str) -> Result<()> {
        self.wire
            .tell(Self::container("kill", id, Ask::post).at("kill").query("signal", signal))
            .await
    }

    async fn pause(&self, id: &str, paused: bool) -> Result<()> {
        let (verb, path) = if paused { ("pause", "pause") } else { ("unpause", "unpause") };
        self.wire.tell(Self::container(verb, id, Ask::post).at(path)).await
    }

    async fn rename(&self, id: &str, name: &str) -> Result<()> {
        self.wire
            .tell(Self::container("rename", id, Ask::post).at("rename").query("name", name))
            .await
    }

    async fn update(&self, id: &str, what: &ResourceUpdate) -> Result<()> {
        self.change(id, what).await
    }

    async fn remove_each(&self, ids: &[Id], how: &Removal) -> Result<Each<()>> {
        Ok(self.remove_all(ids, how).await)
    }

    async fn probe_health(&self, id: &str, test: &HealthTest) -> Result<HealthProbe> {
        self.probe(id, test).await
    }

    async fn open_logs(&self, id: &str, how: &LogOptions) -> Result<Flow<LogChunk>> {
        self.logged(id, how).await
    }

    async fn open_exec(&self, id: &str, what: &ExecSpec, input: Feed) -> Result<Session> {
        self.exec(id, what, input).await
    }

    async fn attach(&self, id: &str, input: Feed) -> Result<Session> {
        self.attached(id, input).await
    }

    async fn copy_in(&self, id: &str, path: &str, tar: Flow<Bytes>) -> Result<()> {
        self.unpack(id, path, tar).await
    }

    async fn copy_out(&self, id: &str, path: &str) -> Result<Flow<Bytes>> {
        let ask = Self::container("copy from", id, Ask::get).at("archive").query("path", path);
        Ok(self.wire.send(ask.patience(Patience::Silence)).await?.flow())
    }

    async fn commit(&self, id: &str, reference: &str) -> Result<Id> {
        let ask = self.own(Ask::post("commit", id)).at("commit").query("container", id);
        let ask = if reference.is_empty() { ask } else { self.named(ask, reference) };
        // podman wants a body, even with nothing in it, and keeps a health check in docker's format only.
        let ask = ask.query("format", "docker").json(&serde_json::json!({}));
        let made: Created = self.wire.value(ask).await?;
        Ok(containers::image_id(&made.id))
    }

    async fn pull(&self, what: &ImagePull) -> Result<Flow<PullStep>> {
        self.open_pull(what).await
    }

    async fn push(&self, reference: &str) -> Result<Flow<PullStep>> {
        self.open_push(reference).await
    }

    async fn open_build(&self, what: &BuildSpec) -> Result<Flow<BuildStep>> {
        self.builds(what).await
    }

    async fn inspect_images(&self, references: &[String]) -> Result<Each<ImageInfo>> {
        let one = |reference: &String| {
            let reference = reference.clone();
            async move {
                let shape = self
                    .wire
                    .value::<ImageShape>(images::inspect(self.engine.flavour, &reference))
                    .await;
                let info = shape.map(|shape| images::info(shape, &reference));
                (reference, info)
            }
        };
        Ok(stream::iter(references.iter().map(one).collect::<Vec<_>>())
            .buffered(ABREAST)
            .collect()
            .await)
    }

    async fn registry_digest(&self, reference: &str) -> Result<String> {
        self.digest_of(reference).await
    }

    async fn list_images(&self) -> Result<Vec<ImageInfo>> {
        Ok(images::all(&self.image_rows().await?))
    }

    async fn tag_image(&self, reference: &str, tag: &str) -> Result<()> {
        let ask =
            self.own(Ask::post("tag image", reference)).at("images").reference(reference).at("tag");
        self.wire.tell(self.named(ask, tag)).await
    }

    async fn remove_image(&self, reference: &str, force: bool) -> Result<()> {
        let ask =
            self.own(Ask::delete("remove image", reference)).at("images").reference(reference);
        self.wire.tell(ask.flag("force", force)).await
    }

    async fn create_network(&self, spec: &NetworkSpec) -> Result<()> {
        let ask = || {
            Ask::post("create network", &spec.name).at("networks/create").json(&network_body(spec))
        };
        let mut tries = 1;
        loop {
            match self.wire.tell(ask()).await {
                Err(error) if tries < NETWORK_TRIES && interface_vanished(&error) => tries += 1,
                answer => return answer,
            }
        }
    }

    async fn connect_network(
        &self,
        network: &str,
        id: &str,
        aliases: &[String],
        on: bool,
    ) -> Result<()> {
        let verb = if on { "connect to network" } else { "disconnect from network" };
        let ask = Ask::post(verb, network).at("networks").name(network);
        if !on {
            let body = NetworkDisconnectRequest { container: id.to_owned(), force: None };
            return self.wire.tell(ask.at("disconnect").json(&body)).await;
        }
        let endpoint = EndpointSettings {
            aliases: (!aliases.is_empty()).then(|| aliases.to_vec()),
            ..EndpointSettings::default()
        };
        let body =
            NetworkConnectRequest { container: id.to_owned(), endpoint_config: Some(endpoint) };
        self.wire.tell(ask.at("connect").json(&body)).await
    }

    async fn remove_network(&self, name: &str) -> Result<()> {
        self.wire.tell(Ask::delete("remove network", name).at("networks").name(name)).await
    }

    async fn inspect_network(&self, name: &str) -> Result<NetworkInfo> {
        let ask = Ask::get("inspect network", name).at("networks").name(name);
        Ok(look::network(self.wire.value::<NetworkShape>(ask).await?))
    }

    async fn create_volume(&self, spec: &VolumeSpec) -> Result<()> {
        let body = VolumeCreateRequest {
            name: Some(spec.name.clone()),
            driver: spec.driver.clone(),
            driver_opts: map(&spec.driver_opts),
            labels: map(&spec.labels),
            cluster_volume_spec: None,
        };
        self.wire
            .tell(Ask::post("create volume", &spec.name).at("volumes/create").json(&body))
            .await
    }

    async fn remove_volume(&self, name: &str) -> Result<()> {
        self.wire.tell(Ask::delete("remove volume", name).at("volumes").name(name)).await
    }
}
