//! Objects that are asked for by name, each of which may be missing.

use crate::{
    argv::container::plain,
    dialect::{Builder, Traits},
    errors,
    parse::{self, image},
};
use perry_container_protocol::{
    Dialogue, Each, Invocation, Output, Step, ToolError, lost, once, script, values,
};
use perry_container_spec::{ContainerInfo, ErrorKind, Id, ImageInfo, NetworkInfo};
use serde_json::Value;

/// What an `inspect` of several objects found. docker and podman print what they find and fail for what they do not;
/// nerdctl prints nothing then. Any other failure is one of the whole call.
pub(crate) fn found(out: &Output<'_>, errors: errors::Reader) -> Result<Vec<Value>, ToolError> {
    let failed = errors.accepted(out).err();
    match failed {
        Some(error) if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ImageMissing) => {
            Err(error)
        }
        _ => Ok(values(out.stdout)?),
    }
}

/// How often a list is made again because something of it vanished.
const TRIES: u32 = 3;

/// Whether a container is meant by this id or name.
pub(crate) fn is(info: &ContainerInfo, id: &str) -> bool {
    info.id == id
        || info.name == id.trim_start_matches('/')
        || id.len() >= 12 && info.id.starts_with(id)
}

/// One call for all where the tool shows what it finds. Where one that is missing hides the others, those that are named
/// as missing are left out and it is asked again.
pub(crate) fn containers(
    ids: &[Id],
    tool: &'static Traits,
) -> impl Dialogue<Reply = Each<ContainerInfo>> + Send + 'static {
    let (asked, errors) = (ids.to_vec(), tool.reader());
    let (mut rest, mut begun) = (asked.clone(), false);
    let each = move |found: Vec<Value>| {
        let found: Vec<ContainerInfo> =
            found.iter().filter_map(parse::container::container).collect();
        let one = |id: &Id| {
            let info = found.iter().find(|info| is(info, id)).cloned();
            (id.clone(), info.ok_or_else(|| errors.missing(ErrorKind::NotFound, "container", id)))
        };
        asked.iter().map(one).collect()
    };
    script(move |last| {
        if begun {
            let Some(out) = last.first() else { return Step::Done(Err(lost())) };
            let before = rest.len();
            match found(out, errors) {
                Err(error) => return Step::Done(Err(error)),
                Ok(all) if out.code == 0 || tool.inspect_batch => return Step::Done(Ok(each(all))),
                Ok(_) => {
                    let complaint = errors::message(&out.complaint()).unwrap_or_default();
                    rest.retain(|id| !names(&complaint, id));
                }
            }
            if rest.len() == before {
                return Step::Done(Err(errors.error(out)));
            }
        }
        begun = true;
        if rest.is_empty() {
            return Step::Done(Ok(each(Vec::new())));
        }
        Step::Run(vec![plain(tool, &["container", "inspect"], rest.iter().map(String::as_str))])
    })
}

/// Whether a text has this name or id in it, as a word.
fn names(text: &str, id: &str) -> bool {
    let name = |c: char| !(c.is_ascii_alphanumeric() || "_.-".contains(c));
    text.split(name).any(|word| word == id)
}

pub(crate) fn images(
    references: &[String],
    tool: &'static Traits,
) -> impl Dialogue<Reply = Each<ImageInfo>> + Send + 'static {
    let (asked, errors) = (references.to_vec(), tool.reader());
    let mut calls = Some(image_calls(&asked, tool));
    script(move |last| {
        match calls.take() {
            Some(calls) if calls.is_empty() => return Step::Done(Ok(Vec::new())),
            Some(calls) => return Step::Run(calls),
            None => {}
        }
        Step::Done(found_images(&asked, last, errors, tool).map(|found| {
            let one = |(asked, info): (&String, Option<ImageInfo>)| {
                let missing = || errors.missing(ErrorKind::ImageMissing, "image", asked);
                (asked.clone(), info.ok_or_else(missing))
            };
            asked.iter().zip(found).map(one).collect()
        }))
    })
}

/// The looks at these images: one for all, or one for each where one that is missing hides the others.
pub(crate) fn image_calls(references: &[String], tool: &'static Traits) -> Vec<Invocation> {
    match tool.inspect_batch {
        _ if references.is_empty() => Vec::new(),
        true => vec![image_call(references, tool)],
        false => references.iter().map(|one| image_call(std::slice::from_ref(one), tool)).collect(),
    }
}

/// What those looks found.
pub(crate) fn found_images(
    asked: &[String],
    last: &[Output<'_>],
    errors: errors::Reader,
    tool: &'static Traits,
) -> Result<Vec<Option<ImageInfo>>, ToolError> {
    let images = |out: &Output<'_>| -> Result<Vec<image::Image>, ToolError> {
        Ok(found(out, errors)?.iter().filter_map(image::image).collect())
    };
    if last.is_empty() {
        return Err(lost());
    }
    if tool.inspect_batch {
        return Ok(image::assign(asked, &images(&last[0])?));
    }
    let one = |(asked, out): (&String, &Output<'_>)| {
        let found = images(out)?;
        Ok(image::assign(std::slice::from_ref(asked), &found).pop().flatten())
    };
    asked.iter().zip(last).map(one).collect()
}

/// buildx asks the registry; the others have no command that tells the digest of what it does not have.
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
        Builder::Buildah | Builder::Buildkit => Err(ToolError::Unsupported(format!(
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

fn image_call(references: &[String], tool: &'static Traits) -> Invocation {
    plain(tool, &["image", "inspect"], references.iter().map(String::as_str))
}

/// All images, by id and then by one inspect: sizes of a listing are rounded.
pub(crate) fn all_images(
    tool: &'static Traits,
) -> impl Dialogue<Reply = Vec<ImageInfo>> + Send + 'static {
    let errors = tool.reader();
    let (mut round, mut tries) = (0, 0);
    script(move |last| {
        round += 1;
        let list = || Step::Run(vec![Invocation::new(["images", "-q", "--no-trunc"])]);
        let out = match (round, last.first()) {
            (1, _) => return list(),
            (_, Some(out)) => out,
            (_, None) => return Step::Done(Err(lost())),
        };
        if round == 3 && out.code != 0 && !tool.inspect_batch && tries < TRIES {
            // one of them has gone, and hides the others
            (round, tries) = (1, tries + 1);
            return list();
        }
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
