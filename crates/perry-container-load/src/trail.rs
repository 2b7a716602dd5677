//! What happened to values on their way into the model, for those who ask ([`Options::trail`](crate::Options)).

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
};

use perry_container_interpolate::{Lookup, variables};
use perry_container_yaml::{Node, Span};

use crate::PropertyPath;

/// How a value went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Change {
    /// A later one took its place.
    Overridden,
    /// `!reset` took it away.
    Reset,
    /// `!override` took it away, whole.
    Replaced,
}

/// A variable that went into a text.
#[derive(Clone, PartialEq, Eq)]
pub struct Used {
    /// Its name.
    pub name: String,
    /// Its value; none when it was not set.
    pub value: Option<String>,
}

impl fmt::Debug for Used {
    /// The name only: values may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Used({})", self.name)
    }
}

/// A value that went.
#[derive(Clone)]
pub(crate) struct Gone {
    pub(crate) path: PropertyPath,
    pub(crate) was: Node,
    /// Where what took its place, or took it away, is written.
    pub(crate) by: Span,
    pub(crate) how: Change,
    /// The environment or label file it stood in, with the line.
    pub(crate) file: Option<(PathBuf, usize)>,
}

/// A text as it was written, and what its variables were.
#[derive(Clone)]
pub(crate) struct Template {
    pub(crate) text: String,
    pub(crate) used: Vec<Used>,
}

/// Kept only when it is asked for: copies of values are not free.
#[derive(Clone, Default)]
pub(crate) struct Trail {
    pub(crate) on: bool,
    pub(crate) gone: Vec<Gone>,
    pub(crate) templates: BTreeMap<Span, Template>,
    /// File and line of what came from environment and label files.
    pub(crate) read: BTreeMap<PropertyPath, (PathBuf, usize)>,
}

impl fmt::Debug for Trail {
    /// Nothing of it: values may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Trail({})", self.gone.len())
    }
}

impl Trail {
    pub(crate) fn gone(&mut self, path: &PropertyPath, was: &Node, by: Span, how: Change) {
        if self.on && !was.is_null() {
            self.gone.push(Gone { path: path.clone(), was: was.clone(), by, how, file: None });
        }
    }

    /// What went last was from a file.
    pub(crate) fn gone_from(&mut self, file: &Path, line: usize) {
        if let Some(gone) = self.gone.last_mut() {
            gone.file = Some((file.to_owned(), line));
        }
    }

    pub(crate) fn template(&mut self, text: &str, span: Span, lookup: &Lookup<'_>) {
        if !self.on {
            return;
        }
        let mut used: Vec<Used> = Vec::new();
        for name in variables(text).into_iter().map(|variable| variable.name) {
            if !used.iter().any(|known| known.name == name) {
                let value = lookup(&name);
                used.push(Used { name, value });
            }
        }
        self.templates.insert(span, Template { text: text.to_owned(), used });
    }

    pub(crate) fn read(&mut self, path: PropertyPath, file: PathBuf, line: usize) {
        if self.on {
            self.read.insert(path, (file, line));
        }
    }
}
