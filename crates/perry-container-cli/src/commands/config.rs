//! `config`: the project as it was understood, or one list out of it.

use crate::{app::App, failure::Failure, grammar::Config};
use perry_container_compose::{ConfigError, ConfigView, config as config_text, project::Disk};

/// Loads, and prints what was asked for; docker compose's order of precedence where several things were.
pub(crate) fn config(app: &App, how: &Config) -> Result<(), Failure> {
    let mut options = app.project_options(&how.services)?;
    options.interpolate = !how.no_interpolate;
    options.normalize = !how.no_normalize && !app.compatibility()?;
    options.consistency = !how.no_consistency;
    options.resolve_paths = !how.no_path_resolution;
    options.resolve_env = !how.no_env_resolution;
    let json = match how.format.as_deref() {
        Some("json") => true,
        None | Some("yaml" | "") => false,
        Some(other) => return Err(Failure::error(format!("unsupported format \"{other}\""))),
    };
    let view = view(how);
    if view == ConfigView::Images && app.compatibility()? {
        return Err(Failure::usage("`--compatibility config --images` is not supported yet"));
    }
    let printed = config_text(&options, &view, json, &Disk).map_err(|error| match error {
        ConfigError::Project(error) => app.refused(&error),
        other => Failure::error(other.to_string()),
    })?;
    app.odd(&printed.notices, &printed.warnings);
    let odd = printed.notices.len() + printed.warnings.len();
    if how.strict && odd > 0 {
        let times = if odd == 1 { "warning" } else { "warnings" };
        return Err(Failure::error(format!("{odd} {times}, and `--strict` allows none")));
    }
    match &how.output {
        Some(path) if view == ConfigView::Whole => {
            std::fs::write(path, printed.text).map_err(|error| {
                Failure::error(format!("could not write {}: {error}", path.display()))
            })
        }
        _ => app.print(&printed.text),
    }
}

fn view(how: &Config) -> ConfigView {
    if how.variables {
        ConfigView::Variables
    } else if how.list_services {
        ConfigView::Services
    } else if how.volumes {
        ConfigView::Volumes
    } else if how.networks {
        ConfigView::Networks
    } else if how.models {
        ConfigView::Models
    } else if let Some(names) = &how.hash {
        ConfigView::Hash(names.clone())
    } else if how.profiles {
        ConfigView::Profiles
    } else if how.images {
        ConfigView::Images
    } else if how.environment {
        ConfigView::Environment
    } else if how.quiet {
        ConfigView::Quiet
    } else {
        ConfigView::Whole
    }
}
