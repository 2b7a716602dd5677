//! Builds: docker's client hands them to buildx, podman does them itself.

use super::Line;
use crate::{
    dialect::{Builder, Lack, Traits},
    env,
    quote::{Fields, refuse},
};
use perry_container_protocol::{Arg, Deadline, Invocation, ToolError};
use perry_container_spec::{BuildSecret, BuildSpec, Sensitive};

/// `build`.
///
/// Values of arguments go by the client's environment (`--build-arg=NAME`). One whose name would steer the client
/// (`HTTP_PROXY`) is written out: no builder reads arguments from a file on every version, and they can be seen in the
/// image's history anyway. Secrets are files that only this user can read, never arguments.
///
/// # Errors
/// What the tool has no word for.
pub(crate) fn build(spec: &BuildSpec, tool: &'static Traits) -> Result<Invocation, ToolError> {
    let mut line = Line::new(tool, &["build"]);
    let docker = tool.builder != Builder::Buildah;
    line.need(Lack::NoCacheFilter, !spec.no_cache_filter.is_empty())?;
    line.need(Lack::Provenance, spec.provenance.is_some() || spec.sbom.is_some())?;
    line.need(Lack::Entitlements, !spec.entitlements.is_empty())?;
    match tool.builder {
        Builder::Buildx => line.words(["--progress=plain", "--load"]),
        Builder::Buildkit => line.words(["--progress=plain"]),
        Builder::Buildah => line.words(tool.image_format.iter().copied()),
    };
    dockerfile(&mut line, spec);
    line.maybe("--target", spec.target.as_ref())
        .each("--tag", &spec.tags)
        .pairs("--label", &spec.labels)
        .pairs("--build-context", &spec.additional_contexts)
        .each("--cache-from", &spec.cache_from)
        .each("--cache-to", &spec.cache_to)
        .switch("--no-cache", spec.no_cache)
        .each("--no-cache-filter", &spec.no_cache_filter);
    if spec.pull {
        line.words([if docker { "--pull" } else { "--pull=always" }]);
    }
    line.maybe("--network", spec.network.as_ref())
        .each("--platform", &spec.platforms)
        .maybe("--shm-size", spec.shm_size.map(|size| format!("{size}b")))
        .each("--ssh", &spec.ssh)
        .each("--allow", &spec.entitlements)
        .maybe("--isolation", spec.isolation.as_ref())
        .maybe("--provenance", spec.provenance.as_ref())
        .maybe("--sbom", spec.sbom.as_ref());
    for (host, address) in &spec.extra_hosts {
        line.flag("--add-host", format_args!("{host}:{address}"));
    }
    for (name, limit) in &spec.ulimits {
        line.flag("--ulimit", format_args!("{name}={}:{}", limit.soft, limit.hard));
    }
    match (spec.privileged, docker) {
        (true, true) => line.flag("--allow", "security.insecure"),
        (true, false) => line.flag("--cap-add", "all"),
        (false, _) => &mut line,
    };
    arguments(&mut line, spec)?;
    secrets(&mut line, spec)?;
    Ok(line.operands([spec.context.as_str()]).within(Deadline::Silence))
}

fn dockerfile(line: &mut Line, spec: &BuildSpec) {
    if let Some(text) = &spec.dockerfile_inline {
        let content = Sensitive::new(text.clone().into_bytes());
        line.call.args.push(Arg::File { prefix: "--file=".to_owned(), content });
    } else if let Some(path) = &spec.dockerfile {
        // the tools take a relative path from where they are started
        let remote = spec.context.contains("://") || spec.context.starts_with("git@");
        if path.starts_with('/') || remote || spec.context.is_empty() {
            line.flag("--file", path);
        } else {
            line.flag("--file", format_args!("{}/{path}", spec.context.trim_end_matches('/')));
        }
    }
}

fn arguments(line: &mut Line, spec: &BuildSpec) -> Result<(), ToolError> {
    for (name, value) in &spec.args {
        if name.is_empty() || name.contains(['=', '\0']) || value.expose().contains('\0') {
            return Err(refuse("build argument", name, "cannot be handed over"));
        }
        if env::steers(name) {
            line.flag("--build-arg", format_args!("{name}={}", value.expose()));
        } else {
            line.flag("--build-arg", name);
            line.call.env.push((name.clone(), value.clone()));
        }
    }
    Ok(())
}

fn secrets(line: &mut Line, spec: &BuildSpec) -> Result<(), ToolError> {
    for (id, secret) in &spec.secrets {
        if id.contains([',', '"', '=', '\n']) {
            return Err(refuse("build secret", id, "has an id that no argument can hold"));
        }
        match secret {
            BuildSecret::File(path)
                if line.tool.builder == Builder::Buildah && path.contains(',') =>
            {
                return Err(refuse("build secret", path, "is in a file whose path holds a comma"));
            }
            BuildSecret::File(path) => {
                let mut fields = Fields::default();
                fields.add("id", id).add("src", path);
                line.flag("--secret", fields.text());
            }
            BuildSecret::Value(value) => line.call.args.push(Arg::File {
                prefix: format!("--secret=id={id},src="),
                content: value.clone().map(String::into_bytes),
            }),
        }
    }
    Ok(())
}
