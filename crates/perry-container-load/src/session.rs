//! Files and documents in their order: what `extends` and `include` come back to.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use indexmap::IndexSet;
use perry_container_interpolate::{Env, Variable};
use perry_container_yaml::{Kind, Map, Node};

use crate::{
    Files, Input, Options, ProblemKind, PropertyPath, Source,
    canonical::canonical,
    defaults,
    interp::{collect_variables, interpolate_node},
    merge::merge,
    normalize,
    paths::{self, Base},
    problem::{Fault, Faults, Notices},
    read::documents,
    schema, tags,
    trail::Trail,
    unique,
};

/// How many bytes the texts of one load may have once their variables are replaced.
const MAX_TEXT: usize = 64 << 20;

/// How many nodes (64 bytes of text are one more) `extends` may copy in one load: a small file could ask for any amount of memory.
const MAX_COPIED: usize = 500_000;

/// How many single ports the ranges of one load may become.
const MAX_PORTS: usize = 200_000;

/// How many files one load may read, and how many documents one file may hold: includes could
/// double at every level, and every document is validated with all before it.
const MAX_FILES: usize = 1000;
const MAX_DOCUMENTS: usize = 200;

/// What stays the same over all files of one load.
pub(crate) struct Session<'a> {
    pub(crate) options: &'a Options,
    pub(crate) source: &'a dyn Source,
    pub(crate) files: Files,
    pub(crate) notices: Notices,
    pub(crate) trail: Trail,
    pub(crate) variables: IndexSet<Variable>,
    /// How many nodes bases may still be copied into services.
    pub(crate) budget: usize,
    /// How many bytes texts with variables may still become.
    pub(crate) text: usize,
    /// How many entries ranges of ports may still become.
    pub(crate) ports: usize,
    /// Services of files that were extended from, by file.
    pub(crate) extended: BTreeMap<PathBuf, Map>,
}

/// What an included project has of its own.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    /// Absolute.
    pub(crate) directory: &'a Path,
    pub(crate) env: &'a Env,
    /// The files on the way here.
    pub(crate) included: &'a [PathBuf],
    /// Whether documents are validated and their includes and extensions followed: not for files
    /// that are only extended from.
    pub(crate) whole: bool,
}

impl<'a> Session<'a> {
    pub(crate) fn new(options: &'a Options, source: &'a dyn Source) -> Self {
        Self {
            options,
            source,
            files: Files::default(),
            notices: Notices::default(),
            trail: Trail { on: options.steps.trail, ..Trail::default() },
            variables: IndexSet::new(),
            budget: MAX_COPIED,
            text: MAX_TEXT,
            ports: MAX_PORTS,
            extended: BTreeMap::new(),
        }
    }

    /// Files of one project, merged, with defaults, checked, paths made absolute.
    pub(crate) fn project(&mut self, inputs: &[Input], scope: Scope<'_>) -> Result<Node, Faults> {
        let mut root = empty();
        for input in inputs {
            self.file(input, &mut root, scope)?;
        }
        self.settle(&mut root, scope)?;
        Ok(root)
    }

    /// As [`Self::project`], of files that were read already.
    pub(crate) fn project_of(
        &mut self,
        read: Vec<(&Path, Result<Vec<Node>, Faults>)>,
        scope: Scope<'_>,
    ) -> Result<Node, Faults> {
        let mut root = empty();
        for (path, documents) in read {
            self.documents(documents?, path, &mut root, scope)?;
        }
        self.settle(&mut root, scope)?;
        Ok(root)
    }

    /// What follows once all files of a project are merged.
    pub(crate) fn settle(&self, root: &mut Node, scope: Scope<'_>) -> Result<(), Faults> {
        defaults::set_defaults(root);
        defaults::check(root)?;
        self.resolve_paths(root, scope.directory);
        normalize::config_contents(root, scope.env);
        Ok(())
    }

    /// Makes paths start at a directory: absolute, or relative to the project when they stay so.
    pub(crate) fn resolve_paths(&self, root: &mut Node, directory: &Path) {
        let relative = paths::relative(&self.options.working_dir, directory);
        let absolute = self.options.steps.resolve_paths;
        if !absolute && relative == Path::new(".") {
            return;
        }
        let base = Base {
            directory: if absolute { directory } else { &relative },
            home: self.options.env.get("HOME"),
            source: absolute.then_some(self.source),
        };
        paths::resolve(root, &base);
    }

    /// The documents of a file onto what there is.
    pub(crate) fn file(
        &mut self,
        input: &Input,
        root: &mut Node,
        scope: Scope<'_>,
    ) -> Result<(), Faults> {
        let documents = documents(input, &mut self.files)?;
        self.documents(documents, &input.path, root, scope)
    }

    fn documents(
        &mut self,
        documents: Vec<Node>,
        path: &Path,
        root: &mut Node,
        scope: Scope<'_>,
    ) -> Result<(), Faults> {
        let too_many = if self.files.iter().count() > MAX_FILES {
            Some(format!("the project reads more than {MAX_FILES} files"))
        } else if documents.len() > MAX_DOCUMENTS {
            Some(format!("the file has more than {MAX_DOCUMENTS} documents"))
        } else {
            None
        };
        if let (Some(message), Some(document)) = (too_many, documents.last()) {
            let path = PropertyPath::root();
            return Err(Fault::new(ProblemKind::File, &path, document.span, message).into());
        }
        for document in documents {
            self.document(document, path, root, scope)?;
        }
        Ok(())
    }

    fn document(
        &mut self,
        mut document: Node,
        file: &Path,
        root: &mut Node,
        scope: Scope<'_>,
    ) -> Result<(), Faults> {
        collect_variables(&document, &mut self.variables);
        let removed = tags::take(&mut document, &mut self.notices);
        if self.options.steps.interpolate {
            let lookup = |name: &str| scope.env.get(name).map(str::to_owned);
            let (notices, trail) = (&mut self.notices, &mut self.trail);
            interpolate_node(&mut document, &lookup, notices, trail, &mut self.text)?;
        }
        if scope.whole {
            self.extend_all(&mut document, file, &removed, scope)?;
        }
        tags::remove(root, &removed, &mut self.trail);
        if scope.whole {
            self.include_all(&mut document, file, scope)?;
        }
        merge(root, document, &mut PropertyPath::root(), &mut self.trail)?;
        unique::enforce(root, &mut self.trail)?;
        if scope.whole {
            schema::validate(root)?;
        }
        if let Some(map) = root.as_map_mut()
            && let Some(version) = map.shift_remove("version")
            && scope.whole
        {
            let path = PropertyPath::root().join("version");
            let message =
                "the attribute `version` is obsolete, it will be ignored, please remove it";
            self.notices.add(&path, version.key, message);
        }
        canonical(root, !self.options.steps.interpolate, &mut self.notices, &mut self.ports)?;
        unique::enforce(root, &mut self.trail)
    }
}

pub(crate) fn empty() -> Node {
    Node { kind: Kind::Map(Map::new()), ..Node::default() }
}
