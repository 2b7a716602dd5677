//! What `config --explain` prints: where the values at a path came from.

use crate::{
    load::{Before, Change, Explanation, Place, Used},
    project::ComposeProject,
};
use serde_json::{Value, json};
use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};

/// One paragraph a value, or a list of objects as JSON. Files below `here` are named from there.
pub(crate) fn explained(
    project: &ComposeProject,
    told: &[Explanation],
    here: &Path,
    json: bool,
) -> String {
    let teller = Teller { project, here };
    if json {
        let all: Vec<Value> = told.iter().map(|one| teller.object(one)).collect();
        return serde_json::to_string_pretty(&all)
            .map_or_else(|_| String::new(), |text| text + "\n");
    }
    let mut text = String::new();
    for one in told {
        let _ = teller.paragraph(one, &mut text); // a string takes everything
    }
    text
}

struct Teller<'a> {
    project: &'a ComposeProject,
    here: &'a Path,
}

impl Teller<'_> {
    fn paragraph(&self, one: &Explanation, text: &mut String) -> std::fmt::Result {
        let Some(value) = &one.value else {
            writeln!(text, "{}: not set", one.path)?;
            for before in &one.before {
                let by = self.place(one.place.as_ref());
                writeln!(text, "  !reset at {by} took away {}", self.was(before))?;
            }
            return Ok(());
        };
        writeln!(text, "{}: {}", one.path, shown(value))?;
        match (&one.place, &one.file) {
            (None, _) => writeln!(text, "  a default: it is written nowhere")?,
            (place, Some(file)) => {
                writeln!(text, "  from {}, by {}", self.line(file), self.place(place.as_ref()))?;
            }
            (place, None) => {
                write!(text, "  from {}", self.place(place.as_ref()))?;
                match &one.written {
                    Some(written) => writeln!(text, ": {}", shown(&json!(written)))?,
                    None => writeln!(text)?,
                }
            }
        }
        for used in &one.variables {
            writeln!(text, "  with {}", self.variable(used))?;
        }
        for before in &one.before {
            let word = if before.how == Change::Replaced { "!override over" } else { "over" };
            writeln!(text, "  {word} {}", self.was(before))?;
        }
        Ok(())
    }

    fn was(&self, before: &Before) -> String {
        let place = self.place(before.place.as_ref());
        let value = shown(&before.value);
        match &before.file {
            Some(file) => format!("{}, by {place}: {value}", self.line(file)),
            None => format!("{place}: {value}"),
        }
    }

    fn variable(&self, used: &Used) -> String {
        let Some(value) = &used.value else { return format!("{}, which is not set", used.name) };
        let text = format!("{}={}", used.name, value.replace('\n', "\\n"));
        match self.project.variable_lines.get(&used.name) {
            Some(file) => format!("{text} of {}", self.line(file)),
            None => text,
        }
    }

    fn path(&self, path: &Path) -> String {
        path.strip_prefix(self.here).unwrap_or(path).display().to_string()
    }

    fn line(&self, (file, line): &(PathBuf, usize)) -> String {
        format!("{}:{line}", self.path(file))
    }

    fn place(&self, place: Option<&Place>) -> String {
        place.map_or_else(
            || "nowhere".to_owned(),
            |place| format!("{}:{}:{}", self.path(&place.file), place.span.line, place.span.column),
        )
    }

    fn object(&self, one: &Explanation) -> Value {
        let variable = |used: &Used| {
            let file =
                self.project.variable_lines.get(&used.name).map(|file| self.line_object(file));
            json!({"name": used.name, "value": used.value, "file": file})
        };
        let before = |before: &Before| {
            let how = match before.how {
                Change::Reset => "reset",
                Change::Replaced => "replaced",
                _ => "overridden",
            };
            json!({
                "value": before.value,
                "from": before.place.as_ref().map(|place| self.place_object(place)),
                "file": before.file.as_ref().map(|file| self.line_object(file)),
                "how": how,
            })
        };
        json!({
            "path": one.path.to_string(),
            "set": one.value.is_some(),
            "value": one.value,
            "from": one.place.as_ref().map(|place| self.place_object(place)),
            "file": one.file.as_ref().map(|file| self.line_object(file)),
            "written": one.written,
            "variables": one.variables.iter().map(variable).collect::<Vec<_>>(),
            "before": one.before.iter().map(before).collect::<Vec<_>>(),
        })
    }

    fn place_object(&self, place: &Place) -> Value {
        json!({"file": self.path(&place.file), "line": place.span.line, "column": place.span.column})
    }

    fn line_object(&self, (file, line): &(PathBuf, usize)) -> Value {
        json!({"file": self.path(file), "line": line})
    }
}

/// Text of one line as it is, everything else as JSON.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) if !text.is_empty() && !text.contains(char::is_control) => text.clone(),
        other => other.to_string(),
    }
}
