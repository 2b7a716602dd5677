//! Verbs that take more than one call, or more than a look at one answer.

use crate::{
    argv::{self, containers, list, operand},
    errors::{self, accepted, error, missing},
    notes, parse,
};
use perry_container_protocol::{
    Dialogue, Each, Invocation, Output, Script, Step, ToolError, lost, once, script, values,
};
use perry_container_spec::{
    ContainerHandle, ContainerInfo, ContainerSpec, ErrorKind, Id, ImageInfo, NetworkInfo, Observed,
    Parts, Removal, Selector,
};
use serde_json::Value;

/// One call that only has to succeed.
pub(crate) fn done(
    call: Result<Invocation, ToolError>,
) -> impl Dialogue<Reply = ()> + Send + 'static {
    once(call, accepted)
}

/// What the tool has no word for.
pub(crate) fn never<R>(text: &str) -> Script<impl FnMut(&[Output<'_>]) -> Step<R>> {
    let text = text.to_owned();
    script(move |_| Step::Done(Err(ToolError::Unsupported(text.clone()))))
}

/// Everything in a list.
pub(crate) fn listed<T>(
    out: &Output<'_>,
    read: impl Fn(&Value) -> Option<T>,
) -> Result<Vec<T>, ToolError> {
    accepted(out)?;
    Ok(values(out.stdout)?.iter().filter_map(read).collect())
}

/// Lists everything of the kinds that are wanted, at the same time, and picks what is selected: the tool has no filter.
pub(crate) fn observe(of: &Selector, parts: Parts) -> impl Dialogue<Reply = Observed> + use<> {
    const KINDS: [(Parts, &str); 4] = [
        (Parts::CONTAINERS, "list --all"),
        (Parts::NETWORKS, "network list"),
        (Parts::VOLUMES, "volume list"),
        (Parts::IMAGES, "image list"),
    ];
    let of = of.clone();
    let images = !of.images.is_empty();
    let wanted: Vec<(Parts, &str)> = KINDS
        .into_iter()
        .filter(|(part, _)| parts.contains(*part) && (*part != Parts::IMAGES || images))
        .collect();
    let mut asked = false;
    script(move |last| {
        if !std::mem::replace(&mut asked, true) {
            if wanted.is_empty() {
                return Step::Done(Ok(Observed::default()));
            }
            return Step::Run(wanted.iter().map(|(_, verb)| list(verb)).collect());
        }
        if last.len() != wanted.len() {
            return Step::Done(Err(lost()));
        }
        let mut seen = Observed::default();
        for ((part, _), out) in wanted.iter().zip(last) {
            if let Err(error) = pick(&of, *part, out, &mut seen) {
                return Step::Done(Err(error));
            }
        }
        Step::Done(Ok(seen))
    })
}

fn pick(
    of: &Selector,
    part: Parts,
    out: &Output<'_>,
    seen: &mut Observed,
) -> Result<(), ToolError> {
    match part {
        Parts::CONTAINERS => {
            let found = listed(out, parse::container)?.into_iter();
            let found = found.filter(|info| of.matches(&info.labels));
            seen.containers = found.map(|info| (info.id.clone(), info)).collect();
        }
        Parts::NETWORKS => {
            let found = match listed(out, parse::network) {
                // before macOS 26 there are no networks of one's own, and no such command
                Err(error) if error.kind() == ErrorKind::Unsupported => Vec::new(),
                found => found?,
            };
            let found = found.into_iter();
            let found = found.filter(|n| of.matches(&n.labels) || of.networks.contains(&n.name));
            seen.networks = found.map(|info| (info.name.clone(), info)).collect();
        }
        Parts::VOLUMES => {
            let found = listed(out, parse::volume)?.into_iter();
            let found = found.filter(|v| of.matches(&v.labels) || of.volumes.contains(&v.name));
            seen.volumes = found.map(|info| (info.name.clone(), info)).collect();
        }
        _ => {
            let found = listed(out, parse::image)?;
            let named = of.images.iter().zip(parse::assign(&of.images, &found));
            seen.images = named.filter_map(|(asked, info)| Some((asked.clone(), info?))).collect();
        }
    }
    Ok(())
}

/// One list, whatever is asked for: `inspect` shows nothing when one of them is missing.
pub(crate) fn inspect_each(ids: &[Id]) -> impl Dialogue<Reply = Each<ContainerInfo>> + use<> {
    let ids = ids.to_vec();
    once(Ok(containers()), move |out| {
        let found = listed(out, parse::container)?;
        let one = |id: &Id| {
            let info = found.iter().find(|info| info.id == *id).cloned();
            (id.clone(), info.ok_or_else(|| missing(ErrorKind::NotFound, "container", id)))
        };
        Ok(ids.iter().map(one).collect())
    })
}

/// The same of images.
pub(crate) fn inspect_images(asked: &[String]) -> impl Dialogue<Reply = Each<ImageInfo>> + use<> {
    let asked = asked.to_vec();
    once(Ok(list("image list")), move |out| {
        let found = parse::assign(&asked, &listed(out, parse::image)?);
        let one = |(asked, info): (&String, Option<ImageInfo>)| {
            (asked.clone(), info.ok_or_else(|| missing(ErrorKind::ImageMissing, "image", asked)))
        };
        Ok(asked.iter().zip(found).map(one).collect())
    })
}

/// The image is looked for first: `create` would pull one that is missing, whatever the pull policy says.
pub(crate) fn create(spec: &ContainerSpec) -> impl Dialogue<Reply = ContainerHandle> + use<> {
    let mut call = Some(argv::create::create(spec));
    let (asked, name) = (vec![spec.image.clone()], spec.name.clone());
    let mut round = 0;
    script(move |last| {
        round += 1;
        match (round, last.first()) {
            (1, _) => match &call {
                Some(Ok(_)) => Step::Run(vec![list("image list")]),
                Some(Err(error)) => Step::Done(Err(error.clone())),
                None => Step::Done(Err(lost())),
            },
            (2, Some(out)) => {
                let found = listed(out, parse::image).map(|all| parse::assign(&asked, &all));
                match (found, call.take()) {
                    (Ok(found), Some(Ok(call))) if found[0].is_some() => Step::Run(vec![call]),
                    (Ok(_), Some(Ok(_))) => {
                        Step::Done(Err(missing(ErrorKind::ImageMissing, "image", &asked[0])))
                    }
                    (Err(error), _) | (_, Some(Err(error))) => Step::Done(Err(error)),
                    (_, None) => Step::Done(Err(lost())),
                }
            }
            (_, Some(out)) => Step::Done(accepted(out).and_then(|()| {
                let text = out.text();
                let id = text.lines().rev().map(str::trim).find(|line| !line.is_empty());
                let id = id.ok_or_else(|| ToolError::Malformed {
                    why: "create printed no id".to_owned(),
                })?;
                // the id is the name
                Ok(ContainerHandle {
                    id: id.to_owned(),
                    name: Some(name.clone().unwrap_or_else(|| id.to_owned())),
                })
            })),
            (_, None) => Step::Done(Err(lost())),
        }
    })
}

/// Looks first: signal and time are given to `stop`, and stand in the container's notes.
pub(crate) fn stop(id: &str, timeout: Option<u32>) -> impl Dialogue<Reply = ()> + use<> {
    let id = id.to_owned();
    let mut round = 0;
    script(move |last| {
        round += 1;
        match (round, last.first()) {
            (1, _) => Step::Run(vec![containers()]),
            (2, Some(out)) => {
                let raw = |value: &Value| {
                    let info = parse::container(value)?;
                    let notes = parse::text(value, &["configuration", "labels", notes::LABEL]);
                    let notes = notes::Notes::read(&crate::encode::meant(notes));
                    (info.id == id).then(|| (info.state.is_up(), notes.unwrap_or_default()))
                };
                let (up, notes) = match listed(out, raw).map(|all| all.into_iter().next()) {
                    Ok(Some(found)) => found,
                    Ok(None) => {
                        return Step::Done(Err(missing(ErrorKind::NotFound, "container", &id)));
                    }
                    Err(error) => return Step::Done(Err(error)),
                };
                if !up {
                    return Step::Done(Ok(()));
                }
                let own = notes.stop_timeout.unwrap_or(10); // docker's time, not the tool's 5 s
                let seconds = timeout.map_or(own, u64::from);
                match argv::stop(&id, notes.stop_signal.as_deref(), seconds) {
                    Ok(call) => Step::Run(vec![call]),
                    Err(error) => Step::Done(Err(error)),
                }
            }
            (_, Some(out)) => Step::Done(accepted(out)),
            (_, None) => Step::Done(Err(lost())),
        }
    })
}

/// The name of a volume that the tool invented.
fn invented(name: &str) -> bool {
    name.strip_prefix("anon-").is_some_and(|rest| rest.len() == 36)
}

/// One `delete` for all: it acts on each and prints those that are gone. The tool keeps volumes without a name of their
/// own, so they are looked up before and removed after.
pub(crate) fn remove_each(ids: &[Id], how: &Removal) -> impl Dialogue<Reply = Each<()>> + use<> {
    let (ids, how) = (ids.to_vec(), *how);
    let words = ids.iter().map(|id| operand(id)).collect::<Result<Vec<_>, _>>();
    let (mut at, mut volumes, mut each) = (At::Start, Vec::<(Id, String)>::new(), Vec::new());
    script(move |last| {
        match (std::mem::replace(&mut at, At::Start), last.first()) {
            (At::Start, _) if how.volumes => {
                at = At::Look;
                return Step::Run(vec![containers()]);
            }
            (At::Start, _) => {}
            (At::Look, Some(out)) => match listed(out, parse::container) {
                Ok(found) => {
                    let own = found.into_iter().filter(|info| ids.contains(&info.id));
                    for info in own {
                        let names = info.mounts.into_iter().filter_map(|mount| mount.name);
                        let names = names.filter(|name| invented(name));
                        volumes.extend(names.map(|name| (info.id.clone(), name)));
                    }
                }
                Err(error) => return Step::Done(Err(error)),
            },
            (At::Delete, Some(out)) => {
                each = match removed(&ids, out) {
                    Ok(each) => each,
                    Err(error) => return Step::Done(Err(error)),
                };
                let gone = |id: &Id| each.iter().any(|(one, done)| one == id && done.is_ok());
                let names: Vec<String> =
                    (volumes.drain(..)).filter(|(id, _)| gone(id)).map(|(_, name)| name).collect();
                if names.is_empty() {
                    return Step::Done(Ok(std::mem::take(&mut each)));
                }
                at = At::Volumes;
                let call = Invocation::new(
                    ["volume", "delete"].map(str::to_owned).into_iter().chain(names),
                );
                return Step::Run(vec![call]);
            }
            // that a volume stays takes nothing from the containers that are gone
            (At::Volumes, Some(_)) => return Step::Done(Ok(std::mem::take(&mut each))),
            (At::Look | At::Delete | At::Volumes, None) => return Step::Done(Err(lost())),
        }
        match &words {
            Ok(words) => {
                at = At::Delete;
                let mut call = Invocation::new(["delete"]);
                call.switch("--force", how.force).args(words);
                Step::Run(vec![call])
            }
            Err(error) => Step::Done(Err(error.clone())),
        }
    })
}

/// What is being done.
enum At {
    Start,
    Look,
    Delete,
    Volumes,
}

/// What became of each.
fn removed(ids: &[Id], out: &Output<'_>) -> Result<Each<()>, ToolError> {
    let (text, complaint) = (out.text(), out.complaint());
    let printed: Vec<&str> = text.lines().map(str::trim).collect();
    let name = |c: char| !(c.is_ascii_alphanumeric() || "_.-".contains(c));
    let one = |id: &Id| {
        if out.code == 0 || printed.contains(&id.as_str()) {
            return (id.clone(), Ok(()));
        }
        let names = |line: &&str| line.split(name).any(|word| word == id);
        let line = complaint.lines().find(names).unwrap_or(&complaint);
        (id.clone(), Err(error(&Output { code: out.code, stdout: b"", stderr: line.as_bytes() })))
    };
    match out.code != 0 && errors::kind(&complaint) == ErrorKind::EngineDown {
        true => Err(error(out)),
        false => Ok(ids.iter().map(one).collect()),
    }
}

/// The reason why a network was not removed is on a line of a log, if anywhere: then it is looked for.
pub(crate) fn remove_network(name: &str) -> impl Dialogue<Reply = ()> + use<> {
    let name = name.to_owned();
    let (mut round, mut refused) = (0, None);
    script(move |last| {
        round += 1;
        match (round, last.first()) {
            (1, _) => match argv::plain("network delete", &[&name]) {
                Ok(call) => Step::Run(vec![call]),
                Err(error) => Step::Done(Err(error)),
            },
            (2, Some(out)) => match accepted(out) {
                Err(error) if error.kind() == ErrorKind::Other => {
                    refused = Some(error);
                    Step::Run(vec![list("network list")])
                }
                other => Step::Done(other),
            },
            (_, Some(out)) => Step::Done(listed(out, parse::network).and_then(|all| {
                let code = refused.as_ref().and_then(ToolError::code).unwrap_or(1);
                let message = refused.take().map_or_else(String::new, |error| error.to_string());
                match all.iter().any(|network| network.name == name) {
                    true => Err(ToolError::Refused { kind: ErrorKind::InUse, code, message }),
                    false => Err(missing(ErrorKind::NotFound, "network", &name)),
                }
            })),
            (_, None) => Step::Done(Err(lost())),
        }
    })
}

/// One of all networks.
pub(crate) fn inspect_network(name: &str) -> impl Dialogue<Reply = NetworkInfo> + use<> {
    let name = name.to_owned();
    once(Ok(list("network list")), move |out| {
        let found = listed(out, parse::network)?.into_iter().find(|network| network.name == name);
        found.ok_or_else(|| missing(ErrorKind::NotFound, "network", &name))
    })
}

/// The status of the service as JSON; in words where the tool is too old for it.
pub(crate) fn check() -> impl Dialogue<Reply = Option<String>> + use<> {
    let mut round = 0;
    script(move |last| {
        round += 1;
        match (round, last.first()) {
            (1, _) => Step::Run(vec![list("system status")]),
            (2, Some(out)) if out.code == 64 => {
                Step::Run(vec![Invocation::new(["system", "status"])])
            }
            (2, Some(out)) => Step::Done(status(out)),
            (_, Some(out)) => Step::Done(in_words(out)),
            (_, None) => Step::Done(Err(lost())),
        }
    })
}

fn status(out: &Output<'_>) -> Result<Option<String>, ToolError> {
    let said = match values(out.stdout) {
        Ok(said) if said.is_empty() && out.code != 0 => return Err(silent(out)),
        Ok(said) => said,
        Err(error) => return Err(error.into()),
    };
    let said = said.first().unwrap_or(&Value::Null);
    match parse::text(said, &["status"]) {
        "running" if out.code == 0 => {
            let mut words = parse::text(said, &["apiServerVersion"]).split_whitespace();
            let number = words.find(|word| word.starts_with(|c: char| c.is_ascii_digit()));
            Ok(number.map(str::to_owned))
        }
        "" => Err(ToolError::Malformed { why: "it tells no status".to_owned() }),
        status => Err(down(out.code, status)),
    }
}

/// Before there was a format, the status was a sentence.
fn in_words(out: &Output<'_>) -> Result<Option<String>, ToolError> {
    let text = out.text();
    match out.code == 0 && text.contains("is running") {
        true => Ok(None),
        false if out.code == 0 => {
            Err(ToolError::Malformed { why: "it tells no status".to_owned() })
        }
        false => Err(silent(out)),
    }
}

/// In its own words, where it has some.
fn silent(out: &Output<'_>) -> ToolError {
    match errors::message(&out.complaint()) {
        Some(message) => {
            ToolError::Refused { kind: ErrorKind::EngineDown, code: out.code, message }
        }
        None => down(out.code, "not running"),
    }
}

fn down(code: i32, status: &str) -> ToolError {
    let message = format!("its service is {status}; `container system start` starts it");
    ToolError::Refused { kind: ErrorKind::EngineDown, code, message }
}
