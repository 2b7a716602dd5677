//! The attached part of `up`.

use super::options;
use crate::{
    app::App,
    commands::logs::{names, show},
    failure::Failure,
    grammar::Up,
    logs::{Colours, Printer, Sink},
    progress::{Quiet, Show},
    signals::Signals,
};
use perry_container_compose::{
    engine::{AttachOptions, AttachedEvent, LogsOptions, Report, Session},
    project::ComposeProject,
    reconcile::Desired,
    spec::{Observed, Parts},
};
use std::io::Write as _;

/// Shows the output until the containers end, or a signal stops them, or a second one kills them.
pub(super) async fn attach(
    app: &App,
    how: &Up,
    session: &Session,
    project: &ComposeProject,
    desired: &Desired,
    report: &Report,
    signals: &Signals,
) -> Result<(), Failure> {
    let services: indexmap::IndexSet<String> =
        options::shown(how, project.spec()).into_iter().collect();
    let screen = if how.no_color { app.screen.plain() } else { app.screen };
    let mut printer =
        Printer::new(Colours::new(screen.out_colours), !how.no_log_prefix, how.timestamps);
    let wanted = LogsOptions { services: services.clone(), ..LogsOptions::default() };
    // A signal while they are looked for counts below: they are running and must be stopped.
    let looking = session.observe(&project.name, None, Parts::CONTAINERS);
    let observed = tokio::select! {
        biased;
        observed = looking => observed?,
        () = signals.any() => Observed::default(),
    };
    names(&project.name, &observed, &wanted).iter().for_each(|name| printer.add(name));
    let mut sink = Sink { out: app.out.clone(), err: app.err.clone(), split: true };
    let heading: Vec<&str> = printer.names().collect();
    drop(writeln!(sink.out, "Attaching to {}", heading.join(", ")));
    let braking = signals.braking();
    let options = AttachOptions {
        services,
        abort: options::abort(how),
        exit_code_from: how.exit_code_from.clone(),
        timeout: how.timeout,
    };
    let mut shown: Option<Show> = None;
    let name = project.name.as_str();
    let mut tell = |event: AttachedEvent| match event {
        // Nobody reads any more: the containers go on until a signal comes, as with docker compose.
        AttachedEvent::Log(item) => drop(show(&mut printer, &mut sink, name, &item)),
        AttachedEvent::Stopping { interrupted } => {
            let line = if interrupted {
                "Gracefully Stopping... press Ctrl+C again to force"
            } else {
                "Aborting on container exit..."
            };
            drop(writeln!(sink.out, "{line}"));
            shown = Some(app.show(Quiet::default()).in_lines());
        }
        AttachedEvent::Progress(progress) => {
            if let Some(shown) = &shown {
                shown.hear(&progress);
            }
        }
        _ => {}
    };
    let attached = session.attach(desired, report, &options, &braking.brakes, &mut tell).await;
    drop(shown);
    let attached = attached.map_err(|error| App::failed(error, signals))?;
    match (attached.exit_code, signals.status().filter(|_| attached.interrupted)) {
        (_, Some(status)) => Err(Failure::status(status)),
        (0, None) => Ok(()),
        (status, None) => Err(Failure::status(u8::try_from(status).unwrap_or(1))),
    }
}
