//! `include`: other projects as parts of this one.

use std::path::{Path, PathBuf};

use perry_container_interpolate::{Env, read_dotenv};
use perry_container_yaml::{Kind, Map, Node, Span};

use crate::{
    FileKind, Input, ProblemKind, PropertyPath,
    paths::{self, is_remote},
    problem::{Fault, Faults, found},
    session::{Scope, Session},
};

/// How deep projects may include each other.
const MAX_DEPTH: usize = 50;

const RESOURCES: [&str; 6] = ["services", "volumes", "networks", "secrets", "configs", "models"];

/// One entry of the list.
struct Include {
    files: Vec<(String, Span)>,
    directory: Option<String>,
    env_files: Vec<(String, Span)>,
    span: Span,
}

impl Session<'_> {
    /// Replaces the includes of a document by what they bring.
    pub(crate) fn include_all(
        &mut self,
        document: &mut Node,
        file: &Path,
        scope: Scope<'_>,
    ) -> Result<(), Faults> {
        let Some(map) = document.as_map_mut() else { return Ok(()) };
        let Some(include) = map.shift_remove("include") else { return Ok(()) };
        let path = PropertyPath::root().join("include");
        let items = match include.value.kind {
            Kind::Null => return Ok(()),
            Kind::Seq(items) => items,
            kind => {
                let message = format!("must be a list, found {}", found(&kind));
                return Err(Fault::new(ProblemKind::Schema, &path, include.key, message)
                    .hint("write `- path/to/compose.yaml`")
                    .into());
            }
        };
        let mut included = scope.included.to_vec();
        included.push(file.to_owned());
        for (number, item) in items.iter().enumerate() {
            let path = path.join(number);
            let entry = entry(item, &path)?;
            for (key, member) in item.as_map().into_iter().flatten() {
                if !matches!(key.as_str(), "path" | "project_directory" | "env_file") {
                    let message = format!("{path}: unknown property `{key}` is ignored");
                    self.notices.add(&path.join(key), member.key, message);
                }
            }
            if entry.files.is_empty() {
                let message = format!("{path}: names no file and is ignored");
                self.notices.add(&path, item.span, message);
                continue;
            }
            let scope = Scope { included: &included, ..scope };
            let imported = self.include(&entry, &path, scope)?;
            import(document, imported, entry.span)?;
        }
        Ok(())
    }

    fn include(
        &mut self,
        entry: &Include,
        path: &PropertyPath,
        scope: Scope<'_>,
    ) -> Result<Node, Faults> {
        let fault = |kind, span, message: String| Fault::new(kind, path, span, message);
        if let Some((file, span)) = entry.files.iter().find(|(file, _)| is_remote(file)) {
            let message = format!("{file} is no file of this machine");
            return Err(fault(ProblemKind::File, *span, message)
                .hint("fetch it first and name the file")
                .into());
        }
        let home = self.options.env.get("HOME");
        let base = paths::Base { directory: scope.directory, home, source: None };
        let files: Vec<(PathBuf, Span)> = entry
            .files
            .iter()
            .map(|(file, span)| (PathBuf::from(base.path(file)), *span))
            .collect();
        let Some((main, main_span)) = files.first() else {
            let message = "`include` needs a path".to_owned();
            return Err(fault(ProblemKind::Schema, entry.span, message).into());
        };
        let again = scope.included.iter().position(|known| known == main);
        if again.is_some() || scope.included.len() > MAX_DEPTH {
            let way = scope.included[again.unwrap_or(0)..].iter().chain([main]).take(12);
            let way: Vec<String> = way.map(|file| file.display().to_string()).collect();
            let message = format!("include cycle: {}", way.join(" includes "));
            return Err(fault(ProblemKind::Cycle, *main_span, message).into());
        }
        let directory = match &entry.directory {
            Some(directory) => PathBuf::from(base.path(directory)),
            None => main.parent().unwrap_or(Path::new("/")).to_owned(),
        };
        let env_files: Vec<(PathBuf, Span)> = if entry.env_files.is_empty() {
            let beside = directory.join(".env");
            let there = self.source.kind(&beside) == Some(FileKind::File);
            there.then_some((beside, entry.span)).into_iter().collect()
        } else {
            let given = entry.env_files.iter().filter(|(file, _)| file != "/dev/null");
            given.map(|(file, span)| (PathBuf::from(base.path(file)), *span)).collect()
        };
        let mut own = Env::new();
        for (file, span) in env_files {
            let read = |message: String| fault(ProblemKind::File, span, message);
            let bytes = self
                .source
                .read(&file)
                .map_err(|error| read(format!("env file {}: {error}", file.display())))?;
            let text = String::from_utf8_lossy(&bytes);
            let lookup = |name: &str| scope.env.get(name).map(str::to_owned);
            let more = read_dotenv(&text, &lookup, own)
                .map_err(|error| read(format!("failed to read {}: {error}", file.display())))?;
            for (name, _) in more.unset {
                self.notices.unset(&name, path, span);
            }
            own = more.env;
        }
        let mut env = scope.env.clone();
        env.fill(&own);
        let mut inputs = Vec::with_capacity(files.len());
        for (file, span) in &files {
            let bytes = self.source.read(file).map_err(|error| {
                fault(ProblemKind::File, *span, format!("cannot read {}: {error}", file.display()))
            })?;
            inputs.push(Input::yaml(file, bytes));
        }
        let scope = Scope { directory: &directory, env: &env, ..scope };
        let mut root = self.project(&inputs, scope)?;
        let services = root.get_mut("services").and_then(Node::as_map_mut);
        for (_, service) in services.into_iter().flatten() {
            if let Some(environment) = service.value.get_mut("environment")
                && matches!(environment.kind, Kind::Seq(_))
            {
                crate::normalize::resolve(environment, &env, true);
            }
        }
        Ok(root)
    }
}

fn entry(item: &Node, path: &PropertyPath) -> Result<Include, Faults> {
    let text = |node: &Node| Some((node.as_str()?.to_owned(), node.span));
    let path_of = |node: &Node, key: &str| {
        text(node).ok_or_else(|| {
            let message = format!("must be a path, found {}", found(&node.kind));
            Faults::from(Fault::new(ProblemKind::Schema, &path.join(key), node.span, message))
        })
    };
    let texts = |key: &str| -> Result<Vec<(String, Span)>, Faults> {
        match item.get(key).map(|node| (&node.kind, node)) {
            None | Some((Kind::Null, _)) => Ok(Vec::new()),
            Some((Kind::Seq(items), _)) => items.iter().map(|item| path_of(item, key)).collect(),
            Some((_, node)) => Ok(vec![path_of(node, key)?]),
        }
    };
    let span = item.span;
    match &item.kind {
        Kind::Str(_) => Ok(Include {
            files: text(item).into_iter().collect(),
            directory: None,
            env_files: Vec::new(),
            span,
        }),
        Kind::Null => {
            Ok(Include { files: Vec::new(), directory: None, env_files: Vec::new(), span })
        }
        Kind::Map(_) => {
            let directory = item.get("project_directory").filter(|node| !node.is_null());
            let directory = directory.map(|node| path_of(node, "project_directory")).transpose()?;
            Ok(Include {
                files: texts("path")?,
                directory: directory.map(|(text, _)| text).filter(|text| !text.is_empty()),
                env_files: texts("env_file")?,
                span,
            })
        }
        kind => {
            let message = format!("must be a path or a mapping, found {}", found(kind));
            Err(Fault::new(ProblemKind::Schema, path, span, message).into())
        }
    }
}

/// What was included may be there already only if it is the same.
fn import(document: &mut Node, mut imported: Node, span: Span) -> Result<(), Faults> {
    let Some(target) = document.as_map_mut() else { return Ok(()) };
    for kind in RESOURCES {
        let Some(Kind::Map(from)) = imported.get_mut(kind).map(|node| &mut node.kind) else {
            continue;
        };
        if from.is_empty() {
            continue;
        }
        crate::shape::set_default(target, kind, Kind::Map(Map::new()), span);
        let Some(entry) = target.get_mut(kind) else { continue };
        if entry.value.is_null() {
            entry.value.kind = Kind::Map(Map::new());
        }
        let Some(to) = entry.value.as_map_mut() else { continue };
        for (name, resource) in std::mem::take(from) {
            match to.get(&name) {
                None => {
                    to.insert(name, resource);
                }
                Some(own) if own.value.same(&resource.value) => {}
                Some(own) => {
                    let path = PropertyPath::from_iter([kind, &name]);
                    let message = "conflicts with the included one of the same name";
                    return Err(Fault::new(ProblemKind::Merge, &path, own.key, message)
                        .hint("an override file given with -f may change what was included")
                        .related(resource.key, "included here")
                        .into());
                }
            }
        }
    }
    Ok(())
}
