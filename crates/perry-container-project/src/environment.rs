//! The variables that compose files are interpolated with.

use crate::discover::VariableLines;
use crate::error::ProjectError;
use crate::notice::Notice;
use crate::options::ProjectOptions;
use crate::path::absolute;
use crate::vars;
use perry_container_interpolate::read_dotenv;
use perry_container_load::{Env, FileKind, Source, SourceError};
use std::path::{Path, PathBuf};

/// The files with variables that were asked for: `--env-file`, else `COMPOSE_ENV_FILES`.
pub(crate) fn asked_for(options: &ProjectOptions) -> Vec<PathBuf> {
    let from = |path: &Path| absolute(&options.working_dir, path);
    if !options.env_files.is_empty() {
        return options.env_files.iter().map(|path| from(path)).collect();
    }
    let listed = options.env.get(vars::COMPOSE_ENV_FILES).unwrap_or_default();
    listed.split(',').filter(|path| !path.is_empty()).map(|path| from(Path::new(path))).collect()
}

/// `.env` of a directory, when it is a file and is not switched off.
pub(crate) fn dot_env(
    options: &ProjectOptions,
    directory: &Path,
    source: &dyn Source,
) -> Result<Option<PathBuf>, ProjectError> {
    if let Some(value) = options.env.get(vars::COMPOSE_DISABLE_ENV_FILE)
        && boolean(vars::COMPOSE_DISABLE_ENV_FILE, value)?
    {
        return Ok(None);
    }
    let path = directory.join(".env");
    Ok((source.kind(&path) == Some(FileKind::File)).then_some(path))
}

/// Reads files, the later over the earlier, and adds what `env` does not have. A file may use what is in `env` and in
/// the files before it.
pub(crate) fn fill(
    env: &mut Env,
    files: &[PathBuf],
    source: &dyn Source,
    notices: &mut Vec<Notice>,
    lines: &mut VariableLines,
) -> Result<(), ProjectError> {
    let mut read = Env::new();
    for path in files {
        let bytes = source.read(path).map_err(|why| match why {
            SourceError::NotFound => ProjectError::NoEnvFile { path: path.clone() },
            why => ProjectError::ReadEnvFile { path: path.clone(), why },
        })?;
        let text = String::from_utf8(bytes).map_err(|_| ProjectError::ReadEnvFile {
            path: path.clone(),
            why: SourceError::Other("is not UTF-8 text".to_owned()),
        })?;
        let lookup = |name: &str| env.get(name).map(str::to_owned);
        let file = read_dotenv(&text, &lookup, read)
            .map_err(|why| ProjectError::EnvFile { path: path.clone(), why })?;
        read = file.env;
        for (name, line) in file.lines {
            if !env.contains(&name) {
                lines.insert(name, (path.clone(), line));
            }
        }
        for (variable, line) in file.unset {
            let notice = Notice::Unset { variable, path: path.clone(), line };
            if !notices.contains(&notice) {
                notices.push(notice);
            }
        }
    }
    env.fill(&read);
    Ok(())
}

/// As Go's `strconv.ParseBool`.
fn boolean(name: &'static str, value: &str) -> Result<bool, ProjectError> {
    match value {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err(ProjectError::Boolean { name, value: value.to_owned() }),
    }
}
