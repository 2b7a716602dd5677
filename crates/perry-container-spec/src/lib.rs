#![doc = include_str!("../README.md")]

mod backend;
mod capability;
mod container;
mod info;
mod kind;
mod late;
mod network;
mod observed;
mod ops;
mod ports;
mod sensitive;
mod storage;
mod time;

pub use backend::{BackendInfo, EngineId, ExecutionStrategy, IsolationLevel, Locality};
pub use capability::is_capability;
pub use container::{
    Blkio, BlkioDevice, ContainerHandle, ContainerSpec, Device, DeviceRequest, HealthTest,
    Healthcheck, InjectedFile, Link, Logging, Namespace, Resources, RestartPolicy, Ulimit,
    VolumesFrom,
};
pub use info::{
    ContainerInfo, ContainerLogs, ENTRYPOINT_LABEL, Endpoint, Health, ImageInfo, MountInfo,
    NetworkInfo, PublishedPort, State, VolumeInfo,
};
pub use kind::ErrorKind;
pub use late::{Late, Ref, UnitId, Value};
pub use network::{Attachment, IpamPool, Network, NetworkSpec};
pub use observed::{Observed, Parts, Selector};
pub use ops::{
    BuildSecret, BuildSpec, BuildStep, EventOptions, ExecSpec, HealthProbe, ImagePull, LogOptions,
    LogSource, PullStep, Removal, ResourceUpdate, RuntimeEvent, RuntimeEventKind, Usage,
};
pub use ports::{BadPort, PortBinding, Protocol};
pub use sensitive::Sensitive;
pub use storage::{BadMount, Mount, MountKind, Propagation, Selinux, VolumeSpec};
pub use time::Timestamp;

/// A runtime's own identifier of a container, a network, a volume or an image.
pub type Id = String;
