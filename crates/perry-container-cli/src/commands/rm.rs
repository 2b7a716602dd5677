//! `rm`.

use super::up::planned_text;
use crate::{
    app::{self, App},
    failure::Failure,
    grammar::Rm,
    progress::Quiet,
};
use perry_container_compose::{
    plan::Plan,
    reconcile::{Action, RmOptions},
    spec::{Id, Late},
};

/// Removes containers that do not run. A person is asked before anything is done, also before anything is stopped.
pub(crate) async fn rm(app: &App, how: &Rm) -> Result<(), Failure> {
    let mut options = RmOptions {
        named: how.services.iter().cloned().collect(),
        stop: how.stop,
        volumes: how.volumes,
        ..RmOptions::default()
    };
    let found = app.project_or_name(&app.project_options(&[])?)?;
    app::known_services(&found, &how.services)?;
    let signals = app.signals()?;
    let session = signals.unless_any(app.session("rm")).await?;
    let desired = app.known(&found, &session)?;
    let (name, desired) = (found.name(), desired.as_ref());
    if app.globals.dry_run || !how.force {
        let planning = async { Ok(session.plan_rm(name, desired, &options).await?) };
        let planned = signals.unless_any(planning).await?;
        if app.globals.dry_run {
            return app.print(&planned_text(&planned.plan));
        }
        if !planned.plan.is_empty() {
            let (names, ids): (Vec<String>, _) = removed(&planned.plan).unzip();
            app.print(&format!("Going to remove {}\n", names.join(", ")))?;
            let answer = signals.unless_any(app.ask("Are you sure? [yN] ")).await;
            if !matches!(answer, Ok(Some(_))) {
                app.print("\n")?; // nobody else has ended the line
            }
            match answer? {
                Some(true) => options.approved = Some(ids),
                Some(false) => return Ok(()),
                None => {
                    app.warn("nothing was removed: nobody answered, and only `rm -f` does not ask");
                    return Ok(());
                }
            }
        }
    }
    let removing = async {
        let show = app.show(Quiet::default());
        let braking = signals.braking();
        let hear = &mut |progress| show.hear(&progress);
        let done = session.rm(name, desired, &options, &braking.brakes, hear).await;
        done.map(drop).map_err(|error| App::failed(error, &signals))
    };
    signals.unless_enough(removing).await
}

/// Names and ids of the containers that a plan removes.
fn removed(plan: &Plan<Action>) -> impl Iterator<Item = (String, Id)> {
    plan.actions().filter_map(|(_, action)| match action {
        Action::Remove(target, _) => match &target.id {
            Late::Known(id) => Some((target.name.clone(), id.clone())),
            Late::Ref(_) => None,
        },
        _ => None,
    })
}
