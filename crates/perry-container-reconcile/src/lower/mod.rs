//! From the Compose model to the desired state.

mod deploy;
mod files;
mod image;
mod labels;
mod mounts;
mod network;
mod ports;
mod service;

use crate::{Desired, DesiredNetwork, DesiredVolume, hash::sha256};
use indexmap::IndexMap;
use perry_container_model::{
    ComposeNetwork, ComposeSpec, ComposeVolume, Separator, network_hash_text, volume_hash_text,
};
use perry_container_spec::{IpamPool, NetworkSpec, Sensitive, UnitId, VolumeSpec};
use std::fmt;

/// What lowering has to know besides the model.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// The project's name.
    pub project: String,
    /// Its directory, for a label.
    pub working_dir: String,
    /// Its files, absolute, for a label.
    pub config_files: Vec<String>,
    /// The files given by `--env-file`, for a label.
    pub environment_files: Vec<String>,
    /// Contents of secrets that come from the environment, by key.
    pub secrets: IndexMap<String, Sensitive<Vec<u8>>>,
    /// Contents of configs that come from the environment or the file itself, by key.
    pub configs: IndexMap<String, Sensitive<Vec<u8>>>,
    /// How many containers of a service, over what the file says (`--scale`).
    pub scale: IndexMap<String, u32>,
    /// Services that the file has but that are not in the model now (inactive profiles): no orphans.
    pub disabled: Vec<String>,
    /// In the names of containers, and of images that are built.
    pub separator: Separator,
}

/// A property that is not honoured as it is written, by its path in the model (`services.web.use_api_socket`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedNote {
    /// The path.
    pub path: String,
    /// What happens instead.
    pub text: String,
}

impl fmt::Display for PlacedNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.text)
    }
}

/// A model that is valid for Compose but cannot be brought to a runtime.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {why}")]
pub struct LowerError {
    /// The property's path in the model.
    pub path: String,
    /// What is wrong with it, and what would be right.
    pub why: String,
}

impl LowerError {
    pub(crate) fn new(path: impl Into<String>, why: impl Into<String>) -> Self {
        Self { path: path.into(), why: why.into() }
    }
}

/// Lowers a canonical model (defaults applied, paths absolute, environment resolved) to the desired state. The notes
/// tell what is not honoured yet.
///
/// # Errors
/// At the first property that no runtime can be given.
pub fn lower(
    spec: &ComposeSpec,
    context: &Context,
) -> Result<(Desired, Vec<PlacedNote>), LowerError> {
    let mut lowering = Lowering { spec, context, notes: Vec::new() };
    let mut desired = Desired { project: context.project.clone(), ..Desired::default() };
    for (key, network) in &spec.networks {
        let network = lowering.network(key, network);
        desired.networks.insert(network.spec.name.clone(), network);
    }
    for (key, volume) in &spec.volumes {
        let volume = lowering.volume(key, volume);
        desired.volumes.insert(volume.spec.name.clone(), volume);
    }
    for (key, service) in &spec.services {
        desired.enabled.insert(key.clone());
        if let Some(provider) = &service.provider {
            let text =
                format!("provider services are not run yet; `{}` is left out", provider.kind);
            lowering.note(format!("services.{key}.provider"), text);
            continue;
        }
        let unit = lowering.service(key, service)?;
        for number in 1..=lowering.scale(key) {
            desired
                .units
                .insert(UnitId::new(key, number), lowering.numbered(key, service, &unit, number));
        }
    }
    desired.known =
        desired.enabled.iter().cloned().chain(context.disabled.iter().cloned()).collect();
    let waited: Vec<UnitId> = (desired.units.values())
        .flat_map(|unit| &unit.depends_on)
        .filter(|(_, dependency)| dependency.condition == crate::Condition::Completed)
        .map(|(unit, _)| unit.clone())
        .collect();
    for unit in waited {
        if let Some(unit) = desired.units.get_mut(&unit) {
            unit.completes = true;
        }
    }
    Ok((desired, lowering.notes))
}

struct Lowering<'a> {
    spec: &'a ComposeSpec,
    context: &'a Context,
    notes: Vec<PlacedNote>,
}

impl Lowering<'_> {
    fn note(&mut self, path: String, text: impl Into<String>) {
        self.notes.push(PlacedNote { path, text: text.into() });
    }

    /// How many containers of a service.
    fn scale(&self, key: &str) -> u32 {
        let service = self.spec.services.get(key);
        self.context
            .scale
            .get(key)
            .copied()
            .unwrap_or_else(|| service.map_or(0, perry_container_model::ComposeService::replicas))
    }

    fn network(&self, key: &str, network: &ComposeNetwork) -> DesiredNetwork {
        let ipam = &network.ipam;
        let text = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let pools = ipam.config.iter().map(|pool| IpamPool {
            subnet: text(&pool.subnet),
            ip_range: text(&pool.ip_range),
            gateway: text(&pool.gateway),
            aux_addresses: pool.aux_addresses.clone().into_iter().collect(),
        });
        let mut spec = NetworkSpec {
            name: network.full_name(&self.context.project, key),
            driver: text(&network.driver),
            driver_opts: network.driver_opts.clone().into_iter().collect(),
            internal: network.internal,
            attachable: network.attachable,
            ipv4: network.enable_ipv4,
            ipv6: network.enable_ipv6,
            ipam_driver: text(&ipam.driver),
            ipam_options: ipam.options.clone().into_iter().collect(),
            pools: pools.collect(),
            labels: network.labels.clone().into_iter().collect(),
        };
        let own = crate::hash::of(&spec);
        let hash = sha256(&network_hash_text(network));
        labels::network(&mut spec.labels, &self.context.project, key, &hash, &own);
        DesiredNetwork { key: key.to_owned(), spec, external: network.external }
    }

    fn volume(&self, key: &str, volume: &ComposeVolume) -> DesiredVolume {
        let mut spec = VolumeSpec {
            name: volume.full_name(&self.context.project, key),
            driver: volume.driver.clone().filter(|driver| !driver.is_empty()),
            driver_opts: volume.driver_opts.clone().into_iter().collect(),
            labels: volume.labels.clone().into_iter().collect(),
        };
        let hash = sha256(&volume_hash_text(volume));
        labels::volume(&mut spec.labels, &self.context.project, key, &hash);
        DesiredVolume { key: key.to_owned(), spec, external: volume.external }
    }
}
