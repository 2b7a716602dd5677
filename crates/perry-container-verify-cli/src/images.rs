//! Which images are asked for: those that are named, those of a compose file, those of a workload graph.

use crate::Outside;
use perry_container_compose::{
    load::Env,
    model::{Separator, image_name},
    project::{ComposeProject, Disk, ProjectOptions},
    registry::Reference,
};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// An image that is to be verified.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Wanted {
    /// As it was written.
    pub(crate) name: String,
    /// In full.
    pub(crate) image: Reference,
    /// The service or node that uses it.
    pub(crate) user: Option<String>,
    /// Where that is written: file, line, column.
    pub(crate) place: Option<(PathBuf, u32, u32)>,
    /// What the service demands (`x-perry-verify`).
    pub(crate) demand: Option<Value>,
    /// It is built here, so no registry has a signature of it.
    pub(crate) built: bool,
}

impl Wanted {
    /// Its registry.
    #[expect(clippy::unnecessary_wraps, reason = "a filter over all that are wanted")]
    pub(crate) fn registry(&self) -> Option<String> {
        Some(self.image.repository.registry.clone())
    }
}

pub(crate) fn wanted(
    names: &[String],
    files: &[PathBuf],
    outside: &Outside,
) -> Result<Vec<Wanted>, String> {
    let mut all = Vec::new();
    for name in names {
        all.push(image(name, None)?);
    }
    let (graphs, composes): (Vec<&PathBuf>, Vec<&PathBuf>) =
        files.iter().partition(|file| graph(&outside.here.join(file)).is_some());
    for file in graphs {
        let Some(nodes) = graph(&outside.here.join(file)) else { continue };
        for (node, value) in nodes {
            let Some(name) = value.get("image").and_then(Value::as_str) else { continue };
            let mut wanted = image(name, Some(&node))?;
            wanted.place = Some((file.clone(), 0, 0));
            all.push(wanted);
        }
    }
    if !composes.is_empty() {
        let composes: Vec<PathBuf> = composes.into_iter().cloned().collect();
        all.extend(services(&composes, outside)?);
    }
    Ok(all)
}

fn image(name: &str, user: Option<&str>) -> Result<Wanted, String> {
    let image = Reference::parse(name).map_err(|error| error.to_string())?;
    let user = user.map(str::to_owned);
    Ok(Wanted { name: name.to_owned(), image, user, place: None, demand: None, built: false })
}

/// The nodes of a workload graph, if the file holds one.
fn graph(path: &Path) -> Option<Vec<(String, Value)>> {
    let text = std::fs::read_to_string(path).ok()?;
    let value: Value = serde_json::from_str(&text).ok()?;
    match value.get("nodes")? {
        Value::Object(nodes) if value.get("services").is_none() => {
            Some(nodes.iter().map(|(name, node)| (name.clone(), node.clone())).collect())
        }
        _ => None,
    }
}

fn services(files: &[PathBuf], outside: &Outside) -> Result<Vec<Wanted>, String> {
    let text = |word: &std::ffi::OsStr| word.to_str().map(str::to_owned);
    let env: Env = outside
        .environment
        .iter()
        .filter_map(|(name, value)| Some((text(name)?, text(value)?)))
        .collect();
    let mut options = ProjectOptions::new(&outside.here, env);
    options.files = files.to_vec();
    // The document is enough: what would be made of it, and for which profile, does not matter here.
    let tree = ComposeProject::open_tree(&options, &Disk).map_err(|error| error.to_string())?;
    let document = tree.to_json();
    let project = document.get("name").and_then(Value::as_str).unwrap_or_default();
    let mut all = Vec::new();
    for (key, service) in document.get("services").and_then(Value::as_object).into_iter().flatten()
    {
        let name = service.get("image").and_then(Value::as_str).map(str::to_owned);
        let name = name.unwrap_or_else(|| image_name(project, key, Separator::default()));
        let mut wanted = image(&name, Some(key))?;
        wanted.demand = service.get("x-perry-verify").cloned();
        wanted.built = service.get("build").is_some_and(|build| !build.is_null());
        let place = tree.place(&format!("services.{key}.image"));
        wanted.place = place.map(|place| {
            let file = place.file.strip_prefix(&outside.here).unwrap_or(&place.file).to_owned();
            (file, place.span.line, place.span.column)
        });
        all.push(wanted);
    }
    Ok(all)
}
