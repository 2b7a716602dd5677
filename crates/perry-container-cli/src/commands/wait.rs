//! `wait`.

use super::up::planned_text;
use crate::{app::App, failure::Failure, grammar::Wait, progress::Quiet};
use perry_container_compose::reconcile::DownOptions;

/// Waits until the containers of services have ended; the exit status of the last becomes this one's.
pub(crate) async fn wait(app: &App, how: &Wait) -> Result<(), Failure> {
    if how.services.is_empty() {
        return Err(Failure::usage("requires at least 1 argument: SERVICE"));
    }
    let found = app.project_or_name(&app.project_options(&[])?)?;
    let signals = app.signals()?;
    let session = signals.unless_any(app.session("wait")).await?;
    let services = how.services.iter().cloned().collect();
    let mut tell = |ended: perry_container_compose::engine::Ended| {
        let line = format!("container {:?} exited with status code {}\n", ended.id, ended.status);
        drop(app.print(&line)); // it is waited for, whoever reads
    };
    let name = found.name();
    let status = tokio::select! {
        status = session.wait(name, &services, &mut tell) => status?,
        () = signals.any() => return Err(Failure::status(signals.status().unwrap_or(1))),
    };
    if how.down_project {
        let desired = app.known(&found, &session)?;
        let options = DownOptions { remove_orphans: true, ..DownOptions::default() };
        if app.globals.dry_run {
            let planned = session.plan_down(name, desired.as_ref(), &options).await?;
            app.print(&planned_text(&planned.plan))?;
        } else {
            let down = async {
                let show = app.show(Quiet::default());
                let (braking, hear) = (signals.braking(), &mut |progress| show.hear(&progress));
                let desired = desired.as_ref();
                let done = session.down(name, desired, &options, &braking.brakes, hear).await;
                done.map_err(|error| App::failed(error, &signals))
            };
            signals.unless_enough(down).await?;
        }
    }
    match status {
        0 => Ok(()),
        status => Err(Failure::status(u8::try_from(status).unwrap_or(1))),
    }
}
