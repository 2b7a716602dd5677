//! A project, opened.

use crate::discover::{Found, VariableLines, discover};
use crate::disk::Disk;
use crate::error::ProjectError;
use crate::notice::Notice;
use crate::options::ProjectOptions;
use crate::path::is_stdin;
use crate::vars;
use perry_container_load::{
    Env, Format, Input, Loaded, Options, Source, Tree, Variable, load, load_tree, load_variables,
};
use perry_container_model::{ComposeSpec, check_project_name};
use std::fmt;
use std::path::PathBuf;

/// A project whose files were found, read and hold together. `Debug` shows where it is, nothing of what is in it.
#[derive(Clone)]
pub struct ComposeProject {
    /// Its name.
    pub name: String,
    /// Base of its relative paths, absolute.
    pub working_dir: PathBuf,
    /// Its compose files, absolute, or `-`.
    pub config_files: Vec<PathBuf>,
    /// The files with variables that were asked for, absolute.
    pub environment_files: Vec<PathBuf>,
    /// The variables it was interpolated with, `COMPOSE_PROJECT_NAME` among them.
    pub env: Env,
    /// The file and line of those that a file with variables gave their value.
    pub variable_lines: VariableLines,
    /// Its active profiles.
    pub active_profiles: Vec<String>,
    /// The model, where each value was written, and what was odd about it.
    pub loaded: Loaded,
    /// What was odd about where it was found.
    pub notices: Vec<Notice>,
}

impl fmt::Debug for ComposeProject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ComposeProject")
            .field("name", &self.name)
            .field("working_dir", &self.working_dir)
            .field("config_files", &self.config_files)
            .finish_non_exhaustive()
    }
}

impl ComposeProject {
    /// Finds, reads and loads a project from the file system of this machine.
    ///
    /// # Errors
    /// When no compose file is found, a file cannot be read, or the files do not hold together.
    pub fn open(options: &ProjectOptions) -> Result<Self, ProjectError> {
        Self::open_from(options, &Disk)
    }

    /// As [`ComposeProject::open`], from any source of files.
    ///
    /// # Errors
    /// As [`ComposeProject::open`].
    pub fn open_from(options: &ProjectOptions, source: &dyn Source) -> Result<Self, ProjectError> {
        let found = discover(options, source)?;
        Self::open_found(found, options, source)
    }

    /// Loads a project that was found.
    ///
    /// # Errors
    /// As [`ComposeProject::open`].
    pub fn open_found(
        mut found: Found,
        options: &ProjectOptions,
        source: &dyn Source,
    ) -> Result<Self, ProjectError> {
        let inputs = inputs(&found, options, source)?;
        let load_options = load_options(&found, options)?;
        let loaded = load(&inputs, &load_options, source)?;
        let named_by_directory =
            load_options.project_name.is_none() && loaded.place("name").is_none();
        if named_by_directory
            && source
                .real_path(&found.working_dir)
                .is_some_and(|real| real.file_name() != found.working_dir.file_name())
        {
            let directory = found.working_dir.clone();
            found.notices.push(Notice::NamedAfterLink { name: loaded.name.clone(), directory });
        }
        Ok(Self {
            name: loaded.name.clone(),
            working_dir: found.working_dir,
            config_files: found.config_files,
            environment_files: found.environment_files,
            env: loaded.env.clone(),
            variable_lines: found.variable_lines,
            active_profiles: load_options.profiles,
            loaded,
            notices: found.notices,
        })
    }

    /// The model: services that are enabled and selected, and what they use.
    #[must_use]
    pub const fn spec(&self) -> &ComposeSpec {
        &self.loaded.spec
    }

    /// The merged document of a project that need not hold together: what `config --no-interpolate` prints.
    ///
    /// # Errors
    /// As [`ComposeProject::open`].
    pub fn open_tree(options: &ProjectOptions, source: &dyn Source) -> Result<Tree, ProjectError> {
        let found = discover(options, source)?;
        let inputs = inputs(&found, options, source)?;
        Ok(load_tree(&inputs, &load_options(&found, options)?, source)?)
    }

    /// The variables a project's files speak of, be they set or not: what `config --variables` prints.
    ///
    /// # Errors
    /// As [`ComposeProject::open`].
    pub fn open_variables(
        options: &ProjectOptions,
        source: &dyn Source,
    ) -> Result<Vec<Variable>, ProjectError> {
        let found = discover(options, source)?;
        let inputs = inputs(&found, options, source)?;
        Ok(load_variables(&inputs, &load_options(&found, options)?, source)?)
    }
}

/// A project, or the name of one: what commands need that work on what is there (`down`, `ps`, `logs`, `stop`, ...).
#[derive(Debug, Clone)]
pub enum ProjectOrName {
    /// Files were found.
    Project(Box<ComposeProject>),
    /// Only the name is known; what belongs to it is found by its labels.
    Name {
        /// The name.
        name: String,
        /// Why the files do not count, when there was more than a `-p`.
        why: Option<Box<ProjectError>>,
    },
}

impl ProjectOrName {
    /// As docker compose: with `-p` and no `-f` the name is enough and no file is looked for; otherwise the files count,
    /// and when they cannot be loaded, the name in `COMPOSE_PROJECT_NAME`.
    ///
    /// # Errors
    /// When neither files nor a name lead to a project.
    pub fn open(options: &ProjectOptions) -> Result<Self, ProjectError> {
        Self::open_from(options, &Disk)
    }

    /// As [`ProjectOrName::open`], from any source of files.
    ///
    /// # Errors
    /// As [`ProjectOrName::open`].
    pub fn open_from(options: &ProjectOptions, source: &dyn Source) -> Result<Self, ProjectError> {
        if let Some(name) = &options.project_name
            && options.files.is_empty()
        {
            check_project_name(name)?;
            return Ok(Self::Name { name: name.clone(), why: None });
        }
        let found = discover(options, source);
        let env = found.as_ref().map_or_else(|_| &options.env, |found| &found.env);
        let name = env
            .get(vars::COMPOSE_PROJECT_NAME)
            .filter(|name| check_project_name(name).is_ok())
            .map(str::to_owned);
        match (found.and_then(|found| ComposeProject::open_found(found, options, source)), name) {
            (Ok(project), _) => Ok(Self::Project(Box::new(project))),
            (Err(why), Some(name)) => Ok(Self::Name { name, why: Some(Box::new(why)) }),
            (Err(why), None) => Err(why),
        }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Project(project) => &project.name,
            Self::Name { name, .. } => name,
        }
    }

    /// The project, when files were found.
    #[must_use]
    pub fn project(&self) -> Option<&ComposeProject> {
        match self {
            Self::Project(project) => Some(project),
            Self::Name { .. } => None,
        }
    }
}

/// Reads the compose files.
fn inputs(
    found: &Found,
    options: &ProjectOptions,
    source: &dyn Source,
) -> Result<Vec<Input>, ProjectError> {
    if found.config_files.is_empty() {
        return Err(ProjectError::NoFile { directory: found.working_dir.clone() });
    }
    let read = |path: &PathBuf| {
        let bytes = if is_stdin(path) {
            options.stdin.clone().ok_or(ProjectError::NoStdin)?.into_inner()
        } else {
            source.read(path).map_err(|why| ProjectError::Open { path: path.clone(), why })?
        };
        let json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
        let format = if json && cfg!(not(feature = "yaml")) { Format::Json } else { Format::Yaml };
        Ok(Input { path: path.clone(), bytes, format })
    };
    found.config_files.iter().map(read).collect()
}

fn load_options(found: &Found, options: &ProjectOptions) -> Result<Options, ProjectError> {
    let given = options.project_name.as_deref().filter(|name| !name.is_empty());
    let project_name =
        given.or_else(|| found.env.get(vars::COMPOSE_PROJECT_NAME).filter(|name| !name.is_empty()));
    if let Some(name) = project_name {
        check_project_name(name)?;
    }
    let profiles = if options.profiles.is_empty() {
        let listed = found.env.get(vars::COMPOSE_PROFILES).unwrap_or_default();
        listed
            .split(',')
            .map(str::trim)
            .filter(|profile| !profile.is_empty())
            .map(str::to_owned)
            .collect()
    } else {
        options.profiles.clone()
    };
    Ok(Options {
        working_dir: found.working_dir.clone(),
        env: found.env.clone(),
        project_name: project_name.map(str::to_owned),
        default_name: None,
        profiles,
        services: options.services.clone(),
        steps: options.steps,
    })
}
