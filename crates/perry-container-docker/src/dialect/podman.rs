//! podman 4 and 5.

use super::{
    Builder, Copies, EntrypointSyntax, ExecCode, GpuSyntax, HealthRuns, HealthSyntax, Lack,
    NetworkSyntax, Traits,
    docker::{LISTS, SIG_PROXY},
};
use crate::errors;

/// As `podman VERB --help` of 5.8.6 shows them (`strings`).
const PODMAN_5_SLICED: &[(&str, &[&str])] = &[
    (
        "create",
        &[
            "--add-host",
            "--cap-add",
            "--cap-drop",
            "--device-cgroup-rule",
            "--dns",
            "--dns-option",
            "--dns-search",
            "--expose",
            "--group-add",
            "--publish",
            "--sysctl",
            "--ulimit",
        ],
    ),
    ("network connect", &["--alias"]),
    ("build", &["--add-host", "--file", "--platform", "--ulimit"]),
];

/// What no podman does.
const LACKS: &[(Lack, &str)] = &[
    (Lack::Attachable, "podman networks can always be attached to; leave out `attachable`"),
    (Lack::AuxAddresses, "podman reserves no addresses of a network"),
    (Lack::BindRecursive, "podman binds are always recursive"),
    (Lack::Domainname, "podman has no domain name of a container"),
    (Lack::EndpointOptions, "podman has no options of endpoints"),
    (Lack::GatewayPriority, "podman has no gateway priority"),
    (Lack::Ipv4Switch, "podman networks always have IPv4"),
    (Lack::LinkLocal, "podman gives no link-local addresses"),
    (Lack::Links, "podman has no links"),
    (Lack::StartInterval, "podman has no start interval of health checks"),
    (Lack::VolumeLabels, "podman gives no labels to anonymous volumes"),
    (Lack::Windows, "podman has no Windows containers"),
    (Lack::NoCacheFilter, "podman cannot leave out the cache of single stages"),
    (Lack::Provenance, "podman writes no attestations"),
    (Lack::Entitlements, "podman's builds have no entitlements"),
];

/// podman 5 (measured: 5.8.6).
pub(super) const PODMAN_5: Traits = Traits {
    name: "podman",
    sliced: PODMAN_5_SLICED,
    quiet: &["--log-level=error"],
    rm_force: &["-t", "0"],
    rm_batch: true,
    rmi_force: false,
    stop_needs_unpause: true,
    cp_in: &["--archive=false"],
    image_format: &["--format=docker"],
    read_only: &["--read-only-tmpfs=false"],
    tmpfs: &["notmpcopyup"],
    network: NetworkSyntax::Colon,
    entrypoint: EntrypointSyntax::Json,
    health: HealthSyntax::Json,
    gpus: GpuSyntax::Cdi,
    builder: Builder::Buildah,
    events_over: Some("--stream=false"),
    health_runs: HealthRuns::ByCode(&["healthcheck", "run"]),
    copies: Copies::Pipe,
    exec_code: ExecCode::Podman,
    version_asks_nobody: true,
    lists: LISTS,
    inspect_batch: true,
    tail_none: "--tail=0",
    attach: SIG_PROXY,
    guards_ports: true,
    security_options: None,
    checks_capabilities: true,
    keeps_notes: false,
    makes_sources: false,
    env_globs: true,
    network_options: &[("com.docker.network.driver.mtu", "mtu")],
    log_piece: Some(8 * 1024),
    lacks: &[LACKS],
    errors: errors::PODMAN,
};

/// The same of 4.3.1.
const PODMAN_4_SLICED: &[(&str, &[&str])] = &[
    (
        "create",
        &[
            "--add-host",
            "--annotation",
            "--blkio-weight-device",
            "--cap-add",
            "--cap-drop",
            "--device",
            "--device-cgroup-rule",
            "--device-read-bps",
            "--device-read-iops",
            "--device-write-bps",
            "--device-write-iops",
            "--dns",
            "--dns-option",
            "--dns-search",
            "--expose",
            "--group-add",
            "--log-opt",
            "--publish",
            "--sysctl",
            "--ulimit",
        ],
    ),
    ("network connect", &["--alias"]),
    ("volume create", &["--label"]),
    ("build", &["--add-host", "--file", "--platform", "--ulimit"]),
    ("ps", &["--filter"]),
    ("volume ls", &["--filter"]),
];

/// podman 4 (measured: 4.3.1).
pub(super) const PODMAN_4: Traits = Traits {
    sliced: PODMAN_4_SLICED,
    rm_batch: false,
    lacks: &[
        LACKS,
        &[
            (Lack::UpdateRestart, "podman changes restart policies since version 5 only"),
            (Lack::VolumeSubpath, "podman mounts parts of volumes since version 5 only"),
        ],
    ],
    ..PODMAN_5
};
