//! The runtime for a spec, by the tables alone.

use perry_container_load::{Input, Memory, Options, Steps, load};
use perry_container_probe::{Accept, Candidate, Os, select};
use perry_container_reconcile::{Context, PlacedNeed, lower, needs};
use perry_container_spec::{ContainerSpec, Late, Sensitive};
use perry_container_support as support;
use serde_json::Value;

/// The first runtime of a platform that has all that a spec needs; without needs the first one. None where there is no
/// such runtime, and for what is no spec. It asks nobody: no runtime, no file, no variable.
///
/// A spec is that of a stack (with `services`) or of a container (with `image`), as JSON.
///
/// ```
/// use perry_container_context::select_backend_for;
/// use perry_container_probe::{Accept, Candidate, Os};
///
/// let first = |os, spec| select_backend_for(os, spec, Accept::default());
/// let plain = r#"{"services": {"web": {"image": "httpd"}}}"#;
/// assert_eq!(first(Os::MacOs, plain), Some(Candidate::AppleContainer));
/// assert_eq!(first(Os::Linux, plain), Some(Candidate::Podman));
/// assert_eq!(first(Os::Linux, "null"), None);
/// ```
pub fn select_backend_for(os: Os, spec: &str, accept: Accept) -> Option<Candidate> {
    let needs: Vec<_> = spec_needs(spec)?.into_iter().map(|need| need.feature).collect();
    select(os, &needs, accept)
}

/// What a spec needs, with the paths of its properties (`services.web.privileged`, of a container `privileged`). None for
/// what is no spec.
pub fn spec_needs(spec: &str) -> Option<Vec<PlacedNeed>> {
    let value: Value = serde_json::from_str(spec).ok()?;
    let object = value.as_object()?;
    if object.contains_key("image") && !object.contains_key("services") {
        return container_needs(value);
    }
    // What is not there yet (images, definitions of others, files with variables) is no reason to choose nothing, and
    // relative paths are taken for some of a home directory.
    let options = Options {
        default_name: Some("spec".to_owned()),
        steps: Steps { consistency: false, resolve_env: false, ..Steps::default() },
        ..Options::new("/home/spec")
    };
    if object
        .get("services")
        .is_none_or(|all| all.as_object().is_some_and(serde_json::Map::is_empty))
    {
        return Some(Vec::new());
    }
    let loaded = load(&[Input::json("spec", spec)], &options, &Memory::default()).ok()?;
    let empty = || Sensitive::new(Vec::new());
    let context = Context {
        project: loaded.name,
        secrets: loaded.spec.secrets.keys().map(|key| (key.clone(), empty())).collect(),
        configs: loaded.spec.configs.keys().map(|key| (key.clone(), empty())).collect(),
        ..Context::default()
    };
    let (desired, _) = lower(&loaded.spec, &context).ok()?;
    Some(needs(&desired))
}

fn container_needs(spec: Value) -> Option<Vec<PlacedNeed>> {
    let spec: ContainerSpec = serde_json::from_value(spec).ok()?;
    let known = |value: &String| Ok::<_, std::convert::Infallible>(Late::known(value));
    let Ok(template) = spec.try_map(&mut { known });
    let placed =
        |need: support::Need| PlacedNeed { feature: need.feature, path: need.path.to_owned() };
    Some(support::needs(&template).into_iter().map(placed).collect())
}
