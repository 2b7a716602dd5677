//! `extends`: a service as the base of another.

use std::path::{Path, PathBuf};

use perry_container_yaml::{Entry, Kind, Map, Node, Span};

use crate::{
    Input, ProblemKind, PropertyPath, SourceError,
    merge::merge,
    paths::{self, is_remote},
    problem::{Fault, Faults, found},
    session::{Scope, Session, empty},
    tags::{self, Removed},
    trail::Trail,
};

/// How long a chain of bases may be.
const MAX_CHAIN: usize = 100;

/// A service on the way to its base.
struct Step {
    file: PathBuf,
    service: String,
}

/// What an `extends` says.
struct Reference {
    service: String,
    file: Option<(String, Span)>,
    span: Span,
}

impl Session<'_> {
    /// Puts every service of a document onto its base.
    pub(crate) fn extend_all(
        &mut self,
        document: &mut Node,
        file: &Path,
        removed: &[Removed],
        scope: Scope<'_>,
    ) -> Result<(), Faults> {
        let Some(services) = document.get_mut("services").and_then(Node::as_map_mut) else {
            return Ok(());
        };
        let names: Vec<String> = services.keys().cloned().collect();
        for name in names {
            self.extend(&name, services, file, removed, scope, &mut Vec::new())?;
        }
        Ok(())
    }

    fn extend(
        &mut self,
        name: &str,
        services: &mut Map,
        file: &Path,
        removed: &[Removed],
        scope: Scope<'_>,
        chain: &mut Vec<Step>,
    ) -> Result<(), Faults> {
        let path = PropertyPath::from_iter(["services", name]);
        let Some(service) = services.get(name).and_then(|entry| entry.value.as_map()) else {
            return Ok(());
        };
        let Some(extends) = service.get("extends") else { return Ok(()) };
        let reference = reference(&extends.value, &path)?;
        let Some(reference) = reference else { return Ok(()) };
        for (key, entry) in extends.value.as_map().into_iter().flatten() {
            if !matches!(key.as_str(), "service" | "file") && !key.starts_with("x-") {
                let path = path.join("extends").join(key);
                let message = format!("{path}: unknown property `{key}` is ignored");
                self.notices.add(&path, entry.key, message);
            }
        }
        let again = chain.iter().position(|step| step.file == file && step.service == name);
        chain.push(Step { file: file.to_owned(), service: name.to_owned() });
        if again.is_some() || chain.len() > MAX_CHAIN {
            return Err(circular(&chain[again.unwrap_or(0)..], &path, reference.span));
        }
        let base = match &reference.file {
            None => {
                if !services.contains_key(&reference.service) {
                    let known = services.keys().map(String::as_str);
                    return Err(not_found(&reference, &path, file, known));
                }
                self.extend(&reference.service, services, file, removed, scope, chain)?;
                services.get(&reference.service).map(|entry| entry.value.clone())
            }
            Some((base_file, span)) => {
                if is_remote(base_file) {
                    let message = format!("{base_file} is no file of this machine");
                    let path = path.join("extends").join("file");
                    return Err(Fault::new(ProblemKind::File, &path, *span, message)
                        .hint("fetch it first and name the file")
                        .into());
                }
                let base_path = self.absolute(base_file, scope.directory);
                let mut others = self.services_of(&base_path, *span, &path, scope)?;
                if !others.contains_key(&reference.service) {
                    let known = others.keys().map(String::as_str);
                    return Err(not_found(&reference, &path, &base_path, known));
                }
                let done =
                    self.extend(&reference.service, &mut others, &base_path, &[], scope, chain);
                let base = others.get(&reference.service).map(|entry| entry.value.clone());
                self.extended.insert(base_path, others);
                done?;
                base
            }
        };
        chain.pop();
        let Some(entry) = services.get_mut(name) else { return Ok(()) };
        let own = std::mem::take(&mut entry.value);
        entry.value = match base.filter(|base| !base.is_null()) {
            None => own,
            Some(base) => {
                let Some(left) = self.budget.checked_sub(base.weight()) else {
                    let message = "services extend each other into more than can be held";
                    let path = path.join("extends");
                    return Err(
                        Fault::new(ProblemKind::Merge, &path, reference.span, message).into()
                    );
                };
                self.budget = left;
                let mut merged = without(base, name, removed, &mut self.trail);
                let mut path = PropertyPath::from_iter(["services", name]);
                merge(&mut merged, own, &mut path, &mut self.trail)?;
                merged
            }
        };
        if let Some(service) = entry.value.as_map_mut() {
            service.shift_remove("extends");
        }
        Ok(())
    }

    fn absolute(&self, file: &str, directory: &Path) -> PathBuf {
        let base = paths::Base { directory, home: self.options.env.get("HOME"), source: None };
        PathBuf::from(base.path(file))
    }

    /// The services of a file as they are after interpolation, in canonical form, their paths
    /// relative to the file.
    fn services_of(
        &mut self,
        file: &Path,
        span: Span,
        path: &PropertyPath,
        scope: Scope<'_>,
    ) -> Result<Map, Faults> {
        if let Some(known) = self.extended.remove(file) {
            return Ok(known);
        }
        let path = path.join("extends").join("file");
        let fault = |message: String| Fault::new(ProblemKind::File, &path, span, message);
        let bytes = self.source.read(file).map_err(|error| match error {
            SourceError::NotFound => fault(format!("{} does not exist", file.display())),
            error => fault(format!("cannot read {}: {error}", file.display())),
        })?;
        let mut root = empty();
        let part = Scope { whole: false, ..scope };
        self.file(&Input::yaml(file, bytes), &mut root, part)?;
        self.resolve_paths(&mut root, file.parent().unwrap_or(Path::new("/")));
        match root.get_mut("services").map(|services| &mut services.kind) {
            Some(Kind::Map(services)) => Ok(std::mem::take(services)),
            _ => Err(fault(format!("{} has no services section", file.display())).into()),
        }
    }
}

fn reference(extends: &Node, path: &PropertyPath) -> Result<Option<Reference>, Faults> {
    let span = extends.span;
    match &extends.kind {
        Kind::Str(service) => Ok(Some(Reference { service: service.clone(), file: None, span })),
        Kind::Map(map) => {
            let Some(service) = map.get("service").and_then(|entry| entry.value.as_str()) else {
                let message = "`extends` needs the name of a service";
                return Err(Fault::new(ProblemKind::Merge, &path.join("extends"), span, message)
                    .hint("add `service: name`")
                    .into());
            };
            let file = match map.get("file").map(|entry| &entry.value) {
                None => None,
                Some(Node { kind: Kind::Null, .. }) => None,
                Some(Node { kind: Kind::Str(file), span, .. }) => Some((file.clone(), *span)),
                Some(other) => {
                    let message = format!("must be a string, found {}", found(&other.kind));
                    let path = path.join("extends").join("file");
                    return Err(Fault::new(ProblemKind::Schema, &path, other.span, message).into());
                }
            };
            Ok(Some(Reference { service: service.to_owned(), file, span }))
        }
        // The schema will have something to say.
        _ => Ok(None),
    }
}

/// The base without what the extending document resets or overrides.
fn without(base: Node, name: &str, removed: &[Removed], trail: &mut Trail) -> Node {
    let mut services = Map::new();
    services.insert(name.to_owned(), Entry::new(base));
    let mut root = empty();
    if let Some(map) = root.as_map_mut() {
        map.insert(
            "services".to_owned(),
            Entry::new(Node { kind: Kind::Map(services), ..Node::default() }),
        );
    }
    let below = removed.iter().filter(|removed| removed.path.segments().len() > 2);
    tags::remove(&mut root, below, trail);
    let services = root.get_mut("services").and_then(|services| services.get_mut(name));
    services.map(std::mem::take).unwrap_or_default()
}

fn not_found<'a>(
    reference: &Reference,
    path: &PropertyPath,
    file: &Path,
    known: impl Iterator<Item = &'a str>,
) -> Faults {
    let service = &reference.service;
    let message = format!("cannot extend service `{service}`: {} has none", file.display());
    let mut fault =
        Fault::new(ProblemKind::Undefined, &path.join("extends"), reference.span, message);
    let known: Vec<&str> = known.take(8).collect();
    if !known.is_empty() {
        fault = fault.hint(format!("it has {}", known.join(", ")));
    }
    fault.into()
}

fn circular(chain: &[Step], path: &PropertyPath, span: Span) -> Faults {
    let steps: Vec<String> = chain
        .iter()
        .take(12)
        .map(|step| format!("{} in {}", step.service, step.file.display()))
        .collect();
    let message = format!("circular reference: {}", steps.join(" extends "));
    Fault::new(ProblemKind::Cycle, &path.join("extends"), span, message).into()
}
