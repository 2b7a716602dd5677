//! From an opened project to what its runtime should hold.

use crate::{
    ComposeError,
    model::Separator,
    project::{ComposeProject, Source},
    reconcile::{self, Context, Desired, Mode, PlacedNote},
    spec::Sensitive,
    support::Capabilities,
};
use indexmap::IndexMap;

/// What a desired state is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Purpose {
    /// To make containers of it: the contents of secrets and configs are needed.
    #[default]
    Create,
    /// To find what is there (`down`, `stop`, ...): a variable that holds a secret need not be set.
    Find,
}

/// What a desired state is made of besides the project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StateOptions {
    /// What it is for.
    pub purpose: Purpose,
    /// How many containers of a service there should be, over what the files say (`--scale`).
    pub scale: IndexMap<String, u32>,
    /// In the names of containers, and of images that are built.
    pub separator: Separator,
    /// What happens with a property that the runtime cannot honour.
    pub mode: Mode,
}

/// Lowers a project and takes out what the runtime cannot do. The notes tell what is not as the files say; their paths
/// are those of the model.
///
/// # Errors
/// Those of [`lowered_state`]; [`ComposeError::InvalidConfig`] in [`Mode::Strict`] where something would be left out: all
/// of it, each with its place in the files.
pub fn desired_state(
    project: &ComposeProject,
    options: &StateOptions,
    capabilities: &Capabilities,
    source: &dyn Source,
) -> Result<(Desired, Vec<PlacedNote>), ComposeError> {
    let (desired, mut notes) = lowered_state(project, options, source)?;
    let place = |path: &str| project.loaded.place(path).map(|place| place.to_string());
    let (desired, more) = reconcile::fit(desired, capabilities, options.mode)
        .map_err(|refused| ComposeError::InvalidConfig(refused.placed(place)))?;
    notes.extend(more);
    Ok((desired, notes))
}

/// Lowers a project, whatever its runtime. The notes tell what no runtime is given as the files say.
///
/// # Errors
/// [`ComposeError::InvalidConfig`]: a property that no runtime can be given, a secret or config whose variable is not
/// set; [`ComposeError::NotFound`]: a service in `scale` that is not there.
pub fn lowered_state(
    project: &ComposeProject,
    options: &StateOptions,
    source: &dyn Source,
) -> Result<(Desired, Vec<PlacedNote>), ComposeError> {
    let spec = project.spec();
    if let Some(unknown) = options.scale.keys().find(|name| !spec.services.contains_key(*name)) {
        return Err(ComposeError::NotFound(format!("no such service: {unknown}")));
    }
    let paths = |paths: &[std::path::PathBuf]| -> Vec<String> {
        paths.iter().map(|path| path.to_string_lossy().into_owned()).collect()
    };
    let mut context = Context {
        project: project.name.clone(),
        working_dir: project.working_dir.to_string_lossy().into_owned(),
        config_files: paths(&project.config_files),
        environment_files: paths(&project.environment_files),
        scale: options.scale.clone(),
        separator: options.separator,
        disabled: project.loaded.disabled.keys().cloned().collect(),
        ..Context::default()
    };
    for (key, secret) in &spec.secrets {
        if secret.environment.is_some() {
            let content = match options.purpose {
                Purpose::Create => project.secret_content(key, source)?,
                Purpose::Find => Sensitive::new(Vec::new()),
            };
            context.secrets.insert(key.clone(), content);
        }
    }
    for (key, config) in &spec.configs {
        if config.environment.is_some() || config.content.is_some() {
            let content = match options.purpose {
                Purpose::Create => project.config_content(key, source)?,
                Purpose::Find => Sensitive::new(Vec::new()),
            };
            context.configs.insert(key.clone(), content);
        }
    }
    Ok(reconcile::lower(spec, &context)?)
}
