//! What our own commands stopped: a keeper must not start it again. It is written down only where the runtime does not
//! restart containers by itself; which start was ended is part of it, so that nothing has to be taken back.

use crate::Session;
use perry_container_plan::Step;
use perry_container_reconcile::Action;
use perry_container_spec::{Id, Late, Timestamp};
use perry_container_support::Feature;
use std::{collections::BTreeMap, fs};

/// The containers that our commands stopped, with the start that this ended.
pub(crate) fn stopped(session: &Session, project: &str) -> BTreeMap<Id, Timestamp> {
    if !session.backend.capabilities().emulated(Feature::Restart) {
        return BTreeMap::new();
    }
    let path = session.post(project, "stopped");
    let text = path.and_then(|path| fs::read_to_string(path).ok()).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

/// Writes down what a plan has stopped and not started again; what is gone is forgotten. Without the file a keeper goes
/// by events alone.
pub(crate) async fn write_down(session: &Session, project: &str, run: &crate::Run) {
    if !session.backend.capabilities().emulated(Feature::Restart) {
        return;
    }
    let Some(path) = session.post(project, "stopped") else { return };
    let mut ended: BTreeMap<Id, bool> = BTreeMap::new();
    for (node, outcome) in run.plan.nodes.iter().zip(&run.outcomes) {
        let (target, stops) = match &node.step {
            Step::Act(Action::Stop(target, _) | Action::Kill(target, _)) => (target, true),
            Step::Act(Action::Start(target)) => (target, false),
            _ => continue,
        };
        if let (Late::Known(id), true) = (&target.id, outcome.is_done()) {
            ended.insert(id.clone(), stops);
        }
    }
    if !ended.values().any(|stops| *stops) {
        return;
    }
    let Ok(seen) = session.containers(project).await else { return };
    let mut all = stopped(session, project);
    for (id, _) in ended.into_iter().filter(|(_, stops)| *stops) {
        if let Some(info) = seen.containers.get(&id).filter(|info| !info.state.is_up()) {
            all.insert(id, info.started.clone());
        }
    }
    all.retain(|id, _| seen.containers.contains_key(id));
    if let Ok(text) = serde_json::to_string(&all) {
        drop(fs::write(path, text));
    }
}
