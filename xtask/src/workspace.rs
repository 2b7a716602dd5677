//! Where things are.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::run::Cmd;

/// The workspace's directory.
pub(crate) fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        here.parent().unwrap_or(here).to_path_buf()
    })
}

/// A path inside the workspace.
pub(crate) fn path(inside: &str) -> PathBuf {
    root().join(inside)
}

/// The cargo that runs us.
pub(crate) fn cargo() -> Cmd {
    let program = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    Cmd::new(program).dir(root())
}

/// Where cargo puts what it builds.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// `cargo metadata` of the whole workspace with all features, on every platform.
pub(crate) fn metadata() -> Result<Value> {
    let out = cargo()
        .args(["metadata", "--format-version=1", "--all-features", "--locked"])
        .capture_ok()?;
    serde_json::from_str(&out).context("reading cargo metadata")
}

/// True if `cargo NAME` is installed.
pub(crate) fn has_cargo_tool(name: &str) -> bool {
    cargo().args([name, "--version"]).capture().is_ok_and(|out| out.code == 0)
}
