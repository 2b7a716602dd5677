//! `events`.

use crate::{
    app::{self, App},
    failure::Failure,
    grammar::Events,
    logs,
    ps::go_json,
    say::harmless,
};
use futures_util::StreamExt as _;
use jiff::tz::TimeZone;
use perry_container_compose::{engine::event_row, spec::EventOptions};
use std::io::Write as _;

/// Shows what happens to a project's containers, as it happens, until a signal or `--until` ends it.
pub(crate) async fn events(app: &App, how: &Events) -> Result<(), Failure> {
    let (now, zone) = (app::now(), TimeZone::system());
    let point = |flag, text: &Option<String>| {
        let text = text.as_deref().filter(|text| !text.is_empty());
        text.map(|text| logs::point(flag, text, now, &zone)).transpose()
    };
    let (since, until) = (point("since", &how.since)?, point("until", &how.until)?);
    let over =
        until.as_ref().and_then(|until| until.parse().ok()).is_some_and(|until| now >= until);
    let options = EventOptions { since, until, over };
    let found = app.project_or_name(&app.project_options(&[])?)?;
    let signals = app.signals()?;
    let session = signals.unless_any(app.session("events")).await?;
    let services = how.services.iter().cloned().collect();
    let mut out = app.out.clone();
    let telling = async {
        let mut events = session.events(found.name(), &services, &options).await?;
        while let Some(event) = events.next().await {
            let row = event_row(&event.map_err(Failure::from)?, &zone);
            let text = match how.json {
                true => go_json(&row) + "\n",
                false => format!("{}\n\n", harmless(&row.text())),
            };
            if out.write_all(text.as_bytes()).and_then(|()| out.flush()).is_err() {
                return Ok(()); // whoever reads has gone
            }
        }
        Ok(())
    };
    tokio::select! {
        told = telling => told,
        () = signals.any() => Err(Failure::status(signals.status().unwrap_or(1))),
    }
}
