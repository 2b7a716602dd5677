//! `supervise`, the keeper that other commands leave behind, and what they say of it.

use crate::{
    app::{self, App},
    failure::Failure,
    grammar::{KeptProject, Supervise},
    progress::{Phase, Quiet, Said, Step},
    signals::Signals,
};
use perry_container_compose::engine::{
    Keeping, Post, Session, Standing, SuperviseEvent, SuperviseOptions, Supervised,
};
use rustix::stdio::{stderr, stdin};
use std::{
    fs::File,
    io::{self, Write as _},
    time::Duration,
};

/// How long a keeper's log gets before it begins anew.
const LOG: u64 = 256 << 10;

/// Looks after a project until there is nothing to do, or a signal comes.
pub(crate) async fn supervise(app: &App, how: &Supervise) -> Result<(), Failure> {
    let found = app.project_or_name(&app.project_options(&[])?)?;
    app::known_services(&found, &how.services)?;
    let (signals, name) = (app.signals()?, found.name());
    let session = signals.unless_any(app.session("supervise")).await?;
    let kept = matches!(session.keeper(name), Standing::Alive(_));
    let post = session.take_post(name).await?;
    let services = how.services.iter().cloned().collect();
    let options =
        SuperviseOptions { services, linger: Duration::ZERO, ..SuperviseOptions::default() };
    let braking = signals.braking();
    let mut tell = |event: SuperviseEvent| drop(app.print(&line(&event.to_string())));
    let ended = session.supervise(name, &options, &braking.brakes, &mut tell).await;
    if let Some(post) = post {
        post.leave();
    }
    if kept {
        see_to(app, &session, name, None).await; // it only took the keeper's place
    }
    match ended? {
        Supervised::Stopped => Err(Failure::status(signals.status().unwrap_or_default())),
        Supervised::Done => app.print(&format!("nothing of {name} needs to be looked after\n")),
        Supervised::EngineGone => Err(Failure::error("the engine has been gone for long")),
    }
}

/// The process that is left behind. Its standard input is its post, its standard error its log.
pub(crate) async fn keeper(app: &App, how: &KeptProject) -> Result<(), Failure> {
    let post = stdin().try_clone_to_owned().map(File::from).and_then(Post::adopt);
    let mut post = post.map_err(|error| {
        let text = "it is left behind by `up -d`; `perry-compose supervise` is for people";
        Failure::error(format!("the keeper has no post: {error}")).hint(text)
    })?;
    post.sign("perry-compose keeper")?;
    let signals = app.signals()?;
    let ended = tend(app, how, &signals).await;
    match &ended {
        Ok(ended) => log(ended),
        Err(failure) => log(&failure.to_string()),
    }
    post.leave();
    ended.map(drop)
}

async fn tend(app: &App, how: &KeptProject, signals: &Signals) -> Result<&'static str, Failure> {
    let project = &how.project;
    log(&format!("keeps {project} (process {})", std::process::id()));
    let session = app.session("keeper").await?;
    let options = SuperviseOptions { since: how.since.clone(), ..SuperviseOptions::default() };
    let braking = signals.braking();
    let mut tell = |event: SuperviseEvent| log(&event.to_string());
    Ok(match session.supervise(project, &options, &braking.brakes, &mut tell).await? {
        Supervised::Done => "nothing needs to be looked after any more",
        Supervised::Stopped => "told to end",
        Supervised::EngineGone => "the engine has been gone for long",
    })
}

fn line(text: &str) -> String {
    format!("{} {text}\n", app::now().strftime("%Y-%m-%dT%H:%M:%SZ"))
}

/// A line of the log, which is standard error; too long a log begins anew.
fn log(text: &str) {
    let file = stderr().try_clone_to_owned().map(File::from);
    if let Ok(file) = file
        && file.metadata().is_ok_and(|is| is.is_file() && is.len() > LOG)
    {
        drop(file.set_len(0));
    }
    drop(io::stderr().lock().write_all(line(text).as_bytes()));
}

/// Sees to it that somebody looks after what the runtime leaves to us. That nobody does is no failure of the command.
pub(crate) async fn see_to(app: &App, session: &Session, project: &str, since: Option<&str>) {
    match session.keep(project, since).await {
        Ok(Keeping::Begun { .. }) => {
            let step = Step::new(format!("Keeper {project}"), "Started", Phase::Done);
            app.show(Quiet::default()).say(&Said::Step(step));
        }
        Ok(Keeping::Nobody { note }) => app.warn(&note),
        Ok(Keeping::Kept(_) | Keeping::NotNeeded) => {}
        Err(error) => app.warn(&format!("nobody keeps {project}: {error}")),
    }
}

/// Names the keeper, and sees to another when it has died.
pub(crate) async fn name(app: &App, session: &Session, project: &str) {
    if let Some(text) = session.mourn_keeper(project) {
        app.warn(&text);
        see_to(app, session, project, None).await;
    }
    if let Standing::Alive(info) = session.settled_keeper(project).await {
        let log = session.keeper_log(project).unwrap_or_default();
        let text = format!("kept by {} ({info}), which writes to {}", info.command, log.display());
        drop(writeln!(app.err.clone(), "{text}"));
    }
}
