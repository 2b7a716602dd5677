//! Values that know where they were written.

use indexmap::IndexMap;

/// Names a file to whoever handed the text in; this crate only passes it on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A stretch of text. Lines and columns count from 1, columns in characters; the end is exclusive.
/// A line of 0 means that the value was not written anywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// The file, when the text came from one.
    pub file: Option<FileId>,
    /// Line of the first character.
    pub line: u32,
    /// Column of the first character.
    pub column: u32,
    /// Line of the end.
    pub end_line: u32,
    /// Column behind the last character.
    pub end_column: u32,
}

impl Span {
    /// Whether the span points into a text.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.line > 0
    }
}

/// One value.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Node {
    /// Where it was written; through an alias: where the anchor stands.
    pub span: Span,
    /// A tag that is not one of YAML's own, such as `!reset`, with its `!`.
    pub tag: Option<Box<str>>,
    /// What it is.
    pub kind: Kind,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Kind {
    /// `~`, `null` or nothing.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number of at most 64 bits, signed or not.
    Int(i128),
    /// Any other number.
    Float(f64),
    /// Text.
    Str(String),
    /// A plain date or time, as written.
    Timestamp(String),
    /// A list.
    Seq(Vec<Node>),
    /// A map.
    Map(Map),
}

/// A map in the order it was written; keys that `<<` brought come last.
pub type Map = IndexMap<String, Entry>;

/// A value of a map and the place of its key.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Entry {
    /// Where the key was written.
    pub key: Span,
    /// The value.
    pub value: Node,
}

impl Entry {
    /// A value whose key stands where the value stands.
    #[must_use]
    pub fn new(value: Node) -> Self {
        Self { key: value.span, value }
    }
}

impl Node {
    /// A value at a place, without a tag.
    #[must_use]
    pub fn new(kind: Kind, span: Span) -> Self {
        Self { span, tag: None, kind }
    }

    /// Text at a place.
    #[must_use]
    pub fn str(text: impl Into<String>, span: Span) -> Self {
        Self::new(Kind::Str(text.into()), span)
    }

    /// The value under a key, when this is a map that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.as_map()?.get(key).map(|entry| &entry.value)
    }

    /// The value under a key, to change it.
    #[must_use]
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Self> {
        self.as_map_mut()?.get_mut(key).map(|entry| &mut entry.value)
    }

    /// The text, when this is text.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The map, when this is one.
    #[must_use]
    pub fn as_map(&self) -> Option<&Map> {
        match &self.kind {
            Kind::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The map, to change it.
    #[must_use]
    pub fn as_map_mut(&mut self) -> Option<&mut Map> {
        match &mut self.kind {
            Kind::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The list, when this is one.
    #[must_use]
    pub fn as_seq(&self) -> Option<&[Self]> {
        match &self.kind {
            Kind::Seq(items) => Some(items),
            _ => None,
        }
    }

    /// Whether this is null.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Null)
    }

    /// How many nodes this is, itself included.
    #[must_use]
    pub fn count(&self) -> usize {
        1 + match &self.kind {
            Kind::Seq(items) => items.iter().map(Self::count).sum(),
            Kind::Map(map) => map.values().map(|entry| entry.value.count()).sum::<usize>(),
            _ => 0,
        }
    }

    /// What a copy costs: its nodes, and one more for every 64 bytes of text.
    #[must_use]
    pub fn weight(&self) -> usize {
        1 + match &self.kind {
            Kind::Seq(items) => items.iter().map(Self::weight).sum(),
            Kind::Map(map) => {
                let member =
                    |(key, entry): (&String, &Entry)| key.len() / 64 + entry.value.weight();
                map.iter().map(member).sum::<usize>()
            }
            Kind::Str(text) | Kind::Timestamp(text) => text.len() / 64,
            _ => 0,
        }
    }

    /// Whether two values are the same, wherever they were written and whatever the order of keys.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        match (&self.kind, &other.kind) {
            (Kind::Seq(a), Kind::Seq(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same(b))
            }
            (Kind::Map(a), Kind::Map(b)) => {
                a.len() == b.len()
                    && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| a.value.same(&b.value)))
            }
            (Kind::Float(a), Kind::Float(b)) => a.to_bits() == b.to_bits() || a == b,
            (a, b) => a == b,
        }
    }
}

impl Kind {
    /// A word for messages: `string`, `mapping`, `list`, ...
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Int(_) => "integer",
            Self::Float(_) => "number",
            Self::Str(_) => "string",
            Self::Timestamp(_) => "timestamp",
            Self::Seq(_) => "list",
            Self::Map(_) => "mapping",
        }
    }
}
