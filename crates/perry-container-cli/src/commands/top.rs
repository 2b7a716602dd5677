//! `top`.

use crate::{app::App, failure::Failure, grammar::Top, ps::columns, say::harmless};

/// Shows the processes of a project's containers.
pub(crate) async fn top(app: &App, how: &Top) -> Result<(), Failure> {
    let found = app.project_or_name(&app.project_options(&[])?)?;
    let services = how.services.iter().cloned().collect();
    let (titles, rows) = app.session("top").await?.top(found.name(), &services).await?;
    if rows.is_empty() {
        return Ok(());
    }
    // What a process calls itself is anything.
    let cell = |cell: &String| harmless(cell).replace(['\n', '\t'], " ");
    let lines = std::iter::once(&titles).chain(&rows);
    let lines: Vec<Vec<String>> = lines.map(|row| row.iter().map(cell).collect()).collect();
    app.print(&columns(4, 2, &lines))
}
