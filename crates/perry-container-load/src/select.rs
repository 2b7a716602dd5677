//! Profiles, and services named on the command line.

use std::collections::BTreeSet;

use indexmap::{IndexMap, IndexSet};
use perry_container_graph::closure;
use perry_container_model::{ComposeService, ComposeSpec, VolumeType};
use perry_container_yaml::{Node, Span};

use crate::{
    Options, ProblemKind, PropertyPath,
    problem::{Fault, Faults},
};

/// All profiles any service is in, sorted.
pub(crate) fn profiles(root: &Node) -> Vec<String> {
    let mut found = BTreeSet::new();
    for (_, service) in services(root) {
        found.extend(profiles_of(service).map(str::to_owned));
    }
    found.into_iter().collect()
}

/// The services that are on: those without profiles, those in an active one. Naming a service
/// activates its profiles.
///
/// # Errors
/// A name that is no service's.
pub(crate) fn enabled(root: &Node, options: &Options) -> Result<IndexSet<String>, Faults> {
    let mut active: BTreeSet<&str> = options.profiles.iter().map(String::as_str).collect();
    if active.is_empty() {
        // An empty `COMPOSE_PROFILES` is one empty name to the reference.
        active.insert("");
    }
    for name in &options.services {
        let Some((_, service)) = services(root).find(|(known, _)| *known == name) else {
            let root = PropertyPath::root();
            let message = format!("no such service: {name}");
            return Err(Fault::new(ProblemKind::Undefined, &root, Span::default(), message).into());
        };
        active.extend(profiles_of(service));
    }
    let on = |service: &Node| {
        active.contains("*")
            || profiles_of(service).next().is_none()
            || profiles_of(service).any(|profile| active.contains(profile))
    };
    Ok(services(root).filter(|(_, s)| on(s)).map(|(name, _)| name.to_owned()).collect())
}

fn services(root: &Node) -> impl Iterator<Item = (&str, &Node)> {
    let services = root.get("services").and_then(Node::as_map);
    services.into_iter().flatten().map(|(name, entry)| (name.as_str(), &entry.value))
}

fn profiles_of(service: &Node) -> impl Iterator<Item = &str> {
    let profiles = service.get("profiles").and_then(Node::as_seq);
    profiles.into_iter().flatten().filter_map(Node::as_str)
}

/// Moves services that are off out of the model.
pub(crate) fn split(
    spec: &mut ComposeSpec,
    enabled: &IndexSet<String>,
) -> IndexMap<String, ComposeService> {
    let (on, off) = std::mem::take(&mut spec.services)
        .into_iter()
        .partition(|(name, _)| enabled.contains(name));
    spec.services = on;
    off
}

/// Keeps the named services and what they depend on; the rest goes to the disabled ones.
pub(crate) fn select(
    spec: &mut ComposeSpec,
    disabled: &mut IndexMap<String, ComposeService>,
    options: &Options,
) {
    if options.services.is_empty() {
        return;
    }
    let deps: IndexMap<&str, Vec<&str>> = spec
        .services
        .iter()
        .map(|(name, service)| {
            let on = service.depends_on.keys().map(String::as_str);
            (name.as_str(), on.filter(|name| spec.services.contains_key(*name)).collect())
        })
        .collect();
    let named: Vec<&str> = options.services.iter().map(String::as_str).collect();
    let kept: BTreeSet<String> = if options.steps.with_dependencies {
        closure(&deps, &named).into_iter().map(|name| (*name).to_owned()).collect()
    } else {
        named.into_iter().map(str::to_owned).collect()
    };
    let (on, off): (IndexMap<_, _>, IndexMap<_, _>) =
        std::mem::take(&mut spec.services).into_iter().partition(|(name, _)| kept.contains(name));
    spec.services = on;
    disabled.extend(off);
    for service in spec.services.values_mut() {
        service.depends_on.retain(|name, _| kept.contains(name));
    }
}

/// Drops networks, volumes, secrets and configs that no service uses.
pub(crate) fn prune(spec: &mut ComposeSpec) {
    let services = spec.services.values();
    let networks: BTreeSet<&str> =
        services.clone().flat_map(|s| s.networks.keys().map(String::as_str)).collect();
    let volumes: BTreeSet<&str> = services
        .clone()
        .flat_map(|s| &s.volumes)
        .filter(|volume| volume.kind == VolumeType::Volume)
        .filter_map(|volume| volume.source.as_deref())
        .collect();
    let secrets: BTreeSet<&str> = services
        .clone()
        .flat_map(|s| s.secrets.iter().chain(s.build.iter().flat_map(|build| &build.secrets)))
        .filter_map(|secret| secret.source.as_deref())
        .collect();
    let configs: BTreeSet<&str> = services
        .clone()
        .flat_map(|s| &s.configs)
        .filter_map(|config| config.source.as_deref())
        .collect();
    let models: BTreeSet<&str> =
        services.flat_map(|s| s.models.keys().map(String::as_str)).collect();
    spec.networks.retain(|name, _| networks.contains(name.as_str()));
    spec.volumes.retain(|name, _| volumes.contains(name.as_str()));
    spec.secrets.retain(|name, _| secrets.contains(name.as_str()));
    spec.configs.retain(|name, _| configs.contains(name.as_str()));
    spec.models.retain(|name, _| models.contains(name.as_str()));
}
