//! What runtimes differ in.

use serde::{Serialize, Serializer};
use std::fmt;

/// What a feature belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Group {
    /// A property of containers.
    Container,
    /// A property of networks.
    Network,
    /// A property of volumes.
    Volume,
    /// What is done with an image.
    Image,
    /// A verb: what can be done with what is there, and what can be asked.
    Verb,
}

impl Group {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Container, Self::Network, Self::Volume, Self::Image, Self::Verb];

    /// Its title.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Container => "Containers",
            Self::Network => "Networks",
            Self::Volume => "Volumes",
            Self::Image => "Images",
            Self::Verb => "Verbs",
        }
    }
}

macro_rules! features {
    ($($group:ident { $($variant:ident $id:literal $what:literal,)* })*) => {
        /// What runtimes differ in.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Feature {
            $($(#[doc = concat!("`", $id, "`: ", $what, ".")] $variant,)*)*
        }

        impl Feature {
            /// All of them, in the order of the tables.
            pub const ALL: &'static [Self] = &[$($(Self::$variant,)*)*];

            /// Its identifier in tables and JSON.
            pub const fn id(self) -> &'static str {
                match self { $($(Self::$variant => $id,)*)* }
            }

            /// What it is, in a few words.
            pub const fn what(self) -> &'static str {
                match self { $($(Self::$variant => $what,)*)* }
            }

            /// What it belongs to.
            pub const fn group(self) -> Group {
                match self { $($(Self::$variant => Group::$group,)*)* }
            }
        }
    };
}

features! {
    Container {
        Privileged "privileged" "all devices and capabilities",
        SeccompProfile "seccomp_profile" "a seccomp profile of one's own",
        NoNewPrivileges "no_new_privileges" "nothing in it gains privileges",
        LinuxCapabilities "linux_capabilities" "capabilities added and dropped",
        SecurityOptions "security_options" "AppArmor, SELinux and other security options",
        SystemPaths "system_paths" "the paths of /proc and /sys unmasked",
        ReadOnlyRootfs "read_only_rootfs" "a root file system that is not written to",
        RunAsUser "run_as_user" "another user than the image's",
        GroupAdd "group_add" "further groups",
        IpcNamespaceShare "ipc_namespace_share" "the IPC namespace of the host or another container",
        PidNamespaceShare "pid_namespace_share" "the process namespace of the host or another container",
        UtsNamespace "uts_namespace" "the host's UTS namespace",
        CgroupNamespace "cgroup_namespace" "a mode of the control group namespace",
        CgroupParent "cgroup_parent" "a parent control group",
        UserNamespace "user_namespace" "a user namespace other than the host's",
        Restart "restart_policy" "restarted by the engine while nobody looks",
        Health "healthcheck_native" "health checks by the engine while nobody looks",
        StartInterval "start_interval" "a shorter interval of health checks while it starts",
        RmOnExit "rm_on_exit" "removed as soon as it ends",
        Init "init" "an init process",
        StopSignal "stop_signal" "a signal of its own that stops it",
        StopTimeout "stop_timeout" "a time of its own to stop, kept by the engine",
        NetworkAlias "network_alias" "further names in a network",
        SeveralNetworks "several_networks" "more than one network",
        EndpointOptions "endpoint_options" "driver options of one attachment",
        GatewayPriority "gateway_priority" "which network is the default gateway",
        InterfaceName "interface_name" "the name of an interface",
        LinkLocalIps "link_local_ips" "link-local addresses",
        StaticIp "static_ip" "a fixed address",
        MacAddress "mac_address" "a fixed MAC address",
        HostNetwork "host_network" "the host's network",
        ContainerNetwork "container_network" "another container's network",
        Hostname "hostname" "a host name",
        Domainname "domainname" "a domain name",
        ExtraHosts "extra_hosts" "further lines of /etc/hosts",
        HostGateway "host_gateway" "the host's address among them",
        Dns "dns" "name servers, search domains and options of its own",
        Links "links" "legacy links",
        Expose "expose" "ports documented but not published",
        PublishedPorts "published_ports" "ports of the host that lead to it",
        RandomPorts "random_ports" "ports of the host that the engine picks",
        NamedVolumes "named_volumes" "volumes with a name",
        BindMounts "bind_mounts" "paths of the host",
        BindOutsideHome "bind_outside_home" "paths of the host outside of home directories",
        BindPropagation "bind_propagation" "how mounts below a bind travel",
        BindRecursive "bind_recursive" "a bind without what is mounted below it",
        SelinuxMountLabels "selinux_mount_labels" "binds relabelled for SELinux",
        TmpfsMounts "tmpfs_mounts" "mounts in memory",
        TmpfsOptions "tmpfs_options" "their size, mode and other options",
        TmpfsOwner "tmpfs_owner" "their owner",
        ImageMount "image_mount" "the root of an image as a mount",
        VolumeNoCopy "volume_nocopy" "an empty volume that is not filled from the image",
        VolumeSubpath "volume_subpath" "a path below the root of a volume",
        VolumeLabels "volume_labels" "labels of anonymous volumes",
        VolumesFrom "volumes_from" "all volumes of another container",
        Memory "memory" "a limit of memory",
        MemoryDetails "memory_details" "reserved memory, swap and what happens when it runs out",
        Cpus "cpus" "a limit of CPUs, also a part of one",
        CpuDetails "cpu_details" "shares, quotas and sets of CPUs",
        Pids "pids" "a limit of processes",
        Ulimits "ulimits" "resource limits of processes",
        Sysctls "sysctls" "kernel parameters of its namespaces",
        ShmSize "shm_size" "the size of /dev/shm",
        Blkio "blkio" "limits of block I/O",
        Devices "devices" "devices of the host",
        DeviceCgroupRules "device_cgroup_rules" "rules of devices",
        Gpus "gpus" "devices by driver and capability",
        StorageOpt "storage_opt" "options of the storage driver",
        Annotations "annotations" "OCI annotations",
        LogDriver "log_driver" "where its output goes",
        OciRuntime "oci_runtime" "another OCI runtime",
        Windows "windows" "what exists on Windows hosts only",
    }
    Network {
        UserDefinedBridge "user_defined_bridge" "networks of one's own with names in them",
        InternalNetwork "internal_network" "a network without a way out",
        Attachable "attachable" "a network that stand-alone containers may join",
        AuxAddresses "aux_addresses" "addresses that are not given away",
        Ipv4Switch "ipv4_switch" "a network without IPv4",
        Ipv6 "ipv6" "a network with IPv6",
        IpamDriver "ipam_driver" "another driver of addresses",
        IpamPools "ipam_pools" "its subnet, gateway and range of addresses",
        NetworkDriver "network_driver" "another driver than the default one",
        NetworkOptions "network_options" "options of the driver",
    }
    Volume {
        VolumeDriver "volume_driver" "another driver than the default one",
        VolumeOptions "volume_options" "options of the driver",
    }
    Image {
        MultiArchPull "multi_arch_pull" "an image of another platform, or an error",
        ImageSignatureVerify "image_signature_verify" "signatures checked before anything is made of an image",
        Build "build" "images from build files",
        Commit "commit" "an image of a container",
        TagImage "tag_image" "a further name for an image",
    }
    Verb {
        Events "events" "what happens is told",
        Wait "wait" "waiting for an end, with its status",
        ExitStatus "exit_status" "the status with which it ended",
        Rename "rename" "another name for what is there",
        Pause "pause" "all processes frozen",
        KillPaused "kill_paused" "killed while it is frozen",
        Update "update" "limits changed while it runs",
        ConnectNetwork "connect_network" "attached to a network later",
        Attach "attach" "input and output of what was created",
        Terminal "terminal" "commands run in a terminal",
        Top "top" "its processes listed",
        Stats "stats" "its use told",
        LogStreams "log_streams" "output and errors told apart",
        LogTimes "log_times" "lines with their times, and only those since one",
        CopyFiles "copy_files" "files copied in and out",
        OddLabels "odd_labels" "label values with `=` in them, keys with `_`",
    }
}

impl Feature {
    /// The axes of Perry's determinism matrix, in its order and with its identifiers.
    pub const AXES: [Self; 20] = [
        Self::Privileged,
        Self::SeccompProfile,
        Self::NoNewPrivileges,
        Self::LinuxCapabilities,
        Self::ReadOnlyRootfs,
        Self::RunAsUser,
        Self::NetworkAlias,
        Self::UserDefinedBridge,
        Self::InternalNetwork,
        Self::IpcNamespaceShare,
        Self::PidNamespaceShare,
        Self::Restart,
        Self::Health,
        Self::RmOnExit,
        Self::NamedVolumes,
        Self::BindMounts,
        Self::SelinuxMountLabels,
        Self::TmpfsMounts,
        Self::ImageSignatureVerify,
        Self::MultiArchPull,
    ];

    /// Whether a container, a network or a volume does the same without it: leaving it out loses nothing.
    pub const fn is_hint(self) -> bool {
        matches!(self, Self::Expose | Self::Attachable)
    }

    /// The feature of this identifier.
    ///
    /// ```
    /// # use perry_container_support::Feature;
    /// assert_eq!(Feature::named("healthcheck_native"), Some(Feature::Health));
    /// assert_eq!(Feature::named("teleport"), None);
    /// ```
    pub fn named(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|feature| feature.id() == id)
    }
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

impl Serialize for Feature {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}
