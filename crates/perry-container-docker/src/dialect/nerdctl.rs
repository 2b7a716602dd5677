//! nerdctl.

use super::{
    Builder, Copies, ExecCode, HealthRuns, Lack, NetworkSyntax, Traits,
    docker::{DOCKER, LISTS},
};
use crate::errors;

/// What `nerdctl VERB --help` of 2.1.6 calls `strings`.
const NERDCTL_SLICED: &[(&str, &[&str])] = &[
    (
        "create",
        &[
            "--add-host",
            "--cap-add",
            "--cap-drop",
            "--device",
            "--dns",
            "--dns-option",
            "--dns-search",
            "--group-add",
            "--network",
            "--publish",
            "--ulimit",
        ],
    ),
    ("pull", &["--platform"]),
    ("build", &["--platform"]),
    ("ps", &["--filter"]),
    ("network ls", &["--filter"]),
    ("volume ls", &["--filter"]),
];

/// nerdctl 2 (measured: 2.1.6).
pub(super) const NERDCTL: Traits = Traits {
    name: "nerdctl",
    sliced: NERDCTL_SLICED,
    network: NetworkSyntax::Hosts,
    builder: Builder::Buildkit,
    health_runs: HealthRuns::ByState(&["container", "healthcheck"]),
    copies: Copies::Folder,
    exec_code: ExecCode::Told,
    // ids of networks are cut there, and cannot be had whole
    lists: [LISTS[0], &["network", "ls", "--format={{.Name}}"], LISTS[2]],
    inspect_batch: false,
    tail_none: "--since=1ns", // before now
    attach: &[],
    guards_ports: false,
    security_options: Some(&[
        "apparmor=",
        "no-new-privileges",
        "privileged-without-host-devices",
        "seccomp=",
        "systempaths=",
        "writable-cgroups=",
    ]),
    checks_capabilities: false,
    keeps_notes: true,
    log_piece: None,
    lacks: &[&[
        (Lack::Attachable, "nerdctl networks can always be attached to; leave out `attachable`"),
        (Lack::AuxAddresses, "nerdctl reserves no addresses of a network"),
        (Lack::BindRecursive, "nerdctl binds are always recursive"),
        (
            Lack::ConnectNetwork,
            "nerdctl attaches a container to its networks when it is created, and never after",
        ),
        (Lack::DeviceCgroupRules, "nerdctl has no rules of devices"),
        (Lack::EndpointOptions, "nerdctl has no options of endpoints"),
        (Lack::EventTimes, "nerdctl tells what happens from now on, and nothing of before"),
        (Lack::GatewayPriority, "nerdctl has no gateway priority"),
        (Lack::ImageMount, "nerdctl mounts no images"),
        (Lack::InterfaceName, "nerdctl gives interfaces no names"),
        (Lack::Ipv4Switch, "nerdctl networks always have IPv4"),
        (Lack::LinkLocal, "nerdctl gives no link-local addresses"),
        (Lack::Links, "nerdctl has no links"),
        (Lack::NoCacheFilter, "nerdctl cannot leave out the cache of single stages"),
        (Lack::SeveralAddresses, "nerdctl gives an address to a container of one network only"),
        (Lack::StartInterval, "nerdctl has no start interval of health checks"),
        (Lack::StorageOpt, "nerdctl has no options of the storage driver"),
        (Lack::VolumeDriver, "nerdctl has local volumes without options only"),
        (Lack::VolumeLabels, "nerdctl gives no labels to anonymous volumes"),
        (Lack::VolumeNoCopy, "nerdctl always fills an empty volume from the image"),
        (Lack::VolumeSubpath, "nerdctl mounts whole volumes only"),
        (Lack::Windows, "nerdctl has no Windows containers on Linux"),
    ]],
    errors: errors::NERDCTL,
    ..DOCKER
};
