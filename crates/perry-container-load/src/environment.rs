//! `env_file` and `label_file`: read, and merged below what the service says itself.

use std::path::PathBuf;

use indexmap::IndexMap;
use perry_container_interpolate::{Env, EnvFile, Lookup, parse_raw, read_dotenv};
use perry_container_yaml::{Entry, Kind, Map, Node, Span};

use crate::{
    FileKind, ProblemKind, PropertyPath, SourceError,
    defaults::{each_service, member_map},
    merge::scalar_text,
    problem::{Fault, Faults},
    session::Session,
    shape::set_default,
    trail::Change,
};

/// Reads the files of every service that `wanted` names; relative paths start at the project's directory.
pub(crate) fn resolve(
    root: &mut Node,
    env: &Env,
    session: &mut Session<'_>,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<(), Faults> {
    let mut faults = Vec::new();
    each_service(root, |name, service| {
        if !wanted(name) {
            return;
        }
        let path = PropertyPath::from_iter(["services", name]);
        if session.options.steps.resolve_env {
            crate::normalize::resolve(member_node(service, "environment"), env, true);
            environment(service, &path, env, session, &mut faults);
            service.shift_remove("env_file");
            if service
                .get("environment")
                .is_some_and(|e| e.value.as_map().is_none_or(Map::is_empty))
            {
                service.shift_remove("environment");
            }
        }
        labels(service, &path, session, &mut faults);
        service.shift_remove("label_file");
    });
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

fn member_node<'a>(service: &'a mut Map, key: &str) -> &'a mut Node {
    set_default(service, key, Kind::Map(Map::new()), Span::default());
    let entry = service.entry(key.to_owned()).or_default();
    if entry.value.is_null() {
        entry.value.kind = Kind::Map(Map::new());
    }
    &mut entry.value
}

struct Wanted {
    path: String,
    required: bool,
    format: Option<String>,
    span: Span,
}

fn environment(
    service: &mut Map,
    path: &PropertyPath,
    env: &Env,
    session: &mut Session<'_>,
    faults: &mut Faults,
) {
    let (path, names) = (path.join("env_file"), path.join("environment"));
    let files: Vec<Wanted> = service
        .get("env_file")
        .and_then(|entry| entry.value.as_seq())
        .into_iter()
        .flatten()
        .filter_map(|item| {
            Some(Wanted {
                path: item.get("path")?.as_str()?.to_owned(),
                required: item.get("required").is_none_or(|required| match &required.kind {
                    Kind::Bool(required) => *required,
                    _ => required.as_str() != Some("false"),
                }),
                format: item.get("format").and_then(Node::as_str).map(str::to_owned),
                span: item.span,
            })
        })
        .collect();
    let Some(own) = member_map(service, "environment") else { return };
    let lookup = |name: &str| {
        let own = || own.get(name).and_then(|entry| scalar_text(&entry.value));
        env.get(name).map(str::to_owned).or_else(own)
    };
    let mut read = Reads::new();
    for (number, file) in files.iter().enumerate() {
        let path = path.join(number);
        match one_file(file, &path, &lookup, &read, session) {
            Ok(more) => {
                for (name, now) in more {
                    if let Some(was) = read.get(&name) {
                        was.gone(&names.join(&name), now.span, session);
                    }
                    read.insert(name, now);
                }
            }
            Err((message, hint)) => {
                let mut fault = Fault::new(ProblemKind::File, &path, file.span, message);
                fault.hint = hint;
                faults.push(fault);
            }
        }
    }
    add(read, own, &names, session);
}

/// What a file says, below what the service says itself.
fn add(read: Reads, own: &mut Map, names: &PropertyPath, session: &mut Session<'_>) {
    for (name, read) in read {
        let path = names.join(&name);
        match own.get(&name) {
            Some(entry) => read.gone(&path, entry.value.span, session),
            None => {
                session.trail.read(path, read.file, read.line);
                let (span, value) = (read.span, Node::str(read.value, read.span));
                own.insert(name, Entry { key: span, value });
            }
        }
    }
}

/// A value of a file.
struct Read {
    value: String,
    file: PathBuf,
    line: usize,
    /// Where the file is asked for.
    span: Span,
}

impl Read {
    fn gone(&self, path: &PropertyPath, by: Span, session: &mut Session<'_>) {
        let was = Node::str(self.value.as_str(), self.span);
        session.trail.gone(path, &was, by, Change::Overridden);
        session.trail.gone_from(&self.file, self.line);
    }
}

type Reads = IndexMap<String, Read>;

/// `before`: what the files before it said, for its values to use where neither `lookup` nor its own lines have a name.
fn one_file(
    file: &Wanted,
    path: &PropertyPath,
    lookup: &Lookup<'_>,
    before: &Reads,
    session: &mut Session<'_>,
) -> Result<Reads, (String, Option<String>)> {
    let at = session.options.working_dir.join(&file.path);
    let bytes = match session.source.read(&at) {
        Ok(bytes) => bytes,
        Err(SourceError::NotFound) if !file.required => return Ok(Reads::new()),
        Err(SourceError::NotFound) => {
            let hint = "create it, or say `required: false`".to_owned();
            return Err((format!("env file {} not found", file.path), Some(hint)));
        }
        Err(error) => return Err((format!("failed to read {}: {error}", file.path), None)),
    };
    let Ok(text) = String::from_utf8(bytes) else {
        return Err((format!("failed to read {}: it is not UTF-8 text", file.path), None));
    };
    let parsed = match file.format.as_deref() {
        None | Some("") => {
            let before = before.iter().map(|(name, read)| (name.as_str(), read.value.as_str()));
            read_dotenv(&text, lookup, before.collect())
        }
        Some("raw") => parse_raw(&text, lookup),
        Some(other) => {
            let hint = "leave it out, or write `raw`".to_owned();
            return Err((format!("unsupported env_file format {other:?}"), Some(hint)));
        }
    };
    let EnvFile { env, lines, unset } =
        parsed.map_err(|error| (format!("failed to read {}: {error}", file.path), None))?;
    for (name, _) in unset {
        session.notices.unset(&name, path, file.span);
    }
    let read = |(name, line): (String, usize)| {
        let value = env.get(&name)?.to_owned();
        Some((name, Read { value, file: at.clone(), line, span: file.span }))
    };
    Ok(lines.into_iter().filter_map(read).collect())
}

fn labels(service: &mut Map, path: &PropertyPath, session: &mut Session<'_>, faults: &mut Faults) {
    let (path, names) = (path.join("label_file"), path.join("labels"));
    let files: Vec<(String, Span)> = match service.get("label_file") {
        None => return,
        Some(entry) => match &entry.value.kind {
            Kind::Seq(items) => items
                .iter()
                .filter_map(|item| Some((item.as_str()?.to_owned(), item.span)))
                .collect(),
            _ => entry
                .value
                .as_str()
                .map(|text| (text.to_owned(), entry.value.span))
                .into_iter()
                .collect(),
        },
    };
    let mut read = Reads::new();
    for (number, (file, span)) in files.into_iter().enumerate() {
        let path = path.join(number);
        // Labels of files before count more than those of the file itself.
        let lookup = |name: &str| read.get(name).map(|label: &Read| label.value.clone());
        let wanted = Wanted { path: file, required: true, format: None, span };
        let at = session.options.working_dir.join(&wanted.path);
        if session.source.kind(&at) == Some(FileKind::Directory) {
            let message = format!("label file {} is a directory", wanted.path);
            faults.push(Fault::new(ProblemKind::File, &path, span, message));
            continue;
        }
        match one_file(&wanted, &path, &lookup, &Reads::new(), session) {
            Ok(labels) => {
                for (name, now) in labels {
                    if let Some(was) = read.shift_remove(&name) {
                        was.gone(&names.join(&name), span, session);
                    }
                    read.insert(name, now);
                }
            }
            Err((message, _)) => {
                let message = message.replacen("env file", "label file", 1);
                faults.push(Fault::new(ProblemKind::File, &path, span, message));
            }
        }
    }
    let labels = member_node(service, "labels");
    crate::canonical::pairs_to_map(labels);
    let Some(own) = labels.as_map_mut() else { return };
    add(read, own, &names, session);
}
