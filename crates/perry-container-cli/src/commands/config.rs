//! `config`: the project as it was understood, or one list out of it.

use crate::{
    app::{self, App},
    failure::Failure,
    grammar::Config,
    ps::columns,
};
use perry_container_compose::{
    config_hash,
    load::Variable,
    model::ComposeSpec,
    project::{ComposeProject, Disk},
    yaml::value_to_yaml,
};
use serde_json::{Value, json};

/// Loads, and prints what was asked for; docker compose's order of precedence where several things were.
pub(crate) fn config(app: &mut App, how: &Config) -> Result<(), Failure> {
    let mut options = app.project_options(&how.services)?;
    options.interpolate = !how.no_interpolate;
    options.normalize = !how.no_normalize;
    options.consistency = !how.no_consistency;
    options.resolve_paths = !how.no_path_resolution;
    options.resolve_env = !how.no_env_resolution;
    let json = match how.format.as_deref() {
        Some("json") => true,
        None | Some("yaml") => false,
        Some("") => false,
        Some(other) => return Err(Failure::error(format!("unsupported format \"{other}\""))),
    };
    if how.variables {
        // Found in the texts as they are written, so a required one need not be set.
        options.interpolate = false;
        options.normalize = false;
        options.consistency = false;
        options.resolve_env = false;
        let project = app.project(&options)?;
        return app::print(&variables(&project.loaded.variables, json));
    }
    if how.profiles || how.list_services || how.volumes || how.networks || how.models {
        options.services.clear(); // as docker compose 2: lists are of the whole project
    }
    if how.no_interpolate && !lists(how) {
        let mut tree = ComposeProject::open_tree(&options, &Disk)
            .map_err(|error| app.refused(&error))?
            .to_json();
        if how.quiet {
            return Ok(());
        }
        tree.sort_all_objects(); // as docker compose prints a raw model
        return put(how, &shown(&tree, json));
    }
    let project = app.project(&options)?;
    if let Some(text) = list(how, &project)? {
        return app::print(&text);
    }
    if how.quiet {
        return Ok(());
    }
    put(how, &whole(project.spec(), json))
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

fn put(how: &Config, text: &str) -> Result<(), Failure> {
    match &how.output {
        None => app::print(text),
        Some(path) => std::fs::write(path, text).map_err(|error| {
            Failure::error(format!("could not write {}: {error}", path.display()))
        }),
    }
}

const fn lists(how: &Config) -> bool {
    how.list_services
        || how.volumes
        || how.networks
        || how.models
        || how.hash.is_some()
        || how.profiles
        || how.images
        || how.environment
}

/// One list out of the project; `None` when none was asked for.
fn list(how: &Config, project: &ComposeProject) -> Result<Option<String>, Failure> {
    let spec = project.spec();
    let sorted = |keys: Vec<&String>| {
        let mut keys = keys;
        keys.sort_unstable();
        lines(keys.into_iter().cloned())
    };
    Ok(Some(if how.list_services {
        sorted(spec.services.keys().collect())
    } else if how.volumes {
        sorted(spec.volumes.keys().collect())
    } else if how.networks {
        sorted(spec.networks.keys().collect())
    } else if how.models {
        sorted(spec.models.keys().collect())
    } else if let Some(names) = &how.hash {
        hashes(spec, names)?
    } else if how.profiles {
        lines(project.loaded.profiles.iter().cloned())
    } else if how.images {
        lines(spec.services.iter().map(|(key, service)| service.image_name(&project.name, key)))
    } else if how.environment {
        let mut all: Vec<_> =
            project.env.iter().map(|(name, value)| format!("{name}={value}")).collect();
        all.sort_unstable();
        lines(all)
    } else {
        return Ok(None);
    }))
}

fn lines(all: impl IntoIterator<Item = String>) -> String {
    all.into_iter().map(|line| line + "\n").collect()
}

fn hashes(spec: &ComposeSpec, names: &str) -> Result<String, Failure> {
    let mut wanted: Vec<&str> = match names {
        "*" => spec.services.keys().map(String::as_str).collect(),
        _ => names.split(',').collect(),
    };
    wanted.sort_unstable();
    let mut text = String::new();
    for name in wanted {
        let service = spec
            .services
            .get(name)
            .ok_or_else(|| Failure::error(format!("no such service: {name}")))?;
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
    columns(20, &rows)
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
