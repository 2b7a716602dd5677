//! The short command lines of containers, images and volumes.

use super::Line;
use crate::dialect::{Lack, Traits};
use perry_container_protocol::{Deadline, Input, Invocation, ToolError};
use perry_container_spec::{EventOptions, ImagePull, LogOptions, Removal, Selector, VolumeSpec};

/// `verb -- operands`.
pub(crate) fn plain<'a>(
    tool: &'static Traits,
    verb: &[&str],
    operands: impl IntoIterator<Item = &'a str>,
) -> Invocation {
    Line::new(tool, verb).operands(operands)
}

pub(crate) fn stop(id: &str, timeout: Option<u32>, tool: &'static Traits) -> Invocation {
    let mut line = Line::new(tool, &["stop"]);
    if let Some(seconds) = timeout {
        // `--time` and `--timeout` are each deprecated or missing somewhere
        line.words(["-t", seconds.to_string().as_str()]);
    }
    // takes as long as the container's own stop timeout
    line.operands([id]).within(Deadline::None)
}

pub(crate) fn kill(id: &str, signal: &str, tool: &'static Traits) -> Invocation {
    let mut line = Line::new(tool, &["kill"]);
    line.flag("--signal", signal);
    line.operands([id])
}

pub(crate) fn remove<'a>(
    ids: impl IntoIterator<Item = &'a str>,
    how: &Removal,
    tool: &'static Traits,
) -> Invocation {
    let mut line = Line::new(tool, &["rm"]);
    if how.force {
        line.words(["-f"]).words(tool.rm_force.iter().copied());
    }
    line.switch("-v", how.volumes);
    line.operands(ids)
}

pub(crate) fn logs(id: &str, how: &LogOptions, tool: &'static Traits) -> Invocation {
    let mut line = Line::new(tool, tool.quiet);
    line.words(["logs"])
        .switch("--follow", how.follow)
        .switch("--timestamps", how.timestamps)
        .maybe("--since", how.since.as_ref())
        .maybe("--until", how.until.as_ref());
    match how.tail {
        Some(0) => line.words([tool.tail_none]),
        tail => line.maybe("--tail", tail),
    };
    let deadline = if how.follow { Deadline::None } else { Deadline::Silence };
    line.operands([id]).within(deadline)
}

/// Ids by labels.
pub(crate) fn list(verb: &[&str], of: &Selector, tool: &'static Traits) -> Invocation {
    let mut line = Line::new(tool, verb);
    for (key, value) in &of.labels {
        let equals = if value.is_some() { "=" } else { "" };
        let value = value.as_deref().unwrap_or_default();
        line.flag("--filter", format_args!("label={key}{equals}{value}"));
    }
    line.call
}

/// # Errors
/// A window of time, where only what happens from now on is told.
pub(crate) fn events(
    of: &Selector,
    how: &EventOptions,
    tool: &'static Traits,
) -> Result<Invocation, ToolError> {
    let times = how.since.is_some() || how.until.is_some();
    if let Some(why) = tool.lack(Lack::EventTimes) {
        return match times {
            true => Err(ToolError::Unsupported(why.to_owned())),
            // it selects nothing by itself
            false => Ok(Invocation::new(["events", "--format=json"]).within(Deadline::None)),
        };
    }
    let since = how.since.as_ref().map(|time| format!("--since={time}"));
    let until = match (tool.events_over, &how.until) {
        (Some(instead), Some(_)) if how.over => Some(instead.to_owned()),
        (_, until) => until.as_ref().map(|time| format!("--until={time}")),
    };
    let fixed = ["events", "--format=json", "--filter=type=container"].into_iter();
    let words: Vec<&str> = fixed.chain(since.as_deref()).chain(until.as_deref()).collect();
    Ok(list(&words, of, tool).within(Deadline::None))
}

pub(crate) fn stats(ids: &[String], follow: bool, tool: &'static Traits) -> Invocation {
    let mut line = Line::new(tool, &["stats", "--format=json"]);
    line.switch("--no-stream", !follow);
    let deadline = if follow { Deadline::None } else { Deadline::Call };
    line.operands(ids.iter().map(String::as_str)).within(deadline)
}

pub(crate) fn attach(id: &str, tool: &'static Traits) -> Invocation {
    let mut line = Line::new(tool, tool.quiet);
    line.words(["attach"]).words(tool.attach.iter().copied());
    line.operands([id]).within(Deadline::None).input(Input::Stream)
}

pub(crate) fn copy_in(id: &str, path: &str, tool: &'static Traits) -> Invocation {
    let mut line = Line::new(tool, &["cp"]);
    line.words(tool.cp_in.iter().copied());
    line.operands(["-", &format!("{id}:{path}")]).within(Deadline::None).input(Input::Stream)
}

pub(crate) fn copy_out(id: &str, path: &str, tool: &'static Traits) -> Invocation {
    plain(tool, &["cp"], [format!("{id}:{path}").as_str(), "-"]).within(Deadline::Silence)
}

pub(crate) fn copy_from(id: &str, path: &str, from: &str, tool: &'static Traits) -> Invocation {
    plain(tool, &["cp"], [from, &format!("{id}:{path}")]).within(Deadline::None)
}

pub(crate) fn copy_to(id: &str, path: &str, folder: &str, tool: &'static Traits) -> Invocation {
    plain(tool, &["cp"], [format!("{id}:{path}").as_str(), folder]).within(Deadline::None)
}

pub(crate) fn commit(id: &str, reference: &str, tool: &'static Traits) -> Invocation {
    let mut line = Line::new(tool, &["commit"]);
    line.words(tool.image_format.iter().copied());
    line.operands([id, reference]).within(Deadline::None)
}

pub(crate) fn pull(what: &ImagePull, tool: &'static Traits) -> Invocation {
    let mut line = Line::new(tool, &["pull"]);
    line.maybe("--platform", what.platform.as_ref());
    line.operands([what.reference.as_str()]).within(Deadline::Silence)
}

/// # Errors
/// A driver or options where there are none.
pub(crate) fn create_volume(
    spec: &VolumeSpec,
    tool: &'static Traits,
) -> Result<Invocation, ToolError> {
    let mut line = Line::new(tool, &["volume", "create"]);
    let local = matches!(spec.driver.as_deref(), None | Some("" | "local"));
    line.need(Lack::VolumeDriver, !local || !spec.driver_opts.is_empty())?;
    let driver = spec.driver.as_ref().filter(|_| tool.lack(Lack::VolumeDriver).is_none());
    line.maybe("--driver", driver).pairs("--opt", &spec.driver_opts).pairs("--label", &spec.labels);
    Ok(line.operands([spec.name.as_str()]))
}
