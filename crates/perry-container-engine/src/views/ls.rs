//! `ls`: the projects of a runtime.

use perry_container_reconcile::{config_files_of, project_of};
use perry_container_spec::{ContainerInfo, Observed};
use serde::Serialize;
use std::collections::BTreeMap;

/// One project. Serialised it is an item of docker compose's `ls --format json`: its names, their order, its texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct LsRow {
    /// Its name.
    pub name: String,
    /// `exited(1), running(3)`: the states of its containers, sorted.
    pub status: String,
    /// Its compose files, comma separated; `N/A` where a container does not tell.
    pub config_files: String,
}

/// All projects that something is there of, sorted by name; only what runs counts unless `all`.
pub fn ls(observed: &Observed, all: bool) -> Vec<LsRow> {
    let mut projects: BTreeMap<&str, Vec<&ContainerInfo>> = BTreeMap::new();
    for seen in observed.containers.values().filter(|seen| all || seen.state.is_up()) {
        if let Some(project) = project_of(seen) {
            projects.entry(project).or_default().push(seen);
        }
    }
    projects.into_iter().map(|(name, containers)| row(name, &containers)).collect()
}

fn row(name: &str, containers: &[&ContainerInfo]) -> LsRow {
    let mut states: BTreeMap<&str, usize> = BTreeMap::new();
    for seen in containers {
        *states.entry(seen.state.as_str()).or_default() += 1;
    }
    let status: Vec<String> =
        states.into_iter().map(|(state, count)| format!("{state}({count})")).collect();
    let files: Option<Vec<&str>> = containers.iter().map(|seen| config_files_of(seen)).collect();
    let config_files = files.map_or_else(
        || "N/A".to_owned(),
        |files| {
            let mut named: Vec<&str> = Vec::new();
            for file in files.into_iter().flat_map(|files| files.split(',')) {
                if !named.contains(&file) {
                    named.push(file);
                }
            }
            named.join(",")
        },
    );
    LsRow { name: name.to_owned(), status: status.join(", "), config_files }
}
