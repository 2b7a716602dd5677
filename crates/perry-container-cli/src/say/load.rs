//! What is wrong with a compose file, with the lines it is wrong in.

use super::harmless;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use perry_container_compose::load::{LoadError, Place, Problem};
use std::path::Path;

/// Every problem: where, the line with a caret, what would be right.
///
/// ```text
/// error: services.web: additional property `imgae` is not allowed
///  --> compose.yaml:3:5
///   |
/// 3 |     imgae: httpd
///   |     ^^^^^
///   |
///   = help: did you mean `image`?
/// ```
pub(crate) fn load_error(error: &LoadError, here: &Path, colours: bool) -> String {
    let renderer = if colours { Renderer::styled() } else { Renderer::plain() };
    let drawn = error.problems().iter().map(|problem| draw(error, problem, here, &renderer));
    drawn.collect::<Vec<_>>().join("\n\n")
}

fn draw(error: &LoadError, problem: &Problem, here: &Path, renderer: &Renderer) -> String {
    let title = match problem.path.segments() {
        [] => problem.message.clone(),
        _ => format!("{}: {}", problem.path, problem.message),
    };
    let title = harmless(&title).into_owned();
    let main = problem.place.as_ref().map(|place| Shown::new(error, place, here));
    let other = problem
        .related
        .as_ref()
        .map(|(place, what)| (Shown::new(error, place, here), what.as_str()));
    let mut group = Group::with_title(Level::ERROR.primary_title(title));
    if let Some(shown) = &main {
        group = group.element(shown.snippet(AnnotationKind::Primary, None));
    }
    if let Some((shown, what)) = &other {
        group = group.element(shown.snippet(AnnotationKind::Context, Some(what)));
    }
    if let Some(hint) = &problem.hint {
        group = group.element(Level::HELP.message(harmless(hint)));
    }
    renderer.render(&[group])
}

/// One line of a file and what is meant in it.
struct Shown {
    path: String,
    number: usize,
    line: String,
    span: std::ops::Range<usize>,
}

impl Shown {
    fn new(error: &LoadError, place: &Place, here: &Path) -> Self {
        // The end of a text may lie behind its last line.
        let line = error.files().line(place).unwrap_or_default();
        let line = harmless(line.trim_end()).into_owned();
        let offset = |column: u32| {
            let before = (column.max(1) - 1) as usize;
            line.char_indices().nth(before).map_or(line.len(), |(at, _)| at)
        };
        let begin = offset(place.span.column);
        let end = match place.span.end_line {
            same if same == place.span.line => offset(place.span.end_column),
            _ => line.trim_end().len(),
        };
        Self {
            path: relative(&place.file, here),
            number: place.span.line as usize,
            span: begin..end.max(begin),
            line,
        }
    }

    fn snippet<'a>(
        &'a self,
        kind: AnnotationKind,
        label: Option<&'a str>,
    ) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
        let mut annotation = kind.span(self.span.clone());
        if let Some(label) = label {
            annotation = annotation.label(label);
        }
        Snippet::source(self.line.as_str())
            .line_start(self.number)
            .path(self.path.as_str())
            .annotation(annotation)
    }
}

/// From the current directory where it lies below it.
pub(crate) fn relative(path: &Path, here: &Path) -> String {
    path.strip_prefix(here).unwrap_or(path).display().to_string()
}
