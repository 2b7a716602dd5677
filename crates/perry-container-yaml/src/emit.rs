//! Nodes to YAML text as go-yaml v3 prints it with an indent of two: what `docker compose config`
//! shows. The choice of quotes follows libyaml's `analyze_scalar`.

use std::fmt::Write as _;

use crate::{Kind, Node, resolve_plain, scalar::float_text};

/// One document. Tags that are not YAML's own are printed; places are not.
///
/// ```
/// let node = perry_container_yaml::parse_json("{\"a\": [1, \"1\", \"y\"], \"b\": {}}", None)?;
/// assert_eq!(perry_container_yaml::to_yaml(&node), "a:\n  - 1\n  - \"1\"\n  - \"y\"\nb: {}\n");
/// # Ok::<(), perry_container_yaml::YamlError>(())
/// ```
#[must_use]
pub fn to_yaml(node: &Node) -> String {
    print(node)
}

/// [`to_yaml`] of a JSON value; maps keep their order.
#[cfg(feature = "emit")]
#[must_use]
pub fn value_to_yaml(value: &serde_json::Value) -> String {
    print(value)
}

fn print(tree: &impl Tree) -> String {
    let mut out = String::new();
    Printer { out: &mut out }.value(tree, 0, Place::Top);
    out
}

/// What can be printed.
trait Tree: Sized {
    fn tag(&self) -> Option<&str>;
    fn part(&self) -> Part<'_, Self>;
    /// Of a map.
    fn entries(&self) -> impl Iterator<Item = (&str, &Self)>;
}

enum Part<'a, T> {
    /// Text of its own, which may need quotes.
    Text(&'a str),
    /// What needs none.
    Plain(String),
    Items(&'a [T]),
    Entries,
    EmptyMap,
}

impl Tree for Node {
    fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    fn part(&self) -> Part<'_, Self> {
        match &self.kind {
            Kind::Str(text) => Part::Text(text),
            Kind::Seq(items) => Part::Items(items),
            Kind::Map(map) if map.is_empty() => Part::EmptyMap,
            Kind::Map(_) => Part::Entries,
            kind => Part::Plain(plain(kind).unwrap_or_default()),
        }
    }

    fn entries(&self) -> impl Iterator<Item = (&str, &Self)> {
        let entries = self.as_map().into_iter().flatten();
        entries.map(|(key, entry)| (key.as_str(), &entry.value))
    }
}

#[cfg(feature = "emit")]
impl Tree for serde_json::Value {
    fn tag(&self) -> Option<&str> {
        None
    }

    fn part(&self) -> Part<'_, Self> {
        match self {
            Self::Null => Part::Plain("null".to_owned()),
            Self::Bool(value) => Part::Plain(value.to_string()),
            Self::Number(number) => Part::Plain(plain(&number_kind(number)).unwrap_or_default()),
            Self::String(text) => Part::Text(text),
            Self::Array(items) => Part::Items(items),
            Self::Object(map) if map.is_empty() => Part::EmptyMap,
            Self::Object(_) => Part::Entries,
        }
    }

    fn entries(&self) -> impl Iterator<Item = (&str, &Self)> {
        let entries = self.as_object().into_iter().flatten();
        entries.map(|(key, value)| (key.as_str(), value))
    }
}

#[cfg(feature = "emit")]
impl From<&serde_json::Value> for Node {
    /// The value without places.
    fn from(value: &serde_json::Value) -> Self {
        use serde_json::Value;
        let kind = match value {
            Value::Null => Kind::Null,
            Value::Bool(value) => Kind::Bool(*value),
            Value::Number(number) => number_kind(number),
            Value::String(text) => Kind::Str(text.clone()),
            Value::Array(items) => Kind::Seq(items.iter().map(Self::from).collect()),
            Value::Object(map) => Kind::Map(
                map.iter()
                    .map(|(key, value)| (key.clone(), crate::Entry::new(value.into())))
                    .collect(),
            ),
        };
        Self { kind, ..Self::default() }
    }
}

#[cfg(feature = "emit")]
fn number_kind(number: &serde_json::Number) -> Kind {
    match (number.as_i128(), number.as_f64()) {
        (Some(int), _) => Kind::Int(int),
        (None, float) => Kind::Float(float.unwrap_or(f64::NAN)),
    }
}

/// A key that cannot be one, for a message.
#[cfg(feature = "parse")]
pub(crate) fn key_text(kind: &Kind) -> String {
    match kind {
        Kind::Seq(_) => "a list".to_owned(),
        Kind::Map(_) => "a mapping".to_owned(),
        Kind::Null => "null".to_owned(),
        _ => plain(kind).unwrap_or_default(),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Place {
    Top,
    /// Behind `key:`.
    Value,
    /// Behind `- `.
    Item,
}

struct Printer<'a> {
    out: &'a mut String,
}

impl Printer<'_> {
    /// `indent` is the column where a block of this value would stand.
    fn value<T: Tree>(&mut self, tree: &T, indent: usize, place: Place) {
        let tag = tree.tag();
        if let Some(tag) = tag {
            self.blank(place);
            self.out.push_str(tag);
        }
        let tagged = tag.is_some();
        let text = match tree.part() {
            Part::Entries => {
                let inline = self.block(tagged, place);
                self.map(tree, indent, inline);
                return;
            }
            Part::Items(items) if !items.is_empty() => {
                let inline = self.block(tagged, place);
                self.seq(items, indent, inline);
                return;
            }
            Part::EmptyMap => "{}".to_owned(),
            Part::Items(_) => "[]".to_owned(),
            Part::Text(text) if tagged && !matches!(resolve_plain(text), Kind::Str(_)) => {
                double_quoted(text)
            }
            Part::Text(text) => string(text, indent.max(2)),
            Part::Plain(text) => text,
        };
        self.blank(if tagged { Place::Value } else { place });
        self.out.push_str(&text);
        if !text.ends_with('\n') {
            self.out.push('\n');
        }
    }

    /// Before a block; whether it begins on the line at hand.
    fn block(&mut self, tagged: bool, place: Place) -> bool {
        if place == Place::Value || tagged {
            self.out.push('\n');
        }
        place == Place::Item && !tagged
    }

    fn blank(&mut self, place: Place) {
        if place == Place::Value {
            self.out.push(' ');
        }
    }

    fn indent(&mut self, by: usize) {
        self.out.extend(std::iter::repeat_n(' ', by));
    }

    fn map<T: Tree>(&mut self, map: &T, indent: usize, inline: bool) {
        for (number, (key, value)) in map.entries().enumerate() {
            if number > 0 || !inline {
                self.indent(indent);
            }
            let key = string_key(key);
            // A key libyaml would not call simple needs the long form.
            if key.chars().count() > 128 {
                self.out.push_str("? ");
                self.out.push_str(&key);
                self.out.push('\n');
                self.indent(indent);
            } else {
                self.out.push_str(&key);
            }
            self.out.push(':');
            self.value(value, indent + 2, Place::Value);
        }
    }

    fn seq<T: Tree>(&mut self, items: &[T], indent: usize, inline: bool) {
        for (number, item) in items.iter().enumerate() {
            if number > 0 || !inline {
                self.indent(indent);
            }
            self.out.push_str("- ");
            self.value(item, indent + 2, Place::Item);
        }
    }
}

/// Scalars that need no quotes by nature.
fn plain(kind: &Kind) -> Option<String> {
    match kind {
        Kind::Null => Some("null".to_owned()),
        Kind::Bool(value) => Some(value.to_string()),
        Kind::Int(value) => Some(value.to_string()),
        Kind::Float(value) if value.is_nan() => Some(".nan".to_owned()),
        Kind::Float(value) if value.is_infinite() => {
            Some(if *value > 0.0 { ".inf" } else { "-.inf" }.to_owned())
        }
        Kind::Float(value) => Some(float_text(*value)),
        Kind::Timestamp(text) => Some(text.clone()),
        Kind::Str(text) => Some(format!("{text:?}")),
        Kind::Seq(_) | Kind::Map(_) => None,
    }
}

/// What libyaml wants to know about a text before it picks a style.
#[derive(Default)]
struct Analysis {
    plain: bool,
    single: bool,
    block: bool,
}

fn analyze(text: &str) -> Analysis {
    if text.is_empty() {
        return Analysis { plain: true, single: true, block: false };
    }
    let mut indicators = text.starts_with("---") || text.starts_with("...");
    let (mut special, mut tabs, mut breaks) = (false, false, false);
    let (mut edge_space, mut edge_break, mut trailing_space) = (false, false, false);
    let (mut space_break, mut break_space) = (false, false);
    let (mut after_space, mut after_break, mut after_blank) = (false, false, true);
    let mut chars = text.chars().peekable();
    let mut first = true;
    while let Some(c) = chars.next() {
        let next = chars.peek().copied();
        let before_blank = next.is_none_or(is_blank);
        indicators |= match c {
            '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%'
            | '@' | '`'
                if first =>
            {
                true
            }
            '?' | '-' if first => before_blank,
            ':' => before_blank,
            '#' => after_blank,
            _ => false,
        };
        if c == '\t' {
            tabs = true;
        } else if !is_printable(c) {
            special = true;
        }
        let last = next.is_none();
        if c == ' ' {
            edge_space |= first || last;
            trailing_space |= last;
            break_space |= after_break;
            (after_space, after_break) = (true, false);
        } else if is_break(c) {
            breaks = true;
            edge_break |= first || last;
            space_break |= after_space;
            (after_space, after_break) = (false, true);
        } else {
            (after_space, after_break) = (false, false);
        }
        after_blank = is_blank(c);
        first = false;
    }
    let quotable = !(break_space || space_break || tabs || special);
    Analysis {
        plain: quotable && !(edge_space || edge_break || breaks || indicators),
        single: quotable,
        block: !(trailing_space || space_break || special),
    }
}

fn is_blank(c: char) -> bool {
    c == ' ' || c == '\t' || is_break(c)
}

fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}')
        && c != '\u{feff}'
}

/// Plain text that YAML 1.1 readers, or this one, would take for something else.
fn needs_quotes(text: &str) -> bool {
    let old_bool = matches!(
        text,
        "y" | "Y"
            | "yes"
            | "Yes"
            | "YES"
            | "on"
            | "On"
            | "ON"
            | "n"
            | "N"
            | "no"
            | "No"
            | "NO"
            | "off"
            | "Off"
            | "OFF"
    );
    old_bool || is_base60(text) || !matches!(resolve_plain(text), Kind::Str(_))
}

/// `1:30`, `-1:30:59.5`: a number to YAML 1.1.
fn is_base60(text: &str) -> bool {
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (text, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut parts = text.split(':');
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || b == b'_');
    let head = parts.next().unwrap_or("");
    let mut rest = parts.peekable();
    rest.peek().is_some()
        && head.starts_with(|c: char| c.is_ascii_digit())
        && digits(head)
        && digits(fraction)
        && rest.all(|part| part.parse::<u8>().is_ok_and(|n| n < 60 && part.len() <= 2))
}

fn string(text: &str, indent: usize) -> String {
    let analysis = analyze(text);
    if text.contains('\n') {
        return if analysis.block { literal(text, indent) } else { double_quoted(text) };
    }
    if needs_quotes(text) {
        return double_quoted(text);
    }
    match analysis {
        Analysis { plain: true, .. } => text.to_owned(),
        Analysis { single: true, .. } => single_quoted(text),
        _ => double_quoted(text),
    }
}

fn string_key(text: &str) -> String {
    if text.contains('\n') { double_quoted(text) } else { string(text, 0) }
}

fn single_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn double_quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        let escape = match c {
            '\0' => "\\0",
            '\u{7}' => "\\a",
            '\u{8}' => "\\b",
            '\t' => "\\t",
            '\n' => "\\n",
            '\u{b}' => "\\v",
            '\u{c}' => "\\f",
            '\r' => "\\r",
            '\u{1b}' => "\\e",
            '"' => "\\\"",
            '\\' => "\\\\",
            '\u{85}' => "\\N",
            '\u{2028}' => "\\L",
            '\u{2029}' => "\\P",
            c if is_printable(c) => {
                out.push(c);
                continue;
            }
            c => {
                let code = u32::from(c);
                let _ = match code {
                    0..=0xff => write!(out, "\\x{code:02X}"),
                    0x100..=0xffff => write!(out, "\\u{code:04X}"),
                    _ => write!(out, "\\U{code:08X}"),
                };
                continue;
            }
        };
        out.push_str(escape);
    }
    out.push('"');
    out
}

/// `|` with the hints that keep leading blanks and trailing line ends.
fn literal(text: &str, indent: usize) -> String {
    let mut out = "|".to_owned();
    if text.starts_with([' ', '\n']) {
        out.push('2');
    }
    let body = text.strip_suffix('\n');
    match body {
        None => out.push('-'),
        Some(body) if body.is_empty() || body.ends_with('\n') => out.push('+'),
        Some(_) => {}
    }
    for line in body.unwrap_or(text).split('\n') {
        out.push('\n');
        if !line.is_empty() {
            out.extend(std::iter::repeat_n(' ', indent));
            out.push_str(line);
        }
    }
    out.push('\n');
    out
}
