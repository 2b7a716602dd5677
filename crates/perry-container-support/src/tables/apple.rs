//! apple/container.

use crate::{
    Feature::*,
    table::{Row, Table},
};

const FLAGS: &str = "read: apple/container 1.2.2, Flags.swift";
const COMMANDS: &str = "read: apple/container 1.2.2, its commands";

/// apple/container: every container is a virtual machine of its own.
pub static APPLE: Table = Table {
    runtime: "apple/container",
    base: None,
    newest: "1.2.2",
    rows: &[
        Row::native(
            &[
                LinuxCapabilities,
                ReadOnlyRootfs,
                RunAsUser,
                RmOnExit,
                Init,
                SeveralNetworks,
                MacAddress,
                Dns,
                PublishedPorts,
                NamedVolumes,
                BindMounts,
                BindOutsideHome,
                TmpfsMounts,
                Memory,
                Ulimits,
                ShmSize,
                OciRuntime,
            ],
            FLAGS,
        ),
        Row::native(&[Ipv6, VolumeOptions, MultiArchPull, TagImage, Terminal], COMMANDS),
        Row::unsupported(&[Privileged], "apple/container has no privileged containers", FLAGS),
        Row::unsupported(&[SeccompProfile], "apple/container has no seccomp profiles", FLAGS),
        Row::unsupported(&[NoNewPrivileges], "apple/container cannot forbid new privileges", FLAGS),
        Row::unsupported(&[SecurityOptions], "apple/container has no security options", FLAGS),
        Row::unsupported(&[SystemPaths], "apple/container masks what it masks", FLAGS),
        Row::unsupported(&[GroupAdd], "apple/container adds no groups", FLAGS),
        Row::unsupported(
            &[
                IpcNamespaceShare,
                PidNamespaceShare,
                UtsNamespace,
                CgroupNamespace,
                CgroupParent,
                UserNamespace,
            ],
            "every container of apple/container has a kernel of its own",
            FLAGS,
        ),
        Row::unsupported(
            &[HostNetwork, ContainerNetwork],
            "every container of apple/container has a network of its own",
            FLAGS,
        ),
        Row::emulated(&[Restart], "apple/container restarts nothing", FLAGS),
        Row::emulated(&[Health], "apple/container runs no health checks", FLAGS),
        Row::unsupported(
            &[StartInterval],
            "apple/container has no start interval; the interval is used",
            FLAGS,
        ),
        Row::emulated(
            &[StopSignal, StopTimeout],
            "apple/container takes signal and time when it stops a container; until then a label keeps them",
            FLAGS,
        ),
        Row::unsupported(&[NetworkAlias], "apple/container has no network aliases", FLAGS),
        Row::unsupported(
            &[EndpointOptions, GatewayPriority, InterfaceName, LinkLocalIps, StaticIp],
            "apple/container has no such option of an attachment",
            FLAGS,
        ),
        Row::unsupported(
            &[Hostname],
            "the host name is the container's name on apple/container",
            FLAGS,
        ),
        Row::unsupported(&[Domainname], "apple/container has no domain name of its own", FLAGS),
        Row::unsupported(
            &[ExtraHosts, HostGateway],
            "apple/container adds no lines to /etc/hosts",
            FLAGS,
        ),
        Row::unsupported(&[Links], "apple/container has no links", FLAGS),
        Row::unsupported(&[Expose], "apple/container notes no ports that are not published", FLAGS),
        Row::unsupported(&[RandomPorts], "apple/container picks no ports", FLAGS),
        Row::unsupported(
            &[BindPropagation, BindRecursive, SelinuxMountLabels],
            "the binds of apple/container have no such option",
            FLAGS,
        ),
        Row::unsupported(
            &[TmpfsOptions, TmpfsOwner],
            "the tmpfs of apple/container has no options",
            FLAGS,
        ),
        Row::unsupported(&[ImageMount], "apple/container mounts no images", FLAGS),
        Row::unsupported(
            &[VolumeNoCopy, VolumeSubpath, VolumeLabels],
            "the volumes of apple/container have no such option",
            FLAGS,
        ),
        Row::unsupported(&[VolumesFrom], "apple/container shares no volumes", FLAGS),
        Row::unsupported(
            &[MemoryDetails, CpuDetails, Pids, Blkio],
            "apple/container limits memory and CPUs only",
            FLAGS,
        ),
        Row::partial(&[Cpus], "apple/container gives whole CPUs", FLAGS),
        Row::unsupported(&[Sysctls], "apple/container has no kernel parameters", FLAGS),
        Row::unsupported(
            &[Devices, DeviceCgroupRules, Gpus],
            "apple/container hands on no devices",
            FLAGS,
        ),
        Row::unsupported(
            &[StorageOpt, Annotations, LogDriver],
            "apple/container has no such option",
            FLAGS,
        ),
        Row::unsupported(&[Windows], "works on Windows hosts only", FLAGS),
        Row::partial(
            &[UserDefinedBridge],
            "needs macOS 26 and `container system start` with the network plugin loaded",
            COMMANDS,
        ),
        Row::partial(&[InternalNetwork], "needs macOS 26, as every network of one's own", COMMANDS),
        Row::unsupported(
            &[Attachable, AuxAddresses, Ipv4Switch, IpamDriver],
            "apple/container's networks have no such option",
            COMMANDS,
        ),
        Row::unsupported(
            &[NetworkDriver],
            "apple/container has plugins instead of drivers",
            COMMANDS,
        ),
        Row::native(&[NetworkOptions], COMMANDS),
        Row::unsupported(&[VolumeDriver], "apple/container has local volumes only", COMMANDS),
        Row::emulated(
            &[ImageSignatureVerify],
            "signatures are checked here, before the pull",
            COMMANDS,
        ),
        Row::partial(
            &[Build],
            "needs the builder's virtual machine; a build file has 16 KiB at most",
            COMMANDS,
        ),
        Row::unsupported(&[Commit], "apple/container makes no images of containers", COMMANDS),
        Row::unsupported(&[Events], "apple/container tells no events", COMMANDS),
        Row::partial(
            &[IpamPools],
            "apple/container takes a subnet, but no gateway and no range of addresses",
            COMMANDS,
        ),
        Row::emulated(
            &[Wait],
            "apple/container cannot wait; it is looked at again and again",
            COMMANDS,
        ),
        Row::unsupported(
            &[Attach],
            "apple/container attaches to what it starts itself only",
            COMMANDS,
        ),
        Row::partial(
            &[Stats],
            "apple/container tells the time of the CPU since the start, but no share",
            COMMANDS,
        ),
        Row::unsupported(
            &[ExitStatus],
            "apple/container keeps no exit status of what was started and left",
            COMMANDS,
        ),
        Row::unsupported(&[Rename], "the name is the identity on apple/container", COMMANDS),
        Row::unsupported(&[Pause, KillPaused], "apple/container freezes nothing", COMMANDS),
        Row::unsupported(&[Update], "apple/container changes no limits while it runs", COMMANDS),
        Row::unsupported(
            &[ConnectNetwork],
            "apple/container attaches a container to its networks when it is created, and never after",
            COMMANDS,
        ),
        Row::unsupported(&[Top], "apple/container lists no processes", COMMANDS),
        Row::unsupported(
            &[LogStreams],
            "apple/container keeps output and errors in one log",
            COMMANDS,
        ),
        Row::unsupported(&[LogTimes], "the logs of apple/container have no times", COMMANDS),
        Row::partial(
            &[CopyFiles],
            "files go in and out by the container's own `tar`, while it runs",
            COMMANDS,
        ),
        Row::emulated(
            &[OddLabels],
            "a label's value has no `=` on apple/container, a network's label key no `_`; both are written in another way",
            COMMANDS,
        ),
    ],
};
