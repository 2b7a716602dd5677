//! The stages in their order.

use indexmap::IndexSet;
use perry_container_interpolate::{Env, Variable};
use perry_container_yaml::{Map, Node, Span};

use crate::{
    Input, LoadError, Loaded, Options, ProblemKind, PropertyPath, Source, Tree,
    bind::bind,
    consistency, decode, doubts, environment,
    interp::collect_variables,
    name, normalize,
    problem::{Fault, Faults, error},
    read::documents,
    select,
    session::{Scope, Session},
};

/// Loads a project from its files, in order, the later over the earlier.
///
/// # Errors
/// Everything that is wrong with it, with places.
pub fn load(inputs: &[Input], options: &Options, source: &dyn Source) -> Result<Loaded, LoadError> {
    let mut session = Session::new(options, source);
    match loaded(&mut session, inputs) {
        Ok(done) => {
            let Done { spec, name, disabled, profiles, env, root } = done;
            let warnings = session.notices.finish(&session.files);
            let variables = session.variables.into_iter().collect();
            let tree = Tree { root, files: session.files };
            let trail = session.trail;
            Ok(Loaded { spec, name, disabled, profiles, warnings, variables, env, tree, trail })
        }
        Err(faults) => Err(error(faults, &session.files)),
    }
}

/// The merged, canonical document without binding it to types or selecting services: what
/// `docker compose config --no-interpolate` prints.
///
/// # Errors
/// As [`load`].
pub fn load_tree(
    inputs: &[Input],
    options: &Options,
    source: &dyn Source,
) -> Result<Tree, LoadError> {
    let mut session = Session::new(options, source);
    match document(&mut session, inputs) {
        Ok((root, ..)) => Ok(Tree { root, files: session.files }),
        Err(faults) => Err(error(faults, &session.files)),
    }
}

/// The variables of all texts of a project, as they are written, so that required ones need not be
/// set: what `docker compose config --variables` lists.
///
/// # Errors
/// As [`load`], except for what only shows once variables are replaced.
pub fn load_variables(
    inputs: &[Input],
    options: &Options,
    source: &dyn Source,
) -> Result<Vec<Variable>, LoadError> {
    let mut options = options.clone();
    options.steps.interpolate = false;
    let mut session = Session::new(&options, source);
    match document(&mut session, inputs) {
        Ok((root, ..)) => {
            let mut found = IndexSet::new();
            collect_variables(&root, &mut found);
            Ok(found.into_iter().collect())
        }
        Err(faults) => Err(error(faults, &session.files)),
    }
}

struct Done {
    spec: perry_container_model::ComposeSpec,
    name: String,
    disabled: indexmap::IndexMap<String, perry_container_model::ComposeService>,
    profiles: Vec<String>,
    env: Env,
    root: Node,
}

/// Everything up to the document, its name and its environment.
fn document(session: &mut Session<'_>, inputs: &[Input]) -> Result<(Node, String, Env), Faults> {
    let options = session.options;
    let read: Vec<_> = inputs
        .iter()
        .map(|input| (input.path.as_path(), documents(input, &mut session.files)))
        .collect();
    // The name is wanted before anything else is looked at; what is wrong with a file comes out when its turn comes.
    let all = read.iter().filter_map(|(_, documents)| documents.as_ref().ok()).flatten();
    let name = name::resolve(options, all)?;
    let mut env = options.env.clone();
    env.set("COMPOSE_PROJECT_NAME", name.as_str());
    let scope = Scope { directory: &options.working_dir, env: &env, included: &[], whole: true };
    let mut root = session.project_of(read, scope)?;
    if root.as_map().is_none_or(Map::is_empty) {
        let root = PropertyPath::root();
        return Err(Fault::new(ProblemKind::Empty, &root, Span::default(), "empty compose file")
            .hint("a project needs `services:`")
            .into());
    }
    if options.steps.normalize {
        normalize::normalize(&mut root, &name, &env, options.steps.interpolate);
    }
    Ok((root, name, env))
}

fn loaded(session: &mut Session<'_>, inputs: &[Input]) -> Result<Done, Faults> {
    let (mut root, name, env) = document(session, inputs)?;
    let options = session.options;
    let enabled: IndexSet<String> = select::enabled(&root, options)?;
    let profiles = select::profiles(&root);
    let wanted = |service: &str| enabled.contains(service);
    doubts::look(&root, &mut session.notices);
    decode::decode(&mut root, &mut session.notices)?;
    environment::resolve(&mut root, &env, session, &wanted)?;
    let bad = normalize::finish(&mut root);
    if !bad.is_empty() {
        let fault = |(path, span, message)| {
            Fault::new(ProblemKind::Value, &path, span, message).hint("close every quote")
        };
        return Err(bad.into_iter().map(fault).collect());
    }
    let mut spec = bind(&root)?;
    spec.name = Some(name.clone());
    let mut disabled = select::split(&mut spec, &enabled);
    if options.steps.consistency {
        consistency::check(&spec, &disabled, &root)?;
    }
    select::select(&mut spec, &mut disabled, options);
    if !options.steps.all_resources {
        select::prune(&mut spec);
    }
    Ok(Done { spec, name, disabled, profiles, env, root })
}
