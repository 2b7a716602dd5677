//! Making nodes that stand where something else was written.

use perry_container_yaml::{Entry, Kind, Map, Node, Span};

/// A map under construction, all of it at one place.
pub(crate) struct Shape {
    span: Span,
    map: Map,
}

impl Shape {
    pub(crate) fn at(span: Span) -> Self {
        Self { span, map: Map::new() }
    }

    pub(crate) fn set(mut self, key: &str, kind: Kind) -> Self {
        let value = Node::new(kind, self.span);
        self.map.insert(key.to_owned(), Entry { key: self.span, value });
        self
    }

    pub(crate) fn text(self, key: &str, text: impl Into<String>) -> Self {
        self.set(key, Kind::Str(text.into()))
    }

    pub(crate) fn maybe(self, key: &str, text: Option<String>) -> Self {
        match text {
            Some(text) => self.text(key, text),
            None => self,
        }
    }

    pub(crate) fn flag(self, key: &str, on: bool) -> Self {
        if on { self.set(key, Kind::Bool(true)) } else { self }
    }

    pub(crate) fn kind(self) -> Kind {
        Kind::Map(self.map)
    }

    pub(crate) fn node(self) -> Node {
        let span = self.span;
        Node::new(self.kind(), span)
    }
}

/// Sets a member that is not there yet.
pub(crate) fn set_default(map: &mut Map, key: &str, kind: Kind, span: Span) {
    if !map.contains_key(key) {
        map.insert(key.to_owned(), Entry { key: span, value: Node::new(kind, span) });
    }
}

/// Sets a member, in its place when it is there.
pub(crate) fn set(map: &mut Map, key: &str, kind: Kind, span: Span) {
    map.insert(key.to_owned(), Entry { key: span, value: Node::new(kind, span) });
}
