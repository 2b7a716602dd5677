//! `create` and `scale`: an `up` that starts nothing, and one of some services.

use super::{
    keeper,
    up::{options, plan},
};
use crate::{
    app::App,
    failure::Failure,
    grammar::{Create, PullOrBuild, Scale},
    progress::Quiet,
};
use indexmap::IndexMap;
use perry_container_compose::{
    engine::moment,
    reconcile::{PullPolicy, Recreate, UpOptions},
};

/// Makes what a project needs and starts none of it.
pub(crate) async fn create(app: &App, how: &Create) -> Result<(), Failure> {
    let contradictions = [
        (how.build && how.no_build, "--build and --no-build are incompatible"),
        (
            how.force_recreate && how.no_recreate,
            "--force-recreate and --no-recreate are incompatible",
        ),
    ];
    if let Some((_, text)) = contradictions.into_iter().find(|(given, _)| *given) {
        return Err(Failure::usage(text));
    }
    let (recreate, recreate_deps) = match how {
        Create { no_recreate: true, .. } => (Recreate::Never, Recreate::Never),
        Create { force_recreate: true, .. } => (Recreate::Force, Recreate::Diverged),
        _ => (Recreate::Diverged, Recreate::Diverged),
    };
    let wanted = UpOptions {
        recreate,
        recreate_deps,
        named: how.services.iter().cloned().collect(),
        pull: match how.pull {
            PullOrBuild::Policy => None,
            PullOrBuild::Always => Some(PullPolicy::Always),
            PullOrBuild::Missing => Some(PullPolicy::Missing),
            PullOrBuild::Never => Some(PullPolicy::Never),
            PullOrBuild::Build => Some(PullPolicy::Build),
        },
        build: how.build,
        no_build: how.no_build,
        remove_orphans: app.remove_orphans(how.remove_orphans)?,
        ..UpOptions::default()
    };
    let quiet = Quiet { pulls: how.quiet_pull, builds: false };
    bring(app, "create", &options::scale(&how.scale)?, wanted.creating(), quiet, how.verify).await
}

/// Brings services to a number of containers.
pub(crate) async fn scale(app: &App, how: &Scale) -> Result<(), Failure> {
    let scale = numbers(&how.scale)?;
    let wanted = UpOptions::scaling(scale.keys().cloned().collect(), how.no_deps);
    bring(app, "scale", &scale, wanted, Quiet::default(), false).await
}

async fn bring(
    app: &App,
    word: &str,
    scale: &IndexMap<String, u32>,
    mut wanted: UpOptions,
    quiet: Quiet,
    verify: bool,
) -> Result<(), Failure> {
    wanted.no_rollback = app.no_rollback()?;
    wanted.ignore_orphans = app.switch("COMPOSE_IGNORE_ORPHANS")?;
    let services: Vec<String> = wanted.named.iter().cloned().collect();
    let mut found = app.project_options(&services)?;
    found.steps.with_dependencies = !wanted.no_deps;
    let project = app.project(&found)?;
    if project.spec().services.is_empty() {
        return Err(Failure::error("no service selected"));
    }
    if wanted.recreate == wanted.recreate_deps {
        // What the named ones depend on comes along also where a service shall have no container that depends on it.
        wanted.named = project.spec().services.keys().cloned().collect();
    }
    let signals = app.signals()?;
    let session = signals.unless_any(app.session(word)).await?;
    let session = signals.unless_any(app.gated(session, &project, verify)).await?;
    let desired = app.desired(&project, scale, &session)?;
    if app.globals.dry_run {
        return signals.unless_any(plan(app, &session, &desired, &wanted)).await;
    }
    let since = moment();
    let bringing = async {
        let show = app.show(quiet);
        let braking = signals.braking();
        let hear = &mut |progress| show.hear(&progress);
        let done = session.up(&desired, &wanted, &braking.brakes, hear).await;
        done.map(drop).map_err(|error| App::failed(error, &signals))
    };
    signals.unless_enough(bringing).await?;
    if !wanted.no_start {
        keeper::see_to(app, &session, &project.name, Some(&since)).await;
    }
    Ok(())
}

/// `web=2 db=1`, the last of a service wins.
fn numbers(words: &[String]) -> Result<IndexMap<String, u32>, Failure> {
    if words.is_empty() {
        return Err(Failure::usage("requires at least 1 arg(s), only received 0"));
    }
    let one = |word: &String| match word.split_once('=') {
        Some((service, number)) if !service.is_empty() => {
            let number = number.parse().map_err(|_| {
                Failure::usage(format!(
                    "invalid scale specifier: can't parse replica value as int: {word}"
                ))
            })?;
            Ok((service.to_owned(), number))
        }
        _ => Err(Failure::usage(format!("invalid scale specifier: {word}"))),
    };
    words.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::numbers;
    use snapbox::{assert_data_eq, str};

    #[test]
    fn numbers_of_containers() {
        let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let found: Vec<_> = numbers(&words("web=2 db=0 web=1"))
            .unwrap()
            .into_iter()
            .map(|(s, n)| format!("{s}={n}"))
            .collect();
        assert_eq!(found, ["web=1", "db=0"]);
        let lines = ["", "web", "=2", "web=", "web=x", "web=-1", "web=1.5", "web=1=2", "web=1 db"];
        let refused = lines.map(|line| format!("{line}: {}", numbers(&words(line)).unwrap_err()));
        assert_data_eq!(
            refused.join("\n"),
            str![[r#"
: requires at least 1 arg(s), only received 0
web: invalid scale specifier: web
=2: invalid scale specifier: =2
web=: invalid scale specifier: can't parse replica value as int: web=
web=x: invalid scale specifier: can't parse replica value as int: web=x
web=-1: invalid scale specifier: can't parse replica value as int: web=-1
web=1.5: invalid scale specifier: can't parse replica value as int: web=1.5
web=1=2: invalid scale specifier: can't parse replica value as int: web=1=2
web=1 db: invalid scale specifier: db
"#]]
        );
    }
}
