//! Which files a project is made of, and with which variables.

use crate::environment::{asked_for, dot_env, fill};
use crate::error::ProjectError;
use crate::notice::Notice;
use crate::options::ProjectOptions;
use crate::path::{absolute, is_remote, is_stdin};
use crate::vars;
use perry_container_load::{Env, FileKind, Source};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Names of compose files, in the order in which they are looked for.
pub const FILE_NAMES: [&str; 4] =
    ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

/// Names of the file that overrides a compose file found in the same directory, in the order in which they are looked
/// for.
pub const OVERRIDE_NAMES: [&str; 4] = [
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
];

/// File and line, from 1, by variable.
pub type VariableLines = BTreeMap<String, (PathBuf, usize)>;

/// Where a project is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Base of relative paths, absolute.
    pub working_dir: PathBuf,
    /// Compose files, absolute, or `-`. Empty when none was named and none was found.
    pub config_files: Vec<PathBuf>,
    /// Files with variables that were asked for, absolute. A `.env` is not among them.
    pub environment_files: Vec<PathBuf>,
    /// The environment of the process and what files added.
    pub env: Env,
    /// The file and line of the variables that files added.
    pub variable_lines: VariableLines,
    /// What is odd.
    pub notices: Vec<Notice>,
}

/// Finds the files of a project and reads its variables, in the order of docker compose: the environment of the
/// process; `--env-file`, or else `.env` of the directory known so far, which may hold `COMPOSE_FILE`; the compose files;
/// then `.env` beside these. What is found first stays.
///
/// # Errors
/// When a file that was asked for is not there or cannot be read. Finding no compose file is none.
pub fn discover(options: &ProjectOptions, source: &dyn Source) -> Result<Found, ProjectError> {
    let here = absolute(&options.working_dir, Path::new(""));
    let mut env = options.env.clone();
    if !env.contains(vars::PWD) {
        env.set(vars::PWD, here.to_string_lossy());
    }
    if let Some(directory) = &options.project_directory {
        let path = absolute(&here, directory);
        if source.kind(&path) == Some(FileKind::File) {
            return Err(ProjectError::NoDirectory { path });
        }
    }
    let environment_files = asked_for(options);
    let named: Vec<PathBuf> =
        options.files.iter().map(|path| named_file(&here, path)).collect::<Result<_, _>>()?;
    let before = working_dir(options, &here, &named);
    let first = if environment_files.is_empty() {
        Vec::from_iter(dot_env(options, &before, source)?)
    } else {
        environment_files.clone()
    };
    let (mut notices, mut variable_lines) = (Vec::new(), VariableLines::new());
    fill(&mut env, &first, source, &mut notices, &mut variable_lines)?;
    let config_files = if !named.is_empty() {
        named
    } else if let Some(listed) = env.get(vars::COMPOSE_FILE).filter(|listed| !listed.is_empty()) {
        let separator =
            env.get(vars::COMPOSE_PATH_SEPARATOR).filter(|separator| !separator.is_empty());
        let separator = separator.unwrap_or(if cfg!(windows) { ";" } else { ":" });
        listed
            .split(separator)
            .map(|path| listed_file(&here, Path::new(path), source))
            .collect::<Result<_, _>>()?
    } else {
        search(&before, source, &mut notices)
    };

    let working_dir = working_dir(options, &here, &config_files);
    if environment_files.is_empty() && working_dir != before {
        let second = Vec::from_iter(dot_env(options, &working_dir, source)?);
        fill(&mut env, &second, source, &mut notices, &mut variable_lines)?;
    }
    Ok(Found { working_dir, config_files, environment_files, env, variable_lines, notices })
}

/// A file of `-f`.
fn named_file(here: &Path, path: &Path) -> Result<PathBuf, ProjectError> {
    if is_remote(path) {
        return Err(ProjectError::Remote { path: path.to_owned() });
    }
    Ok(if is_stdin(path) { path.to_owned() } else { absolute(here, path) })
}

/// A file of `COMPOSE_FILE`.
fn listed_file(here: &Path, path: &Path, source: &dyn Source) -> Result<PathBuf, ProjectError> {
    let path = named_file(here, path)?;
    if is_stdin(&path) || source.kind(&path).is_some() {
        Ok(path)
    } else {
        Err(ProjectError::ComposeFile { path })
    }
}

/// `--project-directory`, else the directory of the first file that is one, else the current directory.
fn working_dir(options: &ProjectOptions, here: &Path, files: &[PathBuf]) -> PathBuf {
    if let Some(directory) =
        options.project_directory.as_ref().filter(|directory| !directory.as_os_str().is_empty())
    {
        return absolute(here, directory);
    }
    let first = files.iter().find(|path| !is_stdin(path)).and_then(|path| path.parent());
    first.unwrap_or(here).to_owned()
}

/// The first compose file of a directory or else of one above it, and its override file.
fn search(directory: &Path, source: &dyn Source, notices: &mut Vec<Notice>) -> Vec<PathBuf> {
    for directory in directory.ancestors() {
        let files = present(directory, &FILE_NAMES, source);
        let Some(file) = files.first().cloned() else { continue };
        if files.len() > 1 {
            notices.push(Notice::SeveralFiles(files));
        }
        let overrides = present(directory, &OVERRIDE_NAMES, source);
        let found = Vec::from_iter([Some(file), overrides.first().cloned()].into_iter().flatten());
        if overrides.len() > 1 {
            notices.push(Notice::SeveralOverrides(overrides));
        }
        return found;
    }
    Vec::new()
}

fn present(directory: &Path, names: &[&str], source: &dyn Source) -> Vec<PathBuf> {
    let paths = names.iter().map(|name| directory.join(name));
    paths.filter(|path| source.kind(path) == Some(FileKind::File)).collect()
}
