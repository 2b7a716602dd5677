//! `ps`.

use super::keeper;
use crate::{
    app::{self, App},
    failure::Failure,
    grammar::Ps,
    ps::Format,
};
use indexmap::IndexSet;
use perry_container_compose::{
    engine::{PsFilter, PsRow},
    project::ProjectOrName,
    spec::State,
};

/// Shows the containers of a project.
pub(crate) async fn ps(app: &App, how: &Ps) -> Result<(), Failure> {
    let format = Format::parse(&how.format)?;
    let states = states(how)?;
    let found = app.project_or_name(&app.project_options(&[])?)?;
    app::known_services(&found, &how.services)?;
    let filter = PsFilter {
        all: how.all || !states.is_empty(),
        services: how.services.iter().cloned().collect(),
        states,
        known: known(&found, how),
        no_trunc: how.no_trunc || how.quiet,
    };
    let session = app.session("ps").await?;
    let (rows, traces) = session.ps_and_traces(found.name(), &filter).await?;
    traces.iter().for_each(|trace| app.warn(trace));
    app.print(&text(how, &format, &rows))?;
    keeper::name(app, &session, found.name()).await;
    Ok(())
}

fn text(how: &Ps, format: &Format, rows: &[PsRow]) -> String {
    if how.quiet {
        return rows.iter().map(|row| format!("{}\n", row.id)).collect();
    }
    if how.list_services {
        let names: IndexSet<&str> = rows.iter().map(|row| row.service.as_str()).collect();
        return names.into_iter().map(|name| format!("{name}\n")).collect();
    }
    format.print(rows)
}

/// The project's services, where orphans are left out.
fn known(found: &ProjectOrName, how: &Ps) -> Option<IndexSet<String>> {
    let project = found.project().filter(|_| how.orphans == Some(false))?;
    let loaded = &project.loaded;
    Some(loaded.spec.services.keys().chain(loaded.disabled.keys()).cloned().collect())
}

/// `--status` and `--filter status=...`.
fn states(how: &Ps) -> Result<Vec<State>, Failure> {
    let filtered = match how.filter.as_deref().map(|filter| filter.split_once('=')) {
        None => None,
        Some(None) => {
            return Err(Failure::error("arguments to --filter should be in form KEY=VAL"));
        }
        Some(Some(("status", state))) => Some(state),
        Some(Some((key, _))) => return Err(Failure::error(format!("unknown filter {key}"))),
    };
    let all = how.status.iter().map(String::as_str).chain(filtered);
    all.map(|word| {
        ALL.into_iter().find(|state| state.as_str() == word).ok_or_else(|| {
            let words = ALL.map(State::as_str).join(", ");
            Failure::error(format!("unknown status `{word}`")).hint(format!("one of {words}"))
        })
    })
    .collect()
}

const ALL: [State; 7] = [
    State::Paused,
    State::Restarting,
    State::Removing,
    State::Running,
    State::Dead,
    State::Created,
    State::Exited,
];

#[cfg(test)]
mod tests {
    use super::{Ps, State, states};

    #[test]
    fn states_come_from_two_flags() {
        let how = Ps {
            filter: Some("status=exited".to_owned()),
            status: vec!["running".to_owned()],
            ..Ps::default()
        };
        assert_eq!(states(&how).unwrap(), [State::Running, State::Exited]);
        let refused = |filter: &str| {
            let how = Ps { filter: Some(filter.to_owned()), ..Ps::default() };
            states(&how).unwrap_err().to_string()
        };
        assert_eq!(refused("x"), "error: arguments to --filter should be in form KEY=VAL");
        assert_eq!(refused("x=y"), "error: unknown filter x");
        assert_eq!(
            refused("status=tired"),
            "error: unknown status `tired`\nhint: one of paused, restarting, removing, running, dead, created, exited"
        );
    }
}
