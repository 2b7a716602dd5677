//! `start`, `stop`, `restart`, `pause` and `unpause`.

use super::{keeper, up::planned_text};
use crate::{
    app::{self, App},
    failure::Failure,
    grammar::{Pause, Restart, Start, Stop, Unpause},
    progress::Quiet,
};
use perry_container_compose::{engine::moment, reconcile::LifeOptions, spec::Parts};
use std::time::Duration;

/// Which of the five.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    Start,
    Stop,
    Restart,
    Pause,
    Unpause,
}

/// `start`.
pub(crate) async fn start(app: &App, how: &Start) -> Result<(), Failure> {
    let options = LifeOptions {
        named: how.services.iter().cloned().collect(),
        wait: how.wait,
        wait_timeout: how.wait_timeout.filter(|seconds| *seconds > 0).map(Duration::from_secs),
        ..LifeOptions::default()
    };
    live(app, Verb::Start, &options).await
}

/// `stop`.
pub(crate) async fn stop(app: &App, how: &Stop) -> Result<(), Failure> {
    let named = how.services.iter().cloned().collect();
    let options = LifeOptions { named, timeout: how.timeout, ..LifeOptions::default() };
    live(app, Verb::Stop, &options).await
}

/// `restart`.
pub(crate) async fn restart(app: &App, how: &Restart) -> Result<(), Failure> {
    let named = how.services.iter().cloned().collect();
    let (timeout, no_deps) = (how.timeout, how.no_deps);
    let options = LifeOptions { named, timeout, no_deps, ..LifeOptions::default() };
    live(app, Verb::Restart, &options).await
}

/// `pause`.
pub(crate) async fn pause(app: &App, how: &Pause) -> Result<(), Failure> {
    let named = how.services.iter().cloned().collect();
    live(app, Verb::Pause, &LifeOptions { named, ..LifeOptions::default() }).await
}

/// `unpause`.
pub(crate) async fn unpause(app: &App, how: &Unpause) -> Result<(), Failure> {
    let named = how.services.iter().cloned().collect();
    live(app, Verb::Unpause, &LifeOptions { named, ..LifeOptions::default() }).await
}

async fn live(app: &App, verb: Verb, options: &LifeOptions) -> Result<(), Failure> {
    let found = app.project_or_name(&app.project_options(&[])?)?;
    let services: Vec<String> = options.named.iter().cloned().collect();
    app::known_services(&found, &services)?;
    let word = match verb {
        Verb::Start => "start",
        Verb::Stop => "stop",
        Verb::Restart => "restart",
        Verb::Pause => "pause",
        Verb::Unpause => "unpause",
    };
    let signals = app.signals()?;
    let session = signals.unless_any(app.session(word)).await?;
    let desired = app.known(&found, &session)?;
    let (name, desired) = (found.name(), desired.as_ref());
    if app.globals.dry_run {
        let planning = async {
            Ok(match verb {
                Verb::Start => session.plan_start(name, desired, options).await?,
                Verb::Stop => session.plan_stop(name, desired, options).await?,
                Verb::Restart => session.plan_restart(name, desired, options).await?,
                Verb::Pause => session.plan_pause(name, desired, options).await?,
                Verb::Unpause => session.plan_unpause(name, desired, options).await?,
            })
        };
        return app.print(&planned_text(&signals.unless_any(planning).await?.plan));
    }
    let since = moment();
    let living = async {
        let show = app.show(Quiet::default());
        let braking = signals.braking();
        let (brakes, hear) = (&braking.brakes, &mut |progress| show.hear(&progress));
        let done = match verb {
            Verb::Start => session.start(name, desired, options, brakes, hear).await,
            Verb::Stop => session.stop(name, desired, options, brakes, hear).await,
            Verb::Restart => session.restart(name, desired, options, brakes, hear).await,
            Verb::Pause => session.pause(name, desired, options, brakes, hear).await,
            Verb::Unpause => session.unpause(name, desired, options, brakes, hear).await,
        };
        done.map_err(|error| App::failed(error, &signals))
    };
    let report = signals.unless_enough(living).await?;
    if verb != Verb::Stop {
        keeper::see_to(app, &session, name, Some(&since)).await;
    }
    if verb == Verb::Start && desired.is_none() && report.run.plan.is_empty() {
        let observed = session.observe(name, None, Parts::CONTAINERS).await?;
        if observed.containers.is_empty() {
            return Err(Failure::error(format!("no container found for project \"{name}\"")));
        }
    }
    Ok(())
}
