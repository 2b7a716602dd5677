//! The stages in their order.

use perry_container_model::ComposeSpec;
use perry_container_yaml::{Kind, Map, Node};

use crate::{
    Files, Input, LoadError, Loaded, Options, ProblemKind, PropertyPath, Source, Tree, Warning,
    bind::bind,
    merge::merge,
    name::{normalize_name, of_directory},
    problem::{Fault, Faults, error},
    read::documents,
};

/// Loads a project from its files, in order, the later over the earlier.
///
/// # Errors
/// Everything that is wrong with it, with places.
pub fn load(inputs: &[Input], options: &Options, source: &dyn Source) -> Result<Loaded, LoadError> {
    let tree = load_tree(inputs, options, source)?;
    let mut spec: ComposeSpec = bind(&tree.root).map_err(|faults| error(faults, &tree.files))?;
    let given = options.project_name.as_deref().or(options.default_name.as_deref());
    let name = given.map_or_else(|| of_directory(&options.working_dir), normalize_name);
    spec.name = Some(name.clone());
    Ok(Loaded {
        spec,
        name,
        disabled: indexmap::IndexMap::new(),
        profiles: Vec::new(),
        warnings: Vec::<Warning>::new(),
        variables: Vec::new(),
        env: options.env.clone(),
        tree,
    })
}

/// The merged, canonical document without binding it to types or selecting services: what
/// `docker compose config --no-interpolate` prints.
///
/// # Errors
/// As [`load`].
pub fn load_tree(
    inputs: &[Input],
    _options: &Options,
    _source: &dyn Source,
) -> Result<Tree, LoadError> {
    let mut files = Files::default();
    let root = merged(inputs, &mut files).map_err(|faults| error(faults, &files))?;
    Ok(Tree { root, files })
}

fn merged(inputs: &[Input], files: &mut Files) -> Result<Node, Faults> {
    let mut root = Node { kind: Kind::Map(Map::new()), ..Node::default() };
    for input in inputs {
        for document in documents(input, files)? {
            merge(&mut root, document, &mut PropertyPath::root())?;
        }
    }
    if root.as_map().is_none_or(Map::is_empty) {
        let root = PropertyPath::root();
        return Err(Fault::new(
            ProblemKind::Empty,
            &root,
            Default::default(),
            "empty compose file",
        )
        .into());
    }
    Ok(root)
}
