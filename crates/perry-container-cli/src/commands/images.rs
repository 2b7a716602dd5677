//! `images`.

use crate::{
    app::{self, App},
    failure::Failure,
    grammar::Images,
    ps::go_json,
    say::harmless,
    table::List,
};
use indexmap::IndexSet;
use perry_container_compose::engine::ImageRow;

/// Shows the images of a project's containers.
pub(crate) async fn images(app: &App, how: &Images) -> Result<(), Failure> {
    let list = List::parse(&how.format)?;
    let found = app.project_or_name(&app.project_options(&[])?)?;
    let services = how.services.iter().cloned().collect();
    let rows = app.session("images").await?.images(found.name(), &services).await?;
    app.print(&text(how.quiet, list, &rows, app::now()))
}

fn text(quiet: bool, list: List, rows: &[ImageRow], now: jiff::Timestamp) -> String {
    if quiet {
        let ids: IndexSet<&str> = rows.iter().map(|row| bare(&row.id)).collect();
        return ids.into_iter().map(|id| format!("{id}\n")).collect();
    }
    match list {
        // Of no containers docker compose makes `null`, and its list ends with an empty line.
        List::Json if rows.is_empty() => "null\n\n".to_owned(),
        List::Json => go_json(&rows) + "\n\n",
        List::Table => {
            let name =
                |text: &str| if text.is_empty() { "<none>".to_owned() } else { text.to_owned() };
            let cells = |row: &ImageRow| {
                let id = bare(&row.id).chars().take(12).collect();
                let (size, created) = (row.human_size(), row.created(now));
                let (repository, tag) = (name(&row.repository), name(&row.tag));
                let cells = [
                    row.container_name.clone(),
                    repository,
                    tag,
                    row.platform.clone(),
                    id,
                    size,
                    created,
                ];
                cells.map(|cell| harmless(&cell).into_owned())
            };
            let headings =
                ["CONTAINER", "REPOSITORY", "TAG", "PLATFORM", "IMAGE ID", "SIZE", "CREATED"];
            List::table(headings, rows.iter().map(cells))
        }
    }
}

/// Without the name of the hash.
fn bare(id: &str) -> &str {
    id.split_once(':').map_or(id, |(_, id)| id)
}
