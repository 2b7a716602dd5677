//! What comes out.

use indexmap::IndexMap;
use perry_container_interpolate::{Env, Variable};
use perry_container_model::{ComposeService, ComposeSpec};
use perry_container_yaml::{Kind, Node, Span};

use crate::{Files, Place, PropertyPath, Warning, trail::Trail};

/// A project that holds together.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The model: services that are enabled (and selected), and the resources they use. Its `name`
    /// is set.
    pub spec: ComposeSpec,
    /// The project's name.
    pub name: String,
    /// Services of inactive profiles.
    pub disabled: IndexMap<String, ComposeService>,
    /// All profiles of all services, sorted.
    pub profiles: Vec<String>,
    /// What was odd, in the order it was found.
    pub warnings: Vec<Warning>,
    /// The variables of all texts, for `config --variables`.
    pub variables: Vec<Variable>,
    /// The environment the texts were interpolated with.
    pub env: Env,
    /// The document the model was made from, and where its values were written.
    pub tree: Tree,
    /// What happened to values, when that was asked for.
    pub(crate) trail: Trail,
}

impl Loaded {
    /// Where a property is written: its own place, or that of the nearest property that holds it.
    ///
    /// The path is dotted, list items by number, keys with dots allowed: `services.web.ports.0`.
    #[must_use]
    pub fn place(&self, path: &str) -> Option<Place> {
        self.tree.place(path)
    }
}

/// A canonical document that remembers where everything was written.
#[derive(Clone)]
pub struct Tree {
    /// The document.
    pub root: Node,
    /// The texts it came from.
    pub files: Files,
}

impl Tree {
    /// As [`Loaded::place`].
    #[must_use]
    pub fn place(&self, path: &str) -> Option<Place> {
        let mut best = None;
        nearest(&self.root, path, &mut best);
        self.files.place(best?)
    }

    /// As [`Self::place`], for a path that is taken apart already.
    #[must_use]
    pub fn place_of(&self, path: &PropertyPath) -> Option<Place> {
        self.files.place(find_span(&self.root, path)?)
    }

    /// The document as JSON, in the order it was written.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        crate::bind::to_json(&self.root)
    }
}

impl std::fmt::Debug for Tree {
    /// Names of files only: values may be secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Tree").field(&self.files).finish()
    }
}

/// The span of the deepest node on the way that was written somewhere; keys rather than values of
/// maps, so that a caret stands under the name of what is meant.
pub(crate) fn find_span(root: &Node, path: &PropertyPath) -> Option<Span> {
    let (mut at, mut best) = (root, None);
    for segment in path.segments() {
        let (key, next) = match &at.kind {
            Kind::Map(map) => match map.get(segment) {
                Some(entry) => (entry.key, &entry.value),
                None => break,
            },
            Kind::Seq(items) => match segment.parse().ok().and_then(|n: usize| items.get(n)) {
                Some(item) => (item.span, item),
                None => break,
            },
            _ => break,
        };
        let scalar = !matches!(next.kind, Kind::Map(_) | Kind::Seq(_) | Kind::Null);
        let span = if scalar && next.span.is_known() { next.span } else { key };
        if span.is_known() {
            best = Some(span);
        }
        at = next;
    }
    best
}

/// As [`find_span`] for a dotted text, where keys may hold dots themselves: the way that leads
/// furthest wins.
fn nearest(node: &Node, rest: &str, best: &mut Option<Span>) -> usize {
    let mut furthest = 0;
    let mut ends: Vec<usize> = rest.match_indices('.').map(|(at, _)| at).collect();
    ends.push(rest.len());
    for end in ends {
        let (segment, next) = (&rest[..end], rest.get(end + 1..).unwrap_or(""));
        let (key, value) = match &node.kind {
            Kind::Map(map) => match map.get(segment) {
                Some(entry) => (entry.key, &entry.value),
                None => continue,
            },
            Kind::Seq(items) => match segment.parse().ok().and_then(|n: usize| items.get(n)) {
                Some(item) => (item.span, item),
                None => continue,
            },
            _ => break,
        };
        let scalar = !matches!(value.kind, Kind::Map(_) | Kind::Seq(_) | Kind::Null);
        let own = if scalar && value.span.is_known() { value.span } else { key };
        let mut deeper = own.is_known().then_some(own);
        let far = end + if next.is_empty() { 0 } else { nearest(value, next, &mut deeper) };
        if far > furthest {
            furthest = far;
            if deeper.is_some() {
                *best = deeper;
            }
        }
    }
    furthest
}
