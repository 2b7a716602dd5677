//! `env_file` and `label_file`: read, and merged below what the service says itself.

use std::path::Path;

use indexmap::IndexMap;
use perry_container_interpolate::{Env, Lookup, parse_dotenv, parse_raw};
use perry_container_yaml::{Entry, Kind, Map, Node, Span};

use crate::{
    FileKind, ProblemKind, PropertyPath, Source, SourceError,
    defaults::{each_service, member_map},
    merge::scalar_text,
    problem::{Fault, Faults},
    shape::set_default,
};

/// Files whose paths may still be relative.
struct Files<'a> {
    source: &'a dyn Source,
    directory: &'a Path,
}

impl Files<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, SourceError> {
        self.source.read(&self.directory.join(path))
    }

    fn is_directory(&self, path: &str) -> bool {
        self.source.kind(&self.directory.join(path)) == Some(FileKind::Directory)
    }
}

/// Reads the files of every service that `wanted` names; relative paths start at `directory`.
pub(crate) fn resolve(
    root: &mut Node,
    env: &Env,
    source: &dyn Source,
    directory: &Path,
    env_files: bool,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<(), Faults> {
    let mut faults = Vec::new();
    let files = Files { source, directory };
    each_service(root, |name, service| {
        if !wanted(name) {
            return;
        }
        let path = PropertyPath::from_iter(["services", name]);
        if env_files {
            crate::normalize::resolve(member_node(service, "environment"), env, true);
            environment(service, &path, env, &files, &mut faults);
            service.shift_remove("env_file");
            if service
                .get("environment")
                .is_some_and(|e| e.value.as_map().is_none_or(Map::is_empty))
            {
                service.shift_remove("environment");
            }
        }
        labels(service, &path, &files, &mut faults);
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
    from: &Files<'_>,
    faults: &mut Faults,
) {
    let path = path.join("env_file");
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
    let mut read: IndexMap<String, (String, Span)> = IndexMap::new();
    for (number, file) in files.iter().enumerate() {
        let lookup =
            |name: &str| lookup(name).or_else(|| read.get(name).map(|(value, _)| value.clone()));
        match one_file(file, &lookup, from) {
            Ok(more) => {
                for (name, value) in more {
                    read.insert(name, (value, file.span));
                }
            }
            Err((message, hint)) => {
                let mut fault =
                    Fault::new(ProblemKind::File, &path.join(number), file.span, message);
                fault.hint = hint;
                faults.push(fault);
            }
        }
    }
    for (name, (value, span)) in read {
        if !own.contains_key(&name) {
            own.insert(name, Entry { key: span, value: Node::str(value, span) });
        }
    }
}

fn one_file(
    file: &Wanted,
    lookup: &Lookup<'_>,
    from: &Files<'_>,
) -> Result<Env, (String, Option<String>)> {
    let bytes = match from.read(&file.path) {
        Ok(bytes) => bytes,
        Err(SourceError::NotFound) if !file.required => return Ok(Env::new()),
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
        None | Some("") => parse_dotenv(&text, lookup),
        Some("raw") => parse_raw(&text, lookup),
        Some(other) => {
            let hint = "leave it out, or write `raw`".to_owned();
            return Err((format!("unsupported env_file format {other:?}"), Some(hint)));
        }
    };
    parsed.map_err(|error| (format!("failed to read {}: {error}", file.path), None))
}

fn labels(service: &mut Map, path: &PropertyPath, from: &Files<'_>, faults: &mut Faults) {
    let path = path.join("label_file");
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
    let mut read: Vec<(String, String, Span)> = Vec::new();
    for (number, (file, span)) in files.into_iter().enumerate() {
        let wanted = Wanted { path: file, required: true, format: None, span };
        if from.is_directory(&wanted.path) {
            let message = format!("label file {} is a directory", wanted.path);
            faults.push(Fault::new(ProblemKind::File, &path.join(number), span, message));
            continue;
        }
        match one_file(&wanted, &|_| None, from) {
            Ok(labels) => {
                for (name, value) in labels {
                    read.retain(|(known, ..)| *known != name);
                    read.push((name, value, span));
                }
            }
            Err((message, _)) => {
                let message = message.replacen("env file", "label file", 1);
                faults.push(Fault::new(ProblemKind::File, &path.join(number), span, message));
            }
        }
    }
    let labels = member_node(service, "labels");
    crate::canonical::pairs_to_map(labels);
    let Some(own) = labels.as_map_mut() else { return };
    for (name, value, span) in read {
        if !own.contains_key(&name) {
            own.insert(name, Entry { key: span, value: Node::str(value, span) });
        }
    }
}
