//! docker.

use super::{
    Builder, Copies, EntrypointSyntax, ExecCode, GpuSyntax, HealthRuns, HealthSyntax,
    NetworkSyntax, Traits,
};
use crate::errors;

pub(super) const LISTS: [&[&str]; 3] =
    [&["ps", "-aq", "--no-trunc"], &["network", "ls", "-q", "--no-trunc"], &["volume", "ls", "-q"]];

/// Signals go to the container by `kill`, not through a client that may be gone.
pub(super) const SIG_PROXY: &[&str] = &["--sig-proxy=false"];

pub(super) const DOCKER: Traits = Traits {
    name: "docker",
    sliced: &[],
    quiet: &[],
    rm_force: &[],
    rm_batch: true,
    rmi_force: true,
    stop_needs_unpause: false,
    cp_in: &[],
    image_format: &[],
    read_only: &[],
    tmpfs: &[],
    network: NetworkSyntax::Fields,
    entrypoint: EntrypointSyntax::Word,
    health: HealthSyntax::Shell,
    gpus: GpuSyntax::Gpus,
    builder: Builder::Buildx,
    events_over: None,
    health_runs: HealthRuns::Engine,
    copies: Copies::Pipe,
    exec_code: ExecCode::Docker,
    version_asks_nobody: false,
    lists: LISTS,
    inspect_batch: true,
    tail_none: "--tail=0",
    attach: SIG_PROXY,
    guards_ports: true,
    security_options: None,
    checks_capabilities: true,
    keeps_notes: false,
    makes_sources: true,
    env_globs: false,
    network_options: &[],
    log_piece: Some(16 * 1024),
    lacks: &[],
    errors: errors::DOCKER,
};
