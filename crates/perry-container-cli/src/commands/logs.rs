//! `logs`.

use crate::{
    app::{self, App},
    failure::Failure,
    grammar::Logs,
    logs::{self, Colours, Printer, Sink, short_name},
};
use futures_util::StreamExt as _;
use jiff::tz::TimeZone;
use perry_container_compose::{
    engine::{LogItem, LogsOptions},
    reconcile::{is_oneoff, service_of, unit_of},
    spec::{Observed, Parts},
};
use std::io::{self, Write};

/// Shows what the containers of a project printed, or print.
pub(crate) async fn logs(app: &App, how: &Logs) -> Result<(), Failure> {
    let (now, zone) = (app::now(), TimeZone::system());
    let point = |flag, text: &Option<String>| {
        text.as_deref().map(|text| logs::point(flag, text, now, &zone)).transpose()
    };
    let options = LogsOptions {
        services: how.services.iter().cloned().collect(),
        index: how.index,
        follow: how.follow,
        tail: logs::tail(&how.tail)?,
        since: point("since", &how.since)?,
        until: point("until", &how.until)?,
    };
    let found = app.project_or_name(&app.project_options(&[])?)?;
    app::known_services(&found, &how.services)?;
    let signals = app.signals()?;
    let session = signals.unless_any(app.session("logs")).await?;
    let project = found.name();
    let colours = Colours::new(app.screen.out_colours && !how.no_color);
    let mut printer = Printer::new(colours, !how.no_log_prefix, how.timestamps);
    if !how.no_log_prefix {
        // All names first: then prefixes are as wide from the first line on.
        let asking = async { Ok(session.observe(project, None, Parts::CONTAINERS).await?) };
        let observed = signals.unless_any(asking).await?;
        names(project, &observed, &options).iter().for_each(|name| printer.add(name));
    }
    let asking = async { Ok(session.logs(project, &options).await?) };
    let mut items = signals.unless_any(asking).await?;
    let mut sink =
        Sink { out: io::BufWriter::new(app.out.clone()), err: app.err.clone(), split: false };
    loop {
        // One that never stops talking is interrupted, too.
        if let Some(status) = signals.status() {
            return Err(Failure::status(status));
        }
        // What is ready is printed at once; standard output is flushed before anything is waited for.
        let next = match futures_util::FutureExt::now_or_never(items.next()) {
            Some(next) => next,
            None => {
                if sink.out.flush().is_err() {
                    return Ok(());
                }
                tokio::select! {
                    next = items.next() => next,
                    () = signals.any() => continue,
                }
            }
        };
        let Some(item) = next.transpose()? else { break };
        if show(&mut printer, &mut sink, project, &item).is_err() {
            return Ok(()); // whoever reads has gone
        }
    }
    drop(sink.out.flush());
    Ok(())
}

/// Prints an item.
pub(super) fn show<O: Write, E: Write>(
    printer: &mut Printer,
    sink: &mut Sink<O, E>,
    project: &str,
    item: &LogItem,
) -> io::Result<()> {
    match item {
        LogItem::Line(line) => {
            let name = short_name(project, &line.service, line.number, &line.container);
            printer.line(sink, &name, line.source, line.time.as_deref(), &line.line)
        }
        LogItem::Ended { container, status, .. } => {
            let short =
                container.strip_prefix(project).and_then(|rest| rest.strip_prefix(['-', '_']));
            let name = short.filter(|short| printer.names().any(|name| name == *short));
            let name = name.unwrap_or(container).to_owned();
            let what = match status {
                Some(status) => format!("exited with code {status}"),
                None => "ended".to_owned(),
            };
            printer.status(sink, &name, &what)
        }
        _ => Ok(()),
    }
}

/// The names in prefixes of the containers that the options take, sorted.
pub(super) fn names(project: &str, observed: &Observed, options: &LogsOptions) -> Vec<String> {
    let mut names: Vec<String> = observed
        .containers
        .values()
        .filter_map(|seen| {
            let service = service_of(seen)?;
            let number = unit_of(seen).map(|unit| unit.number);
            let taken = (options.services.is_empty() || options.services.contains(service))
                && options.index.is_none_or(|index| number == Some(index))
                && !is_oneoff(seen);
            taken.then(|| short_name(project, service, number, &seen.name))
        })
        .collect();
    names.sort_unstable();
    names
}
