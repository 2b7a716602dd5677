//! Events of `saphyr-parser` to nodes: an explicit stack, no recursion over the text.

use std::{collections::BTreeMap, fmt::Write as _};

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};

use crate::{
    Entry, FileId, Kind, MAX_DEPTH, MAX_EXPANDED, MAX_NODES, Map, Node, Span, YamlError,
    scalar::{float, int, resolve_plain},
};

/// Every document of a text. An empty text has none; an empty document is null.
///
/// # Errors
/// The first thing that is wrong with the text.
pub fn parse(text: &str, file: Option<FileId>) -> Result<Vec<Node>, YamlError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    check_characters(text, file)?;
    let mut own = None::<String>;
    let mut tries = 0;
    loop {
        let text = own.as_deref().unwrap_or(text);
        match Builder::new(text, file).run() {
            Err(YamlError::Syntax { span, message })
                if message == TAB_BEHIND_COLON && tries < MAX_TABS =>
            {
                tries += 1;
                match without_tab(text, span) {
                    Some(better) => own = Some(better),
                    None => return Err(YamlError::Syntax { span, message }),
                }
            }
            done => return done,
        }
    }
}

/// What the event reader (0.3) says of a tab between a key's colon and its value, which YAML allows.
const TAB_BEHIND_COLON: &str = "':' must be followed by a valid YAML whitespace";

/// So many such tabs are read; each costs reading the text again.
const MAX_TABS: usize = 100;

/// The text with the tabs before a place written as blanks, so that every place stays what it is.
fn without_tab(text: &str, span: Span) -> Option<String> {
    let start = text.split_inclusive('\n').take(span.line.checked_sub(1)? as usize);
    let start: usize = start.map(str::len).sum();
    let line = text[start..].split('\n').next()?;
    let colon = line
        .char_indices()
        .take(span.column as usize)
        .filter(|(at, c)| *c == ':' && line[at + 1..].starts_with(['\t', ' ']))
        .last()?
        .0;
    let blanks = line[colon + 1..].bytes().take_while(|byte| matches!(byte, b'\t' | b' ')).count();
    let from = start + colon + 1;
    if !text[from..from + blanks].contains('\t') {
        return None;
    }
    let mut better = text.to_owned();
    better.replace_range(from..from + blanks, &" ".repeat(blanks));
    Some(better)
}

/// As [`parse`], from the bytes of a file: UTF-8, or UTF-16 with a byte order mark.
///
/// # Errors
/// As [`parse`], and [`YamlError::NotText`].
pub fn parse_bytes(bytes: &[u8], file: Option<FileId>) -> Result<Vec<Node>, YamlError> {
    let wide = |from: fn([u8; 2]) -> u16| {
        let (pairs, rest) = bytes[2..].as_chunks::<2>();
        let units: Vec<u16> = pairs.iter().map(|pair| from(*pair)).collect();
        match String::from_utf16(&units) {
            Ok(text) if rest.is_empty() => Ok(text),
            _ => Err(YamlError::NotText { span: point(file, 1, 1) }),
        }
    };
    match bytes {
        [0xff, 0xfe, ..] => parse(&wide(u16::from_le_bytes)?, file),
        [0xfe, 0xff, ..] => parse(&wide(u16::from_be_bytes)?, file),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => parse(text, file),
            Err(error) => {
                let before = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
                let line = before.matches('\n').count();
                let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count());
                Err(YamlError::NotText { span: point(file, line + 1, column + 1) })
            }
        },
    }
}

/// go-yaml refuses what YAML calls not printable; the event reader would take a NUL for the end.
fn check_characters(text: &str, file: Option<FileId>) -> Result<(), YamlError> {
    let bad = |c: char| {
        matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{84}'
            | '\u{86}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}')
    };
    for (number, line) in text.split('\n').enumerate() {
        if let Some((column, code)) = line.chars().enumerate().find(|(_, c)| bad(*c)) {
            let span = point(file, number + 1, column + 1);
            return Err(YamlError::Control { span, code: u32::from(code) });
        }
    }
    Ok(())
}

fn point(file: Option<FileId>, line: usize, column: usize) -> Span {
    let (line, column) = (narrow(line), narrow(column));
    Span { file, line, column, end_line: line, end_column: column.saturating_add(1) }
}

fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// A collection that is not closed yet.
struct Frame {
    span: Span,
    tag: Option<Box<str>>,
    anchor: usize,
    inner: Inner,
}

enum Inner {
    Seq(Vec<Node>),
    Map { map: Map, key: Slot, merge: Option<Box<(Span, Node)>> },
}

/// What a map waits for.
enum Slot {
    Key,
    Value(String, Span),
    Merge(Span),
}

struct Builder<'a> {
    text: &'a str,
    file: Option<FileId>,
    stack: Vec<Frame>,
    anchors: BTreeMap<usize, Node>,
    budget: usize,
    /// Nodes that may still come.
    room: usize,
    documents: Vec<Node>,
}

impl<'a> Builder<'a> {
    fn new(text: &'a str, file: Option<FileId>) -> Self {
        Self {
            text,
            file,
            stack: Vec::new(),
            anchors: BTreeMap::new(),
            budget: MAX_EXPANDED,
            room: MAX_NODES,
            documents: Vec::new(),
        }
    }

    fn run(mut self) -> Result<Vec<Node>, YamlError> {
        let mut parser = Parser::new_from_str(self.text);
        while let Some(next) = parser.next_event() {
            match next {
                Ok((event, span)) => {
                    let span = self.span(span);
                    self.event(event, span)?;
                }
                Err(error) => return Err(self.scan_error(&error)),
            }
        }
        Ok(self.documents)
    }

    fn span(&self, span: saphyr_parser::Span) -> Span {
        Span {
            file: self.file,
            line: narrow(span.start.line()),
            column: narrow(span.start.col() + 1),
            end_line: narrow(span.end.line()),
            end_column: narrow(span.end.col() + 1),
        }
    }

    fn scan_error(&self, error: &saphyr_parser::ScanError) -> YamlError {
        let marker = error.marker();
        let span = point(self.file, marker.line(), marker.col() + 1);
        if error.info().contains("unknown anchor") {
            return YamlError::UnknownAnchor { span, name: self.alias_name(span) };
        }
        if error.info() == "recursion limit exceeded" {
            return YamlError::TooDeep { span, limit: MAX_DEPTH };
        }
        let message = match error.info() {
            "unexpected character: `@'"
            | "unexpected character: `%'"
            | "unexpected character: ``'" => {
                "found character that cannot start any token; quote the text".to_owned()
            }
            other => other.to_owned(),
        };
        YamlError::Syntax { span, message }
    }

    /// The name behind the `*` at a place; events only carry numbers.
    fn alias_name(&self, span: Span) -> String {
        let line = self.text.lines().nth(span.line.saturating_sub(1) as usize).unwrap_or("");
        line.chars()
            .skip(span.column.saturating_sub(1) as usize)
            .skip_while(|c| *c == '*')
            .take_while(|c| !c.is_whitespace() && !",[]{}".contains(*c))
            .collect()
    }

    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), YamlError> {
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
            Event::DocumentStart(_) => {
                // Ids go on counting over documents, so what was kept is out of reach by name.
                self.anchors.clear();
                Ok(())
            }
            Event::Alias(id) => self.alias(id, span),
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain;
                if plain
                    && text == "<<"
                    && tag.is_none()
                    && let Some(Inner::Map { key, .. }) =
                        self.stack.last_mut().map(|f| &mut f.inner)
                    && matches!(key, Slot::Key)
                {
                    *key = Slot::Merge(span);
                    return Ok(());
                }
                let node = scalar(&text, plain, tag.as_deref(), span)?;
                self.complete(node, anchor)
            }
            Event::SequenceStart(anchor, tag) => {
                self.open(Inner::Seq(Vec::new()), anchor, tag.as_deref(), span)
            }
            Event::MappingStart(anchor, tag) => {
                let inner = Inner::Map { map: Map::new(), key: Slot::Key, merge: None };
                self.open(inner, anchor, tag.as_deref(), span)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
        }
    }

    fn open(
        &mut self,
        inner: Inner,
        anchor: usize,
        tag: Option<&Tag>,
        span: Span,
    ) -> Result<(), YamlError> {
        if self.stack.len() >= MAX_DEPTH {
            return Err(YamlError::TooDeep { span, limit: MAX_DEPTH });
        }
        self.stack.push(Frame { span, tag: custom(tag), anchor, inner });
        Ok(())
    }

    fn close(&mut self, end: Span) -> Result<(), YamlError> {
        let Some(Frame { mut span, tag, anchor, inner }) = self.stack.pop() else { return Ok(()) };
        // A block collection has no closing character: it ends where its last value ends.
        let mut ends = (end.end_line, end.end_column);
        let block = (end.line, end.column) == ends;
        let kind = match inner {
            Inner::Seq(items) => {
                if let Some(last) = items.last().filter(|_| block) {
                    ends = (last.span.end_line, last.span.end_column);
                }
                Kind::Seq(items)
            }
            Inner::Map { mut map, merge, .. } => {
                if let Some((_, last)) = map.last().filter(|_| block) {
                    ends = (last.value.span.end_line, last.value.span.end_column);
                }
                if let Some(value) = merge {
                    merge_into(&mut map, value.1)?;
                }
                Kind::Map(map)
            }
        };
        if ends > (span.line, span.column) {
            (span.end_line, span.end_column) = ends;
        }
        self.complete(Node { span, tag, kind }, anchor)
    }

    fn alias(&mut self, id: usize, span: Span) -> Result<(), YamlError> {
        if let Some(open) = self.stack.iter().position(|frame| frame.anchor == id) {
            let (path, anchor) = (self.path(self.stack.len()), self.path(open));
            return Err(YamlError::CyclicAlias { span, path, anchor });
        }
        let Some(node) = self.anchors.get(&id) else {
            return Err(YamlError::UnknownAnchor { span, name: self.alias_name(span) });
        };
        // Paid before it is copied.
        self.budget = spend(self.budget, node, span)?;
        let node = node.clone();
        self.complete(node, 0)
    }

    /// A whole node, for whoever waits for it.
    fn complete(&mut self, node: Node, anchor: usize) -> Result<(), YamlError> {
        let too_many = || YamlError::TooMany { span: node.span, limit: MAX_NODES };
        self.room = self.room.checked_sub(1).ok_or_else(too_many)?;
        self.budget += PER_NODE;
        if anchor != 0 {
            self.budget = spend(self.budget, &node, node.span)?;
            self.anchors.insert(anchor, node.clone());
        }
        let path_end = self.stack.len();
        let Some(frame) = self.stack.last_mut() else {
            self.documents.push(node);
            return Ok(());
        };
        match &mut frame.inner {
            Inner::Seq(items) => items.push(node),
            Inner::Map { map, key, merge } => match std::mem::replace(key, Slot::Key) {
                Slot::Key => match node.kind {
                    Kind::Str(text) => {
                        if let Some(entry) = map.get(&text) {
                            let first = entry.key;
                            let span = node.span;
                            return Err(YamlError::DuplicateKey { span, first, key: text });
                        }
                        *key = Slot::Value(text, node.span);
                    }
                    kind => {
                        let path = self.path(path_end - 1);
                        let key = crate::emit::key_text(&kind);
                        return Err(YamlError::NonStringKey { span: node.span, path, key });
                    }
                },
                Slot::Value(text, span) => {
                    map.insert(text, Entry { key: span, value: node });
                }
                Slot::Merge(span) => {
                    if let Some(earlier) = merge {
                        let (first, key) = (earlier.0, "<<".to_owned());
                        return Err(YamlError::DuplicateKey { span, first, key });
                    }
                    *merge = Some(Box::new((span, node)));
                }
            },
        }
        Ok(())
    }

    /// The path of the collection that stands `depth` deep, as compose writes paths.
    fn path(&self, depth: usize) -> String {
        let mut path = String::new();
        for frame in &self.stack[..depth] {
            match &frame.inner {
                Inner::Seq(items) => {
                    let _ = write!(path, "[{}]", items.len());
                }
                Inner::Map { key, .. } => {
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.push_str(match key {
                        Slot::Key => "",
                        Slot::Value(text, _) => text,
                        Slot::Merge(_) => "<<",
                    });
                }
            }
        }
        path
    }
}

/// Nodes that aliases may add for each that is written: a large file may repeat itself more often than a small one.
const PER_NODE: usize = 4;

/// What is left of a budget once a node is copied.
fn spend(budget: usize, node: &Node, span: Span) -> Result<usize, YamlError> {
    let excessive = YamlError::ExcessiveAliasing { span, limit: MAX_EXPANDED };
    budget.checked_sub(node.weight()).ok_or(excessive)
}

/// `<<`: a map, or a list of maps of which the first wins; what is written there wins over both.
fn merge_into(map: &mut Map, value: Node) -> Result<(), YamlError> {
    let span = value.span;
    let mut add = |from: Node| match from.kind {
        Kind::Map(from) => {
            for (key, entry) in from {
                map.entry(key).or_insert(entry);
            }
            Ok(())
        }
        _ => Err(YamlError::MergeValue { span }),
    };
    match value.kind {
        Kind::Seq(items) => items.into_iter().try_for_each(add),
        _ => add(value),
    }
}

const CORE: &str = "tag:yaml.org,2002:";

/// The name of one of YAML's own tags: `str`, `int`, ...
fn core(tag: &Tag) -> Option<&str> {
    if tag.is_yaml_core_schema() {
        return Some(&tag.suffix);
    }
    tag.suffix.strip_prefix(CORE).filter(|_| tag.handle.is_empty() || tag.handle == "!")
}

fn custom(tag: Option<&Tag>) -> Option<Box<str>> {
    let tag = tag?;
    if core(tag).is_some() {
        return None;
    }
    Some(format!("{}{}", tag.handle, tag.suffix).into_boxed_str())
}

fn scalar(text: &str, plain: bool, tag: Option<&Tag>, span: Span) -> Result<Node, YamlError> {
    let untagged = |kind| Ok(Node::new(kind, span));
    let Some(tag) = tag else {
        return untagged(if plain { resolve_plain(text) } else { Kind::Str(text.to_owned()) });
    };
    let Some(name) = core(tag) else {
        // go-yaml leaves the text of a tag it does not know as it is.
        let tag = custom(Some(tag)).filter(|tag| &**tag != "!");
        let kind = Kind::Str(text.to_owned());
        return Ok(Node { span, tag, kind });
    };
    let kind = match (name, resolve_plain(text)) {
        ("str", _) => Some(Kind::Str(text.to_owned())),
        ("binary", _) => base64(text).map(Kind::Str),
        ("int", kind @ Kind::Int(_))
        | ("float", kind @ Kind::Float(_))
        | ("bool", kind @ Kind::Bool(_))
        | ("null", kind @ Kind::Null)
        | ("timestamp", kind @ Kind::Timestamp(_)) => Some(kind),
        ("float", Kind::Int(_)) => float(text)
            .or_else(|| int(&text.replace('_', "")).and_then(|int| int.to_string().parse().ok()))
            .map(Kind::Float),
        ("int" | "float" | "bool" | "null" | "timestamp", _) => None,
        _ => Some(Kind::Str(text.to_owned())),
    };
    let bad = || YamlError::BadTag { span, text: text.to_owned(), tag: format!("!!{name}") };
    untagged(kind.ok_or_else(bad)?)
}

/// Standard base64 with blanks between; what is no UTF-8 is replaced, as it would be in JSON.
fn base64(text: &str) -> Option<String> {
    let (mut bits, mut held, mut bytes, mut padding) = (0u32, 0u8, Vec::new(), 0);
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' => {
                padding += 1;
                continue;
            }
            _ => return None,
        };
        if padding > 0 {
            return None;
        }
        bits = (bits << 6) | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    let padded = matches!((held, padding), (0, 0) | (4, 2) | (2, 1));
    padded.then(|| String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::{Builder, YamlError};

    #[test]
    fn nodes_are_counted() {
        let read = |room| {
            let mut builder = Builder::new("[a, b, {c: d}]", None);
            builder.room = room;
            builder.run()
        };
        // A key is one, too.
        assert!(read(6).is_ok());
        assert!(matches!(read(5), Err(YamlError::TooMany { .. })));
    }

    #[test]
    fn expanded_nodes_are_counted_before_they_are_made() {
        let read = |budget| {
            let mut builder = Builder::new("[&a [x, y], *a, *a]", None);
            builder.budget = budget;
            builder.run()
        };
        // The anchor's copy and two aliases take three nodes each; x, y and the first alias bring four each.
        assert!(read(0).is_ok());
        let mut builder =
            Builder::new("&a [&b [&c [&d [&e [x], *e, *e], *d, *d], *c, *c], *b, *b]", None);
        builder.budget = 60;
        let error = builder.run().err();
        assert!(matches!(error, Some(YamlError::ExcessiveAliasing { .. })), "{error:?}");
    }
}
