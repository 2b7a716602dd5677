//! From bytes to documents.

use perry_container_yaml::{Kind, Node, YamlError, parse_json};

use crate::{
    Format, Input, ProblemKind, PropertyPath,
    problem::{Fault, Faults, Files, found},
};

/// The documents of an input; its text is kept in `files`. Documents that hold nothing are dropped.
pub(crate) fn documents(input: &Input, files: &mut Files) -> Result<Vec<Node>, Faults> {
    let text = String::from_utf8_lossy(&input.bytes).into_owned();
    let id = files.add(input.path.clone(), text);
    let read = match input.format {
        Format::Json => match std::str::from_utf8(&input.bytes) {
            Ok(text) => parse_json(text, Some(id)).map(|node| vec![node]),
            Err(_) => Err(YamlError::NotText { span: at_start(id) }),
        },
        #[cfg(feature = "yaml")]
        Format::Yaml => perry_container_yaml::parse_bytes(&input.bytes, Some(id)),
        #[cfg(not(feature = "yaml"))]
        Format::Yaml => {
            let message = "this program was built without YAML support";
            let root = PropertyPath::root();
            return Err(Fault::new(ProblemKind::File, &root, at_start(id), message)
                .hint("hand the project in as a JSON object, or build with the feature `yaml`")
                .into());
        }
    };
    let documents = read.map_err(|error| {
        let root = PropertyPath::root();
        let mut fault = Fault::new(ProblemKind::Syntax, &root, error.span(), error.to_string());
        if let Some(first) = error.other_span() {
            fault = fault.related(first, "first defined here");
        }
        vec![fault]
    })?;
    let mut kept = Vec::new();
    for document in documents {
        match document.kind {
            Kind::Null => {}
            Kind::Map(_) => kept.push(document),
            _ => {
                let root = PropertyPath::root();
                let message =
                    format!("top-level object must be a mapping, found {}", found(&document.kind));
                return Err(Fault::new(ProblemKind::Syntax, &root, document.span, message)
                    .hint("begin with `services:`")
                    .into());
            }
        }
    }
    Ok(kept)
}

fn at_start(id: perry_container_yaml::FileId) -> perry_container_yaml::Span {
    perry_container_yaml::Span { file: Some(id), line: 1, column: 1, end_line: 1, end_column: 2 }
}
