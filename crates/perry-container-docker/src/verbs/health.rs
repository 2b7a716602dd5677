//! One run of a health test.

use crate::{
    argv,
    dialect::{HealthRuns, Traits},
    errors, exec,
    parse::text,
};
use perry_container_protocol::{
    Deadline, Dialogue, Invocation, Output, Step, ToolError, lost, script, values,
};
use perry_container_spec::{ExecSpec, HealthProbe, HealthTest};

/// How much of a probe's output is kept.
const LONGEST: usize = 4096;

/// podman runs the container's own test and records it, so that everyone sees the state; it says nothing of the output,
/// which is looked up. docker needs no probes of ours; there the test is run as a command.
pub(crate) fn probe(
    id: &str,
    test: &HealthTest,
    tool: &'static Traits,
) -> impl Dialogue<Reply = HealthProbe> + Send + 'static {
    let id = id.to_owned();
    let mut first = Some(call(&id, test, tool));
    let errors = tool.reader();
    let mut looking = false;
    script(move |last| {
        match first.take() {
            Some(Ok(call)) => return Step::Run(vec![call]),
            Some(Err(error)) => return Step::Done(Err(error)),
            None => {}
        }
        let Some(out) = last.first() else { return Step::Done(Err(lost())) };
        if tool.health_runs == HealthRuns::Engine {
            let exit = exec::exit(out, tool);
            return Step::Done(
                exit.map(|code| probe_of(code == 0, &format!("{}{}", out.text(), out.complaint()))),
            );
        }
        if looking {
            // that the container has gone meanwhile takes nothing from what the probe said
            return Step::Done(match tool.health_runs {
                HealthRuns::ByState(_) => newest(out, errors),
                _ => Ok(probe_of(false, &last_output(out))),
            });
        }
        match out.code {
            0 if matches!(tool.health_runs, HealthRuns::ByState(_)) => {
                looking = true;
                Step::Run(vec![argv::container::plain(
                    tool,
                    &["container", "inspect"],
                    [id.as_str()],
                )])
            }
            0 => Step::Done(Ok(probe_of(true, ""))),
            1 if out.text().trim() == "unhealthy" => {
                looking = true;
                Step::Run(vec![argv::container::plain(
                    tool,
                    &["container", "inspect"],
                    [id.as_str()],
                )])
            }
            _ => Step::Done(Err(errors.error(out))),
        }
    })
}

fn call(id: &str, test: &HealthTest, tool: &'static Traits) -> Result<Invocation, ToolError> {
    if let HealthRuns::ByCode(verb) | HealthRuns::ByState(verb) = tool.health_runs {
        return Ok(argv::container::plain(tool, verb, [id]));
    }
    let command = match test {
        HealthTest::Shell(text) => vec!["/bin/sh".to_owned(), "-c".to_owned(), text.clone()],
        HealthTest::Command(words) => words.clone(),
        HealthTest::Inherit | HealthTest::Disabled => {
            let text = format!("{} runs the checks of images by itself", tool.name);
            return Err(ToolError::Unsupported(text));
        }
    };
    argv::exec::exec(id, &ExecSpec::new(command), tool).map(|call| call.within(Deadline::Call))
}

/// What nerdctl noted last, first.
fn newest(out: &Output<'_>, errors: errors::Reader) -> Result<HealthProbe, ToolError> {
    errors.accepted(out)?;
    let all = values(out.stdout)?;
    let newest = all.first().map(|one| &one["State"]["Health"]["Log"][0]);
    let code = newest.and_then(|newest| newest["ExitCode"].as_i64());
    let why = || ToolError::Malformed { why: "it noted no run of the check".to_owned() };
    let code = code.ok_or_else(why)?;
    Ok(probe_of(code == 0, newest.map(|newest| text(newest, &["Output"])).unwrap_or_default()))
}

fn last_output(out: &Output<'_>) -> String {
    let all = values(out.stdout).unwrap_or_default();
    let state = all.first().map(|one| &one["State"]);
    let log = state.map(|state| {
        if state["Health"].is_object() { &state["Health"] } else { &state["Healthcheck"] }
    });
    let last = log.and_then(|log| log["Log"].as_array()?.last().cloned());
    last.map(|last| text(&last, &["Output"]).trim().to_owned()).unwrap_or_default()
}

fn probe_of(healthy: bool, output: &str) -> HealthProbe {
    let output = output.trim();
    let mut end = output.len().min(LONGEST);
    while !output.is_char_boundary(end) {
        end -= 1;
    }
    HealthProbe { healthy, output: output[..end].to_owned() }
}
