//! `build`.

use super::operand;
use crate::{encode, errors::refused};
use perry_container_protocol::{Arg, Deadline, Invocation, ToolError};
use perry_container_spec::{BuildSecret, BuildSpec, Sensitive};

/// `build`.
///
/// Values of arguments are refused: the tool takes them on its command line only, where everyone can read them.
///
/// # Errors
/// What the tool has no word for.
pub(crate) fn build(spec: &BuildSpec) -> Result<Invocation, ToolError> {
    let lacks: &[(bool, &str)] = &[
        (
            !spec.args.is_empty(),
            "arguments that nobody else sees; give them defaults in the build file",
        ),
        (!spec.additional_contexts.is_empty(), "further contexts"),
        (!spec.cache_from.is_empty() || !spec.cache_to.is_empty(), "caches elsewhere"),
        (!spec.no_cache_filter.is_empty(), "a way to leave out the cache of single stages"),
        (spec.network.is_some(), "networks"),
        (spec.shm_size.is_some(), "a size of /dev/shm"),
        (!spec.extra_hosts.is_empty(), "further lines of /etc/hosts"),
        (!spec.ssh.is_empty(), "keys of SSH"),
        (!spec.entitlements.is_empty() || spec.privileged, "privileges"),
        (spec.isolation.is_some(), "isolation"),
        (!spec.ulimits.is_empty(), "limits"),
        (spec.provenance.is_some() || spec.sbom.is_some(), "attestations"),
    ];
    let all: Vec<&str> = lacks.iter().filter(|(used, _)| *used).map(|(_, what)| *what).collect();
    if !all.is_empty() {
        let text = format!("apple/container's builds have no {}", all.join(", no "));
        return Err(ToolError::Unsupported(text));
    }
    if spec.tags.is_empty() {
        return Err(refused("an image that is built needs a tag on apple/container".to_owned()));
    }
    let mut call = Invocation::new(["build", "--progress=plain"]);
    match (&spec.dockerfile_inline, &spec.dockerfile) {
        (Some(text), _) => {
            let content = Sensitive::new(text.clone().into_bytes());
            call.args.push(Arg::File { prefix: "--file=".to_owned(), content });
        }
        (None, Some(path)) => {
            let joined = if path.starts_with('/') {
                path.clone()
            } else {
                format!("{}/{path}", spec.context.trim_end_matches('/'))
            };
            call.flag("--file", joined);
        }
        (None, None) => {}
    }
    call.each("--tag", &spec.tags)
        .maybe("--target", spec.target.as_ref())
        .each("--platform", &spec.platforms)
        .switch("--no-cache", spec.no_cache)
        .switch("--pull", spec.pull);
    for (key, value) in &spec.labels {
        call.flag("--label", format_args!("{key}={}", encode::value(value)));
    }
    for (n, (id, secret)) in spec.secrets.iter().enumerate() {
        if id.contains(',') {
            return Err(refused(format!("`{}` is no name of a secret", id.escape_debug())));
        }
        match secret {
            BuildSecret::File(path) if path.contains(',') => {
                return Err(refused(format!("`{}` has a comma in it", path.escape_debug())));
            }
            BuildSecret::File(path) => {
                call.flag("--secret", format_args!("id={id},src={path}"));
            }
            BuildSecret::Value(value) => {
                let name = format!("PERRY_SECRET_{n}");
                call.flag("--secret", format_args!("id={id},env={name}"));
                call.env.push((name, value.clone()));
            }
        }
    }
    call.arg(operand(&spec.context)?);
    Ok(call.within(Deadline::Silence))
}
