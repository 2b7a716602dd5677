//! Which function serves which command.

use crate::{app::App, commands, failure::Failure, grammar::Command};
use tracing::{Instrument as _, Span, debug_span};

/// Does what was asked for.
pub(crate) fn run(app: &App, command: &Command) -> Result<(), Failure> {
    match command {
        Command::Config(config) if !config.asks_registries() => {
            span(app).in_scope(|| commands::config(app, config))
        }
        Command::Version(version) => commands::version(app, version),
        _ => {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()?;
            let done = runtime.block_on(perform(app, command));
            // Threads that read standard input, and calls that were dropped, are not waited for.
            runtime.shutdown_background();
            done
        }
    }
}

/// The same on a runtime that is there.
pub(crate) async fn perform(app: &App, command: &Command) -> Result<(), Failure> {
    Box::pin(obey(app, command)).instrument(span(app)).await
}

fn span(app: &App) -> Span {
    debug_span!(target: "perry_container", "command", name = app.globals.command)
}

async fn obey(app: &App, command: &Command) -> Result<(), Failure> {
    match command {
        Command::Up(up) => Box::pin(commands::up(app, up)).await,
        Command::Down(down) => commands::down(app, down).await,
        Command::Ps(ps) => commands::ps(app, ps).await,
        Command::Logs(logs) => commands::logs(app, logs).await,
        Command::Exec(exec) => commands::exec(app, exec).await,
        Command::Events(events) => commands::events(app, events).await,
        Command::Images(images) => commands::images(app, images).await,
        Command::Ls(ls) => commands::ls(app, ls).await,
        Command::Port(port) => commands::port(app, port).await,
        Command::Top(top) => commands::top(app, top).await,
        Command::Wait(wait) => commands::wait(app, wait).await,
        Command::Start(start) => commands::start(app, start).await,
        Command::Stop(stop) => commands::stop(app, stop).await,
        Command::Restart(restart) => commands::restart(app, restart).await,
        Command::Pull(pull) => commands::pull(app, pull).await,
        Command::Supervise(how) => commands::supervise(app, how).await,
        Command::Keeper(how) => commands::keeper(app, how).await,
        Command::Create(create) => commands::create(app, create).await,
        Command::Scale(scale) => commands::scale(app, scale).await,
        Command::Kill(kill) => commands::kill(app, kill).await,
        Command::Pause(pause) => commands::pause(app, pause).await,
        Command::Unpause(unpause) => commands::unpause(app, unpause).await,
        Command::Rm(rm) => commands::rm(app, rm).await,
        Command::Config(config) if config.asks_registries() => {
            commands::pinned_config(app, config).await
        }
        Command::Config(config) => commands::config(app, config),
        Command::Version(version) => commands::version(app, version),
        Command::Other(_) => Ok(()),
    }
}
