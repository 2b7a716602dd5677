//! The desired state as a runtime can have it.

use crate::{Desired, PlacedNote};
use indexmap::IndexSet;
use perry_container_support::{Capabilities, Mode, Refused, fit as fit_container, fit_network};

/// Fits everything that is wanted to a runtime. Each note is told once per service.
///
/// # Errors
/// In [`Mode::Strict`] when something would be left out.
pub fn fit(
    mut desired: Desired,
    can: &Capabilities,
    mode: Mode,
) -> Result<(Desired, Vec<PlacedNote>), Refused> {
    let mut told = IndexSet::new();
    for (id, unit) in &mut desired.units {
        let (template, notes) = fit_container(unit.template.clone(), can, mode)?;
        unit.template = template;
        told.extend(
            notes
                .into_iter()
                .map(|note| (format!("services.{}.{}", id.service, note.path), note.text)),
        );
    }
    for network in desired.networks.values_mut().filter(|network| !network.external) {
        let (spec, notes) = fit_network(network.spec.clone(), can, mode)?;
        network.spec = spec;
        told.extend(
            notes
                .into_iter()
                .map(|note| (format!("networks.{}.{}", network.key, note.path), note.text)),
        );
    }
    Ok((desired, told.into_iter().map(|(path, text)| PlacedNote { path, text }).collect()))
}
