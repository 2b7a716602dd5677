//! What is known of the containers that can be waited for.

use perry_container_plan::{Plan, Step, Why};
use perry_container_reconcile::{Action, Cause, Condition, Desired};
use perry_container_spec::{HealthTest, Healthcheck, Observed};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

/// What is known of one container's health check.
#[derive(Debug, Clone, Default)]
pub(crate) struct Check {
    /// Whether it has one, as far as its spec and image tell.
    pub(crate) known: Option<bool>,
    /// Test and times of its spec.
    pub(crate) own: Option<Healthcheck>,
    /// How long it may take to stop, where its spec says.
    pub(crate) grace: Option<Duration>,
    /// It may have run for a while: the first probe comes at once, and does not count when it fails.
    pub(crate) soon: bool,
    /// It has to be running, not only to have been started (`--wait`).
    pub(crate) stays: bool,
}

#[derive(Debug, Default)]
struct Known {
    by_name: BTreeMap<String, Check>,
    settled: BTreeSet<(String, Condition)>,
}

/// By the names of containers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Checks(Arc<Known>);

impl Checks {
    pub(crate) fn new(
        desired: Option<&Desired>,
        observed: &Observed,
        plan: Option<&Plan<Action>>,
    ) -> Self {
        let mut known = Known::default();
        for unit in desired.into_iter().flat_map(|desired| desired.units.values()) {
            let image = observed.images.get(&unit.image.reference);
            let check = Check {
                known: unit.has_healthcheck().or(image.and_then(|image| image.has_healthcheck)),
                own: unit.template.healthcheck.clone(),
                grace: unit.template.stop_timeout,
                ..Check::default()
            };
            known.by_name.insert(unit.name().to_owned(), check);
        }
        for node in plan.into_iter().flat_map(|plan| &plan.nodes) {
            if let (Step::Act(Action::Await(target, wanted, _)), Why::Cause(Cause::Settled)) =
                (&node.step, &node.why)
            {
                known.settled.insert((target.name.clone(), *wanted));
            }
        }
        Self(Arc::new(known))
    }

    /// How long a container may take to stop, where that is known.
    pub(crate) fn grace(&self, name: &str) -> Option<Duration> {
        self.0.by_name.get(name)?.grace
    }

    pub(crate) fn of(&self, name: &str, wanted: Condition) -> Check {
        let mut check = self.0.by_name.get(name).cloned().unwrap_or_default();
        check.stays = self.0.settled.contains(&(name.to_owned(), wanted));
        check
    }
}

impl Check {
    /// What a probe runs.
    pub(crate) fn test(&self) -> HealthTest {
        self.own.as_ref().map_or(HealthTest::Inherit, |own| own.test.clone())
    }
}
