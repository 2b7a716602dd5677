//! The order of services.

use crate::{ComposeError, model::ComposeSpec};
use indexmap::IndexMap;

/// Every service once, after everything it depends on.
///
/// ```
/// use perry_container_compose::{ComposeSpecExt as _, model::ComposeSpec, resolve_startup_order};
/// let spec = ComposeSpec::parse_str(
///     r#"{"services": {"web": {"image": "web", "depends_on": ["db"]}, "db": {"image": "db"}}}"#,
/// )?;
/// assert_eq!(resolve_startup_order(&spec)?, ["db", "web"]);
/// # Ok::<(), perry_container_compose::ComposeError>(())
/// ```
///
/// # Errors
/// [`ComposeError::DependencyCycle`] with the path of a cycle; [`ComposeError::InvalidConfig`] when a service depends on
/// one that is not there.
pub fn resolve_startup_order(spec: &ComposeSpec) -> Result<Vec<String>, ComposeError> {
    Ok(compute_topological_levels(spec)?.into_iter().flatten().collect())
}

/// The services in levels: each depends only on services of earlier levels, and stands as early as it can.
///
/// A dependency that is not required may be missing.
///
/// # Errors
/// As [`resolve_startup_order`].
pub fn compute_topological_levels(spec: &ComposeSpec) -> Result<Vec<Vec<String>>, ComposeError> {
    let mut before: IndexMap<String, Vec<String>> = IndexMap::with_capacity(spec.services.len());
    for (name, service) in &spec.services {
        let there = service
            .depends_on
            .iter()
            .filter(|(on, how)| how.required || spec.services.contains_key(*on));
        before.insert(name.clone(), there.map(|(on, _)| on.clone()).collect());
    }
    let levels = crate::graph::levels(&before)?;
    Ok(levels.into_iter().map(|level| level.into_iter().cloned().collect()).collect())
}
