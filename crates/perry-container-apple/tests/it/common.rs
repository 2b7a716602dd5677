//! Dialogues as values.

use perry_container_apple::AppleContainerProtocol;
use perry_container_protocol::{Dialogue, Invocation, Output, Step, ToolError};

pub(crate) const TOOL: AppleContainerProtocol = AppleContainerProtocol::new();

/// Status, standard output, standard error.
pub(crate) type Said<'a> = (i32, &'a str, &'a str);

/// Every call of a dialogue that gets these answers, and what comes of it.
pub(crate) fn talk<D: Dialogue>(
    mut dialogue: D,
    answers: &[&[Said<'_>]],
) -> (Vec<String>, Option<Result<D::Reply, ToolError>>) {
    let (mut calls, mut last): (Vec<String>, &[Said<'_>]) = (Vec::new(), &[]);
    let mut answers = answers.iter();
    loop {
        let outputs: Vec<Output<'_>> = last
            .iter()
            .map(|(code, out, err)| Output {
                code: *code,
                stdout: out.as_bytes(),
                stderr: err.as_bytes(),
            })
            .collect();
        match dialogue.next(&outputs) {
            Step::Done(done) => return (calls, Some(done)),
            Step::Run(run) => {
                calls.extend(run.iter().map(ToString::to_string));
                match answers.next() {
                    Some(next) => last = next,
                    None => return (calls, None),
                }
            }
        }
    }
}

/// The call that creates this, or why there is none.
pub(crate) fn created(spec: &perry_container_spec::ContainerSpec) -> Result<Invocation, ToolError> {
    use perry_container_protocol::CliProtocol as _;
    let mut create = TOOL.create(spec);
    if let Step::Done(done) = create.next(&[]) {
        return Err(done.expect_err("nothing was run"));
    }
    let images =
        serde_json::json!([{"configuration": {"name": spec.image}, "id": "abcd"}]).to_string();
    let out = Output { code: 0, stdout: images.as_bytes(), stderr: b"" };
    match create.next(&[out]) {
        Step::Run(mut calls) => Ok(calls.remove(0)),
        Step::Done(done) => Err(done.expect_err("nothing was created")),
    }
}
