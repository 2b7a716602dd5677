//! `up`: detached, waited for, or attached.

mod attach;
pub(super) mod options;

use super::keeper;
use crate::{app::App, failure::Failure, grammar::Up, progress::Quiet};
use perry_container_compose::{
    engine::{Session, moment},
    plan::Plan,
    reconcile::{Action, Desired, UpOptions},
};

/// Brings a project up.
pub(crate) async fn up(app: &App, how: &Up) -> Result<(), Failure> {
    options::check(how)?;
    let remove_orphans = app.remove_orphans(how.remove_orphans)?;
    let scale = options::scale(&how.scale)?;
    let mut wanted = app.project_options(&how.services)?;
    wanted.steps.with_dependencies = !how.no_deps;
    let project = app.project(&wanted)?;
    if project.spec().services.is_empty() {
        return Err(Failure::error("no service selected"));
    }
    options::check_attached(how, project.spec())?;
    let signals = app.signals()?;
    let session = signals.unless_any(app.session("up")).await?;
    let session = signals.unless_any(app.gated(session, &project, how.verify)).await?;
    let desired = app.desired(&project, &scale, &session)?;
    let mut options = options::up(how, remove_orphans, app.no_rollback()?);
    options.ignore_orphans = app.switch("COMPOSE_IGNORE_ORPHANS")?;
    if app.globals.dry_run {
        return signals.unless_any(plan(app, &session, &desired, &options)).await;
    }
    let since = moment();
    let up = async {
        let report = {
            let show = app.show(Quiet { pulls: how.quiet_pull, builds: how.quiet_build });
            let braking = signals.braking();
            let brakes = &braking.brakes;
            session.up(&desired, &options, brakes, &mut |progress| show.hear(&progress)).await
        };
        let report = report.map_err(|error| App::failed(error, &signals))?;
        if how.detach || how.wait || how.no_start {
            if !how.no_start {
                keeper::see_to(app, &session, &project.name, Some(&since)).await;
            }
            return Ok(());
        }
        attach::attach(app, how, &session, &project, &desired, &report, &signals).await
    };
    signals.unless_enough(up).await
}

/// `--dry-run`: what would be done.
pub(super) async fn plan(
    app: &App,
    session: &Session,
    desired: &Desired,
    options: &UpOptions,
) -> Result<(), Failure> {
    let (planned, inquiry) = session.plan_up(desired, options).await?;
    let mut text = String::new();
    if !inquiry.is_empty() {
        text.push_str("first, to know whether images are newer:\n");
        text.push_str(&inquiry.to_string());
        text.push_str("then, with the images that are there now:\n");
    }
    text.push_str(&planned_text(&planned.plan));
    app.print(&text)
}

/// A plan for people who wait for text even when there is nothing to do.
pub(crate) fn planned_text(plan: &Plan<Action>) -> String {
    if plan.is_empty() { "nothing to do\n".to_owned() } else { plan.to_string() }
}
