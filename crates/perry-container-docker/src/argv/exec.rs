//! Commands in containers.

use super::Line;
use crate::{dialect::Traits, env};
use perry_container_protocol::{Deadline, Input, Invocation, ToolError};
use perry_container_spec::ExecSpec;

/// `exec`.
///
/// # Errors
/// A variable that cannot be handed over.
pub(crate) fn exec(
    id: &str,
    what: &ExecSpec,
    tool: &'static Traits,
) -> Result<Invocation, ToolError> {
    let mut line = Line::new(tool, tool.quiet);
    line.words(["exec"])
        .switch("--detach", what.detach)
        .switch("--interactive", what.stdin)
        .switch("--tty", what.tty.is_some())
        .switch("--privileged", what.privileged)
        .maybe("--user", what.user.as_ref())
        .maybe("--workdir", what.workdir.as_ref());
    env::pass(&mut line.call, &what.env, tool)?;
    let input = if what.stdin { Input::Stream } else { Input::Null };
    let deadline = if what.detach { Deadline::Call } else { Deadline::None };
    let operands = std::iter::once(id).chain(what.command.iter().map(String::as_str));
    Ok(line.operands(operands).within(deadline).input(input))
}
