//! What we answer, without starting anything: the same function that the command line prints from.

use perry_container_compose::model::Separator;
use perry_container_compose::project::{Env, Memory, ProjectOptions};
use perry_container_compose::spec::Sensitive;
use perry_container_compose::{ConfigView, config};
use serde_json::Value;

use super::case::{Case, HOME, PATH};

/// The value, or why it was refused.
pub(super) type Ours = Result<Value, String>;

pub(super) fn answer(case: &Case, mode: &str) -> anyhow::Result<Ours> {
    let source = files(case)?;
    Ok(asked(case, mode)
        .and_then(|asked| {
            let Asked { options, view, json } = asked;
            config(&options, &view, json, &source).map_err(|error| error.to_string())
        })
        .map(|printed| value(case, mode, &printed.text)))
}

fn files(case: &Case) -> anyhow::Result<Memory> {
    let directory = case.directory();
    let mut source = Memory::default();
    for (path, content) in &case.files {
        source.insert(format!("{directory}/{path}"), content.bytes()?);
    }
    Ok(source)
}

/// What a case opens, when its flags make sense.
#[cfg(test)]
pub(super) fn opened(case: &Case) -> anyhow::Result<Option<(ProjectOptions, Memory)>> {
    Ok(asked(case, "json").ok().map(|asked| asked.options).zip(Some(files(case)?)))
}

struct Asked {
    options: ProjectOptions,
    view: ConfigView,
    json: bool,
}

/// What the flags of a case say; flags that nobody knows are refused.
fn asked(case: &Case, mode: &str) -> Result<Asked, String> {
    let mut env: Env = [("HOME", HOME), ("PATH", PATH)].into_iter().collect();
    for (name, value) in &case.env {
        env.set(name.as_str(), case.place(value));
    }
    let mut options = ProjectOptions::new(case.cwd(), env);
    options.stdin = Some(Sensitive::new(case.stdin.clone().unwrap_or_default().into_bytes()));
    let mut separator = Separator::Dash;
    let mut words = case.args.iter().map(|word| case.place(word));
    while let Some(flag) = words.next() {
        match flag.as_str() {
            "--all-resources" => {
                options.steps.all_resources = true;
                continue;
            }
            "--compatibility" => {
                separator = Separator::Underscore;
                options.steps.normalize = false;
                continue;
            }
            _ => {}
        }
        let value = words.next().ok_or_else(|| format!("flag needs an argument: {flag}"))?;
        match flag.as_str() {
            "-f" | "--file" => options.files.push(value.into()),
            "-p" | "--project-name" => options.project_name = Some(value),
            "--profile" => options.profiles.push(value),
            "--env-file" => options.env_files.push(value.into()),
            "--project-directory" => options.project_directory = Some(value.into()),
            _ => return Err(format!("unknown flag: {flag}")),
        }
    }
    let (mut view, mut json) = view(mode)?;
    if let ConfigView::Images(given) = &mut view {
        *given = separator;
    }
    let mut words = case.config_args.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--no-interpolate" => options.steps.interpolate = false,
            "--no-normalize" => options.steps.normalize = false,
            "--no-consistency" => options.steps.consistency = false,
            "--no-path-resolution" => options.steps.resolve_paths = false,
            "--no-env-resolution" => options.steps.resolve_env = false,
            "--format" => {
                json = match words.next().map(String::as_str) {
                    Some("json") => true,
                    Some("yaml") => false,
                    other => return Err(format!("unsupported format {other:?}")),
                }
            }
            flag if flag.starts_with('-') => return Err(format!("unknown flag: {flag}")),
            service => options.services.push(service.to_owned()),
        }
    }
    Ok(Asked { options, view, json })
}

fn view(mode: &str) -> Result<(ConfigView, bool), String> {
    if let Some(names) = mode.strip_prefix("hash=") {
        return Ok((ConfigView::Hash(names.to_owned()), false));
    }
    Ok(match mode {
        "json" => (ConfigView::Whole, true),
        "yaml" => (ConfigView::Whole, false),
        "quiet" => (ConfigView::Quiet, false),
        "services" => (ConfigView::Services, false),
        "volumes" => (ConfigView::Volumes, false),
        "networks" => (ConfigView::Networks, false),
        "models" => (ConfigView::Models, false),
        "profiles" => (ConfigView::Profiles, false),
        "images" => (ConfigView::Images(Separator::Dash), false),
        "hash" => (ConfigView::Hash("*".to_owned()), false),
        "environment" => (ConfigView::Environment, false),
        "variables" => (ConfigView::Variables, false),
        "variables-json" => (ConfigView::Variables, true),
        _ => return Err(format!("no such mode: {mode}")),
    })
}

/// The flags of `config` that a mode is.
pub(super) fn flags(mode: &str) -> Vec<String> {
    let words: &[&str] = match mode {
        "json" => &["--format", "json"],
        "yaml" => &[],
        "hash" => &["--hash", "*"],
        "variables-json" => &["--variables", "--format", "json"],
        _ => match mode.strip_prefix("hash=") {
            Some(names) => return vec!["--hash".to_owned(), names.to_owned()],
            None => return vec![format!("--{mode}")],
        },
    };
    words.iter().map(|&word| word.to_owned()).collect()
}

/// What is compared of a text: JSON as a value, lists of lines as sets, YAML to the letter.
pub(super) fn value(case: &Case, mode: &str, text: &str) -> Value {
    let text = case.unplace(text);
    match mode {
        "quiet" => Value::Null,
        "yaml" => text.into(),
        "json" | "variables-json" => {
            serde_json::from_str(&text).unwrap_or_else(|_| Value::String(text))
        }
        _ => {
            // What the docker command line tells its plugins is not compose's.
            let own = |line: &&str| !line.starts_with("DOCKER_CLI_PLUGIN_");
            let mut lines: Vec<&str> = text.lines().map(str::trim_end).filter(own).collect();
            lines.sort_unstable();
            Value::from(lines)
        }
    }
}
