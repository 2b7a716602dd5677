//! What a container, a network or a volume needs of a runtime.

use crate::{
    Feature,
    rules::{self, Rule, Template},
};
use perry_container_spec::{NetworkSpec, VolumeSpec};

/// One feature that is needed, and for which property.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Need {
    /// What is needed.
    pub feature: Feature,
    /// The property's path below its service, network or volume, as a Compose file writes it.
    pub path: &'static str,
}

fn of<'r, T: 'static>(rules: impl Iterator<Item = &'r Rule<T>>, value: &T) -> Vec<Need> {
    rules
        .filter(|rule| (rule.used)(value))
        .map(|rule| Need { feature: rule.feature, path: rule.path })
        .collect()
}

/// What a container needs, in the order of the rules. A template without late values is one too.
///
/// ```
/// use perry_container_spec::{ContainerSpec, Late};
/// use perry_container_support::{Feature, Need, needs};
///
/// let mut spec = ContainerSpec::<Late>::new(Late::known("lab/base:1"));
/// spec.privileged = true;
/// assert_eq!(needs(&spec), [Need { feature: Feature::Privileged, path: "privileged" }]);
/// ```
pub fn needs(template: &Template) -> Vec<Need> {
    of(rules::container(), template)
}

/// What a network needs.
pub fn network_needs(network: &NetworkSpec) -> Vec<Need> {
    of(rules::NETWORK.iter(), network)
}

/// What a volume needs.
pub fn volume_needs(volume: &VolumeSpec) -> Vec<Need> {
    of(rules::VOLUME.iter(), volume)
}
