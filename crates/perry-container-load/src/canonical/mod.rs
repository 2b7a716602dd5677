//! Short forms to long forms, on the merged document: compose-go's `transform` package. What it
//! gives is its own canonical form again.

mod mounts;
mod service;

use perry_container_yaml::{Entry, Kind, Map, Node};

use crate::{
    ProblemKind, PropertyPath,
    problem::{Fault, Faults, Notices},
    shape::set,
};

/// What every transformation needs.
pub(crate) struct Canon<'a> {
    /// Texts that do not parse stay, because their variables are still in them.
    pub(crate) lenient: bool,
    pub(crate) notices: &'a mut Notices,
    /// How many entries ranges of ports may still become.
    pub(crate) ports: &'a mut usize,
    pub(crate) faults: Faults,
}

/// Makes a document canonical.
pub(crate) fn canonical(
    root: &mut Node,
    lenient: bool,
    notices: &mut Notices,
    ports: &mut usize,
) -> Result<(), Faults> {
    let mut canon = Canon { lenient, notices, ports, faults: Vec::new() };
    let Some(map) = root.as_map_mut() else { return Ok(()) };
    for (key, entry) in map.iter_mut() {
        let path = PropertyPath::root().join(key);
        match (key.as_str(), &mut entry.value.kind) {
            ("services", Kind::Map(services)) => {
                for (name, service) in services.iter_mut() {
                    canon.service(&mut service.value, &path.join(name));
                }
            }
            ("networks" | "volumes" | "secrets" | "configs", Kind::Map(resources)) => {
                for (name, resource) in resources.iter_mut() {
                    canon.maybe_external(&mut resource.value, &path.join(name));
                }
            }
            _ => {}
        }
    }
    if canon.faults.is_empty() { Ok(()) } else { Err(canon.faults) }
}

impl Canon<'_> {
    /// A value that is none; in a lenient run it may become one later.
    fn refuse(&mut self, path: &PropertyPath, node: &Node, message: impl Into<String>, hint: &str) {
        if !self.lenient {
            let fault = Fault::new(ProblemKind::Value, path, node.span, message).hint(hint);
            self.faults.push(fault);
        }
    }

    /// `external: {name: x}` is the old way to write `external: true` and `name: x`.
    fn maybe_external(&mut self, node: &mut Node, path: &PropertyPath) {
        let span = node.span;
        let Some(map) = node.as_map_mut() else { return };
        let Some(external) = map.get("external") else { return };
        let external_span = external.value.span;
        let Kind::Map(old) = &external.value.kind else { return };
        let old_name = old.get("name").map(|entry| entry.value.clone());
        if let Some(old_name) = old_name {
            self.notices.add(
                path,
                old_name.span,
                format!("{path}: external.name is deprecated. Please set name and external: true"),
            );
            match map.get("name") {
                Some(name) if !name.value.same(&old_name) => {
                    let related = name.value.span;
                    self.faults.push(
                        Fault::new(
                            ProblemKind::Conflict,
                            path,
                            old_name.span,
                            "name and external.name conflict",
                        )
                        .hint("only use name")
                        .related(related, "name"),
                    );
                }
                Some(_) => {}
                None => {
                    let entry = Entry { key: old_name.span, value: old_name };
                    map.insert("name".to_owned(), entry);
                }
            }
        }
        set(
            map,
            "external",
            Kind::Bool(true),
            if external_span.is_known() { external_span } else { span },
        );
    }
}

/// A text as a list of itself.
pub(crate) fn one_to_list(node: &mut Node) {
    if let Kind::Str(_) = node.kind {
        let span = node.span;
        let item = std::mem::take(node);
        *node = Node::new(Kind::Seq(vec![item]), span);
    }
}

/// `[a, b]` to `{a: null, b: null}`.
fn names_to_map(node: &mut Node, value: impl Fn(&Node) -> Node) {
    let Kind::Seq(items) = &node.kind else { return };
    let mut map = Map::new();
    for item in items {
        if let Kind::Str(name) = &item.kind {
            map.insert(name.clone(), Entry { key: item.span, value: value(item) });
        }
    }
    node.kind = Kind::Map(map);
}

/// `[k=v, k]` to `{k: v, k: null}`.
pub(crate) fn pairs_to_map(node: &mut Node) {
    let Kind::Seq(items) = &mut node.kind else { return };
    let mut map = Map::new();
    for item in std::mem::take(items) {
        let span = item.span;
        let Kind::Str(text) = item.kind else { continue };
        let (key, value) = match text.split_once('=') {
            Some((key, value)) => (key.to_owned(), Kind::Str(value.to_owned())),
            None => (text, Kind::Null),
        };
        map.insert(key, Entry { key: span, value: Node::new(value, span) });
    }
    node.kind = Kind::Map(map);
}
