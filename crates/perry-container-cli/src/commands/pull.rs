//! `pull`.

use super::up::planned_text;
use crate::{
    app::App,
    failure::Failure,
    grammar::{PullImages, PullWhen},
    progress::Quiet,
};
use indexmap::IndexMap;
use perry_container_compose::{
    ComposeError,
    reconcile::{self, PullPolicy, UpOptions},
    spec::Parts,
};

/// Pulls the images of a project's services.
pub(crate) async fn pull(app: &App, how: &PullImages) -> Result<(), Failure> {
    let mut wanted = app.project_options(&how.services)?;
    wanted.steps.with_dependencies = how.include_deps;
    let project = app.project(&wanted)?;
    let signals = app.signals()?;
    let session = signals.unless_any(app.session("pull")).await?;
    let session = signals.unless_any(app.gated(session, &project, how.verify)).await?;
    let desired = app.desired(&project, &IndexMap::new(), &session)?;
    let options = UpOptions {
        named: how.services.iter().cloned().collect(),
        pull: how.policy.map(|policy| match policy {
            PullWhen::Missing => PullPolicy::Missing,
            PullWhen::Always => PullPolicy::Always,
        }),
        no_deps: !how.include_deps,
        ..UpOptions::default()
    };
    if app.globals.dry_run {
        let name = project.name.as_str();
        let asking = async { Ok(session.observe(name, Some(&desired), Parts::IMAGES).await?) };
        let observed = signals.unless_any(asking).await?;
        let options = session.gated(&desired, &options);
        let plan = reconcile::pull(&desired, &observed, &options, !how.ignore_buildable)
            .map_err(ComposeError::from)?;
        return app.print(&planned_text(&plan));
    }
    let pulling = async {
        let show = app.show(Quiet { pulls: how.quiet, builds: true });
        let braking = signals.braking();
        let (buildable, ignore) = (!how.ignore_buildable, how.ignore_pull_failures);
        let hear = &mut |progress| show.hear(&progress);
        let done = session.pull(&desired, &options, buildable, ignore, &braking.brakes, hear).await;
        done.map_err(|error| App::failed(error, &signals))
    };
    let report = signals.unless_enough(pulling).await?;
    for note in &report.notes {
        app.warn(note);
    }
    Ok(())
}
