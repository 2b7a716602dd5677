//! JSON that engines send, as far as it is read. Everything may be absent or null, unknown words stay words: docker,
//! podman 4 and podman 5 differ, and bollard's own types refuse what they do not list (podman's state `stopped`).

use indexmap::IndexMap;
use serde::{Deserialize, Deserializer};

/// null is the default.
fn nullable<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

macro_rules! shape {
    ($(#[$meta:meta])* $name:ident { $($field:ident : $type:ty = $key:literal),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Default, Deserialize)]
        #[serde(default)]
        pub(crate) struct $name {
            $(#[serde(rename = $key, deserialize_with = "nullable")] pub(crate) $field: $type,)*
        }
    };
}

shape!(/// `GET /containers/json`.
Summary {
    id: String = "Id",
    names: Vec<String> = "Names",
    image: String = "Image",
    image_id: String = "ImageID",
    command: String = "Command",
    created: i64 = "Created",
    ports: Vec<Port> = "Ports",
    labels: IndexMap<String, String> = "Labels",
    state: String = "State",
    status: String = "Status",
    networks: Networks = "NetworkSettings",
    mounts: Vec<MountPoint> = "Mounts",
});

shape!(/// A row of ports.
Port {
    ip: String = "IP",
    private: u16 = "PrivatePort",
    public: u16 = "PublicPort",
    kind: String = "Type",
});

shape!(/// Where networks hang.
Networks {
    networks: IndexMap<String, EndpointShape> = "Networks",
    ports: IndexMap<String, Option<Vec<HostPort>>> = "Ports",
});

shape!(/// A place in a network.
EndpointShape {
    network_id: String = "NetworkID",
    ipv4: String = "IPAddress",
    ipv6: String = "GlobalIPv6Address",
    mac: String = "MacAddress",
    aliases: Vec<String> = "Aliases",
});

shape!(/// One published port.
HostPort {
    ip: String = "HostIp",
    port: String = "HostPort",
});

shape!(/// A mount as it is.
MountPoint {
    kind: String = "Type",
    name: String = "Name",
    source: String = "Source",
    destination: String = "Destination",
    writable: bool = "RW",
});

shape!(/// `GET /libpod/containers/json`: what podman's other list leaves out.
PodSummary {
    id: String = "Id",
    command: Vec<String> = "Command",
    created: String = "Created",
    started: i64 = "StartedAt",
    exited: i64 = "ExitedAt",
    exit_code: i32 = "ExitCode",
    state: String = "State",
    status: String = "Status",
    restarts: u32 = "Restarts",
});

shape!(/// `GET /containers/{id}/json`.
Inspect {
    id: String = "Id",
    name: String = "Name",
    created: String = "Created",
    path: String = "Path",
    args: Vec<String> = "Args",
    state: StateShape = "State",
    image_id: String = "Image",
    restart_count: u32 = "RestartCount",
    config: Config = "Config",
    mounts: Vec<MountPoint> = "Mounts",
    network: Networks = "NetworkSettings",
    host: HostShape = "HostConfig",
});

shape!(/// What the engine does for a container.
HostShape {
    restart: RestartShape = "RestartPolicy",
});

shape!(/// When a container is started again.
RestartShape {
    name: String = "Name",
    most: u32 = "MaximumRetryCount",
});

shape!(/// How a container is.
StateShape {
    status: String = "Status",
    exit_code: i32 = "ExitCode",
    oom: bool = "OOMKilled",
    error: String = "Error",
    started: String = "StartedAt",
    finished: String = "FinishedAt",
    health: HealthShape = "Health",
});

shape!(/// How its health is. podman has one without a status where there is no check.
HealthShape {
    status: String = "Status",
    log: Vec<ProbeShape> = "Log",
});

shape!(/// One probe.
ProbeShape {
    exit_code: i32 = "ExitCode",
    output: String = "Output",
});

shape!(/// What a container was made from.
Config {
    image: String = "Image",
    labels: IndexMap<String, String> = "Labels",
    tty: bool = "Tty",
    open_stdin: bool = "OpenStdin",
    stdin_once: bool = "StdinOnce",
    entrypoint: serde_json::Value = "Entrypoint",
    cmd: serde_json::Value = "Cmd",
    exposed: IndexMap<String, serde_json::Value> = "ExposedPorts",
    healthcheck: HealthcheckShape = "Healthcheck",
});

shape!(/// A health check.
HealthcheckShape {
    test: Vec<String> = "Test",
    interval: u64 = "Interval",
    timeout: u64 = "Timeout",
    start_period: u64 = "StartPeriod",
    start_interval: u64 = "StartInterval",
    retries: u32 = "Retries",
});

shape!(/// `GET /networks` and `/networks/{id}`.
NetworkShape {
    name: String = "Name",
    id: String = "Id",
    driver: String = "Driver",
    internal: bool = "Internal",
    ipam: IpamShape = "IPAM",
    labels: IndexMap<String, String> = "Labels",
    containers: IndexMap<String, serde_json::Value> = "Containers",
});

shape!(/// Address pools.
IpamShape {
    pools: Vec<PoolShape> = "Config",
});

shape!(/// An address pool.
PoolShape {
    subnet: String = "Subnet",
    range: String = "IPRange",
    gateway: String = "Gateway",
    taken: IndexMap<String, String> = "AuxiliaryAddresses",
});

shape!(/// `GET /volumes`.
VolumeList {
    volumes: Vec<VolumeShape> = "Volumes",
});

shape!(/// A volume.
VolumeShape {
    name: String = "Name",
    driver: String = "Driver",
    mountpoint: String = "Mountpoint",
    labels: IndexMap<String, String> = "Labels",
});

shape!(/// `GET /images/json`.
ImageSummary {
    id: String = "Id",
    tags: Vec<String> = "RepoTags",
    digests: Vec<String> = "RepoDigests",
    created: i64 = "Created",
    size: u64 = "Size",
    labels: IndexMap<String, String> = "Labels",
});

shape!(/// `GET /images/{name}/json`, and podman's own, which has the health check at the top.
ImageShape {
    id: String = "Id",
    tags: Vec<String> = "RepoTags",
    digests: Vec<String> = "RepoDigests",
    created: String = "Created",
    size: u64 = "Size",
    os: String = "Os",
    architecture: String = "Architecture",
    variant: String = "Variant",
    config: Config = "Config",
    healthcheck: HealthcheckShape = "Healthcheck",
    metadata: ImageMetadata = "Metadata",
});

shape!(/// What docker knows of an image besides itself.
ImageMetadata {
    tagged: String = "LastTagTime",
});

shape!(/// What a creation answers.
Created {
    id: String = "Id",
});

shape!(/// How a wait ended.
Waited {
    status: i64 = "StatusCode",
    error: Refused = "Error",
});

shape!(/// A reason.
Refused {
    message: String = "Message",
});

shape!(/// How a command is.
ExecShape {
    running: bool = "Running",
    exit_code: i32 = "ExitCode",
});

shape!(/// Processes.
Processes {
    titles: Vec<String> = "Titles",
    rows: Vec<Vec<String>> = "Processes",
});
