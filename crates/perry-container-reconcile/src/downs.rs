//! What a failed run that takes nothing back has cost.

use crate::{Action, Desired, unit_of, up::is_set_aside};
use indexmap::IndexMap;
use perry_container_plan::{Outcome, Plan, Step};
use perry_container_spec::{Id, Late, Observed, Ref, UnitId};
use std::fmt;

/// A unit that ran before and does not now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Down {
    /// Which.
    pub unit: UnitId,
    /// Its old container, where that is still there, under the name it has now.
    pub old: Option<String>,
    /// Nobody could look: its successor may run after all.
    pub unsure: bool,
}

/// The units that ran before a run and do not after it, though they should.
pub fn went_down(desired: &Desired, before: &Observed, now: &Observed) -> Vec<Down> {
    let mut down: Vec<Down> = Vec::new();
    let runs = |unit: &UnitId| {
        let mut all = now.containers.values();
        all.any(|seen| seen.state.is_up() && unit_of(seen).as_ref() == Some(unit))
    };
    for seen in before.containers.values().filter(|seen| seen.state.is_up()) {
        if let Some(unit) = unit_of(seen)
            && desired.units.contains_key(&unit)
            && !down.iter().any(|down| down.unit == unit)
            && !runs(&unit)
        {
            let old = now.containers.get(&seen.id).filter(|seen| is_set_aside(seen));
            down.push(Down { unit, old: old.map(|old| old.name.clone()), unsure: false });
        }
    }
    down
}

/// The same by what the run itself knows, for when nobody can look any more.
pub fn must_be_down<E>(
    desired: &Desired,
    before: &Observed,
    plan: &Plan<Action>,
    outcomes: &[Outcome<Action, E>],
) -> Vec<Down> {
    let mut stopped: IndexMap<Id, Down> = IndexMap::new();
    let mut up: Vec<(UnitId, bool)> = Vec::new();
    for (node, outcome) in plan.nodes.iter().zip(outcomes) {
        let (done, maybe) = (outcome.is_done(), matches!(outcome, Outcome::InDoubt(_)));
        let Step::Act(action) = &node.step else { continue };
        match action {
            Action::Stop(target, _) if done || maybe => {
                if let Late::Known(id) = &target.id
                    && let Some(unit) = before.containers.get(id).and_then(unit_of)
                    && desired.units.contains_key(&unit)
                {
                    let down = Down { unit, old: None, unsure: maybe };
                    stopped.insert(id.clone(), down);
                }
            }
            Action::Rename(target, to) if done => {
                if let Late::Known(id) = &target.id
                    && let Some(down) = stopped.get_mut(id)
                {
                    down.old = Some(to.clone());
                }
            }
            Action::Start(target) if done || maybe => {
                if let Late::Ref(Ref::ContainerId(unit)) = &target.id {
                    up.push((unit.clone(), done));
                }
            }
            _ => {}
        }
    }
    let mut down: Vec<Down> = stopped.into_values().collect();
    for (unit, sure) in up {
        if sure {
            down.retain(|down| down.unit != unit);
        }
        down.iter_mut().filter(|down| down.unit == unit).for_each(|down| down.unsure = true);
    }
    down
}

/// ``service `db` is down; its old container is 0123_p-db-1``.
impl fmt::Display for Down {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let UnitId { service, number } = &self.unit;
        let is = if self.unsure { "may be" } else { "is" };
        write!(f, "service `{service}` {is} down")?;
        if *number != 1 {
            write!(f, " (container {number})")?;
        }
        match &self.old {
            Some(old) => write!(f, ": nothing was taken back, its old container is {old}"),
            None => write!(f, ": nothing was taken back"),
        }
    }
}
