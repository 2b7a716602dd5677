//! One rule per feature: when a property needs it, and how the property is left out.

mod container;
mod limits;
mod mounts;
mod network;
mod objects;

pub(crate) use objects::{NETWORK, VOLUME};

use crate::Feature;
use perry_container_spec::{ContainerSpec, Late};

pub(crate) type Template = ContainerSpec<Late>;

/// One property.
pub(crate) struct Rule<T> {
    /// What it needs.
    pub(crate) feature: Feature,
    /// Its path below its service, network or volume, as a Compose file writes it.
    pub(crate) path: &'static str,
    /// Whether it is used.
    pub(crate) used: fn(&T) -> bool,
    /// Leaves it out: it is not used any more.
    pub(crate) strip: fn(&mut T),
    /// Where the feature is partial: makes of the property what the runtime can do, and tells what became of what.
    /// Nothing, where it can do what is there.
    pub(crate) translate: Option<Translate<T>>,
}

/// From a property that a runtime can do in part to one that it can do.
pub(crate) type Translate<T> = fn(&mut T) -> Option<(String, String)>;

const fn rule<T>(
    feature: Feature,
    path: &'static str,
    used: fn(&T) -> bool,
    strip: fn(&mut T),
) -> Rule<T> {
    Rule { feature, path, used, strip, translate: None }
}

/// All rules of containers.
pub(crate) fn container() -> impl Iterator<Item = &'static Rule<Template>> {
    [container::RULES, network::RULES, mounts::RULES, limits::RULES].into_iter().flatten()
}
