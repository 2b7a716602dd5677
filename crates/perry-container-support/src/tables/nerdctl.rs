//! nerdctl, and the nerdctl inside lima.

use crate::{
    Feature::*,
    table::{Row, Table},
};

const MEASURED: &str = "measured: nerdctl 2.1.6";
const READ: &str = "read: nerdctl 2.1.6, docs/command-reference.md";
const LIMAS: &str = "read: lima 2.2.0, its templates and documentation";

/// nerdctl 2.
pub static NERDCTL: Table = Table {
    runtime: "nerdctl",
    base: None,
    newest: "2.1.6",
    rows: &[
        Row::native(
            &[
                Privileged,
                SeccompProfile,
                NoNewPrivileges,
                SystemPaths,
                ReadOnlyRootfs,
                RunAsUser,
                GroupAdd,
                IpcNamespaceShare,
                PidNamespaceShare,
                UtsNamespace,
                CgroupNamespace,
                CgroupParent,
                RmOnExit,
                StopSignal,
                StopTimeout,
                SeveralNetworks,
                MacAddress,
                HostNetwork,
                ContainerNetwork,
                Hostname,
                Domainname,
                HostGateway,
                Dns,
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
                TmpfsMounts,
                TmpfsOptions,
                TmpfsOwner,
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
                Ipv6,
                IpamPools,
                NetworkDriver,
                NetworkOptions,
                Commit,
                TagImage,
            ],
            MEASURED,
        ),
        Row::native(
            &[
                Wait, ExitStatus, Rename, Pause, KillPaused, Update, Terminal, Top, Stats,
                LogStreams, LogTimes, OddLabels,
            ],
            MEASURED,
        ),
        Row::native(&[ImageSignatureVerify], READ),
        Row::emulated(&[Health], "nerdctl runs health checks by systemd timers only", MEASURED),
        Row::unsupported(
            &[StartInterval],
            "nerdctl has no start interval; the interval is used",
            MEASURED,
        ),
        Row::partial(
            &[Restart],
            "containerd looks every ten seconds whether a container is to be started again",
            MEASURED,
        ),
        Row::emulated(
            &[NetworkAlias],
            "nerdctl has no network aliases; they are names in the hosts files, in every network of the container",
            MEASURED,
        ),
        Row::partial(
            &[Events],
            "nerdctl tells what happens from now on, and not who stopped or killed a container",
            MEASURED,
        ),
        Row::unsupported(
            &[Attach],
            "nerdctl attaches to what it runs itself only, not to what was started",
            MEASURED,
        ),
        Row::emulated(
            &[CopyFiles],
            "nerdctl has no pipe for archives; files go by a folder of this machine",
            MEASURED,
        ),
        Row::unsupported(&[EndpointOptions], "nerdctl has no options of endpoints", MEASURED),
        Row::unsupported(&[GatewayPriority], "nerdctl has no gateway priority", READ),
        Row::unsupported(&[InterfaceName], "nerdctl has no names of interfaces", READ),
        Row::unsupported(&[LinkLocalIps], "nerdctl gives no link-local addresses", READ),
        Row::unsupported(
            &[ConnectNetwork],
            "nerdctl attaches a container to its networks when it is created, and never after",
            MEASURED,
        ),
        Row::partial(&[StaticIp], "the address must lie in the network's ip_range", MEASURED),
        Row::partial(&[ExtraHosts], "nerdctl writes an IPv6 address wrongly", MEASURED),
        Row::unsupported(
            &[Links],
            "nerdctl has no links; the names of containers are found through its networks",
            MEASURED,
        ),
        Row::emulated(
            &[Expose],
            "nerdctl notes no ports that are not published; they are in a label",
            MEASURED,
        ),
        Row::partial(
            &[LinuxCapabilities],
            "nerdctl accepts capabilities that nobody knows and leaves them out",
            MEASURED,
        ),
        Row::partial(
            &[SecurityOptions],
            "nerdctl leaves out security options that it does not know, `label` among them",
            MEASURED,
        ),
        Row::unsupported(&[SelinuxMountLabels], "nerdctl relabels no binds", MEASURED),
        Row::unsupported(&[BindRecursive], "nerdctl binds are always recursive", MEASURED),
        Row::unsupported(&[ImageMount], "nerdctl mounts no images", MEASURED),
        Row::unsupported(
            &[VolumeNoCopy],
            "nerdctl always fills an empty volume from the image",
            MEASURED,
        ),
        Row::unsupported(&[VolumeSubpath], "nerdctl mounts whole volumes only", MEASURED),
        Row::unsupported(&[VolumeLabels], "nerdctl gives no labels to anonymous volumes", READ),
        Row::partial(&[Init], "needs `tini` on the PATH", MEASURED),
        Row::unsupported(&[DeviceCgroupRules], "nerdctl has no rules of devices", MEASURED),
        Row::unsupported(&[StorageOpt], "nerdctl has no options of the storage driver", MEASURED),
        Row::unsupported(&[UserNamespace], "nerdctl knows the mode `host` only", MEASURED),
        Row::unsupported(&[Windows], "works on Windows hosts only", READ),
        Row::unsupported(&[Attachable], "nerdctl networks can always be attached to", MEASURED),
        Row::unsupported(&[AuxAddresses], "nerdctl reserves no addresses", MEASURED),
        Row::unsupported(&[Ipv4Switch], "nerdctl networks always have IPv4", READ),
        Row::partial(&[IpamDriver], "nerdctl knows the address drivers of CNI", READ),
        Row::unsupported(&[VolumeDriver], "nerdctl has local volumes only", MEASURED),
        Row::unsupported(&[VolumeOptions], "nerdctl's volumes have no options", MEASURED),
        Row::partial(
            &[MultiArchPull],
            "nerdctl takes an image of another platform when there is none of that one",
            MEASURED,
        ),
        Row::partial(&[Build], "needs buildkitd", MEASURED),
    ],
};

/// The nerdctl of an instance of lima.
pub static LIMA: Table = Table {
    runtime: "lima",
    base: Some(&NERDCTL),
    newest: NERDCTL.newest,
    rows: &[
        Row::partial(
            &[BindMounts],
            "the instance mounts the home directory, read-only if nothing else was configured",
            LIMAS,
        ),
        Row::partial(
            &[BindOutsideHome],
            "the engine sees only what its instance mounts: the home directory, if nothing else was configured",
            LIMAS,
        ),
        Row::partial(&[HostNetwork], "it is the instance's network, not this machine's", LIMAS),
        Row::unsupported(&[Gpus], "an instance of lima has no GPU to hand on", LIMAS),
    ],
};
