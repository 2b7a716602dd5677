//! `down`.

use super::up::planned_text;
use crate::{
    app::{self, App},
    failure::Failure,
    grammar::{Down, Rmi},
    progress::{Phase, Quiet, Said, Step},
};
use indexmap::IndexSet;
use perry_container_compose::{
    engine::Session,
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
    let session = app.session("down").await?;
    let name = found.name();
    let desired = app.known(&found, &session)?;
    if app.globals.dry_run {
        let planned = session.plan_down(name, desired.as_ref(), &options).await?;
        return app.print(&planned_text(&planned.plan));
    }
    let signals = app.signals()?;
    // Containers tell which images they are of, so these are noted before they go.
    let images = match how.rmi {
        Some(which) => images(&session, &found, desired.as_ref(), which, &options.named).await?,
        None => IndexSet::new(),
    };
    let show = app.show(Quiet::default());
    let braking = signals.braking();
    let done = session
        .down(name, desired.as_ref(), &options, &braking.brakes, &mut |progress| {
            show.hear(&progress);
        })
        .await;
    if let Err(error) = done {
        drop(show);
        return Err(App::failed(error, &signals));
    }
    for image in &images {
        show.say(&Said::Step(Step::new(format!("Image {image}"), "Removing", Phase::Working)));
        let end = match session.backend().remove_image(image, false).await {
            Ok(()) => ("Removed", Phase::Done),
            Err(error) if matches!(error.kind, ErrorKind::ImageMissing | ErrorKind::NotFound) => {
                ("Warning: No resource found to remove", Phase::Done)
            }
            Err(error) if matches!(error.kind, ErrorKind::InUse | ErrorKind::Conflict) => {
                ("Resource is still in use", Phase::Done)
            }
            Err(error) => {
                drop(show);
                return Err(error.into());
            }
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
) -> Result<IndexSet<String>, Failure> {
    let name = found.name();
    let taken = |service: &str| named.is_empty() || named.contains(service);
    let built = |service: &str| format!("{name}-{service}");
    let mut images = IndexSet::new();
    if let Some(project) = found.project() {
        for (key, service) in project.spec().services.iter().filter(|(key, _)| taken(key)) {
            if which == Rmi::All || service.image.as_deref().is_none_or(str::is_empty) {
                let known = desired.and_then(|desired| {
                    let mut units = desired.units.iter();
                    units.find(|(id, _)| id.service == *key).map(|(_, unit)| &unit.image.reference)
                });
                let reference = known.cloned();
                images.insert(reference.unwrap_or_else(|| service.image_name(name, key)));
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
