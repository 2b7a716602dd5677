//! docker, and the products with docker inside.

use crate::{
    Feature::*,
    table::{Row, Table},
};

const MEASURED: &str = "measured: docker 28.5.2";
const NOTES: &str = "read: docker's release notes";
const DOCS: &str = "read: the product's documentation";

/// docker 20 and newer on Linux.
pub static DOCKER: Table = Table {
    runtime: "docker",
    base: None,
    newest: "28.5.2",
    rows: &[
        Row::native(
            &[
                Privileged,
                SeccompProfile,
                NoNewPrivileges,
                LinuxCapabilities,
                SecurityOptions,
                SystemPaths,
                ReadOnlyRootfs,
                RunAsUser,
                GroupAdd,
                IpcNamespaceShare,
                PidNamespaceShare,
                UtsNamespace,
                CgroupNamespace,
                CgroupParent,
                Restart,
                Health,
                RmOnExit,
                Init,
                StopSignal,
                StopTimeout,
                NetworkAlias,
                SeveralNetworks,
                EndpointOptions,
                LinkLocalIps,
                StaticIp,
                MacAddress,
                HostNetwork,
                ContainerNetwork,
                Hostname,
                Domainname,
                ExtraHosts,
                HostGateway,
                Dns,
                Links,
                Expose,
                PublishedPorts,
                RandomPorts,
            ],
            MEASURED,
        ),
        Row::native(
            &[
                NamedVolumes,
                BindMounts,
                BindOutsideHome,
                BindPropagation,
                BindRecursive,
                SelinuxMountLabels,
                TmpfsMounts,
                TmpfsOptions,
                TmpfsOwner,
                VolumeNoCopy,
                VolumeLabels,
                VolumesFrom,
                Memory,
                MemoryDetails,
                Cpus,
                CpuDetails,
                Pids,
                Ulimits,
                Sysctls,
                ShmSize,
                Blkio,
                Devices,
                DeviceCgroupRules,
                Gpus,
                Annotations,
                LogDriver,
                OciRuntime,
            ],
            MEASURED,
        ),
        Row::native(
            &[
                UserDefinedBridge,
                InternalNetwork,
                Attachable,
                AuxAddresses,
                Ipv6,
                IpamDriver,
                IpamPools,
                NetworkDriver,
                NetworkOptions,
                VolumeDriver,
                VolumeOptions,
                MultiArchPull,
                Build,
                Commit,
                TagImage,
            ],
            MEASURED,
        ),
        Row::native(
            &[
                Events,
                Wait,
                ExitStatus,
                Rename,
                Pause,
                KillPaused,
                Update,
                ConnectNetwork,
                Attach,
                Terminal,
                Top,
                Stats,
                LogStreams,
                LogTimes,
                CopyFiles,
                OddLabels,
            ],
            MEASURED,
        ),
        Row::native(&[ImageSignatureVerify], "read: Perry's determinism matrix"),
        Row::native(&[StartInterval], MEASURED).since(25, 0),
        Row::unsupported(&[StartInterval], "needs docker 25", NOTES).before(25, 0),
        Row::native(&[VolumeSubpath], MEASURED).since(26, 0),
        Row::unsupported(&[VolumeSubpath], "needs docker 26", NOTES).before(26, 0),
        Row::native(&[GatewayPriority, ImageMount, Ipv4Switch], MEASURED).since(28, 0),
        Row::unsupported(&[GatewayPriority, ImageMount, Ipv4Switch], "needs docker 28", NOTES)
            .before(28, 0),
        Row::native(&[InterfaceName], MEASURED).since(28, 1),
        Row::unsupported(&[InterfaceName], "needs docker 28.1", NOTES).before(28, 1),
        Row::partial(&[UserNamespace], "docker knows the mode `host` only", MEASURED),
        Row::partial(&[StorageOpt], "needs a store on xfs with project quotas", MEASURED),
        Row::unsupported(&[Windows], "works on Windows hosts only", MEASURED),
    ],
};

/// Said of products with the engine in a virtual machine.
const NO_GPU: Row =
    Row::unsupported(&[Gpus], "a virtual machine on macOS has no GPU to hand on", DOCS);
const HOME_ONLY: Row = Row::partial(
    &[BindOutsideHome],
    "the engine sees only what its virtual machine mounts: the home directory, if nothing else was configured",
    DOCS,
);

/// OrbStack: docker's own engine in a machine of its own.
pub static ORBSTACK: Table =
    Table { runtime: "orbstack", base: Some(&DOCKER), newest: DOCKER.newest, rows: &[NO_GPU] };

/// colima with docker inside.
pub static COLIMA: Table = Table {
    runtime: "colima",
    base: Some(&DOCKER),
    newest: DOCKER.newest,
    rows: &[NO_GPU, HOME_ONLY],
};

/// Rancher Desktop with docker (moby) inside.
pub static RANCHER_DESKTOP: Table = Table {
    runtime: "rancher-desktop",
    base: Some(&DOCKER),
    newest: DOCKER.newest,
    rows: &[NO_GPU, HOME_ONLY],
};
