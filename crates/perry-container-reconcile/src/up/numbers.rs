//! Which numbers the units of a service have.

use crate::{Desired, Unit, labels, unit_of};
use indexmap::IndexMap;
use perry_container_spec::{Late, Observed, Ref, UnitId};
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    convert::Infallible,
};

/// The same units under the numbers that are there. Of a service with `web-1` and `web-3`, two are wanted: these two, so
/// that none is made and none removed. As with docker compose the highest numbers leave first; what is missing gets the
/// lowest number that is free.
pub(crate) fn as_found<'a>(desired: &'a Desired, observed: &Observed) -> Cow<'a, Desired> {
    let mut wanted: BTreeMap<&str, u32> = BTreeMap::new();
    for id in desired.units.keys() {
        *wanted.entry(&id.service).or_default() += 1;
    }
    let mut found: BTreeMap<String, BTreeSet<u32>> = BTreeMap::new();
    for unit in observed.containers.values().filter_map(unit_of) {
        found.entry(unit.service).or_default().insert(unit.number);
    }
    let mut moves: IndexMap<UnitId, UnitId> = IndexMap::new();
    for (service, numbers) in &found {
        let Some(&count) = wanted.get(service.as_str()) else { continue };
        let kept: BTreeSet<u32> = numbers.iter().copied().take(count as usize).collect();
        let above = kept.iter().filter(|number| **number > count);
        let free = (1..=count).filter(|number| !kept.contains(number));
        // As many are above as are free below, less those that are to be made: these get the lowest.
        let missing = count as usize - kept.len();
        let pairs = free.skip(missing).zip(above);
        moves.extend(
            pairs.map(|(from, to)| (UnitId::new(service, from), UnitId::new(service, *to))),
        );
    }
    if moves.is_empty() {
        return Cow::Borrowed(desired);
    }
    let units = desired.units.iter().map(|(id, unit)| {
        let unit = renumbered(unit, &moves);
        match moves.get(id) {
            Some(to) => (to.clone(), named(unit, &desired.project, id, to)),
            None => (id.clone(), unit),
        }
    });
    Cow::Owned(Desired { units: units.collect(), ..desired.clone() })
}

/// With its own number in its name and label. A name that the file gives has none.
fn named(mut unit: Unit, project: &str, from: &UnitId, to: &UnitId) -> Unit {
    let UnitId { service, number, .. } = from;
    for between in ["-", "_"] {
        let usual = format!("{project}{between}{service}{between}");
        if unit.name() == format!("{usual}{number}") {
            unit.template.name = Some(format!("{usual}{}", to.number));
        }
    }
    unit.template.labels.insert(labels::NUMBER.to_owned(), to.number.to_string());
    unit
}

/// With the other numbers of whatever it waits for and refers to.
fn renumbered(unit: &Unit, moves: &IndexMap<UnitId, UnitId>) -> Unit {
    let now = |id: &UnitId| moves.get(id).unwrap_or(id).clone();
    let late = |late: &Late| {
        Ok::<_, Infallible>(match late {
            Late::Ref(Ref::ContainerId(id)) => Late::Ref(Ref::ContainerId(now(id))),
            Late::Ref(Ref::Address(id, net)) => Late::Ref(Ref::Address(now(id), net.clone())),
            Late::Ref(Ref::Port(id, port)) => Late::Ref(Ref::Port(now(id), port.clone())),
            other => other.clone(),
        })
    };
    let Ok(mut template) = unit.template.try_map(&mut { late });
    for (link, before) in template.links.iter_mut().zip(&unit.template.links) {
        let Late::Ref(Ref::ContainerId(from)) = &before.container else { continue };
        let Some(to) = moves.get(from) else { continue };
        let UnitId { service, number, .. } = from;
        let short = format!("{service}-{number}");
        if let Some(begin) = link.alias.strip_suffix(&short)
            && (begin.is_empty() || begin.ends_with('-'))
        {
            link.alias = format!("{begin}{service}-{}", to.number);
        }
    }
    let depends_on = unit.depends_on.iter().map(|(id, how)| (now(id), *how)).collect();
    Unit { template, depends_on, ..unit.clone() }
}
