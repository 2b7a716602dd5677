//! What `config` prints: the project as it was understood, or one list out of it.

use crate::{
    config_hash,
    digests::{Digests, FullReference},
    explain::explained,
    load::{Variable, Warning},
    model::{ComposeService, ComposeSpec, Separator},
    project::{ComposeProject, Notice, ProjectError, ProjectOptions, Source},
    yaml::value_to_yaml,
};
use serde_json::{Value, json};

/// What to print.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ConfigView {
    /// The whole project.
    #[default]
    Whole,
    /// The whole project, its images with these digests (`--resolve-image-digests`).
    Pinned(Digests),
    /// An override file that says no more than that (`--lock-image-digests`).
    Locked(Digests),
    /// Nothing: only whether the project holds together.
    Quiet,
    /// The names of the services.
    Services,
    /// The names of the volumes.
    Volumes,
    /// The names of the networks.
    Networks,
    /// The models, by the names under which they are pulled.
    Models,
    /// Services and their hashes: a comma list, or `*`.
    Hash(String),
    /// The names of the profiles.
    Profiles,
    /// The images of the services, those that are built by the names which this gives them.
    Images(Separator),
    /// The variables that texts are interpolated with.
    Environment,
    /// The variables that the texts name.
    Variables,
    /// Where the values at a path came from, such as `services.web.ports`.
    Explain(String),
}

/// Why there is nothing to print.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The project could not be opened.
    #[error(transparent)]
    Project(#[from] ProjectError),
    /// A hash was asked for of a service that is not there.
    #[error("no such service: {0}")]
    NoService(String),
    /// An image cannot have a digest, because its name is none.
    #[error("invalid reference of an image: `{0}`")]
    BadImage(String),
    /// An explanation was asked for of a path that nothing is at.
    #[error("`{0}` is not set, and nothing took it away")]
    NotSet(String),
}

/// What is printed, and what was odd.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigText {
    /// Whole lines.
    pub text: String,
    /// What is odd about where the project was found.
    pub notices: Vec<Notice>,
    /// What is odd about the project.
    pub warnings: Vec<Warning>,
}

/// The text of `config`, as docker compose 2.40.3 prints it, in YAML or JSON.
///
/// As there, lists of names are of the whole project, whatever services were named.
///
/// ```
/// use perry_container_compose::{ConfigView, config, model::Separator, project::{Env, Memory, ProjectOptions}};
/// let files: Memory = [("/shop/compose.yaml", "services: {web: {image: 'httpd:${TAG:-2}'}}")].into_iter().collect();
/// let options = ProjectOptions::new("/shop", Env::new());
/// assert_eq!(config(&options, &ConfigView::Images(Separator::Dash), false, &files)?.text, "httpd:2\n");
/// # Ok::<(), perry_container_compose::ConfigError>(())
/// ```
///
/// # Errors
/// When the project does not hold together, or a hash is asked for of a service that it does not have.
pub fn config(
    options: &ProjectOptions,
    view: &ConfigView,
    json: bool,
    source: &dyn Source,
) -> Result<ConfigText, ConfigError> {
    let mut options = options.clone();
    match view {
        ConfigView::Whole | ConfigView::Quiet | ConfigView::Pinned(_) | ConfigView::Locked(_)
            if !options.steps.interpolate =>
        {
            let mut tree = ComposeProject::open_tree(&options, source)?.to_json();
            tree.sort_all_objects(); // as docker compose prints a raw model
            if let ConfigView::Pinned(digests) | ConfigView::Locked(digests) = view {
                for image in images_of(&mut tree) {
                    *image = pinned(image, digests)?.into();
                }
            }
            if matches!(view, ConfigView::Locked(_)) {
                tree = images_only(&tree);
            }
            let text = if *view == ConfigView::Quiet { String::new() } else { shown(&tree, json) };
            return Ok(ConfigText { text, notices: Vec::new(), warnings: Vec::new() });
        }
        ConfigView::Services if !options.steps.interpolate => {
            let tree = ComposeProject::open_tree(&options, source)?.to_json();
            let services = tree.get("services").and_then(Value::as_object);
            let text = sorted(services.into_iter().flat_map(serde_json::Map::keys));
            return Ok(ConfigText { text, notices: Vec::new(), warnings: Vec::new() });
        }
        ConfigView::Whole | ConfigView::Quiet | ConfigView::Pinned(_) | ConfigView::Locked(_) => {}
        // Found in the texts as they are written, so a required one need not be set.
        ConfigView::Variables => {
            let found = ComposeProject::open_variables(&options, source)?;
            let text = variables(&found, json);
            return Ok(ConfigText { text, notices: Vec::new(), warnings: Vec::new() });
        }
        _ => {}
    }
    let of_all = matches!(
        view,
        ConfigView::Services
            | ConfigView::Volumes
            | ConfigView::Networks
            | ConfigView::Models
            | ConfigView::Hash(_)
    );
    if of_all {
        options.services.clear();
    }
    options.steps.trail = matches!(view, ConfigView::Explain(_));
    // Lists need no `env_file`. docker compose 2 reads none for hashes either, though what it runs has another hash.
    let of_env = matches!(view, ConfigView::Whole | ConfigView::Pinned(_) | ConfigView::Locked(_));
    if !of_env
        && !matches!(view, ConfigView::Quiet | ConfigView::Environment | ConfigView::Explain(_))
    {
        options.steps.resolve_env = false;
    }
    let project = ComposeProject::open_from(&options, source)?;
    let text = match view {
        ConfigView::Explain(path) => match project.loaded.explain(path).as_slice() {
            [] => return Err(ConfigError::NotSet(path.clone())),
            told => explained(&project, told, &options.working_dir, json),
        },
        _ => text(&project, view, json)?,
    };
    Ok(ConfigText { text, notices: project.notices, warnings: project.loaded.warnings })
}

/// The references of the images of a project that a registry must be asked about before they can be
/// [pinned](ConfigView::Pinned), each once, in full.
///
/// # Errors
/// As [`config`], and for an image whose name is none.
pub fn unpinned_images(
    options: &ProjectOptions,
    source: &dyn Source,
) -> Result<Vec<String>, ConfigError> {
    let mut tree = if options.steps.interpolate {
        let project = ComposeProject::open_from(options, source)?;
        project.spec().config_json()
    } else {
        ComposeProject::open_tree(options, source)?.to_json()
    };
    let mut all = Vec::new();
    for image in images_of(&mut tree) {
        let full = full(image)?;
        if full.is_open() {
            all.push(full.to_string());
        }
    }
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

fn full(image: &Value) -> Result<FullReference, ConfigError> {
    let text = image.as_str().unwrap_or_default();
    FullReference::parse(text).ok_or_else(|| ConfigError::BadImage(text.to_owned()))
}

fn pinned(image: &Value, digests: &Digests) -> Result<String, ConfigError> {
    Ok(full(image)?.pinned(digests))
}

/// The images of the services of a document.
fn images_of(tree: &mut Value) -> impl Iterator<Item = &mut Value> {
    let services = tree.get_mut("services").and_then(Value::as_object_mut);
    let services = services.into_iter().flat_map(serde_json::Map::values_mut);
    services
        .filter_map(|service| service.get_mut("image"))
        .filter(|image| image.as_str().is_some_and(|text| !text.is_empty()))
}

/// The services of a document with nothing but their images.
fn images_only(tree: &Value) -> Value {
    let only = |(name, service): (&String, &Value)| {
        let image = service.get("image").map(|image| json!({"image": image}));
        (name.clone(), image.unwrap_or_else(|| json!({})))
    };
    let services = tree.get("services").and_then(Value::as_object);
    let services: serde_json::Map<String, Value> =
        services.into_iter().flatten().map(only).collect();
    json!({ "services": services })
}

/// A project whose images have digests, or one of nothing but these.
fn with_digests(
    spec: &ComposeSpec,
    digests: &Digests,
    only: bool,
) -> Result<ComposeSpec, ConfigError> {
    let mut pins = spec.clone();
    for service in pins.services.values_mut() {
        let image = match service.image.take().filter(|image| !image.is_empty()) {
            Some(image) => Some(pinned(&image.into(), digests)?),
            None => None,
        };
        if only {
            *service = ComposeService::default();
        }
        service.image = image;
    }
    if only {
        pins = ComposeSpec { services: pins.services, ..ComposeSpec::default() };
    }
    Ok(pins)
}

/// The whole project.
fn whole(spec: &ComposeSpec, json: bool) -> String {
    if json { shown(&spec.config_json(), true) } else { value_to_yaml(&spec.config_yaml()) }
}

fn shown(value: &Value, json: bool) -> String {
    if !json {
        return value_to_yaml(value);
    }
    match serde_json::to_string_pretty(value) {
        Ok(text) => text + "\n",
        Err(_) => String::new(), // a Value always has a text
    }
}

/// One view of a project that was loaded.
fn text(project: &ComposeProject, view: &ConfigView, json: bool) -> Result<String, ConfigError> {
    let spec = project.spec();
    Ok(match view {
        ConfigView::Whole => whole(spec, json),
        ConfigView::Pinned(digests) => whole(&with_digests(spec, digests, false)?, json),
        ConfigView::Locked(digests) => {
            let images = with_digests(spec, digests, true)?;
            if json {
                // With an empty name, as docker compose prints it.
                shown(&json!({"name": "", "services": images.config_json().get("services")}), true)
            } else {
                whole(&images, false)
            }
        }
        ConfigView::Quiet | ConfigView::Explain(_) => String::new(),
        ConfigView::Services => sorted(spec.services.keys()),
        ConfigView::Volumes => sorted(spec.volumes.keys()),
        ConfigView::Networks => sorted(spec.networks.keys()),
        ConfigView::Models => {
            let mut names: Vec<_> =
                spec.models.values().filter_map(|model| model.model.clone()).collect();
            names.sort_unstable();
            lines(names)
        }
        ConfigView::Hash(names) => hashes(spec, names)?,
        ConfigView::Profiles => lines(project.loaded.profiles.iter().cloned()),
        ConfigView::Images(separator) => {
            let name = &project.name;
            let services = spec.services.iter();
            lines(services.map(|(key, service)| service.image_name(name, key, *separator)))
        }
        ConfigView::Environment => {
            let mut all: Vec<_> =
                project.env.iter().map(|(name, value)| format!("{name}={value}")).collect();
            all.sort_unstable();
            lines(all)
        }
        ConfigView::Variables => variables(&project.loaded.variables, json),
    })
}

fn sorted<'a>(keys: impl Iterator<Item = &'a String>) -> String {
    let mut keys: Vec<&String> = keys.collect();
    keys.sort_unstable();
    lines(keys.into_iter().cloned())
}

fn lines(all: impl IntoIterator<Item = String>) -> String {
    all.into_iter().map(|line| line + "\n").collect()
}

fn hashes(spec: &ComposeSpec, names: &str) -> Result<String, ConfigError> {
    let mut wanted: Vec<&str> = match names {
        "*" => spec.services.keys().map(String::as_str).collect(),
        _ => names.split(',').collect(),
    };
    wanted.sort_unstable();
    let mut text = String::new();
    for name in wanted {
        let service =
            spec.services.get(name).ok_or_else(|| ConfigError::NoService(name.to_owned()))?;
        text.extend([name, " ", &config_hash(service), "\n"]);
    }
    Ok(text)
}

fn variables(all: &[Variable], json: bool) -> String {
    if json {
        let mut names: Vec<&Variable> = all.iter().collect();
        names.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        let object: serde_json::Map<String, Value> = names
            .into_iter()
            .map(|v| {
                let one = json!({
                    "Name": v.name,
                    "DefaultValue": v.default,
                    "PresenceValue": v.presence,
                    "Required": v.required,
                });
                (v.name.clone(), one)
            })
            .collect();
        let mut text = Vec::new();
        let four = serde_json::ser::PrettyFormatter::with_indent(b"    ");
        let mut serializer = serde_json::Serializer::with_formatter(&mut text, four);
        return match serde::Serialize::serialize(&object, &mut serializer) {
            Ok(()) => String::from_utf8_lossy(&text).into_owned() + "\n",
            Err(_) => String::new(), // a Vec takes everything
        };
    }
    let head = ["NAME", "REQUIRED", "DEFAULT VALUE", "ALTERNATE VALUE"].map(str::to_owned).to_vec();
    let row = |v: &Variable| {
        vec![v.name.clone(), v.required.to_string(), v.default.clone(), v.presence.clone()]
    };
    let rows: Vec<_> = std::iter::once(head).chain(all.iter().map(row)).collect();
    columns(&rows)
}

/// As docker's tables: columns at least 20 wide, three blanks between.
fn columns(rows: &[Vec<String>]) -> String {
    let mut widths = [20; 4];
    for (width, column) in widths.iter_mut().zip(0..) {
        let cells = rows.iter().filter_map(|row| row.get(column));
        *width = cells.map(|cell| cell.chars().count() + 3).max().unwrap_or(0).max(*width);
    }
    let mut text = String::new();
    for row in rows {
        for (number, (cell, width)) in row.iter().zip(widths).enumerate() {
            text.push_str(cell);
            if number + 1 < row.len() {
                text.extend(std::iter::repeat_n(' ', width - cell.chars().count()));
            }
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Variable, variables};
    use snapbox::{assert_data_eq, str};

    #[test]
    fn variables_as_a_table_and_as_json() {
        let variable = |name: &str, default: &str, presence: &str, required| Variable {
            name: name.to_owned(),
            default: default.to_owned(),
            presence: presence.to_owned(),
            required,
        };
        let all = [variable("IMG", "lab/httpd:1", "", false), variable("D", "", "alt", true)];
        assert_data_eq!(
            variables(&all, false),
            str![[r#"
NAME                REQUIRED            DEFAULT VALUE       ALTERNATE VALUE
IMG                 false               lab/httpd:1         
D                   true                                    alt

"#]]
        );
        assert_data_eq!(
            variables(&all, true),
            str![[r#"
{
    "D": {
        "Name": "D",
        "DefaultValue": "",
        "PresenceValue": "alt",
        "Required": true
    },
    "IMG": {
        "Name": "IMG",
        "DefaultValue": "lab/httpd:1",
        "PresenceValue": "",
        "Required": false
    }
}

"#]]
        );
    }
}
