//! The grammar against docker compose's own.

use super::{Command, Request, grammar, parse};
use crate::failure::Failure;
use clap::ArgAction;
use serde_json::Value;
use snapbox::{assert_data_eq, str};
use std::ffi::OsString;

fn words(line: &str) -> Vec<OsString> {
    line.split_whitespace().map(OsString::from).collect()
}

fn command(line: &str) -> Command {
    match parse(&words(line)).unwrap() {
        Request::Run(_, command) => command,
        Request::Text(text) => panic!("only text: {text}"),
    }
}

fn refused(line: &str) -> String {
    parse(&words(line)).map(|_| ()).unwrap_err().to_string()
}

/// Every command of this program has all of docker compose's flags: name, short form, and whether a value follows.
#[test]
fn every_flag_of_docker_compose() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/cli/compose-cli.json");
    let facts: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut ours = grammar();
    ours.build();
    let mut differences = Vec::new();
    let mut compared = 0;
    for (name, facts) in facts["commands"].as_object().unwrap() {
        let here = if name == "(root)" { Some(&ours) } else { ours.find_subcommand(name) };
        let Some(here) = here else { continue };
        for (flag, facts) in facts["flags"].as_object().unwrap() {
            compared += 1;
            let long = flag.trim_start_matches("--");
            let Some(arg) = here.get_arguments().find(|arg| arg.get_long() == Some(long)) else {
                differences.push(format!("{name} {flag}: missing"));
                continue;
            };
            let short = facts["short"].as_str().and_then(|text| text.chars().next());
            if arg.get_short() != short {
                differences.push(format!("{name} {flag}: short {:?}", arg.get_short()));
            }
            let needs_value = !arg.is_require_equals_set();
            if needs_value != facts["takes_value"].as_bool().unwrap() {
                differences.push(format!("{name} {flag}: value {needs_value}"));
            }
            let repeats =
                matches!(facts["type"].as_str(), Some("stringArray" | "scale" | "filter"));
            if needs_value && repeats != matches!(arg.get_action(), ArgAction::Append) {
                differences.push(format!("{name} {flag}: repeats {repeats}"));
            }
            let theirs = match &facts["default"] {
                Value::String(text) => Some(text.clone()),
                Value::Bool(value) => Some(value.to_string()),
                _ => None,
            };
            let default = arg.get_default_values().first();
            let default = default.map(|value| value.to_string_lossy().into_owned());
            let shown = arg.get_help().map(ToString::to_string).unwrap_or_default();
            let told = theirs.as_ref().is_some_and(|text| {
                shown.contains(&format!("default: {text}")) || shown.contains("(default: true when")
            });
            if default != theirs
                && !told
                && !(theirs.as_deref() == Some("false") && default.is_none())
            {
                differences.push(format!("{name} {flag}: default {default:?}, not {theirs:?}"));
            }
            for value in facts["values"].as_array().into_iter().flatten() {
                let values: Vec<_> = arg.get_possible_values();
                if !values.iter().any(|v| v.matches(value.as_str().unwrap(), false)) {
                    differences.push(format!("{name} {flag}: no value {value}"));
                }
            }
        }
    }
    assert_eq!(differences, Vec::<String>::new());
    assert!(compared > 100, "only {compared} flags were compared");
}

/// Of docker compose's commands each is there or named as missing.
#[test]
fn every_command_of_docker_compose() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/cli/compose-cli.json");
    let facts: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let names = facts["commands"]
        .as_object()
        .unwrap()
        .keys()
        .filter(|name| !name.contains(' ') && *name != "(root)");
    for name in names {
        if grammar().find_subcommand(name).is_none() {
            assert_eq!(refused(name), format!("`perry-compose {name}` is not there yet"));
        }
    }
}

#[test]
fn flags_as_pflag_reads_them() {
    let Command::Up(up) = command(
        "-fcompose.yaml --ansi=never up -dV --wait=false -t3 web --scale a=1 --scale=b=2 db",
    ) else {
        panic!()
    };
    assert!(up.detach && up.renew_anon_volumes && !up.wait);
    assert_eq!(up.timeout, Some(3));
    assert_eq!(up.services, ["web", "db"]);
    assert_eq!(up.scale, ["a=1", "b=2"]);
    let Command::Up(up) = command("up --detach=false --pull always --pull never -d=T") else {
        panic!()
    };
    assert!(up.detach);
    assert_eq!(up.pull, super::Pull::Never);
    let Command::Logs(logs) = command("logs -fn 5 --tail -1 web") else { panic!() };
    assert_eq!((logs.follow, logs.tail.as_str()), (true, "-1"));
    let Command::Ps(ps) = command("ps --orphans=false -a") else { panic!() };
    assert_eq!((ps.orphans, ps.all), (Some(false), true));
}

#[test]
fn commands_that_halt_and_make() {
    let Command::Kill(kill) = command("kill -sHUP web --remove-orphans db") else { panic!() };
    assert_eq!((kill.signal.as_str(), kill.remove_orphans), ("HUP", Some(true)));
    assert_eq!(kill.services, ["web", "db"]);
    let Command::Kill(kill) = command("kill") else { panic!() };
    assert_eq!((kill.signal.as_str(), kill.remove_orphans), ("SIGKILL", None));
    let Command::Rm(rm) = command("rm -afsv --force=false web") else { panic!() };
    assert!(rm.all && !rm.force && rm.stop && rm.volumes);
    let Command::Create(create) = command("create --pull build -y --scale a=2 --no-recreate")
    else {
        panic!()
    };
    assert_eq!((create.pull, create.scale), (super::PullOrBuild::Build, vec!["a=2".to_owned()]));
    assert!(create.yes && create.no_recreate && !create.build);
    let Command::Scale(scale) = command("scale web=2 --no-deps db=-1") else { panic!() };
    assert_eq!((scale.scale, scale.no_deps), (vec!["web=2".to_owned(), "db=-1".to_owned()], true));
}

#[test]
fn everything_behind_the_service_of_exec_is_its_command() {
    let Command::Exec(exec) = command("exec -T -e A=1 -eB web ls -T --all -e") else { panic!() };
    assert_eq!(exec.words, ["web", "ls", "-T", "--all", "-e"]);
    assert_eq!((exec.no_tty, exec.env), (Some(true), vec!["A=1".to_owned(), "B".to_owned()]));
    let Command::Exec(exec) = command("exec --no-tty=false web -- sh") else { panic!() };
    assert_eq!(exec.no_tty, Some(false));
    assert_eq!(exec.words, ["web", "--", "sh"]);
}

#[test]
fn global_flags() {
    let line = "-f a -f b.yaml -p x --profile=dev --profile test --env-file e --progress json --dry-run up --no-rollback";
    let Request::Run(globals, _) = parse(&words(line)).unwrap() else { panic!() };
    assert_eq!(globals.file.len(), 2);
    assert_eq!(globals.profile, ["dev", "test"]);
    assert!(globals.dry_run && globals.no_rollback);
    let Request::Run(globals, _) = parse(&words("up --dry-run")).unwrap() else { panic!() };
    assert!(globals.dry_run);
}

#[test]
fn refusals() {
    let lines = [
        "--foo",
        "up --foo",
        "up -Z",
        "up -dZ",
        "foo",
        "upp",
        "build",
        "up --pull sometimes",
        "up -t x",
        "down --rmi some",
        "up --detach=maybe",
        "logs --tail",
        "up --watch",
        "--progress fancy ps",
        "up --detahc",
    ];
    let text: Vec<String> = lines
        .iter()
        .map(|line| format!("{line}\n    {}", refused(line).replace('\n', "\n    ")))
        .collect();
    assert_data_eq!(
        text.join("\n"),
        str![[r#"
--foo
    unknown flag: --foo
up --foo
    unknown flag: --foo
up -Z
    unknown shorthand flag: 'Z' in -Z
up -dZ
    unknown shorthand flag: 'Z' in -dZ
foo
    unknown command: "foo"
    hint: `perry-compose --help` lists the commands
upp
    unknown command: "upp"
    hint: did you mean `up`?
build
    `perry-compose build` is not there yet
up --pull sometimes
    invalid argument "sometimes" for "--pull" flag: one of always, missing, never, policy
up -t x
    invalid argument "x" for "--timeout" flag: invalid digit found in string
down --rmi some
    invalid argument "some" for "--rmi" flag: one of local, all
up --detach=maybe
    invalid argument "maybe" for "--detach" flag: neither true nor false
logs --tail
    flag needs an argument: --tail
up --watch
    `up --watch` is not supported yet
--progress fancy ps
    invalid argument "fancy" for "--progress" flag: one of auto, tty, plain, json, quiet
up --detahc
    unknown flag: --detahc
    hint: did you mean `--detach`?
"#]]
    );
}

#[test]
fn every_failure_of_usage_has_status_1() {
    for line in ["--foo", "foo", "build", "up --watch"] {
        let failure: Failure = parse(&words(line)).map(|_| ()).unwrap_err();
        assert_eq!(failure.status, 1, "{line}");
    }
}

#[test]
fn help_is_text() {
    for line in ["--help", "up --help", "up -h", "-h up", ""] {
        assert!(matches!(parse(&words(line)).unwrap(), Request::Text(_)), "{line}");
    }
    assert_data_eq!(
        super::help(None, Some(100)),
        str![[r#"
Define and run multi-container applications with Docker, Podman and others

Usage: perry-compose [OPTIONS] COMMAND

Commands:
  config     Parse, resolve and render compose file in canonical format
  create     Create containers without starting them
  down       Stop and remove containers, networks
  events     Receive real time events from containers
  exec       Execute a command in a running container
  images     List images used by the created containers
  kill       Send a signal to service containers, SIGKILL by default
  logs       View output from containers
  ls         List running compose projects
  pause      Pause services
  port       Print the public port for a port binding
  ps         List containers
  pull       Pull service images
  restart    Restart service containers
  rm         Remove stopped service containers
  scale      Bring services to a number of containers
  start      Start services
  stop       Stop services
  supervise  Run the health checks and restarts that the runtime does not
  top        Display the running processes
  unpause    Let paused services go on
  up         Create and start containers
  version    Show the version
  wait       Block until containers of services stop

Options:
      --all-resources            Include all resources, even those not used by services
      --ansi <WHEN>              Control when to print ANSI control characters (default: auto)
                                 [possible values: never, always, auto]
      --backend <NAME>           Use this runtime (or the first that answers of a comma list)
                                 instead of looking for one
      --compatibility            Run compose in backward compatibility mode
      --dry-run                  Print the plan and change nothing
      --enforcement <MODE>       What becomes of a property that the runtime cannot honour: left out
                                 with a warning (lenient), the same with a warning for whatever is
                                 not native (warn), or refused before anything starts (strict)
                                 [possible values: lenient, warn, strict]
      --env-file <FILE>          Specify an alternate environment file
  -f, --file <FILE>              Compose configuration files
      --lock-timeout <SECONDS>   How long to wait, in seconds, for another command on the same
                                 project to end
      --log-level <LEVEL>        Tell more on stderr: a level (error, warn, info, debug, trace) or a
                                 filter of tracing
      --no-keeper                Leave no process behind that runs health checks and restarts in the
                                 runtime's place
      --no-rollback              Keep what a failed command made instead of taking it back, as
                                 docker compose does
      --parallel <N>             Control max parallelism, -1 for unlimited (default: -1)
      --profile <NAME>           Specify a profile to enable
      --progress <TYPE>          Set type of progress output (default: auto) [possible values: auto,
                                 tty, plain, json, quiet]
      --project-directory <DIR>  Specify an alternate working directory (default: the path of the,
                                 first specified, Compose file)
  -p, --project-name <NAME>      Project name
      --trace <FILE>             Write how the command went to this file, for chrome://tracing or
                                 ui.perfetto.dev
  -v, --version                  Show the version
  -h, --help                     Print usage

Not yet:
  alpha attach bridge build commit cp export publish push run
  stats volumes watch

"#]]
    );
    assert_data_eq!(
        super::help(Some("down"), Some(100)),
        str![[r#"
Stop and remove containers, networks

Usage: perry-compose down [OPTIONS] [SERVICE]...

Arguments:
  [SERVICE]...  Services to take down (default: all)

Options:
      --remove-orphans <REMOVE_ORPHANS>
          Remove containers for services not defined in the Compose file [possible values: true,
          false]
      --rmi <WHICH>
          Remove images used by services. "local" remove only images that don't have a custom tag
          [possible values: local, all]
      --backend <NAME>
          Use this runtime (or the first that answers of a comma list) instead of looking for one
  -t, --timeout <SECONDS>
          Specify a shutdown timeout in seconds
  -v, --volumes
          Remove named volumes declared in the "volumes" section of the Compose file and anonymous
          volumes attached to containers
      --dry-run
          Print the plan and change nothing
      --enforcement <MODE>
          What becomes of a property that the runtime cannot honour: left out with a warning
          (lenient), the same with a warning for whatever is not native (warn), or refused before
          anything starts (strict) [possible values: lenient, warn, strict]
      --lock-timeout <SECONDS>
          How long to wait, in seconds, for another command on the same project to end
      --log-level <LEVEL>
          Tell more on stderr: a level (error, warn, info, debug, trace) or a filter of tracing
      --no-keeper
          Leave no process behind that runs health checks and restarts in the runtime's place
      --no-rollback
          Keep what a failed command made instead of taking it back, as docker compose does
      --progress <TYPE>
          Set type of progress output (default: auto) [possible values: auto, tty, plain, json,
          quiet]
      --trace <FILE>
          Write how the command went to this file, for chrome://tracing or ui.perfetto.dev
  -h, --help
          Print usage

"#]]
    );
}
