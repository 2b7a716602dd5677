//! `top`: the processes of a project in one table.

use perry_container_reconcile::{service_of, unit_of};
use perry_container_spec::ContainerInfo;

/// What a runtime says of the processes of a container: titles, then one row a process.
pub type Processes = (Vec<String>, Vec<Vec<String>>);

/// Headings and rows for all containers, in the order they are given. Runtimes name columns as they like: each heading
/// stands where it was met first, `CMD` last of all, and what a container does not tell is `-`.
pub fn top(containers: &[(&ContainerInfo, Processes)]) -> (Vec<String>, Vec<Vec<String>>) {
    let mut titles: Vec<String> = vec!["SERVICE".to_owned(), "#".to_owned()];
    for title in containers.iter().flat_map(|(_, (titles, _))| titles) {
        if !titles.contains(title) {
            titles.push(title.clone());
        }
    }
    if let Some(at) = titles.iter().position(|title| title == "CMD") {
        let cmd = titles.remove(at);
        titles.push(cmd);
    }
    let mut rows = Vec::new();
    for (seen, (own, processes)) in containers {
        let service = service_of(seen).unwrap_or_default();
        let number = unit_of(seen).map_or_else(String::new, |unit| unit.number.to_string());
        for process in processes {
            let cell = |title: &String| {
                let at = own.iter().position(|own| own == title);
                at.and_then(|at| process.get(at)).cloned().unwrap_or_else(|| "-".to_owned())
            };
            let cells = titles.iter().skip(2).map(cell);
            rows.push([service.to_owned(), number.clone()].into_iter().chain(cells).collect());
        }
    }
    (titles, rows)
}
