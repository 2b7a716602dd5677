//! docker's contexts, read from its configuration (docker/cli, `cli/context/store`).

use crate::{Machine, endpoint::Endpoint};
use perry_container_process::Environment;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::path::PathBuf;

/// What the docker client would talk to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Selected {
    /// What it takes when nothing is configured.
    Default,
    /// An endpoint from `DOCKER_HOST` or a context.
    Endpoint(Endpoint),
    /// A context whose endpoint has certificates: the client knows how to use them.
    Context(String, Endpoint),
}

/// The client's own order: `DOCKER_HOST`, `DOCKER_CONTEXT`, the current context of its configuration.
pub(crate) fn selected(machine: &dyn Machine, env: &Environment) -> Result<Selected, String> {
    let set = |name| env.get(name).map(str::trim).filter(|value| !value.is_empty());
    if let Some(host) = set("DOCKER_HOST") {
        let mut endpoint = Endpoint::new(host);
        endpoint.tls |= endpoint.url.starts_with("tcp://")
            && (set("DOCKER_TLS_VERIFY").is_some() || set("DOCKER_TLS").is_some());
        return Ok(Selected::Endpoint(endpoint));
    }
    let home = || set("HOME").map(|home| PathBuf::from(home).join(".docker"));
    let Some(config) = set("DOCKER_CONFIG").map(PathBuf::from).or_else(home) else {
        return Ok(Selected::Default);
    };
    let name = match set("DOCKER_CONTEXT") {
        Some(name) => name.to_owned(),
        None => machine
            .read(&config.join("config.json"))
            .and_then(|content| serde_json::from_slice::<Value>(&content).ok())
            .and_then(|config| Some(config.get("currentContext")?.as_str()?.to_owned()))
            .unwrap_or_default(),
    };
    if name.is_empty() || name == "default" {
        return Ok(Selected::Default);
    }
    let hash = Sha256::digest(&name);
    let directory = hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let meta = config.join("contexts/meta").join(&directory).join("meta.json");
    let content =
        machine.read(&meta).ok_or_else(|| format!("docker's context `{name}` does not exist"))?;
    let unusable = |why: &str| format!("docker's context `{name}` cannot be used: {why}");
    let meta: Value = serde_json::from_slice(&content).map_err(|e| unusable(&e.to_string()))?;
    let docker = &meta["Endpoints"]["docker"];
    let host = docker["Host"].as_str().filter(|host| !host.is_empty());
    let mut endpoint = Endpoint::new(host.ok_or_else(|| unusable("it names no docker endpoint"))?);
    let certificates = config.join("contexts/tls").join(&directory).join("docker");
    let secured = docker["SkipTLSVerify"].as_bool() == Some(true)
        || ["ca.pem", "cert.pem"]
            .iter()
            .any(|file| machine.read(&certificates.join(file)).is_some());
    if secured && endpoint.url.starts_with("tcp://") {
        endpoint.tls = true;
        return Ok(Selected::Context(name, endpoint));
    }
    Ok(Selected::Endpoint(endpoint))
}
