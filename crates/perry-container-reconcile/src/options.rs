//! What a caller can ask for.

use indexmap::{IndexMap, IndexSet};
use perry_container_plan::{Plan, Strategy};
use perry_container_spec::Id;
use std::time::Duration;

use crate::{Action, PullPolicy};

/// When containers are made anew.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Recreate {
    /// When they differ from what is wanted.
    #[default]
    Diverged,
    /// Always.
    Force,
    /// Never.
    Never,
}

/// Options of `up`, `create` and `scale`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UpOptions {
    /// Order beyond the true edges.
    pub strategy: Strategy,
    /// For the services that were named, or all.
    pub recreate: Recreate,
    /// For the dependencies of those that were named.
    pub recreate_deps: Recreate,
    /// The services that were named; empty: all. Their dependencies come along.
    pub named: IndexSet<String>,
    /// Overrides every service's policy (`--pull`).
    pub pull: Option<PullPolicy>,
    /// Build what can be built, also when the image is there (`--build`).
    pub build: bool,
    /// Never build (`--no-build`).
    pub no_build: bool,
    /// Only create (`create`, `up --no-start`).
    pub no_start: bool,
    /// Wait until everything is running or healthy (`--wait`).
    pub wait: bool,
    /// How long to wait for that.
    pub wait_timeout: Option<Duration>,
    /// Stop timeout in seconds of what is replaced.
    pub timeout: Option<u32>,
    /// Fresh anonymous volumes instead of the old container's (`--renew-anon-volumes`).
    pub renew_anon_volumes: bool,
    /// Remove containers whose service is not in the project any more.
    pub remove_orphans: bool,
    /// Do not tell of containers whose service is not in the project any more (`COMPOSE_IGNORE_ORPHANS`).
    pub ignore_orphans: bool,
    /// Commit per unit instead of all at once: what was made stays when a later part fails (`--no-rollback`).
    pub no_rollback: bool,
    /// Leave dependencies of the services that were named alone (`--no-deps`).
    pub no_deps: bool,
    /// The run's own id, for a label on what it makes.
    pub run: Option<String>,
    /// Images that an inquiry has just brought.
    pub fetched: IndexSet<String>,
    /// The runtime gives no other name to what is there ([`Feature::Rename`](perry_container_support::Feature)): what
    /// is replaced cannot be set aside, it is removed first.
    pub no_rename: bool,
    /// The runtime takes nothing off a network ([`Feature::ConnectNetwork`](perry_container_support::Feature)): what
    /// holds a network that is made again is removed first.
    pub no_disconnect: bool,
    /// Images are verified before anything is made of them.
    pub gate: Option<GateOptions>,
}

/// Which images are verified, and what becomes of those that fail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GateOptions {
    /// It is only told.
    pub warn: bool,
    /// Of which nothing is demanded: by reference and demand.
    pub free: IndexSet<(String, Option<String>)>,
}

impl UpOptions {
    /// The same for `create`: everything is made, nothing is started.
    #[must_use]
    pub fn creating(self) -> Self {
        Self { no_start: true, wait: false, ..self }
    }

    /// What `scale` is: an `up` of these services, and of what they depend on unless `no_deps`. How many containers of
    /// each there should be is for the desired state to say ([`Context::scale`](crate::Context::scale)); the highest
    /// numbers leave first.
    pub fn scaling(named: IndexSet<String>, no_deps: bool) -> Self {
        Self { named, no_deps, ..Self::default() }
    }
}

/// Options of `down`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DownOptions {
    /// Also the project's own named volumes and anonymous ones (`-v`).
    pub volumes: bool,
    /// Also containers whose service is not in the project any more.
    pub remove_orphans: bool,
    /// Stop timeout in seconds.
    pub timeout: Option<u32>,
    /// The services that were named; empty: all.
    pub named: IndexSet<String>,
}

/// Options of `stop`, `start`, `restart`, `pause` and `unpause`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LifeOptions {
    /// The services that were named; empty: all.
    pub named: IndexSet<String>,
    /// Stop timeout in seconds.
    pub timeout: Option<u32>,
    /// Leave dependents and dependencies alone (`--no-deps`).
    pub no_deps: bool,
    /// Wait until everything is running or healthy (`start --wait`).
    pub wait: bool,
    /// How long to wait for that.
    pub wait_timeout: Option<Duration>,
}

/// Options of `kill`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KillOptions {
    /// The services that were named; empty: all.
    pub named: IndexSet<String>,
    /// The signal, by its name or number as the runtime knows it.
    pub signal: String,
    /// Also containers whose service is not in the project any more, and those that `run` made.
    pub remove_orphans: bool,
    /// What is frozen has to go on before it can be killed ([`Feature::KillPaused`](perry_container_support::Feature)).
    pub thaw: bool,
}

impl Default for KillOptions {
    fn default() -> Self {
        let signal = "SIGKILL".to_owned();
        Self { named: IndexSet::new(), signal, remove_orphans: false, thaw: false }
    }
}

/// Options of `rm`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RmOptions {
    /// The services that were named; empty: all.
    pub named: IndexSet<String>,
    /// Also what runs: it is stopped first (`-s`).
    pub stop: bool,
    /// Also anonymous volumes (`-v`).
    pub volumes: bool,
    /// Stop timeout in seconds.
    pub timeout: Option<u32>,
    /// No others than these, where a person was asked: what came since is not theirs to have agreed to.
    pub approved: Option<IndexSet<Id>>,
}

/// What planning came to.
#[derive(Debug, Clone, Default)]
pub struct Planned {
    /// What to do.
    pub plan: Plan<Action>,
    /// What a person should know.
    pub notes: Vec<String>,
    /// Units that stay as they are, by the name of their container (progress says `Running`).
    pub kept: IndexMap<String, &'static str>,
}
