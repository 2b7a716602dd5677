//! `config`: the project as it was understood, or one list out of it.

use crate::{app::App, failure::Failure, grammar::Config};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use perry_container_compose::{
    ConfigError, ConfigView, Digests,
    backend::ContainerBackendExt as _,
    config as config_text,
    engine::Session,
    model::Separator,
    project::{Disk, ProjectOptions},
    spec::ErrorKind,
    unpinned_images,
};
use tracing::debug_span;

/// So many registries are asked at a time.
const ABREAST: usize = 8;

/// Loads, and prints what was asked for; docker compose's order of precedence where several things were.
pub(crate) fn config(app: &App, how: &Config) -> Result<(), Failure> {
    let (options, json) = asked(app, how)?;
    let view = match view(how) {
        ConfigView::Images(_) => ConfigView::Images(app.separator()?),
        view => view,
    };
    print(app, how, &options, &view, json)
}

/// As [`config`], with the digests of the images, which a runtime asks registries for.
pub(crate) async fn pinned_config(app: &App, how: &Config) -> Result<(), Failure> {
    let (options, json) = asked(app, how)?;
    let images = unpinned_images(&options, &Disk).map_err(|error| refused(app, error))?;
    let digests = if images.is_empty() {
        Digests::new()
    } else {
        let signals = app.signals()?;
        let session = signals.unless_any(app.session("config")).await?;
        let ask = |image: String| async {
            let digest = digest(app, &session, &image).await?;
            Ok::<_, Failure>((image, digest))
        };
        let asking = stream::iter(images.into_iter().map(ask)).buffered(ABREAST).try_collect();
        signals.unless_any(asking).await?
    };
    let view = match how {
        Config { lock_image_digests: true, .. } => ConfigView::Locked(digests),
        _ => ConfigView::Pinned(digests),
    };
    print(app, how, &options, &view, json)
}

/// The registry's; where the runtime cannot ask one, that of the image which is here.
async fn digest(app: &App, session: &Session, image: &str) -> Result<String, Failure> {
    let backend = session.backend();
    let error = match backend.registry_digest(image).await {
        Ok(digest) => return Ok(digest),
        Err(error) => error,
    };
    if error.kind == ErrorKind::Unsupported
        && let Ok(info) = backend.inspect_image(image).await
        && let Some((_, digest)) = info.digests.first().and_then(|digest| digest.split_once('@'))
    {
        app.warn(&format!(
            "the digest of {image} is that of the image which is here: {}",
            error.text
        ));
        return Ok(digest.to_owned());
    }
    let failure = Failure::error(format!("failed to resolve digest for {image}: {}", error.text));
    Err(match (error.hint, error.kind) {
        (Some(hint), _) => failure.hint(hint),
        (None, ErrorKind::Unsupported) => failure.hint("pull the image first"),
        (None, _) => failure,
    })
}

/// What the flags say.
fn asked(app: &App, how: &Config) -> Result<(ProjectOptions, bool), Failure> {
    let mut options = app.project_options(&how.services)?;
    options.steps.interpolate = !how.no_interpolate;
    options.steps.normalize = !how.no_normalize && !app.compatibility()?;
    options.steps.consistency = !how.no_consistency;
    options.steps.resolve_paths = !how.no_path_resolution;
    options.steps.resolve_env = !how.no_env_resolution;
    match how.format.as_deref() {
        Some("json") => Ok((options, true)),
        None | Some("yaml" | "") => Ok((options, false)),
        // Lists of names have one form.
        Some(_) if is_list(&view(how)) => Ok((options, false)),
        Some(other) => Err(Failure::error(format!("unsupported format \"{other}\""))),
    }
}

fn refused(app: &App, error: ConfigError) -> Failure {
    match error {
        ConfigError::Project(error) => app.refused(&error),
        other => Failure::error(other.to_string()),
    }
}

fn print(
    app: &App,
    how: &Config,
    options: &ProjectOptions,
    view: &ConfigView,
    json: bool,
) -> Result<(), Failure> {
    let load = || config_text(options, view, json, &Disk);
    let printed = debug_span!(target: "perry_container", "load").in_scope(load);
    let printed = printed.map_err(|error| refused(app, error))?;
    app.odd(&printed.notices, &printed.warnings);
    let odd = printed.notices.len() + printed.warnings.len();
    if how.strict && odd > 0 {
        let times = if odd == 1 { "warning" } else { "warnings" };
        return Err(Failure::error(format!("{odd} {times}, and `--strict` allows none")));
    }
    if how.quiet && view_is_whole(view) {
        return Ok(());
    }
    match &how.output {
        Some(path) if view_is_whole(view) => std::fs::write(path, printed.text).map_err(|error| {
            Failure::error(format!("could not write {}: {error}", path.display()))
        }),
        _ => app.print(&printed.text),
    }
}

const fn is_list(view: &ConfigView) -> bool {
    !view_is_whole(view)
        && !matches!(view, ConfigView::Quiet | ConfigView::Variables | ConfigView::Explain(_))
}

const fn view_is_whole(view: &ConfigView) -> bool {
    matches!(view, ConfigView::Whole | ConfigView::Pinned(_) | ConfigView::Locked(_))
}

impl Config {
    /// Whether the images' digests go into what is printed.
    pub(crate) fn asks_registries(&self) -> bool {
        (self.lock_image_digests || self.resolve_image_digests)
            && matches!(view(self), ConfigView::Whole | ConfigView::Quiet)
    }
}

fn view(how: &Config) -> ConfigView {
    if let Some(path) = &how.explain {
        ConfigView::Explain(path.clone())
    } else if how.list_services {
        ConfigView::Services
    } else if how.volumes {
        ConfigView::Volumes
    } else if how.networks {
        ConfigView::Networks
    } else if how.models {
        ConfigView::Models
    } else if let Some(names) = how.hash.as_ref().filter(|names| !names.is_empty()) {
        ConfigView::Hash(names.clone())
    } else if how.profiles {
        ConfigView::Profiles
    } else if how.images {
        ConfigView::Images(Separator::default())
    } else if how.variables {
        ConfigView::Variables
    } else if how.environment && !how.quiet {
        ConfigView::Environment
    } else if how.quiet {
        ConfigView::Quiet
    } else {
        ConfigView::Whole
    }
}
