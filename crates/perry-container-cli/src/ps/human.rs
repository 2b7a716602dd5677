//! Times and states in docker's words.

use jiff::Timestamp;
use perry_container_compose::spec::{ContainerInfo, Health, State};

/// A span of seconds the way docker rounds it: `About an hour`, `3 weeks`.
pub(super) fn span(seconds: i64) -> String {
    let (minutes, hours) = (seconds / 60, (seconds + 1800) / 3600);
    match seconds {
        ..1 => "Less than a second".to_owned(),
        1 => "1 second".to_owned(),
        2..60 => format!("{seconds} seconds"),
        60..120 => "About a minute".to_owned(),
        120..3600 => format!("{minutes} minutes"),
        _ => match hours {
            ..2 => "About an hour".to_owned(),
            2..48 => format!("{hours} hours"),
            48..336 => format!("{} days", hours / 24),
            336..1440 => format!("{} weeks", hours / 24 / 7),
            1440..17520 => format!("{} months", hours / 24 / 30),
            _ => format!("{} years", seconds / 3600 / 24 / 365),
        },
    }
}

/// How long ago that was; empty when the runtime did not say.
pub(super) fn since(time: &str, now: Timestamp) -> Option<String> {
    let then: Timestamp = time.parse().ok()?;
    Some(span(now.as_second() - then.as_second()))
}

/// `2026-11-22 13:55:18 +0000 UTC`.
pub(super) fn created_at(time: &str) -> String {
    let Ok(time) = time.parse::<Timestamp>() else { return time.to_owned() };
    time.strftime("%Y-%m-%d %H:%M:%S +0000 UTC").to_string()
}

/// `Up 3 seconds (healthy)`, `Exited (0) 5 seconds ago`.
pub(super) fn status(info: &ContainerInfo, now: Timestamp) -> String {
    let code = info.exit_code.unwrap_or_default();
    let ended = || since(&info.finished, now).map_or_else(String::new, |ago| format!(" {ago} ago"));
    match info.state {
        State::Created => "Created".to_owned(),
        State::Dead => "Dead".to_owned(),
        State::Removing => "Removal In Progress".to_owned(),
        State::Exited => format!("Exited ({code}){}", ended()),
        State::Restarting => format!("Restarting ({code}){}", ended()),
        State::Running | State::Paused => {
            let up = since(&info.started, now);
            let up = up.map_or_else(|| "Up".to_owned(), |span| format!("Up {span}"));
            match (info.state, info.health) {
                (State::Paused, _) => format!("{up} (Paused)"),
                (_, None) => up,
                (_, Some(Health::Starting)) => format!("{up} (health: starting)"),
                (_, Some(health)) => format!("{up} ({})", health.as_str()),
            }
        }
    }
}
