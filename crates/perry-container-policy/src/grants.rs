//! What a single command in a throw-away container may do.

use crate::{ContainerFlags, PolicyTier};
use indexmap::IndexMap;
use perry_container_spec::Sensitive;
use serde::{Deserialize, Serialize};

/// What a shell capability is granted beyond nothing.
///
/// ```
/// # use perry_container_policy::CapabilityGrants;
/// let flags = CapabilityGrants::default().flags();
/// assert!(flags.no_network && flags.read_only && flags.no_capabilities && flags.strict_seccomp);
/// assert!(!CapabilityGrants { network: true, ..Default::default() }.flags().no_network);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct CapabilityGrants {
    /// It may reach the network.
    pub network: bool,
    /// Variables that it sees; no others of ours.
    pub env: IndexMap<String, Sensitive<String>>,
}

impl CapabilityGrants {
    /// The settings of its container: those of untrusted code on the kernel that is there.
    pub const fn flags(&self) -> ContainerFlags {
        let strictest = ContainerFlags::of_tier(PolicyTier::Untrusted);
        ContainerFlags { no_network: !self.network, own_kernel: false, ..strictest }
    }
}
