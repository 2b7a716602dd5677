//! `--format`: tables, JSON, and templates of fields.

use super::columns;
use crate::failure::Failure;
use perry_container_compose::engine::PsRow;
use serde::Serialize;
use serde_json::Value;

/// The columns of `ps` when nobody asks for others.
const DEFAULT: &str =
    r"{{.Name}}\t{{.Image}}\t{{.Command}}\t{{.Service}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}";

/// How rows are printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Format {
    /// Columns under headings.
    Table(Vec<Piece>),
    /// One object a line.
    Json,
    /// A line a row.
    Lines(Vec<Piece>),
}

/// A part of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    Text(String),
    /// A field through a function.
    Field(String, Through),
    /// The whole row as JSON.
    All,
}

/// What is done to a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Through {
    Nothing,
    Json,
    Upper,
    Lower,
}

impl Format {
    /// Reads `table`, `json`, `table TEMPLATE` or a template.
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        match text {
            "" | "table" | "pretty" => Ok(Self::Table(pieces(DEFAULT)?)),
            "json" => Ok(Self::Json),
            _ => match text.strip_prefix("table ") {
                Some(template) => Ok(Self::Table(pieces(template.trim_start())?)),
                None => Ok(Self::Lines(pieces(text)?)),
            },
        }
    }

    /// The text of all rows, each with its line end.
    pub(crate) fn print(&self, rows: &[PsRow]) -> String {
        match self {
            Self::Json => rows.iter().map(|row| go_json(row) + "\n").collect(),
            Self::Lines(pieces) => {
                rows.iter().map(|row| format!("{}\n", fill(pieces, row))).collect()
            }
            Self::Table(pieces) => {
                let heading: String = pieces.iter().map(heading).collect();
                let lines =
                    std::iter::once(heading).chain(rows.iter().map(|row| fill(pieces, row)));
                let cells = |line: String| line.split('\t').map(str::to_owned).collect();
                columns(10, 3, &lines.map(cells).collect::<Vec<_>>())
            }
        }
    }
}

fn fill(pieces: &[Piece], row: &PsRow) -> String {
    let whole = serde_json::to_value(row).unwrap_or_default();
    let value = |name: &str| whole.get(name).unwrap_or(&Value::Null);
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::All => go_json(row),
            Piece::Field(name, Through::Nothing) => go_text(value(name)),
            Piece::Field(name, Through::Upper) => go_text(value(name)).to_uppercase(),
            Piece::Field(name, Through::Lower) => go_text(value(name)).to_lowercase(),
            Piece::Field(name, Through::Json) => go_json(value(name)),
        })
        .collect()
}

/// A value as Go prints it with `%v`: `[{127.0.0.1 81 18399 udp}]`.
fn go_text(value: &Value) -> String {
    let joined = |parts: Vec<String>| parts.join(" ");
    match value {
        Value::Null => "<nil>".to_owned(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(items) => format!("[{}]", joined(items.iter().map(go_text).collect())),
        Value::Object(fields) => format!("{{{}}}", joined(fields.values().map(go_text).collect())),
    }
}

/// Compact JSON with the characters escaped that Go escapes.
pub(crate) fn go_json<T: Serialize>(value: &T) -> String {
    let text = serde_json::to_string(value).unwrap_or_default();
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '<' => safe.push_str("\\u003c"),
            '>' => safe.push_str("\\u003e"),
            '&' => safe.push_str("\\u0026"),
            '\u{2028}' => safe.push_str("\\u2028"),
            '\u{2029}' => safe.push_str("\\u2029"),
            _ => safe.push(letter),
        }
    }
    safe
}

fn heading(piece: &Piece) -> String {
    match piece {
        Piece::Text(text) => text.clone(),
        Piece::All => String::new(),
        Piece::Field(name, _) => match name.as_str() {
            "ID" => "CONTAINER ID".to_owned(),
            "CreatedAt" => "CREATED AT".to_owned(),
            "RunningFor" => "CREATED".to_owned(),
            "ExitCode" => "EXIT CODE".to_owned(),
            "LocalVolumes" => "LOCAL VOLUMES".to_owned(),
            _ => name.to_uppercase(),
        },
    }
}

/// Takes a template apart. Of Go's language there are fields, `json`, `upper` and `lower`.
fn pieces(template: &str) -> Result<Vec<Piece>, Failure> {
    let template = template.replace(r"\t", "\t").replace(r"\n", "\n");
    let mut pieces = Vec::new();
    let mut rest = template.as_str();
    while let Some((before, inside)) = rest.split_once("{{") {
        let Some((action, after)) = inside.split_once("}}") else {
            return Err(Failure::error("template parsing error: unclosed action"));
        };
        if !before.is_empty() {
            pieces.push(Piece::Text(before.to_owned()));
        }
        pieces.push(action_piece(action)?);
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest.to_owned()));
    }
    Ok(pieces)
}

fn action_piece(action: &str) -> Result<Piece, Failure> {
    let words: Vec<&str> = action.split_whitespace().collect();
    match words[..] {
        ["json", "."] => Ok(Piece::All),
        [name] => field(name, Through::Nothing, action),
        ["json", name] => field(name, Through::Json, action),
        ["upper", name] => field(name, Through::Upper, action),
        ["lower", name] => field(name, Through::Lower, action),
        _ => Err(not_supported(action)),
    }
}

fn field(name: &str, through: Through, action: &str) -> Result<Piece, Failure> {
    let Some(name) = name.strip_prefix('.').filter(|name| !name.is_empty()) else {
        return Err(not_supported(action));
    };
    if !FIELDS.contains(&name) {
        return Err(Failure::error(format!("template parsing error: there is no field .{name}"))
            .hint(format!("the fields are {}", FIELDS.join(", "))));
    }
    Ok(Piece::Field(name.to_owned(), through))
}

fn not_supported(action: &str) -> Failure {
    Failure::error(format!("template parsing error: {{{{{action}}}}} is not supported"))
        .hint("templates know {{.Field}}, {{json .Field}}, {{json .}}, {{upper .Field}}, and {{lower .Field}}")
}

/// All fields of a row.
const FIELDS: [&str; 20] = [
    "Command",
    "CreatedAt",
    "ExitCode",
    "Health",
    "ID",
    "Image",
    "Labels",
    "LocalVolumes",
    "Mounts",
    "Name",
    "Names",
    "Networks",
    "Ports",
    "Project",
    "Publishers",
    "RunningFor",
    "Service",
    "Size",
    "State",
    "Status",
];
