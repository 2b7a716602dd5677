//! Just enough of finding files and variables to run the recorded cases.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use perry_container_interpolate::parse_dotenv;
use perry_container_load::{Env, FileKind, Input, Memory, Options, Source as _};

/// What the flags of a case come to.
pub(crate) struct Found {
    pub(crate) inputs: Vec<Input>,
    pub(crate) options: Options,
}

const NAMES: [&str; 4] =
    ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
const OVERRIDES: [&str; 4] = [
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
];

pub(crate) fn discover(
    cwd: &Path,
    files: &Memory,
    env: &BTreeMap<String, String>,
    args: &[String],
    config_args: &[String],
) -> Result<Found, String> {
    let mut options = Options::new(cwd);
    let (mut given, mut env_files, mut flags) = (Vec::new(), Vec::new(), args.iter());
    while let Some(flag) = flags.next() {
        if flag == "--all-resources" {
            options.steps.all_resources = true;
            continue;
        }
        let value = flags.next().ok_or("flag needs an argument")?.clone();
        match flag.as_str() {
            "-f" => given.push(value),
            "-p" => options.project_name = Some(value),
            "--profile" => options.profiles.push(value),
            "--env-file" => env_files.push(value),
            other => return Err(format!("unknown flag {other}")),
        }
    }
    options.services = config_args.to_vec();
    let at = |path: &str| clean(&cwd.join(path));
    let mut all: Env = env.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    all.set("HOME", "/home/u");
    all.set("PWD", cwd.to_string_lossy());
    if env_files.is_empty() {
        env_files.extend(
            env.get("COMPOSE_ENV_FILES")
                .into_iter()
                .flat_map(|list| list.split(','))
                .map(str::to_owned),
        );
    }
    let explicit = !env_files.is_empty();
    let mut own = Env::new();
    for file in &env_files {
        read_env(&at(file), files, &all, &mut own)?;
    }
    let beside = |own: &mut Env, directory: &Path| -> Result<(), String> {
        let file = directory.join(".env");
        let off =
            all.get("COMPOSE_DISABLE_ENV_FILE").is_some_and(|value| matches!(value, "1" | "true"));
        if explicit || off || files.kind(&file) != Some(FileKind::File) {
            return Ok(());
        }
        let mut more = Env::new();
        read_env(&file, files, &all, &mut more)?;
        own.fill(&more);
        Ok(())
    };
    if given.is_empty() {
        beside(&mut own, cwd)?;
    }
    let var = |own: &Env, name: &str| all.get(name).or_else(|| own.get(name)).map(str::to_owned);
    if given.is_empty()
        && let Some(list) = var(&own, "COMPOSE_FILE")
    {
        let separator = var(&own, "COMPOSE_PATH_SEPARATOR").unwrap_or_else(|| ":".to_owned());
        given.extend(list.split(separator.as_str()).map(str::to_owned));
    }
    let paths: Vec<PathBuf> = if given.is_empty() {
        search(cwd, files)?
    } else {
        given.iter().map(|file| at(file)).collect()
    };
    options.working_dir = paths[0].parent().unwrap_or(cwd).to_owned();
    let directory = options.working_dir.clone();
    beside(&mut own, &directory)?;
    all.fill(&own);
    if options.project_name.is_none() {
        options.project_name =
            all.get("COMPOSE_PROJECT_NAME").filter(|n| !n.is_empty()).map(str::to_owned);
    }
    if options.profiles.is_empty() {
        let list = all.get("COMPOSE_PROFILES").unwrap_or("");
        options.profiles =
            list.split(',').map(str::trim).filter(|p| !p.is_empty()).map(str::to_owned).collect();
    }
    options.env = all;
    let mut inputs = Vec::new();
    for path in paths {
        let bytes = files.read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        inputs.push(Input::yaml(path, bytes));
    }
    Ok(Found { inputs, options })
}

fn read_env(path: &Path, files: &Memory, env: &Env, own: &mut Env) -> Result<(), String> {
    let bytes = files.read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let lookup = |name: &str| env.get(name).or_else(|| own.get(name)).map(str::to_owned);
    let more = parse_dotenv(&String::from_utf8_lossy(&bytes), &lookup)
        .map_err(|error| error.to_string())?;
    for (name, value) in more {
        own.set(name, value);
    }
    Ok(())
}

fn search(cwd: &Path, files: &Memory) -> Result<Vec<PathBuf>, String> {
    for directory in cwd.ancestors() {
        let first = |names: &[&str]| {
            names
                .iter()
                .map(|name| directory.join(name))
                .find(|path| files.kind(path) == Some(FileKind::File))
        };
        if let Some(base) = first(&NAMES) {
            return Ok(std::iter::once(base).chain(first(&OVERRIDES)).collect());
        }
    }
    Err("no configuration file provided: not found".to_owned())
}

fn clean(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}
