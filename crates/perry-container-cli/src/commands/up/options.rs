//! What the flags of `up` mean, and which do not go together.

use crate::{
    failure::Failure,
    grammar::{Pull, Up},
};
use indexmap::IndexMap;
use perry_container_compose::{
    engine::Abort,
    model::ComposeSpec,
    reconcile::{PullPolicy, Recreate, UpOptions},
};
use std::time::Duration;

/// Flags that contradict each other, in docker compose's words.
pub(super) fn check(how: &Up) -> Result<(), Failure> {
    let attached = how.abort_on_container_exit
        || how.abort_on_container_failure
        || how.exit_code_from.is_some()
        || !how.attach.is_empty()
        || how.attach_dependencies
        || how.watch;
    let detached = |flag: &str| {
        format!(
            "{flag} cannot be combined with --abort-on-container-exit, --abort-on-container-failure, --exit-code-from, \
             --attach, --attach-dependencies or --watch"
        )
    };
    let plain = |text: &str| text.to_owned();
    let contradictions = [
        (how.build && how.no_build, plain("--build and --no-build are incompatible")),
        (
            how.force_recreate && how.no_recreate,
            plain("--force-recreate and --no-recreate are incompatible"),
        ),
        (
            how.always_recreate_deps && how.no_recreate,
            plain("--always-recreate-deps and --no-recreate are incompatible"),
        ),
        (
            how.renew_anon_volumes && how.no_recreate,
            plain("--no-recreate and --renew-anon-volumes are incompatible"),
        ),
        (
            how.abort_on_container_exit && how.abort_on_container_failure,
            plain("--abort-on-container-failure cannot be combined with --abort-on-container-exit"),
        ),
        (how.detach && attached, detached("--detach")),
        (how.wait && attached, detached("--wait")),
        (
            !how.attach.is_empty() && how.attach_dependencies,
            plain("cannot combine --attach and --attach-dependencies"),
        ),
    ];
    match contradictions.into_iter().find(|(given, _)| *given) {
        Some((_, text)) => Err(Failure::usage(text)),
        None => Ok(()),
    }
}

/// Services named by flags must be part of this `up`.
pub(super) fn check_attached(how: &Up, spec: &ComposeSpec) -> Result<(), Failure> {
    let missing: Vec<&str> = how
        .attach
        .iter()
        .chain(&how.no_attach)
        .map(String::as_str)
        .filter(|name| !spec.services.contains_key(*name))
        .collect();
    if !missing.is_empty() {
        let names = missing.join(", ");
        return Err(Failure::error(format!(
            "cannot attach to services not included in up: {names}"
        )));
    }
    match &how.exit_code_from {
        Some(name) if !spec.services.contains_key(name) => {
            Err(Failure::error(format!("no such service: {name}")))
        }
        _ => Ok(()),
    }
}

/// `--scale a=2`, the last of a service wins.
pub(in crate::commands) fn scale(texts: &[String]) -> Result<IndexMap<String, u32>, Failure> {
    let one = |text: &String| {
        let (service, number) = text.split_once('=').ok_or_else(|| {
            Failure::usage(format!("invalid --scale option \"{text}\". Should be SERVICE=NUM"))
        })?;
        let number = number.parse().map_err(|_| {
            Failure::usage(format!(
                "invalid --scale option \"{text}\": `{number}` is no number of containers"
            ))
        })?;
        Ok((service.to_owned(), number))
    };
    texts.iter().map(one).collect()
}

/// The planner's options.
pub(super) fn up(how: &Up, remove_orphans: bool, no_rollback: bool) -> UpOptions {
    let recreate = match how {
        Up { no_recreate: true, .. } => Recreate::Never,
        Up { force_recreate: true, .. } | Up { renew_anon_volumes: true, .. } => Recreate::Force,
        _ => Recreate::Diverged,
    };
    let recreate_deps = match how {
        Up { no_recreate: true, .. } => Recreate::Never,
        Up { always_recreate_deps: true, .. } => Recreate::Force,
        _ => Recreate::Diverged,
    };
    UpOptions {
        recreate,
        recreate_deps,
        named: how.services.iter().cloned().collect(),
        pull: match how.pull {
            Pull::Policy => None,
            Pull::Always => Some(PullPolicy::Always),
            Pull::Missing => Some(PullPolicy::Missing),
            Pull::Never => Some(PullPolicy::Never),
        },
        build: how.build,
        no_build: how.no_build,
        no_start: how.no_start,
        wait: how.wait,
        wait_timeout: how.wait_timeout.filter(|seconds| *seconds > 0).map(Duration::from_secs),
        timeout: how.timeout,
        renew_anon_volumes: how.renew_anon_volumes,
        remove_orphans,
        no_rollback,
        no_deps: how.no_deps,
        ..UpOptions::default()
    }
}

/// When one end ends all.
pub(super) fn abort(how: &Up) -> Abort {
    match how {
        Up { abort_on_container_failure: true, .. } => Abort::OnFailure,
        Up { abort_on_container_exit: true, .. } | Up { exit_code_from: Some(_), .. } => {
            Abort::OnExit
        }
        _ => Abort::Never,
    }
}

/// Whose output is shown: that of the services that were named (or all), without those that the file or the flags keep
/// silent.
pub(super) fn shown(how: &Up, spec: &ComposeSpec) -> Vec<String> {
    let named = |name: &String| how.services.is_empty() || how.services.contains(name);
    spec.services
        .iter()
        .filter(|(name, service)| {
            if how.no_attach.contains(*name) {
                return false;
            }
            if !how.attach.is_empty() {
                return how.attach.contains(*name);
            }
            service.attach != Some(false) && (how.attach_dependencies || named(name))
        })
        .map(|(name, _)| name.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Abort, Recreate, abort, check, scale, shown, up};
    use crate::grammar::{Command, Request, Up, parse};
    use perry_container_compose::model::{ComposeService, ComposeSpec};
    use snapbox::{assert_data_eq, str};

    fn how(line: &str) -> Up {
        let words: Vec<_> = format!("up {line}").split_whitespace().map(Into::into).collect();
        let Request::Run(_, Command::Up(up)) = parse(&words).unwrap() else { panic!() };
        *up
    }

    #[test]
    fn contradictions() {
        let lines = [
            "--build --no-build",
            "--force-recreate --no-recreate",
            "--always-recreate-deps --no-recreate",
            "-V --no-recreate",
            "--abort-on-container-exit --abort-on-container-failure",
            "-d --abort-on-container-exit",
            "-d --exit-code-from web",
            "--wait --attach web",
            "--attach a --attach-dependencies",
            "-d --wait",
        ];
        let text = lines.map(|line| match check(&how(line)) {
            Ok(()) => format!("{line}: fine"),
            Err(failure) => format!("{line}: {failure}"),
        });
        assert_data_eq!(
            text.join("\n"),
            str![[r#"
--build --no-build: --build and --no-build are incompatible
--force-recreate --no-recreate: --force-recreate and --no-recreate are incompatible
--always-recreate-deps --no-recreate: --always-recreate-deps and --no-recreate are incompatible
-V --no-recreate: --no-recreate and --renew-anon-volumes are incompatible
--abort-on-container-exit --abort-on-container-failure: --abort-on-container-failure cannot be combined with --abort-on-container-exit
-d --abort-on-container-exit: --detach cannot be combined with --abort-on-container-exit, --abort-on-container-failure, --exit-code-from, --attach, --attach-dependencies or --watch
-d --exit-code-from web: --detach cannot be combined with --abort-on-container-exit, --abort-on-container-failure, --exit-code-from, --attach, --attach-dependencies or --watch
--wait --attach web: --wait cannot be combined with --abort-on-container-exit, --abort-on-container-failure, --exit-code-from, --attach, --attach-dependencies or --watch
--attach a --attach-dependencies: cannot combine --attach and --attach-dependencies
-d --wait: fine
"#]]
        );
    }

    #[test]
    fn what_is_made_anew() {
        let both = |line| {
            let options = up(&how(line), false, false);
            (options.recreate, options.recreate_deps)
        };
        assert_eq!(both(""), (Recreate::Diverged, Recreate::Diverged));
        assert_eq!(both("--force-recreate"), (Recreate::Force, Recreate::Diverged));
        assert_eq!(both("-V"), (Recreate::Force, Recreate::Diverged));
        assert_eq!(both("--always-recreate-deps"), (Recreate::Diverged, Recreate::Force));
        assert_eq!(both("--no-recreate"), (Recreate::Never, Recreate::Never));
    }

    #[test]
    fn scales() {
        let all =
            |texts: &[&str]| scale(&texts.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>());
        let found: Vec<_> = all(&["a=1", "b=0", "a=3"]).unwrap().into_iter().collect();
        assert_eq!(found, [("a".to_owned(), 3), ("b".to_owned(), 0)]);
        let refused = ["a", "a=x", "a=-1"].map(|text| all(&[text]).unwrap_err().to_string());
        assert_data_eq!(
            refused.join("\n"),
            str![[r#"
invalid --scale option "a". Should be SERVICE=NUM
invalid --scale option "a=x": `x` is no number of containers
invalid --scale option "a=-1": `-1` is no number of containers
"#]]
        );
    }

    #[test]
    fn whose_output_is_shown() {
        let mut spec = ComposeSpec::default();
        for name in ["web", "db", "quiet"] {
            let attach = (name == "quiet").then_some(false);
            spec.services
                .insert(name.to_owned(), ComposeService { attach, ..ComposeService::default() });
        }
        let of = |line| shown(&how(line), &spec).join(" ");
        assert_eq!(of(""), "web db");
        assert_eq!(of("web"), "web");
        assert_eq!(of("web --attach-dependencies"), "web db");
        assert_eq!(of("--attach quiet"), "quiet");
        assert_eq!(of("--no-attach db"), "web");
    }

    #[test]
    fn one_end_ends_all() {
        assert_eq!(abort(&how("")), Abort::Never);
        assert_eq!(abort(&how("--exit-code-from web")), Abort::OnExit);
        assert_eq!(
            abort(&how("--exit-code-from web --abort-on-container-failure")),
            Abort::OnFailure
        );
    }
}
