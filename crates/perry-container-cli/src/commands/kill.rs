//! `kill`.

use super::up::planned_text;
use crate::{
    app::{self, App},
    failure::Failure,
    grammar::Kill,
    progress::Quiet,
};
use perry_container_compose::reconcile::KillOptions;

/// Sends a signal to what runs.
pub(crate) async fn kill(app: &App, how: &Kill) -> Result<(), Failure> {
    let mut options = KillOptions {
        named: how.services.iter().cloned().collect(),
        remove_orphans: app.remove_orphans(how.remove_orphans)?,
        ..KillOptions::default()
    };
    // Engines take an empty signal for the one that kills.
    if !how.signal.is_empty() {
        options.signal.clone_from(&how.signal);
    }
    let found = app.project_or_name(&app.project_options(&[])?)?;
    app::known_services(&found, &how.services)?;
    let signals = app.signals()?;
    let session = signals.unless_any(app.session("kill")).await?;
    let desired = app.known(&found, &session)?;
    let (name, desired) = (found.name(), desired.as_ref());
    if app.globals.dry_run {
        let planning = async { Ok(session.plan_kill(name, desired, &options).await?) };
        return app.print(&planned_text(&signals.unless_any(planning).await?.plan));
    }
    let killing = async {
        let show = app.show(Quiet::default());
        let braking = signals.braking();
        let hear = &mut |progress| show.hear(&progress);
        let done = session.kill(name, desired, &options, &braking.brakes, hear).await;
        done.map(drop).map_err(|error| App::failed(error, &signals))
    };
    signals.unless_enough(killing).await
}
