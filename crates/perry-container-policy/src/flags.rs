//! What a policy comes to.

use crate::{Overridden, PolicySpec, PolicyTier};

/// The name of our own profile in a container's spec.
pub const STRICT: &str = "strict";
/// Who a container runs as that must not run as root: `nobody:nogroup` nearly everywhere, and nobody's files anywhere.
pub const NOBODY: &str = "65534:65534";

const MIB: i64 = 1024 * 1024;

/// What a container must not do, as settings. Ordered by strictness: see [`ContainerFlags::at_least`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ContainerFlags {
    /// No network but loopback.
    pub no_network: bool,
    /// A read-only root file system. `/tmp` and `/run` are memory then, unless something else is mounted there.
    pub read_only: bool,
    /// The strict seccomp profile.
    pub strict_seccomp: bool,
    /// No capability at all.
    pub no_capabilities: bool,
    /// Nothing in it can gain privileges.
    pub no_new_privileges: bool,
    /// Not the root user, by number: what a name stands for is said by the image.
    pub non_root: bool,
    /// Binds of the host cannot be written to.
    pub read_only_binds: bool,
    /// How many processes at most.
    pub pids: Option<i64>,
    /// How many bytes of memory at most, without swap.
    pub memory: Option<i64>,
    /// How many billionths of CPUs at most.
    pub nano_cpus: Option<i64>,
    /// A kernel that nobody else has.
    pub own_kernel: bool,
}

impl ContainerFlags {
    /// Nothing is demanded.
    pub const NONE: Self = Self {
        no_network: false,
        read_only: false,
        strict_seccomp: false,
        no_capabilities: false,
        no_new_privileges: false,
        non_root: false,
        read_only_binds: false,
        pids: None,
        memory: None,
        nano_cpus: None,
        own_kernel: false,
    };

    /// What a tier demands.
    pub const fn of_tier(tier: PolicyTier) -> Self {
        match tier {
            PolicyTier::Default => Self::NONE,
            PolicyTier::Isolated => Self { no_network: true, ..Self::NONE },
            PolicyTier::Hardened => Self {
                read_only: true,
                strict_seccomp: true,
                no_capabilities: true,
                no_new_privileges: true,
                non_root: true,
                pids: Some(512),
                ..Self::NONE
            },
            PolicyTier::Untrusted => Self {
                no_network: true,
                read_only_binds: true,
                pids: Some(128),
                memory: Some(512 * MIB),
                nano_cpus: Some(1_000_000_000),
                own_kernel: true,
                ..Self::of_tier(PolicyTier::Hardened)
            },
        }
    }

    /// Whatever one of the two demands; of two limits the smaller.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let least = |a: Option<i64>, b: Option<i64>| a.into_iter().chain(b).min();
        Self {
            no_network: self.no_network || other.no_network,
            read_only: self.read_only || other.read_only,
            strict_seccomp: self.strict_seccomp || other.strict_seccomp,
            no_capabilities: self.no_capabilities || other.no_capabilities,
            no_new_privileges: self.no_new_privileges || other.no_new_privileges,
            non_root: self.non_root || other.non_root,
            read_only_binds: self.read_only_binds || other.read_only_binds,
            pids: least(self.pids, other.pids),
            memory: least(self.memory, other.memory),
            nano_cpus: least(self.nano_cpus, other.nano_cpus),
            own_kernel: self.own_kernel || other.own_kernel,
        }
    }

    /// Whether these demand everything that the others do.
    pub fn at_least(self, other: Self) -> bool {
        self.and(other) == self
    }

    /// Whether nothing is demanded.
    pub fn is_none(self) -> bool {
        self == Self::NONE
    }
}

/// The settings that a policy comes to: its tier's, and what its flags add.
///
/// ```
/// # use perry_container_policy::{PolicySpec, PolicyTier, policy_to_container_flags};
/// let flags = policy_to_container_flags(&PolicySpec::of(PolicyTier::Untrusted));
/// assert!(flags.read_only && flags.no_network && flags.strict_seccomp && flags.own_kernel);
/// // A flag cannot loosen.
/// let policy = PolicySpec { no_network: Some(false), ..PolicySpec::of(PolicyTier::Isolated) };
/// assert!(policy_to_container_flags(&policy).no_network);
/// ```
pub fn policy_to_container_flags(policy: &PolicySpec) -> ContainerFlags {
    let set = |flag: Option<bool>| flag == Some(true);
    ContainerFlags::of_tier(policy.tier).and(ContainerFlags {
        no_network: set(policy.no_network),
        read_only: set(policy.read_only_root),
        strict_seccomp: set(policy.seccomp),
        // A profile alone is little: what it forbids must not come back by a set-uid program.
        no_new_privileges: set(policy.seccomp),
        ..ContainerFlags::NONE
    })
}

impl PolicySpec {
    /// The flags that would loosen what the tier demands.
    pub fn overridden(&self) -> Vec<Overridden> {
        let tier = ContainerFlags::of_tier(self.tier);
        [
            ("noNetwork", self.no_network, tier.no_network),
            ("readOnlyRoot", self.read_only_root, tier.read_only),
            ("seccomp", self.seccomp, tier.strict_seccomp),
        ]
        .into_iter()
        .filter(|(_, flag, demanded)| *flag == Some(false) && *demanded)
        .map(|(name, ..)| {
            Overridden::new(
                format!("policy.{name}"),
                format!("false is ignored: the tier {} demands it", self.tier),
            )
        })
        .collect()
    }
}
