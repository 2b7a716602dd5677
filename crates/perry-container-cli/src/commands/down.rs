//! `down`.

use super::up::planned_text;
use crate::{
    app::{self, App},
    failure::Failure,
    grammar::{Down, Rmi},
    progress::{Phase, Quiet, Said, Show, Step},
    signals::Signals,
};
use indexmap::IndexSet;
use perry_container_compose::{
    engine::Session,
    model::{Separator, image_name},
    project::ProjectOrName,
    reconcile::{Desired, DownOptions},
    spec::{ErrorKind, Parts},
};

/// Takes a project down; with a name alone, everything that carries its label.
pub(crate) async fn down(app: &App, how: &Down) -> Result<(), Failure> {
    let options = DownOptions {
        volumes: how.volumes,
        remove_orphans: app.remove_orphans(how.remove_orphans)?,
        timeout: how.timeout,
        named: how.services.iter().cloned().collect(),
    };
    let found = app.project_or_name(&app.project_options(&[])?)?;
    app::known_services(&found, &how.services)?;
    let signals = app.signals()?;
    let session = signals.unless_any(app.session("down")).await?;
    let name = found.name();
    let desired = app.known(&found, &session)?;
    if app.globals.dry_run {
        let planning = async { Ok(session.plan_down(name, desired.as_ref(), &options).await?) };
        return app.print(&planned_text(&signals.unless_any(planning).await?.plan));
    }
    let down = async {
        // Containers tell which images they are of, so these are noted before they go.
        let images = match how.rmi {
            Some(which) => {
                let desired = desired.as_ref();
                let separator = app.separator()?;
                let asking = images(&session, &found, desired, which, &options.named, separator);
                signals.unless_any(asking).await?
            }
            None => IndexSet::new(),
        };
        let show = app.show(Quiet::default());
        let braking = signals.braking();
        let hear = &mut |progress| show.hear(&progress);
        let done = session.down(name, desired.as_ref(), &options, &braking.brakes, hear).await;
        done.map_err(|error| App::failed(error, &signals))?;
        remove(&session, &images, &show, &signals).await
    };
    signals.unless_enough(down).await
}

/// Removes images; one that is not there, or that somebody else uses, is no failure.
async fn remove(
    session: &Session,
    images: &IndexSet<String>,
    show: &Show,
    signals: &Signals,
) -> Result<(), Failure> {
    for image in images {
        signals.go_on()?;
        show.say(&Said::Step(Step::new(format!("Image {image}"), "Removing", Phase::Working)));
        let end = match session.backend().remove_image(image, false).await {
            Ok(()) => ("Removed", Phase::Done),
            Err(error) if matches!(error.kind, ErrorKind::ImageMissing | ErrorKind::NotFound) => {
                ("Warning: No resource found to remove", Phase::Done)
            }
            Err(error) if matches!(error.kind, ErrorKind::InUse | ErrorKind::Conflict) => {
                ("Resource is still in use", Phase::Done)
            }
            Err(error) => return Err(error.into()),
        };
        show.say(&Said::Step(Step::new(format!("Image {image}"), end.0, end.1)));
    }
    Ok(())
}

/// The images of a project's containers: all, or those that no file gave a name of its own.
async fn images(
    session: &Session,
    found: &ProjectOrName,
    desired: Option<&Desired>,
    which: Rmi,
    named: &IndexSet<String>,
    separator: Separator,
) -> Result<IndexSet<String>, Failure> {
    let name = found.name();
    let taken = |service: &str| named.is_empty() || named.contains(service);
    let built = |service: &str| image_name(name, service, separator);
    let mut images = IndexSet::new();
    if let Some(project) = found.project() {
        for (key, service) in project.spec().services.iter().filter(|(key, _)| taken(key)) {
            if which == Rmi::All || service.image.as_deref().is_none_or(str::is_empty) {
                let known = desired.and_then(|desired| {
                    let mut units = desired.units.iter();
                    units.find(|(id, _)| id.service == *key).map(|(_, unit)| &unit.image.reference)
                });
                let reference = known.cloned();
                images
                    .insert(reference.unwrap_or_else(|| service.image_name(name, key, separator)));
            }
        }
        return Ok(images);
    }
    let observed = session.observe(name, None, Parts::CONTAINERS).await?;
    for seen in observed.containers.values() {
        let service = perry_container_compose::reconcile::service_of(seen).unwrap_or_default();
        if taken(service) && (which == Rmi::All || seen.image == built(service)) {
            images.insert(seen.image.clone());
        }
    }
    Ok(images)
}
