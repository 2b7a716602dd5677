//! `deny.toml` on a machine without cargo-deny: licences, banned crates, sources. Advisories need its database
//! and stay with cargo-deny in the workflows.

use anyhow::{Context as _, Result};
use serde::Deserialize;
use serde_json::Value;

use super::{Findings, spdx};
use crate::workspace::{self, cargo, has_cargo_tool};

/// The part of `deny.toml` that is read here.
#[derive(Deserialize)]
struct Deny {
    licenses: Licences,
    bans: Bans,
    sources: Sources,
}

#[derive(Deserialize)]
struct Licences {
    allow: Vec<String>,
    #[serde(default)]
    exceptions: Vec<Exception>,
}

#[derive(Deserialize)]
struct Exception {
    #[serde(rename = "crate", alias = "name")]
    name: String,
    allow: Vec<String>,
}

#[derive(Deserialize)]
struct Bans {
    #[serde(default)]
    deny: Vec<Ban>,
}

#[derive(Deserialize)]
struct Ban {
    #[serde(rename = "crate")]
    name: String,
    reason: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Sources {
    allow_registry: Vec<String>,
}

pub(crate) fn check(metadata: &Value) -> Result<Findings> {
    let mut findings = Findings::default();
    let text = std::fs::read_to_string(workspace::path("deny.toml"))?;
    let deny: Deny = toml::from_str(&text).context("deny.toml")?;
    let allowed_sources: Vec<String> =
        deny.sources.allow_registry.iter().map(|registry| format!("registry+{registry}")).collect();
    for package in metadata["packages"].as_array().context("packages")? {
        let name = package["name"].as_str().unwrap_or_default();
        let id = format!("{name} {}", package["version"].as_str().unwrap_or_default());
        if let Some(ban) = deny.bans.deny.iter().find(|ban| ban.name == name) {
            findings.fault(format!("{id} is banned: {}", ban.reason));
        }
        // Ours have no source and are not published.
        let Some(source) = package["source"].as_str() else {
            wildcards(package, &mut findings);
            continue;
        };
        if !allowed_sources.iter().any(|allowed| allowed == source) {
            findings.fault(format!("{id} comes from {source}, which deny.toml does not allow"));
        }
        let mut allow = deny.licenses.allow.clone();
        let exceptions = deny.licenses.exceptions.iter().filter(|one| one.name == name);
        allow.extend(exceptions.flat_map(|one| one.allow.clone()));
        match package["license"].as_str() {
            None => findings.fault(format!("{id} names no licence")),
            Some(licence) => match spdx::allowed(licence, &allow) {
                Some(true) => {}
                Some(false) => findings.fault(format!("{id}: licence {licence} is not allowed")),
                None => findings.fault(format!("{id}: licence {licence:?} cannot be read")),
            },
        }
    }
    if has_cargo_tool("deny") {
        let out = cargo()
            .args(["deny", "--offline", "check", "bans", "licenses", "sources"])
            .capture()?;
        if out.code != 0 {
            findings.fault(format!("cargo deny: {}", out.stderr.trim()));
        }
    }
    Ok(findings)
}

fn wildcards(package: &Value, findings: &mut Findings) {
    for dependency in package["dependencies"].as_array().into_iter().flatten() {
        if dependency["req"] == "*" && dependency["path"].is_null() {
            findings
                .fault(format!("{} takes any version of {}", package["name"], dependency["name"]));
        }
    }
}
