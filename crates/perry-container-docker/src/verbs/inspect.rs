//! Objects that are asked for by name, each of which may be missing.

use crate::{
    argv::container::plain,
    dialect::{Builder, Traits},
    errors,
    parse::{self, image},
    script::{lost, once, once_or_nothing, script},
};
use perry_container_protocol::{Dialogue, Each, Invocation, Output, Step, ToolError, values};
use perry_container_spec::{ContainerInfo, ErrorKind, Id, ImageInfo, NetworkInfo};
use serde_json::Value;

/// What an `inspect` of several objects found. Both tools print what they find and fail for what they do not; any other
/// failure is one of the whole call.
pub(crate) fn found(out: &Output<'_>, errors: errors::Reader) -> Result<Vec<Value>, ToolError> {
    let failed = errors.accepted(out).err();
    match failed {
        Some(error) if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ImageMissing) => {
            Err(error)
        }
        _ => Ok(values(out.stdout)?),
    }
}

/// Whether a container is meant by this id or name.
pub(crate) fn is(info: &ContainerInfo, id: &str) -> bool {
    info.id == id
        || info.name == id.trim_start_matches('/')
        || id.len() >= 12 && info.id.starts_with(id)
}

pub(crate) fn containers(
    ids: &[Id],
    tool: &'static Traits,
) -> impl Dialogue<Reply = Each<ContainerInfo>> + Send + 'static {
    let (ids, errors) = (ids.to_vec(), tool.reader());
    let names = ids.iter().map(String::as_str);
    let call = (!ids.is_empty()).then(|| plain(tool, &["container", "inspect"], names));
    once_or_nothing(call, move |out| {
        let found: Vec<ContainerInfo> =
            found(out, errors)?.iter().filter_map(parse::container::container).collect();
        let one = |id: &Id| {
            let info = found.iter().find(|info| is(info, id)).cloned();
            (id.clone(), info.ok_or_else(|| errors.missing(ErrorKind::NotFound, "container", id)))
        };
        Ok(ids.iter().map(one).collect())
    })
}

pub(crate) fn images(
    references: &[String],
    tool: &'static Traits,
) -> impl Dialogue<Reply = Each<ImageInfo>> + Send + 'static {
    let (asked, errors) = (references.to_vec(), tool.reader());
    let call = (!asked.is_empty()).then(|| image_call(&asked, tool));
    once_or_nothing(call, move |out| {
        let found: Vec<_> = found(out, errors)?.iter().filter_map(image::image).collect();
        let one = |(asked, info): (&String, Option<ImageInfo>)| {
            (
                asked.clone(),
                info.ok_or_else(|| errors.missing(ErrorKind::ImageMissing, "image", asked)),
            )
        };
        Ok(asked.iter().zip(image::assign(&asked, &found)).map(one).collect())
    })
}

/// buildx asks the registry; podman has no command that tells the digest of what it does not have.
pub(crate) fn digest(
    reference: &str,
    tool: &'static Traits,
) -> impl Dialogue<Reply = String> + Send + 'static {
    let errors = tool.reader();
    let call = match tool.builder {
        Builder::Buildx => {
            let verb = ["buildx", "imagetools", "inspect", "--format={{json .Manifest}}"];
            Ok(plain(tool, &verb, [reference]))
        }
        Builder::Buildah => Err(ToolError::Unsupported(format!(
            "{} has no command that asks a registry for a digest",
            tool.name
        ))),
    };
    once(call, move |out| {
        errors.accepted(out)?;
        let found = values(out.stdout)?;
        let digest = found.iter().find_map(|manifest| manifest.get("digest")?.as_str());
        let why = || ToolError::Malformed { why: "it tells no digest".to_owned() };
        digest.map(str::to_owned).ok_or_else(why)
    })
}

pub(crate) fn image_call(references: &[String], tool: &'static Traits) -> Invocation {
    plain(tool, &["image", "inspect"], references.iter().map(String::as_str))
}

/// All images, by id and then by one inspect: sizes of a listing are rounded.
pub(crate) fn all_images(
    tool: &'static Traits,
) -> impl Dialogue<Reply = Vec<ImageInfo>> + Send + 'static {
    let errors = tool.reader();
    let mut round = 0;
    script(move |last| {
        round += 1;
        let out = match (round, last.first()) {
            (1, _) => return Step::Run(vec![Invocation::new(["images", "-q", "--no-trunc"])]),
            (_, Some(out)) => out,
            (_, None) => return Step::Done(Err(lost())),
        };
        if round == 2 {
            if let Err(error) = errors.accepted(out) {
                return Step::Done(Err(error));
            }
            let mut ids: Vec<String> =
                out.text().lines().map(|line| parse::image_id(line.trim())).collect();
            ids.retain(|id| !id.is_empty());
            ids.sort();
            ids.dedup();
            return if ids.is_empty() {
                Step::Done(Ok(Vec::new()))
            } else {
                Step::Run(vec![image_call(&ids, tool)])
            };
        }
        Step::Done(found(out, errors).map(|all| {
            let mut infos: Vec<ImageInfo> =
                all.iter().filter_map(image::image).flat_map(|image| image.each()).collect();
            infos.sort_by(|a, b| {
                (&a.repository, &a.tag, &a.id).cmp(&(&b.repository, &b.tag, &b.id))
            });
            infos
        }))
    })
}

pub(crate) fn network(
    name: &str,
    tool: &'static Traits,
) -> impl Dialogue<Reply = NetworkInfo> + Send + 'static {
    let (errors, asked) = (tool.reader(), name.to_owned());
    once(Ok(plain(tool, &["network", "inspect"], [name])), move |out| {
        errors.accepted(out)?;
        let all = values(out.stdout)?;
        let mut infos = all.iter().filter_map(parse::network::network);
        infos
            .find(|info| info.name == asked || info.id.starts_with(&asked))
            .ok_or_else(|| errors.missing(ErrorKind::NotFound, "network", &asked))
    })
}
