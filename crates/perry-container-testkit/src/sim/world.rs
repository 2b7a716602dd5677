//! Everything the simulated runtime holds.

use super::{
    Script,
    clock::stamp,
    container::{Container, Next, Told},
    containers::Containers,
    shell::files::Files,
};
use indexmap::{IndexMap, IndexSet};
use perry_container_spec::{
    Endpoint, ErrorKind, Id, ImageInfo, IpamPool, Network, NetworkInfo, NetworkSpec, Protocol,
    PublishedPort, RuntimeEvent, State, VolumeInfo,
};
use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::Duration,
};
use tokio::{task::AbortHandle, time::Instant};

pub(crate) type Reply<T> = Result<T, (ErrorKind, String)>;

pub(crate) fn no<T>(kind: ErrorKind, text: impl Into<String>) -> Reply<T> {
    Err((kind, text.into()))
}

/// Something that happened. Events outlive their containers, so that many hold the same labels.
pub(crate) struct Happened {
    pub(crate) at: Instant,
    pub(crate) kind: Told,
    pub(crate) id: Id,
    pub(crate) name: String,
    pub(crate) image: String,
    pub(crate) labels: Arc<IndexMap<String, String>>,
}

impl Happened {
    pub(crate) fn event(&self, begin: Instant) -> RuntimeEvent {
        let mut attributes = IndexMap::from([("image".to_owned(), self.image.clone())]);
        if let Told::Die(Some(code)) = &self.kind {
            attributes.insert("exitCode".to_owned(), code.to_string());
        }
        RuntimeEvent {
            time: stamp(begin, self.at),
            kind: self.kind.clone(),
            id: self.id.clone(),
            name: self.name.clone(),
            labels: (*self.labels).clone(),
            attributes,
        }
    }
}

/// An image: one value under each of its references.
#[derive(Clone)]
pub(crate) struct Image {
    pub(crate) id: Id,
    pub(crate) created: Instant,
    pub(crate) script: Script,
    pub(crate) labels: IndexMap<String, String>,
    /// Made in a container that was committed.
    pub(crate) files: Files,
}

pub(crate) struct World {
    pub(crate) begin: Instant,
    pub(crate) containers: Containers,
    pub(crate) networks: IndexMap<String, NetworkInfo>,
    /// Addresses in use, by network.
    pub(crate) addresses: IndexMap<String, Addresses>,
    pub(crate) volumes: IndexMap<String, VolumeInfo>,
    pub(crate) anonymous: IndexSet<String>,
    pub(crate) volume_files: IndexMap<String, Files>,
    /// The main processes of containers that have a shell, and the starts they are of.
    pub(crate) tasks: IndexMap<Id, (Instant, AbortHandle)>,
    pub(crate) images: IndexMap<String, Image>,
    /// What can be pulled: script and how often it was published.
    pub(crate) registry: IndexMap<String, (Script, u32)>,
    pub(crate) any_image: bool,
    /// What builds come to, by the tag they are given.
    pub(crate) builds: IndexMap<String, Result<Script, String>>,
    /// What containers of this name do, whatever their image says.
    pub(crate) scripts: IndexMap<String, Script>,
    /// Host ports that other programs hold.
    pub(crate) occupied: IndexSet<u16>,
    pub(crate) events: Vec<Happened>,
    /// How many networks and images were made.
    pub(crate) made: u64,
    /// How many containers were made.
    pub(crate) born: u64,
    pub(crate) native_health: bool,
    pub(crate) native_restart: bool,
}

/// `redis` is `docker.io/library/redis:latest`.
pub(crate) fn normal(reference: &str) -> String {
    if reference.starts_with("sha256:") {
        return reference.to_owned();
    }
    let (name, digest) = match reference.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (reference, None),
    };
    let (first, rest) = name.split_once('/').unwrap_or(("", name));
    let host = first.contains(['.', ':']) || first == "localhost";
    let full = match (host, first) {
        (true, _) => name.to_owned(),
        (false, "") => format!("docker.io/library/{rest}"),
        (false, _) => format!("docker.io/{name}"),
    };
    match digest {
        Some(digest) => format!("{full}@{digest}"),
        None if full.rsplit('/').next().is_some_and(|last| last.contains(':')) => full,
        None => format!("{full}:latest"),
    }
}

/// 64 hex digits that depend on the text alone.
pub(crate) fn digest(text: &str) -> String {
    (0..4u64)
        .map(|part| {
            let mut hash = 0xcbf2_9ce4_8422_2325 ^ part;
            for byte in text.bytes() {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
            format!("{hash:016x}")
        })
        .collect()
}

impl World {
    pub(crate) fn new(begin: Instant) -> Self {
        Self {
            begin,
            containers: Containers::default(),
            networks: IndexMap::new(),
            addresses: IndexMap::new(),
            volumes: IndexMap::new(),
            anonymous: IndexSet::new(),
            volume_files: IndexMap::new(),
            tasks: IndexMap::new(),
            images: IndexMap::new(),
            registry: IndexMap::new(),
            any_image: false,
            builds: IndexMap::new(),
            scripts: IndexMap::new(),
            occupied: IndexSet::new(),
            events: Vec::new(),
            made: 0,
            born: 0,
            native_health: true,
            native_restart: true,
        }
    }

    /// A container by id or name.
    pub(crate) fn find(&self, id: &str) -> Reply<Id> {
        if self.containers.contains_key(id) {
            return Ok(id.to_owned());
        }
        let named = self.containers.named(id);
        named
            .map(|c| c.id.clone())
            .ok_or_else(|| (ErrorKind::NotFound, format!("no such container: {id}")))
    }

    pub(crate) fn container(&mut self, id: &str) -> Reply<&mut Container> {
        let id = self.find(id)?;
        Ok(&mut self.containers[&id])
    }

    pub(crate) fn running(&mut self, id: &str) -> Reply<&mut Container> {
        let container = self.container(id)?;
        if container.state == State::Running {
            return Ok(container);
        }
        no(ErrorKind::NotRunning, format!("container {} is not running", container.name))
    }

    pub(crate) fn name_is_free(&self, name: &str) -> Reply<()> {
        match self.containers.named(name) {
            Some(c) => no(
                ErrorKind::Conflict,
                format!(
                    "the container name \"/{name}\" is already in use by container \"{}\"",
                    c.id
                ),
            ),
            None => Ok(()),
        }
    }

    pub(crate) fn tell(&mut self, id: &str, at: Instant, kind: Told) {
        if let Some(c) = self.containers.get(id) {
            let (id, name, labels) = (c.id.clone(), c.name.clone(), Arc::clone(&c.labels));
            let image = c.spec.image.clone();
            self.events.push(Happened { at, kind, id, name, image, labels });
        }
    }

    /// When something happens by itself next.
    pub(crate) fn next(&mut self) -> Option<Instant> {
        self.containers.next().map(|(at, ..)| at)
    }

    /// Lets everything happen that is due.
    pub(crate) fn settle(&mut self, now: Instant) {
        while let Some((at, next, id)) = self.containers.next().filter(|(at, ..)| *at <= now) {
            let (health, restart) = (self.native_health, self.native_restart);
            let container = &mut self.containers[&id];
            match next {
                Next::Print => container.print(at),
                Next::Probe => {
                    if let Some(health) = container.probe(at) {
                        self.tell(&id, at, Told::Health(health));
                    }
                }
                Next::Exit(code) => {
                    let again = container.exit(at, code, restart);
                    let gone = container.spec.auto_remove && !again;
                    self.release(&id);
                    self.tell(&id, at, Told::Die(Some(code)));
                    if gone {
                        self.forget(&id, at, true);
                    }
                }
                Next::Restart => {
                    container.begin(at, health);
                    if let Err((_, text)) = self.claim(&id) {
                        let container = &mut self.containers[&id];
                        container.exit(at, 128, false);
                        container.error = Some(text);
                    } else {
                        self.tell(&id, at, Told::Start);
                    }
                }
            }
        }
    }

    /// Gives it addresses and ports.
    pub(crate) fn claim(&mut self, id: &str) -> Reply<()> {
        let mut ports = Vec::new();
        for wanted in &self.containers[id].spec.ports {
            let ip = wanted.ip.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
            let taken = |host: u16| {
                self.occupied.contains(&host)
                    || self.port_taken(ip, host, wanted.protocol)
                    || ports.iter().any(|p: &PublishedPort| {
                        p.host == Some(host) && p.protocol == wanted.protocol
                    })
            };
            let (first, last) = wanted.host.unwrap_or((32_768, 60_999));
            let Some(host) = (first..=last).find(|host| !taken(*host)) else {
                return no(
                    ErrorKind::PortInUse,
                    format!("Bind for {ip}:{first} failed: port is already allocated"),
                );
            };
            let (container, protocol) = (wanted.container, wanted.protocol);
            ports.push(PublishedPort { container, protocol, ip: Some(ip), host: Some(host) });
        }
        let names: Vec<String> = self.containers[id].networks.keys().cloned().collect();
        for name in names {
            let Some(network) = self.networks.get(&name) else {
                return no(ErrorKind::NotFound, format!("network {name} not found"));
            };
            let net = self.networks.get_index_of(&name).unwrap_or(0);
            let wanted = self.containers[id]
                .spec
                .network
                .attachments()
                .iter()
                .find(|a| a.network == name)
                .and_then(|a| a.ipv4.clone());
            let network_id = network.id.clone();
            let ipv4 = self.addresses.entry(name.clone()).or_default().take(net, wanted);
            let endpoint = &mut self.containers[id].networks[&name];
            (endpoint.ipv4, endpoint.network_id) = (ipv4, network_id);
            self.networks[&name].containers.push(id.to_owned());
        }
        self.containers[id].ports = ports;
        Ok(())
    }

    fn port_taken(&self, ip: IpAddr, host: u16, protocol: Protocol) -> bool {
        let clash = |p: &PublishedPort| {
            p.host == Some(host)
                && p.protocol == protocol
                && (ip.is_unspecified()
                    || p.ip.is_none_or(|other| other == ip || other.is_unspecified()))
        };
        self.containers.values().any(|c| c.ports.iter().any(clash))
    }

    /// Takes addresses and ports away.
    pub(crate) fn release(&mut self, id: &str) {
        if let Some((_, task)) = self.tasks.shift_remove(id) {
            task.abort();
        }
        let container = &mut self.containers[id];
        container.ports.clear();
        for (name, endpoint) in &mut container.networks {
            let ip = std::mem::take(&mut endpoint.ipv4);
            if let Some(addresses) = self.addresses.get_mut(name) {
                addresses.give_back(&ip);
            }
            if let Some(network) = self.networks.get_mut(name) {
                network.containers.retain(|c| c != id);
            }
        }
    }

    /// Removes a container, and its anonymous volumes.
    pub(crate) fn forget(&mut self, id: &str, now: Instant, volumes: bool) {
        self.release(id);
        self.tell(id, now, Told::Destroy);
        let Some(gone) = self.containers.remove(id) else { return };
        for name in gone.mounts.iter().filter_map(|mount| mount.name.as_ref()) {
            let used = self
                .containers
                .values()
                .any(|c| c.mounts.iter().any(|m| m.name.as_ref() == Some(name)));
            if volumes && !used && self.anonymous.shift_remove(name) {
                self.volumes.shift_remove(name);
                self.volume_files.shift_remove(name);
            }
        }
    }

    pub(crate) fn add_network(&mut self, spec: &NetworkSpec) {
        self.made += 1;
        let mut pools = spec.pools.clone();
        if pools.is_empty() {
            let net = 17 + self.networks.len() % 200;
            let subnet = Some(format!("172.{net}.0.0/16"));
            let gateway = Some(format!("172.{net}.0.1"));
            pools.push(IpamPool { subnet, gateway, ..IpamPool::default() });
        }
        let info = NetworkInfo {
            id: digest(&format!("{}#{}", spec.name, self.made)),
            name: spec.name.clone(),
            driver: spec.driver.clone().unwrap_or_else(|| "bridge".to_owned()),
            internal: spec.internal,
            pools,
            labels: spec.labels.clone(),
            containers: Vec::new(),
        };
        self.networks.insert(spec.name.clone(), info);
    }

    /// A named volume, made when it is not there, as every real runtime does.
    pub(crate) fn need_volume(&mut self, name: &str, labels: &IndexMap<String, String>) {
        self.volumes.entry(name.to_owned()).or_insert_with(|| VolumeInfo {
            name: name.to_owned(),
            driver: "local".to_owned(),
            mountpoint: format!("/var/lib/sim/volumes/{name}/_data"),
            labels: labels.clone(),
        });
    }

    pub(crate) fn volume_users(&self, name: &str) -> impl Iterator<Item = &Container> {
        let uses = move |c: &&Container| c.mounts.iter().any(|m| m.name.as_deref() == Some(name));
        self.containers.values().filter(uses)
    }

    pub(crate) fn network_users(&self, name: &str) -> impl Iterator<Item = &Container> {
        self.containers.values().filter(move |c| c.networks.contains_key(name))
    }

    /// The address of a container that runs in a network with this one, by one of its names.
    pub(crate) fn resolve(&self, id: &str, host: &str) -> Option<String> {
        let mine = &self.containers.get(id)?.networks;
        let others = self.containers.values().filter(|c| c.state.is_up());
        others.into_iter().find_map(|other| {
            let shared = other.networks.iter().filter(|(name, _)| mine.contains_key(*name));
            let mut named = shared
                .filter(|(_, end)| other.name == host || end.aliases.iter().any(|a| a == host));
            named.next().map(|(_, endpoint)| endpoint.ipv4.clone())
        })
    }

    /// By reference or id.
    pub(crate) fn image(&self, reference: &str) -> Option<&Image> {
        let full = normal(reference);
        self.images.get(&full).or_else(|| self.images.values().find(|image| image.id == full))
    }

    pub(crate) fn image_info(&self, reference: &str, image: &Image) -> ImageInfo {
        // What was pulled by a digest has that one.
        let same = self.images.iter().filter(|(_, other)| other.id == image.id);
        let mut digests: Vec<String> =
            same.map(|(name, _)| name.clone()).filter(|name| name.contains('@')).collect();
        let (repository, tag) = reference.rsplit_once(':').unwrap_or((reference, ""));
        if digests.is_empty() {
            digests.push(format!("{repository}@sha256:{}", digest(&image.id)));
        }
        ImageInfo {
            id: image.id.clone(),
            repository: repository.to_owned(),
            tag: tag.to_owned(),
            size: 1_000_000,
            created: stamp(self.begin, image.created),
            tagged: String::new(),
            digests,
            platform: "linux/amd64".to_owned(),
            has_healthcheck: self.native_health.then_some(image.script.has_healthcheck),
            entrypoint: Some(Vec::new()),
            labels: image.labels.clone(),
        }
    }

    /// The digest that an image has once it is pulled.
    pub(crate) fn registry_digest(&self, reference: &str) -> Option<String> {
        let reference = normal(reference);
        let known = self.registry.get(&reference).map(|(_, revision)| *revision);
        let revision = known.or_else(|| self.any_image.then_some(1))?;
        Some(format!("sha256:{}", digest(&image_id(&reference, revision))))
    }

    pub(crate) fn add_image(
        &mut self,
        reference: &str,
        revision: u32,
        script: Script,
        now: Instant,
    ) -> Id {
        let reference = normal(reference);
        let id = image_id(&reference, revision);
        let image = Image {
            id: id.clone(),
            created: now,
            script,
            labels: IndexMap::new(),
            files: Files::new(),
        };
        self.images.insert(reference, image);
        id
    }

    /// The endpoints a spec asks for; all networks must be there.
    pub(crate) fn endpoints(
        &self,
        spec: &perry_container_spec::ContainerSpec,
    ) -> Reply<IndexMap<String, Endpoint>> {
        let mut found = IndexMap::new();
        let named = match &spec.network {
            Network::Named(name) => vec![(name.clone(), Vec::new(), None)],
            Network::Attached(all) => {
                all.iter().map(|a| (a.network.clone(), a.aliases.clone(), a.mac.clone())).collect()
            }
            Network::Default => vec![("bridge".to_owned(), Vec::new(), None)],
            Network::None | Network::Host | Network::Container(_) => Vec::new(),
        };
        for (name, aliases, mac) in named {
            let Some(network) = self.networks.get(&name) else {
                return no(ErrorKind::NotFound, format!("network {name} not found"));
            };
            let endpoint = Endpoint {
                network_id: network.id.clone(),
                aliases,
                mac: mac.unwrap_or_default(),
                ..Endpoint::default()
            };
            found.insert(name, endpoint);
        }
        Ok(found)
    }
}

/// The addresses of a network that are in use, and the lowest host that may be free.
#[derive(Default)]
pub(crate) struct Addresses {
    used: IndexMap<String, Option<usize>>,
    free: usize,
}

impl Addresses {
    /// The wanted one, else the lowest that nobody has.
    fn take(&mut self, network: usize, wanted: Option<String>) -> String {
        if let Some(ip) = wanted {
            self.used.entry(ip.clone()).or_default();
            return ip;
        }
        let mut host = self.free.max(2);
        loop {
            let ip = address(network, host);
            if !self.used.contains_key(&ip) {
                self.used.insert(ip.clone(), Some(host));
                self.free = host + 1;
                return ip;
            }
            host += 1;
        }
    }

    fn give_back(&mut self, ip: &str) {
        if let Some(Some(host)) = self.used.swap_remove(ip) {
            self.free = self.free.min(host);
        }
    }
}

fn address(network: usize, host: usize) -> String {
    format!("172.{}.{}.{}", 17 + network % 200, host / 256, host % 256)
}

/// How long a call takes.
pub(crate) fn cost(verb: &str) -> Duration {
    Duration::from_millis(match verb {
        "pull" | "build" | "push" => 400,
        "create" => 100,
        "start" | "stop" | "kill" | "remove" | "exec" | "commit" => 50,
        "observe" | "inspect" | "inspect images" | "list images" => 20,
        _ => 10,
    })
}

fn image_id(reference: &str, revision: u32) -> Id {
    format!("sha256:{}", digest(&format!("{reference}#{revision}")))
}
