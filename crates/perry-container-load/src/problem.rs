//! What can be wrong with a project, as values a face can draw.

use std::{fmt, path::PathBuf};

use indexmap::IndexMap;
use perry_container_yaml::{FileId, Kind, Span};

use crate::PropertyPath;

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file, as it was named to [`load`](crate::load) or found by `include` and `extends`.
    pub file: PathBuf,
    /// Lines and columns in it.
    pub span: Span,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file.display(), self.span.line, self.span.column)
    }
}

/// What kind of rule was broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProblemKind {
    /// A file could not be read.
    File,
    /// The text is no YAML (or JSON).
    Syntax,
    /// A template is wrong, a required variable is missing, a value is not of the type it must have.
    Interpolation,
    /// The document has properties or types the Compose schema does not allow.
    Schema,
    /// Files, `extends` or `include` do not fit together.
    Merge,
    /// A value is of the right type and still none: a port, a volume, a duration, a size.
    Value,
    /// Something refers to what is not defined.
    Undefined,
    /// Properties contradict each other.
    Conflict,
    /// Services depend on each other in a ring.
    Cycle,
    /// The project has no usable name.
    Name,
    /// There is nothing in it.
    Empty,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What kind of rule was broken.
    pub kind: ProblemKind,
    /// The property.
    pub path: PropertyPath,
    /// Where it is written, when it is written anywhere.
    pub place: Option<Place>,
    /// What is wrong, one fragment in lower case.
    pub message: String,
    /// What would be right.
    pub hint: Option<String>,
    /// Another place the message speaks of, and what is there.
    pub related: Option<(Place, String)>,
}

impl fmt::Display for Problem {
    /// `compose.yaml:3:5: services.web: message (hint)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        if !self.path.segments().is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)?;
        if let Some(hint) = &self.hint {
            write!(f, " ({hint})")?;
        }
        Ok(())
    }
}

/// Why a project was refused: at least one problem, several where looking on was safe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadError {
    problems: Vec<Problem>,
    files: Files,
}

impl LoadError {
    /// All problems, the first one found first. Never empty.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The kind of the first problem.
    #[must_use]
    pub fn kind(&self) -> ProblemKind {
        self.problems.first().map_or(ProblemKind::Empty, |problem| problem.kind)
    }

    /// The files that were read, to show their lines.
    #[must_use]
    pub fn files(&self) -> &Files {
        &self.files
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, problem) in self.problems.iter().enumerate() {
            if number > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for LoadError {}

/// Something odd that does not stop anybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The property, empty when it is about none.
    pub path: PropertyPath,
    /// Where it is written.
    pub place: Option<Place>,
    /// What is odd.
    pub message: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        f.write_str(&self.message)
    }
}

/// The texts that were read, by number.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Files(Vec<(PathBuf, String)>);

impl Files {
    /// Path and text of a file.
    #[must_use]
    pub fn get(&self, id: FileId) -> Option<(&std::path::Path, &str)> {
        let (path, text) = self.0.get(id.0 as usize)?;
        Some((path, text))
    }

    /// A span with the name of its file, when it points into one.
    #[must_use]
    pub fn place(&self, span: Span) -> Option<Place> {
        let (file, _) = self.get(span.file?).filter(|_| span.is_known())?;
        Some(Place { file: file.to_owned(), span })
    }

    /// The line a place begins in, without its line end.
    #[must_use]
    pub fn line(&self, place: &Place) -> Option<&str> {
        let (_, text) = self.get(place.span.file?)?;
        text.lines().nth(place.span.line.checked_sub(1)? as usize)
    }

    /// All files, in the order they were read.
    pub fn iter(&self) -> impl Iterator<Item = (&std::path::Path, &str)> {
        self.0.iter().map(|(path, text)| (path.as_path(), text.as_str()))
    }

    pub(crate) fn add(&mut self, path: PathBuf, text: String) -> FileId {
        let id = FileId(u32::try_from(self.0.len()).unwrap_or(u32::MAX));
        self.0.push((path, text));
        id
    }
}

impl fmt::Debug for Files {
    /// Names only: texts may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(path, _)| path)).finish()
    }
}

/// A problem before its file has a name.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    pub(crate) kind: ProblemKind,
    pub(crate) path: PropertyPath,
    pub(crate) span: Span,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    pub(crate) related: Option<(Span, String)>,
}

impl Fault {
    pub(crate) fn new(
        kind: ProblemKind,
        path: &PropertyPath,
        span: Span,
        message: impl Into<String>,
    ) -> Self {
        let message = message.into();
        Self { kind, path: path.clone(), span, message, hint: None, related: None }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(crate) fn related(mut self, span: Span, what: impl Into<String>) -> Self {
        self.related = Some((span, what.into()));
        self
    }
}

/// Problems of one stage; never empty when it is an error.
pub(crate) type Faults = Vec<Fault>;

impl From<Fault> for Faults {
    fn from(fault: Fault) -> Self {
        vec![fault]
    }
}

pub(crate) fn error(faults: Faults, files: &Files) -> LoadError {
    let problem = |fault: Fault| Problem {
        kind: fault.kind,
        path: fault.path,
        place: files.place(fault.span),
        message: fault.message,
        hint: fault.hint,
        related: fault.related.and_then(|(span, what)| Some((files.place(span)?, what))),
    };
    LoadError { problems: faults.into_iter().map(problem).collect(), files: files.clone() }
}

/// Warnings before their files have names.
#[derive(Debug, Clone, Default)]
pub(crate) struct Notices {
    /// Where it is, by what is said and about which place; what is said once about all places stands at none.
    list: IndexMap<(Option<Span>, String), (PropertyPath, Span)>,
}

impl Notices {
    pub(crate) fn add(&mut self, path: &PropertyPath, span: Span, message: impl Into<String>) {
        self.list.entry((Some(span), message.into())).or_insert_with(|| (path.clone(), span));
    }

    /// Once per variable.
    pub(crate) fn unset(&mut self, name: &str, path: &PropertyPath, span: Span) {
        let message = format!("The {name:?} variable is not set. Defaulting to a blank string.");
        self.list.entry((None, message)).or_insert_with(|| (path.clone(), span));
    }

    pub(crate) fn finish(self, files: &Files) -> Vec<Warning> {
        let warning =
            |((_, message), (path, span))| Warning { path, place: files.place(span), message };
        self.list.into_iter().map(warning).collect()
    }
}

/// What somebody wrote, with its article: `a list`, `an integer`, `nothing`.
pub(crate) fn found(kind: &Kind) -> String {
    match kind {
        Kind::Null => "nothing".to_owned(),
        Kind::Int(_) => format!("an {}", kind.name()),
        _ => format!("a {}", kind.name()),
    }
}
