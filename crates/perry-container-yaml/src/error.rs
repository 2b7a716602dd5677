//! What can be wrong with a text before anybody asks what it means.

use crate::Span;

/// Why a text could not be read. Every variant knows where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum YamlError {
    /// The text breaks YAML's (or JSON's) grammar.
    #[error("{message}")]
    Syntax {
        /// Where the reader stopped.
        span: Span,
        /// What it expected or found.
        message: String,
    },
    /// The bytes are no text.
    #[error("the file is not UTF-8 text")]
    NotText {
        /// The first byte that is not text.
        span: Span,
    },
    /// A character YAML does not allow in a file.
    #[error("control characters are not allowed (U+{code:04X})")]
    Control {
        /// Where it stands.
        span: Span,
        /// Its code point.
        code: u32,
    },
    /// One map has a key twice.
    #[error("mapping key \"{key}\" already defined at line {}", first.line)]
    DuplicateKey {
        /// The second one.
        span: Span,
        /// The first one.
        first: Span,
        /// The key.
        key: String,
    },
    /// A key that is not text, such as `5:` or `[a]:`.
    #[error("non-string key {}: {key}", at(path))]
    NonStringKey {
        /// The key.
        span: Span,
        /// The map that holds it, dotted; empty at the top.
        path: String,
        /// The key as far as it can be written.
        key: String,
    },
    /// `*x` without an `&x` before it.
    #[error("unknown anchor '{name}' referenced")]
    UnknownAnchor {
        /// The alias.
        span: Span,
        /// The name it asks for.
        name: String,
    },
    /// `&x` holds `*x`.
    #[error(
        "cycle detected: the alias at {} stands inside its own anchor at {}",
        at_path(path),
        at_path(anchor)
    )]
    CyclicAlias {
        /// The alias.
        span: Span,
        /// The path of the alias.
        path: String,
        /// The path of the anchor.
        anchor: String,
    },
    /// `<<` with something that cannot be merged.
    #[error("map merge requires map or sequence of maps as the value")]
    MergeValue {
        /// The value.
        span: Span,
    },
    /// Aliases multiply the text beyond [`MAX_EXPANDED`](crate::MAX_EXPANDED).
    #[error("document contains excessive aliasing (more than {limit} nodes)")]
    ExcessiveAliasing {
        /// The alias that went over the budget.
        span: Span,
        /// The budget.
        limit: usize,
    },
    /// Deeper than [`MAX_DEPTH`](crate::MAX_DEPTH).
    #[error("nested deeper than {limit} levels")]
    TooDeep {
        /// The first node that is too deep.
        span: Span,
        /// The bound.
        limit: usize,
    },
    /// More than [`MAX_NODES`](crate::MAX_NODES).
    #[error("more than {limit} values in one file")]
    TooMany {
        /// The first node too many.
        span: Span,
        /// The bound.
        limit: usize,
    },
    /// A scalar does not have the type its tag says.
    #[error("cannot decode `{text}` as a {tag}")]
    BadTag {
        /// The scalar.
        span: Span,
        /// Its text.
        text: String,
        /// Its tag, short form.
        tag: String,
    },
}

impl YamlError {
    /// Where the error is.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            Self::Syntax { span, .. }
            | Self::NotText { span }
            | Self::Control { span, .. }
            | Self::DuplicateKey { span, .. }
            | Self::NonStringKey { span, .. }
            | Self::UnknownAnchor { span, .. }
            | Self::CyclicAlias { span, .. }
            | Self::MergeValue { span }
            | Self::ExcessiveAliasing { span, .. }
            | Self::TooDeep { span, .. }
            | Self::TooMany { span, .. }
            | Self::BadTag { span, .. } => *span,
        }
    }

    /// A second place the message speaks of: the first of two equal keys.
    #[must_use]
    pub fn other_span(&self) -> Option<Span> {
        match self {
            Self::DuplicateKey { first, .. } => Some(*first),
            _ => None,
        }
    }
}

fn at(path: &str) -> String {
    if path.is_empty() { "at top level".to_owned() } else { format!("in {path}") }
}

fn at_path(path: &str) -> &str {
    if path.is_empty() { "the top" } else { path }
}
