//! `exec`: a command in a container, with this terminal.

use crate::{
    app::App,
    failure::Failure,
    grammar::Exec,
    input,
    terminal::{self, Raw},
};
use futures_util::StreamExt as _;
use indexmap::IndexMap;
use perry_container_compose::{
    backend::Feed,
    load::Env,
    spec::{ExecSpec, LogSource, Sensitive},
};
use std::io::{self, Write};

/// Runs a command; its exit status becomes this one's.
pub(crate) async fn exec(app: &App, how: &Exec) -> Result<(), Failure> {
    let [service, command @ ..] = how.words.as_slice() else {
        return Err(Failure::usage("requires at least 2 arguments: SERVICE COMMAND [ARGS]..."));
    };
    if command.is_empty() {
        return Err(Failure::usage("requires at least 2 arguments: SERVICE COMMAND [ARGS]..."));
    }
    let tty = wants_terminal(how, app.screen.in_terminal, app.screen.out_terminal)?;
    let interactive = how.interactive.unwrap_or(true) && !how.detach;
    let what = ExecSpec {
        command: command.to_vec(),
        env: environment(&how.env, &app.env),
        workdir: how.workdir.clone(),
        user: how.user.clone(),
        privileged: how.privileged,
        tty: tty.then(terminal::size),
        stdin: interactive,
        detach: how.detach,
    };
    if app.globals.dry_run {
        return Err(Failure::usage(
            "`exec --dry-run` is not supported: nobody knows what a command would do",
        ));
    }
    let found = app.project_or_name(&app.project_options(&[])?)?;
    let signals = app.signals()?;
    let session = signals.unless_any(app.session("exec")).await?;
    let input = if interactive { input::feed(tty)? } else { Feed::Empty };
    let asking = async { Ok(session.exec(found.name(), service, how.index, &what, input).await?) };
    let mut running = signals.unless_any(asking).await?;
    let raw = if tty && interactive { Some(Raw::new()?) } else { None };
    let status = tokio::select! {
        status = pass(app, &mut running) => status,
        () = signals.any() => {
            drop(raw);
            return Err(Failure::status(signals.status().unwrap_or(1)));
        }
    };
    drop(raw);
    match status? {
        0 => Ok(()),
        status => Err(Failure::status(u8::try_from(status).unwrap_or(1))),
    }
}

/// Passes on what the command prints, until it ends; its exit status.
async fn pass(
    app: &App,
    running: &mut perry_container_compose::backend::Session,
) -> Result<i32, Failure> {
    let (mut out, mut err) = (app.out.clone(), app.err.clone());
    let mut open = true;
    while let Some(frame) = running.output.next().await {
        let frame = frame?;
        let passed = match frame.source {
            _ if !open => Ok(()), // whoever read has gone; the command goes on
            LogSource::Stdout => put(&mut out, &frame.bytes),
            LogSource::Stderr => put(&mut err, &frame.bytes),
        };
        open = open && passed.is_ok();
    }
    Ok(running.exit.as_mut().await?)
}

fn put(to: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    to.write_all(bytes)?;
    to.flush()
}

/// A terminal is given where there is one on both sides, unless the flags say otherwise.
fn wants_terminal(how: &Exec, input: bool, output: bool) -> Result<bool, Failure> {
    let asked = how.tty.or(how.no_tty.map(|no| !no));
    let there = input && output;
    if asked == Some(true) && !how.detach && !input {
        return Err(Failure::error("the input device is not a TTY"));
    }
    Ok(!how.detach && asked.unwrap_or(there) && (there || asked == Some(true)))
}

/// `KEY=VALUE`, or `KEY` with the value of this process; unset there it stays unset.
fn environment(pairs: &[String], env: &Env) -> IndexMap<String, Sensitive<String>> {
    let pair = |pair: &String| match pair.split_once('=') {
        Some((name, value)) => Some((name.to_owned(), Sensitive::new(value.to_owned()))),
        None => Some((pair.clone(), Sensitive::new(env.get(pair)?.to_owned()))),
    };
    pairs.iter().filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::{environment, wants_terminal};
    use crate::grammar::{Command, Exec, Request, parse};
    use perry_container_compose::load::Env;

    fn how(line: &str) -> Exec {
        let words: Vec<_> =
            format!("exec {line} web ls").split_whitespace().map(Into::into).collect();
        let Request::Run(_, Command::Exec(exec)) = parse(&words).unwrap() else { panic!() };
        exec
    }

    #[test]
    fn when_there_is_a_terminal() {
        let wants = |line, input, output| wants_terminal(&how(line), input, output).ok();
        assert_eq!(wants("", true, true), Some(true));
        assert_eq!(wants("", false, true), Some(false));
        assert_eq!(wants("", true, false), Some(false));
        assert_eq!(wants("-T", true, true), Some(false));
        assert_eq!(wants("-t", true, false), Some(true));
        assert_eq!(wants("-t", false, true), None);
        assert_eq!(wants("--no-tty=false", false, true), None);
        assert_eq!(wants("-d", true, true), Some(false));
    }

    #[test]
    fn variables_without_value_are_passed_on() {
        let env: Env = [("A", "1"), ("B", "2")].into_iter().collect();
        let found = environment(&how("-e A -e C=x=y -e D -e E=").env, &env);
        let shown: Vec<_> =
            found.iter().map(|(name, value)| format!("{name}={}", value.expose())).collect();
        assert_eq!(shown, ["A=1", "C=x=y", "E="]);
    }
}
