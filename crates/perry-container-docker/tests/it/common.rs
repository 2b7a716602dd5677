//! The dialects, and dialogues driven by hand.

use perry_container_docker::{Dialect, DockerProtocol};
use perry_container_protocol::{CliProtocol as _, Dialogue, Invocation, Output, Step, ToolError};
use perry_container_spec::ContainerSpec;

pub(crate) fn docker() -> DockerProtocol {
    DockerProtocol::new(Dialect::docker("28.5.2"))
}

pub(crate) fn podman4() -> DockerProtocol {
    DockerProtocol::new(Dialect::podman("4.3.1"))
}

pub(crate) fn podman5() -> DockerProtocol {
    DockerProtocol::new(Dialect::podman("5.8.6"))
}

pub(crate) fn nerdctl() -> DockerProtocol {
    DockerProtocol::new(Dialect::nerdctl("v2.1.6"))
}

/// Exit code, standard output, standard error.
pub(crate) type Said<'a> = (i32, &'a str, &'a str);

/// The calls of a dialogue, one a line, `&` between those that run at the same time; and what came of it.
pub(crate) fn talk<R>(
    mut dialogue: impl Dialogue<Reply = R>,
    answers: &[&[Said<'_>]],
) -> (String, Result<R, ToolError>) {
    let mut calls = String::new();
    let mut last: Vec<Output<'_>> = Vec::new();
    let mut answers = answers.iter();
    loop {
        match dialogue.next(&last) {
            Step::Run(all) => {
                let all: Vec<String> = all.iter().map(Invocation::to_string).collect();
                calls.push_str(&all.join(" & "));
                calls.push('\n');
                let Some(said) = answers.next() else {
                    return (
                        calls,
                        Err(ToolError::Malformed { why: "no more answers".to_owned() }),
                    );
                };
                last = said
                    .iter()
                    .map(|(code, stdout, stderr)| Output {
                        code: *code,
                        stdout: stdout.as_bytes(),
                        stderr: stderr.as_bytes(),
                    })
                    .collect();
            }
            Step::Done(reply) => return (calls, reply),
        }
    }
}

/// The first call of a dialogue, or why there is none.
pub(crate) fn first<R: std::fmt::Debug>(
    mut dialogue: impl Dialogue<Reply = R>,
) -> Result<Invocation, ToolError> {
    match dialogue.next(&[]) {
        Step::Run(mut calls) => Ok(calls.remove(0)),
        Step::Done(reply) => Err(reply.expect_err("nothing was run")),
    }
}

/// The call that makes a container. nerdctl looks at the image before.
pub(crate) fn creation(
    tool: DockerProtocol,
    spec: &ContainerSpec,
) -> Result<Invocation, ToolError> {
    let image = format!("[{{\"Id\": \"sha256:{}\"}}]", "1".repeat(64));
    let image = Output { code: 0, stdout: image.as_bytes(), stderr: b"" };
    let mut create = tool.create(spec);
    let mut last = Vec::new();
    loop {
        match create.next(&last) {
            Step::Run(mut calls) if calls[0].to_string().starts_with("create ") => {
                return Ok(calls.remove(0));
            }
            Step::Run(_) => last = vec![image],
            Step::Done(reply) => return Err(reply.expect_err("nothing was made")),
        }
    }
}
