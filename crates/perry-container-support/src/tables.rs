//! One table per runtime and version range. Sources: the runtimes themselves, measured (docker 28.5.2, podman 4.3.1 and
//! 5.8.6, nerdctl 2.1.6).

use indexmap::IndexMap;

/// How far a runtime can do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// By itself.
    Native,
    /// We do it in its place.
    Emulated,
    /// With a difference, which the table's text tells.
    Partial,
    /// Not at all.
    Unsupported,
}

/// What runtimes differ in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "named after the property or verb")]
pub enum Feature {
    // Verbs.
    Events,
    Rename,
    Pause,
    KillPaused,
    Update,
    ConnectNetwork,
    // What the engine does while nobody looks.
    Health,
    Restart,
    // Properties of containers.
    StartInterval,
    NetworkAlias,
    EndpointOptions,
    GatewayPriority,
    InterfaceName,
    LinkLocalIps,
    HostGateway,
    Domainname,
    Links,
    ImageMount,
    VolumeNoCopy,
    VolumeSubpath,
    VolumeLabels,
    BindRecursive,
    TmpfsOwner,
    VolumesFrom,
    DeviceCgroupRules,
    Gpus,
    Blkio,
    StorageOpt,
    UserNamespace,
    Windows,
    Init,
    // Properties of networks.
    Attachable,
    AuxAddresses,
    Ipv4Switch,
    IpamDriver,
}

/// What one runtime can do. Whatever is not in the table is native.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    /// The runtime, as notes name it.
    pub runtime: String,
    table: IndexMap<Feature, (Level, &'static str)>,
}

impl Capabilities {
    /// A runtime that can do everything: simulations.
    pub fn all(runtime: impl Into<String>) -> Self {
        Self { runtime: runtime.into(), table: IndexMap::new() }
    }

    /// The same with one feature set.
    #[must_use]
    pub fn with(mut self, feature: Feature, level: Level, text: &'static str) -> Self {
        self.table.insert(feature, (level, text));
        self
    }

    /// docker 20 and newer on Linux.
    pub fn docker(version: &str) -> Self {
        let mut all = Self::all("docker")
            .with(Feature::Windows, Level::Unsupported, "works on Windows hosts only")
            .with(Feature::UserNamespace, Level::Partial, "docker knows the mode `host` only");
        let version = parts(version);
        if version < (28, 0) {
            all = all
                .with(Feature::GatewayPriority, Level::Unsupported, "needs docker 28")
                .with(Feature::InterfaceName, Level::Unsupported, "needs docker 28.1")
                .with(Feature::ImageMount, Level::Unsupported, "needs docker 28");
        }
        if version < (25, 0) {
            all = all.with(Feature::StartInterval, Level::Unsupported, "needs docker 25").with(
                Feature::VolumeSubpath,
                Level::Unsupported,
                "needs docker 26",
            );
        }
        all
    }

    /// podman 4 and newer. Without systemd nobody runs its health checks; with it they run, and driving them
    /// ourselves changes nothing.
    pub fn podman(version: &str) -> Self {
        let all = Self::all("podman")
            .with(
                Feature::Health,
                Level::Emulated,
                "podman runs health checks by systemd timers only",
            )
            .with(
                Feature::KillPaused,
                Level::Emulated,
                "podman 4 waits in vain for the end of what is frozen; it is let go on first",
            )
            .with(
                Feature::Restart,
                Level::Partial,
                "podman restarts a container by its monitor: at once, but not after a reboot or when the monitor was killed",
            )
            .with(
                Feature::StartInterval,
                Level::Unsupported,
                "podman has no start interval; the interval is used",
            )
            .with(
                Feature::EndpointOptions,
                Level::Unsupported,
                "podman has no options of endpoints",
            )
            .with(Feature::GatewayPriority, Level::Unsupported, "podman has no gateway priority")
            .with(Feature::LinkLocalIps, Level::Unsupported, "podman gives no link-local addresses")
            .with(Feature::Domainname, Level::Unsupported, "podman has no domain name of its own")
            .with(
                Feature::Links,
                Level::Unsupported,
                "podman has no links; the service's names are found through its networks",
            )
            .with(
                Feature::VolumeNoCopy,
                Level::Unsupported,
                "podman always fills an empty volume from the image",
            )
            .with(
                Feature::VolumeLabels,
                Level::Unsupported,
                "podman gives no labels to anonymous volumes",
            )
            .with(Feature::BindRecursive, Level::Unsupported, "podman binds are always recursive")
            .with(Feature::TmpfsOwner, Level::Unsupported, "podman's tmpfs belongs to root")
            .with(Feature::StorageOpt, Level::Partial, "needs a store on xfs with project quotas")
            .with(Feature::Windows, Level::Unsupported, "works on Windows hosts only")
            .with(
                Feature::Attachable,
                Level::Unsupported,
                "podman networks can always be attached to",
            )
            .with(Feature::AuxAddresses, Level::Unsupported, "podman reserves no addresses")
            .with(Feature::Ipv4Switch, Level::Unsupported, "podman networks always have IPv4")
            .with(
                Feature::IpamDriver,
                Level::Partial,
                "podman knows the address drivers host-local, dhcp and none",
            );
        if parts(version) >= (5, 0) {
            return all;
        }
        all.with(
            Feature::HostGateway,
            Level::Unsupported,
            "podman 4 has no host-gateway; host.containers.internal is the host",
        )
        .with(
            Feature::Gpus,
            Level::Unsupported,
            "podman 4 accepts --gpus and does nothing; name a CDI device",
        )
        .with(Feature::VolumeSubpath, Level::Unsupported, "needs podman 5")
        .with(
            Feature::InterfaceName,
            Level::Partial,
            "podman 4 names interfaces at the command line only",
        )
    }

    /// How far the runtime can do this.
    pub fn level(&self, feature: Feature) -> Level {
        self.table.get(&feature).map_or(Level::Native, |(level, _)| *level)
    }

    /// What is different; empty for what is native.
    pub fn text(&self, feature: Feature) -> &'static str {
        self.table.get(&feature).map_or("", |(_, text)| text)
    }

    /// Whether we have to do this in the runtime's place.
    pub fn emulated(&self, feature: Feature) -> bool {
        self.level(feature) == Level::Emulated
    }
}

/// `28.5.2+dfsg4` is (28, 5); what is no version is the newest.
fn parts(version: &str) -> (u32, u32) {
    let mut numbers = version.split(['.', '-', '+']).map(|part| part.parse().ok());
    match (numbers.next().flatten(), numbers.next().flatten()) {
        (Some(major), minor) => (major, minor.unwrap_or(0)),
        (None, _) => (u32::MAX, 0),
    }
}
