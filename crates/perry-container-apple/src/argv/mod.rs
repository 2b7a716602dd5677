//! Command lines. Every value is joined to its flag; what stands alone never begins with a dash.

pub(crate) mod build;
pub(crate) mod create;

use crate::{encode, env, errors::refused};
use perry_container_protocol::{Deadline, Input, Invocation, ToolError};
use perry_container_spec::{ExecSpec, ImagePull, LogOptions, NetworkSpec, VolumeSpec};

/// A word that stands alone.
///
/// # Errors
/// For one that the tool would take for an option: it has no `--` that is the same everywhere.
pub(crate) fn operand(text: &str) -> Result<String, ToolError> {
    if text.is_empty() || text.starts_with('-') {
        return Err(refused(format!(
            "`{}` is no name: it begins with a dash or is empty",
            text.escape_debug()
        )));
    }
    Ok(text.to_owned())
}

/// The same where nothing can be refused: no object has a name with `?`, so the tool finds none.
pub(crate) fn anyway(text: &str) -> String {
    operand(text).unwrap_or_else(|_| format!("?{text}"))
}

/// `verb operands`.
pub(crate) fn plain(verb: &str, operands: &[&str]) -> Result<Invocation, ToolError> {
    let mut call = Invocation::new(verb.split(' '));
    for text in operands {
        call.arg(operand(text)?);
    }
    Ok(call)
}

/// A list as JSON.
pub(crate) fn list(what: &str) -> Invocation {
    Invocation::new(what.split(' ').chain(["--format=json"]))
}

/// All containers.
pub(crate) fn containers() -> Invocation {
    Invocation::new(["list", "--all", "--format=json"])
}

pub(crate) fn stop(id: &str, signal: Option<&str>, seconds: u64) -> Result<Invocation, ToolError> {
    let mut call = Invocation::new(["stop"]);
    call.maybe("--signal", signal).flag("--time", seconds).arg(operand(id)?);
    Ok(call.within(Deadline::None))
}

pub(crate) fn logs(id: &str, how: &LogOptions) -> Invocation {
    let mut call = Invocation::new(["logs"]);
    call.switch("--follow", how.follow);
    if let Some(count) = how.tail {
        call.args(["-n".to_owned(), count.to_string()]);
    }
    call.arg(anyway(id));
    call.within(if how.follow { Deadline::None } else { Deadline::Silence })
}

/// `exec`, with everything but the command.
fn exec_head(id: String, what: &ExecSpec) -> Result<Invocation, ToolError> {
    let mut call = Invocation::new(["exec"]);
    call.switch("--interactive", what.stdin)
        .switch("--tty", what.tty.is_some())
        .switch("--detach", what.detach)
        .maybe("--user", what.user.as_ref())
        .maybe("--workdir", what.workdir.as_ref());
    env::pass(&mut call, &what.env)?;
    call.arg(id);
    Ok(call)
}

/// Behind the container's name all is passed through.
pub(crate) fn exec(id: &str, what: &ExecSpec) -> Result<Invocation, ToolError> {
    if what.privileged {
        return Err(ToolError::Unsupported(
            "apple/container has no privileged commands".to_owned(),
        ));
    }
    if what.command.is_empty() {
        return Err(refused("a command has at least one word".to_owned()));
    }
    let mut call = exec_head(operand(id)?, what)?;
    call.args(&what.command);
    if what.stdin {
        call = call.input(Input::Stream);
    }
    Ok(call.within(Deadline::None))
}

/// A command of ours in a container.
pub(crate) fn inside(id: &str, interactive: bool, words: &[&str]) -> Invocation {
    let mut call = Invocation::new(["exec"]);
    call.switch("--interactive", interactive).arg(anyway(id)).args(words.iter().copied());
    if interactive { call.input(Input::Stream) } else { call }
}

pub(crate) fn pull(what: &ImagePull) -> Invocation {
    let mut call = Invocation::new(["image", "pull"]);
    call.maybe("--platform", what.platform.as_ref()).arg(anyway(&what.reference));
    call.within(Deadline::Silence)
}

pub(crate) fn create_network(spec: &NetworkSpec) -> Result<Invocation, ToolError> {
    let lacks: &[(bool, &str)] = &[
        (spec.attachable, "`attachable`"),
        (spec.ipv4 == Some(false), "networks without IPv4"),
        (spec.ipam_driver.as_deref().is_some_and(|d| d != "default"), "drivers of addresses"),
        (!spec.ipam_options.is_empty(), "options of such drivers"),
        (spec.driver.as_deref().is_some_and(|d| d != "bridge"), "drivers besides `bridge`"),
        (
            spec.pools.iter().any(|p| p.ip_range.is_some() || p.gateway.is_some()),
            "a range or a gateway of one's own",
        ),
        (spec.pools.iter().any(|p| !p.aux_addresses.is_empty()), "reserved addresses"),
    ];
    let all: Vec<&str> = lacks.iter().filter(|(used, _)| *used).map(|(_, what)| *what).collect();
    if !all.is_empty() {
        let text = format!("apple/container's networks have no {}", all.join(", no "));
        return Err(ToolError::Unsupported(text));
    }
    let mut call = Invocation::new(["network", "create"]);
    call.switch("--internal", spec.internal);
    for (key, value) in &spec.labels {
        let (key, value) = (encode::key(key), encode::value(value));
        call.flag("--label", format_args!("{key}={value}"));
    }
    for (key, value) in &spec.driver_opts {
        call.flag("--option", format_args!("{key}={value}"));
    }
    let subnets = || spec.pools.iter().filter_map(|pool| pool.subnet.as_deref());
    let (v4, v6): (Vec<&str>, Vec<&str>) = subnets().partition(|subnet| !subnet.contains(':'));
    for (flag, all) in [("--subnet", v4), ("--subnet-v6", v6)] {
        if all.len() > 1 {
            let text = "apple/container's networks have one subnet of each kind".to_owned();
            return Err(ToolError::Unsupported(text));
        }
        call.each(flag, all);
    }
    call.arg(operand(&spec.name)?);
    Ok(call)
}

pub(crate) fn create_volume(spec: &VolumeSpec) -> Result<Invocation, ToolError> {
    if spec.driver.as_deref().is_some_and(|driver| driver != "local") {
        return Err(ToolError::Unsupported("apple/container has local volumes only".to_owned()));
    }
    let mut call = Invocation::new(["volume", "create"]);
    for (key, value) in &spec.labels {
        label(&mut call, key, value)?;
    }
    for (key, value) in &spec.driver_opts {
        call.flag("--opt", format_args!("{key}={value}"));
    }
    call.arg(operand(&spec.name)?);
    Ok(call)
}

/// A label of a container or a volume.
pub(crate) fn label(call: &mut Invocation, key: &str, value: &str) -> Result<(), ToolError> {
    if key.is_empty() || key.contains('=') {
        return Err(refused(format!("`{}` is no key of a label", key.escape_debug())));
    }
    call.flag("--label", format_args!("{key}={}", encode::value(value)));
    Ok(())
}
