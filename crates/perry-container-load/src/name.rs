//! Names of projects.

use std::path::Path;

use perry_container_interpolate::interpolate;
use perry_container_model::normalize_project_name;
use perry_container_yaml::{Node, Span};

use crate::{
    Options, ProblemKind, PropertyPath,
    problem::{Fault, Faults},
};

/// The last part of a directory, normalised.
fn of_directory(directory: &Path) -> String {
    normalize_project_name(&directory.file_name().unwrap_or_default().to_string_lossy())
}

/// The project's name: given from outside, or the last `name:` of the files, or a default.
///
/// # Errors
/// A given name that is none, a template that cannot be replaced, nothing left.
pub(crate) fn resolve<'a>(
    options: &Options,
    documents: impl Iterator<Item = &'a Node>,
) -> Result<String, Faults> {
    let fault = |span, message: String| {
        Fault::new(ProblemKind::Name, &PropertyPath::root().join("name"), span, message)
    };
    if let Some(given) = &options.project_name {
        if normalize_project_name(given) != *given {
            let message = format!("invalid project name {given:?}");
            return Err(fault(Span::default(), message)
                .hint(
                    "it must consist only of lowercase alphanumeric characters, hyphens, and \
                     underscores as well as start with a letter or number",
                )
                .into());
        }
        if !given.is_empty() {
            return Ok(given.clone());
        }
    }
    let written = documents
        .filter_map(|document| document.get("name"))
        .filter(|name| name.as_str().is_some_and(|text| !text.is_empty()))
        .last();
    if let Some(node) = written
        && let Some(text) = node.as_str()
    {
        let lookup = |name: &str| options.env.get(name).map(str::to_owned);
        let text = if options.steps.interpolate {
            match interpolate(text, &lookup) {
                Ok(done) => done.text,
                Err(error) => {
                    let mut fault = fault(node.span, error.to_string());
                    fault.kind = ProblemKind::Interpolation;
                    return Err(fault.into());
                }
            }
        } else {
            text.to_owned()
        };
        return not_empty(normalize_project_name(&text), node.span);
    }
    let name = match &options.default_name {
        Some(name) => normalize_project_name(name),
        None => of_directory(&options.working_dir),
    };
    not_empty(name, Span::default())
}

fn not_empty(name: String, span: Span) -> Result<String, Faults> {
    if name.is_empty() {
        let path = PropertyPath::root().join("name");
        return Err(Fault::new(ProblemKind::Name, &path, span, "project name must not be empty")
            .hint("give one with `name:` in the file, or with -p; only a-z, 0-9, _ and - count")
            .into());
    }
    Ok(name)
}
