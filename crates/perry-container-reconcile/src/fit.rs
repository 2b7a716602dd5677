//! The desired state as a runtime can have it, and what it needs of one.

use crate::{Desired, PlacedNote};
use indexmap::IndexSet;
use perry_container_spec::Network;
use perry_container_support::{
    Capabilities, Feature, Level, Mode, Note, Refused as Lost, fit as fit_container, fit_network,
    fit_volume, needs as container_needs, network_needs, volume_needs,
};
use std::fmt;

/// What was asked for and cannot be had from a runtime ([`Mode::Strict`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The runtime.
    pub backend: String,
    /// Each property that would be left out, once.
    pub losses: Vec<Loss>,
}

/// A property that would be left out.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Loss {
    /// `service`, `network` or `volume`.
    pub kind: &'static str,
    /// Its key.
    pub key: String,
    /// The property below it.
    pub field: String,
    /// Why not.
    pub reason: String,
}

impl Loss {
    /// Its path in the model.
    pub fn path(&self) -> String {
        format!("{}s.{}.{}", self.kind, self.key, self.field)
    }
}

impl Refused {
    /// The same sentence with the place of each property where there is one.
    pub fn placed(&self, place: impl Fn(&str) -> Option<String>) -> String {
        let owners: IndexSet<_> = self.losses.iter().map(|loss| (loss.kind, &loss.key)).collect();
        let owners: Vec<_> = owners.iter().map(|(kind, key)| format!("{kind} '{key}'")).collect();
        let one = |loss: &Loss| {
            let at = place(&loss.path()).map(|at| format!("{at}: ")).unwrap_or_default();
            format!("{at}{}: {} ({})", loss.key, loss.field, loss.reason)
        };
        let all: Vec<_> = self.losses.iter().map(one).collect();
        let (backend, owners, all) = (&self.backend, owners.join(", "), all.join("; "));
        format!("Backend '{backend}' cannot honor the spec for {owners}: {all}")
    }
}

/// `Backend 'podman' cannot honor the spec for service 'web': web: domainname (...); web: links (...)`
impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.placed(|_| None))
    }
}

impl std::error::Error for Refused {}

/// What was said of everything, each once.
#[derive(Default)]
struct Told {
    notes: IndexSet<(String, String)>,
    losses: IndexSet<Loss>,
}

impl Told {
    /// What came of one; nothing when it is refused.
    fn take<T>(
        &mut self,
        kind: &'static str,
        key: &str,
        fitted: Result<(T, Vec<Note>), Lost>,
    ) -> Option<T> {
        match fitted {
            Ok((value, notes)) => {
                let note = |note: Note| (format!("{kind}s.{key}.{}", note.path), note.text);
                self.notes.extend(notes.into_iter().map(note));
                Some(value)
            }
            Err(Lost(notes)) => {
                let key = key.to_owned();
                let loss = |note: Note| Loss {
                    kind,
                    key: key.clone(),
                    field: note.path,
                    reason: note.text,
                };
                self.losses.extend(notes.into_iter().map(loss));
                None
            }
        }
    }
}

/// Fits everything that is wanted to a runtime. Each note is told once per service.
///
/// # Errors
/// In [`Mode::Strict`] when something would be left out: all of it at once.
pub fn fit(
    mut desired: Desired,
    can: &Capabilities,
    mode: Mode,
) -> Result<(Desired, Vec<PlacedNote>), Refused> {
    let mut told = Told::default();
    if can.level(Feature::UserDefinedBridge) == Level::Unsupported {
        without_networks(&mut desired, can, mode, &mut told);
    }
    for (id, unit) in &mut desired.units {
        let fitted = fit_container(unit.template.clone(), can, mode);
        if let Some(template) = told.take("service", &id.service, fitted) {
            unit.template = template;
        }
    }
    for network in desired.networks.values_mut().filter(|network| !network.external) {
        let fitted = fit_network(network.spec.clone(), can, mode);
        if let Some(spec) = told.take("network", &network.key, fitted) {
            network.spec = spec;
        }
    }
    for volume in desired.volumes.values_mut().filter(|volume| !volume.external) {
        let fitted = fit_volume(volume.spec.clone(), can, mode);
        if let Some(spec) = told.take("volume", &volume.key, fitted) {
            volume.spec = spec;
        }
    }
    if !told.losses.is_empty() {
        let losses = told.losses.into_iter().collect();
        return Err(Refused { backend: can.runtime.clone(), losses });
    }
    let notes = told.notes.into_iter().map(|(path, text)| PlacedNote { path, text }).collect();
    Ok((desired, notes))
}

/// Where there are no networks of one's own, none is made, and everybody is in the runtime's.
fn without_networks(desired: &mut Desired, can: &Capabilities, mode: Mode, told: &mut Told) {
    let made = |name: &str| desired.networks.get(name).is_some_and(|network| !network.external);
    for unit in desired.units.values_mut() {
        let Network::Attached(all) = &mut unit.template.network else { continue };
        all.retain(|one| !made(&one.network));
        if all.is_empty() {
            unit.template.network = Network::Default;
        }
    }
    let text = can.text(Feature::UserDefinedBridge);
    for network in desired.networks.values().filter(|network| !network.external) {
        let (kind, key) = ("network", network.key.clone());
        if mode == Mode::Strict {
            let (field, reason) = ("name".to_owned(), text.to_owned());
            told.losses.insert(Loss { kind, key, field, reason });
        } else {
            told.notes.insert((format!("networks.{key}"), text.to_owned()));
        }
    }
    desired.networks.retain(|_, network| network.external);
}

/// A feature that is needed, and for which property of the model.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PlacedNeed {
    /// What is needed.
    pub feature: Feature,
    /// The property's path: `services.web.privileged`.
    pub path: String,
}

/// What the desired state needs of a runtime, each once. That a service is found by its own name needs no alias of
/// anybody's choice, and that there is a network at all is what every stack has.
pub fn needs(desired: &Desired) -> Vec<PlacedNeed> {
    let mut all = IndexSet::new();
    for (id, unit) in &desired.units {
        let named = |name: &String| *name == id.service;
        let plain = unit.template.network.attachments().iter().all(|a| a.aliases.iter().all(named));
        let mut add = |feature, path: &str| {
            all.insert((feature, format!("services.{}.{path}", id.service)));
        };
        for need in container_needs(&unit.template) {
            if !(plain && need.feature == Feature::NetworkAlias) {
                add(need.feature, need.path);
            }
        }
        if unit.image.build.is_some() {
            add(Feature::Build, "build");
        }
    }
    for network in desired.networks.values().filter(|network| !network.external) {
        for need in network_needs(&network.spec) {
            all.insert((need.feature, format!("networks.{}.{}", network.key, need.path)));
        }
    }
    for volume in desired.volumes.values().filter(|volume| !volume.external) {
        for need in volume_needs(&volume.spec) {
            all.insert((need.feature, format!("volumes.{}.{}", volume.key, need.path)));
        }
    }
    all.into_iter().map(|(feature, path)| PlacedNeed { feature, path }).collect()
}
