//! Plans that bring images only.

use super::{Edges, Scope, gate::Gate, images, numbers};
use crate::{Action, Cause, Desired, PullPolicy, ReconcileError, Recreate, UpOptions, unit_of};
use indexmap::{IndexMap, IndexSet};
use perry_container_plan::Plan;
use perry_container_spec::{ImagePull, Observed};

/// What must be known before `up` can be planned: whether the image of an existing container is newer after the pull or
/// build that its policy or the caller asks for. Mostly empty. After it has run, look at the images again and tell
/// [`UpOptions::fetched`]. A service without a container needs no inquiry: its pull is a node of the main plan.
///
/// # Errors
/// As [`up`](crate::up).
pub fn inquire(
    desired: &Desired,
    observed: &Observed,
    options: &UpOptions,
) -> Result<Plan<Action>, ReconcileError> {
    let desired = &*numbers::as_found(desired, observed);
    let scope = Scope::new(desired, options)?;
    let existing: IndexSet<_> = observed.containers.values().filter_map(unit_of).collect();
    let (mut plan, mut seen) = (Plan::default(), IndexMap::new());
    let mut gate = Gate::new(options);
    if options.recreate == Recreate::Never {
        return Ok(plan);
    }
    for id in scope.levels.iter().flatten().filter(|id| existing.contains(*id)) {
        let image = &desired.units[id].image;
        let fetch = images::fetch(image, observed.images.contains_key(&image.reference), options);
        let again = matches!(fetch, images::Fetch::Pull(true) | images::Fetch::Build(true));
        let always =
            options.pull.unwrap_or(image.policy) == PullPolicy::Always && image.build.is_none();
        if (again || always)
            && let Some(action) = images::action(image, fetch)
        {
            let gated = gate.verified(&mut plan, &id.service, image, observed, fetch)?;
            let (_, after) =
                seen.entry((&image.reference, &image.platform)).or_insert((action, Edges::new()));
            after.extend(gated);
        }
    }
    for ((action, cause), after) in seen.into_values() {
        plan.act(0, action, cause, &after);
    }
    Ok(plan)
}

/// Pulls the images of the services that are named (all when none is), and of their dependencies when `deps`. Images that
/// are built here are left out unless they have a reference that can be pulled and `buildable` asks for it.
///
/// # Errors
/// [`ReconcileError::NoSuchService`].
pub fn pull(
    desired: &Desired,
    observed: &Observed,
    options: &UpOptions,
    buildable: bool,
) -> Result<Plan<Action>, ReconcileError> {
    let scope = Scope::new(desired, options)?;
    let (mut plan, mut seen) = (Plan::default(), IndexMap::new());
    let mut gate = Gate::new(options);
    for id in scope.levels.iter().flatten() {
        let image = &desired.units[id].image;
        let there = observed.images.contains_key(&image.reference);
        let wanted = match options.pull {
            Some(PullPolicy::Missing) => !there,
            _ => image.policy != PullPolicy::Never,
        };
        if wanted && (buildable || image.build.is_none()) {
            let fetch = images::Fetch::Pull(there);
            let gated = gate.verified(&mut plan, &id.service, image, observed, fetch)?;
            let pull =
                ImagePull { reference: image.reference.clone(), platform: image.platform.clone() };
            let (_, after) =
                seen.entry((&image.reference, &image.platform)).or_insert((pull, Edges::new()));
            after.extend(gated);
        }
    }
    for (pull, after) in seen.into_values() {
        plan.act(0, Action::Pull(pull), Cause::Requested, &after);
    }
    Ok(plan)
}
