//! What is wanted: both front ends (Compose, workload graphs) lower to this.

use indexmap::{IndexMap, IndexSet};
use perry_container_spec::{
    BuildSpec, ContainerSpec, HealthTest, Late, NetworkSpec, Ref, Sensitive, UnitId, VolumeSpec,
};
use std::time::Duration;

/// A project as it should be.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Desired {
    /// The project's name.
    pub project: String,
    /// Networks by their full names.
    pub networks: IndexMap<String, DesiredNetwork>,
    /// Volumes by their full names.
    pub volumes: IndexMap<String, DesiredVolume>,
    /// Containers.
    pub units: IndexMap<UnitId, Unit>,
    /// The services that are wanted now, also those with no container (scale 0).
    pub enabled: IndexSet<String>,
    /// Every service that the project knows, also those that are not wanted now (inactive profiles, scale 0, services
    /// that were not selected): their containers are no orphans.
    pub known: IndexSet<String>,
}

/// A network that is needed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DesiredNetwork {
    /// Its key in the file.
    pub key: String,
    /// What to make.
    pub spec: NetworkSpec,
    /// Made by others: it must exist, and is never changed or removed.
    pub external: bool,
}

/// A volume that is needed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DesiredVolume {
    /// Its key in the file.
    pub key: String,
    /// What to make.
    pub spec: VolumeSpec,
    /// Made by others: it must exist, and is never changed or removed.
    pub external: bool,
}

/// One container that is wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct Unit {
    /// What to create.
    pub template: ContainerSpec<Late>,
    /// Where its image comes from.
    pub image: ImageSource,
    /// What comes before it.
    pub depends_on: IndexMap<UnitId, Dependency>,
    /// Run in it once it has started, in order.
    pub post_start: Vec<Hook>,
    /// Run in it before it is stopped, in order.
    pub pre_stop: Vec<Hook>,
    /// Somebody waits for it to complete, so that it may end.
    pub completes: bool,
}

impl Unit {
    /// Its container's name.
    pub fn name(&self) -> &str {
        self.template.name.as_deref().unwrap_or_default()
    }

    /// Whether the spec itself says that it has a health check; `None` when only the image knows.
    pub fn has_healthcheck(&self) -> Option<bool> {
        let check = self.template.healthcheck.as_ref()?;
        match check.test {
            HealthTest::Disabled => Some(false),
            HealthTest::Inherit => None,
            HealthTest::Shell(_) | HealthTest::Command(_) => Some(true),
        }
    }

    /// The units whose containers its template names by their ids.
    pub(crate) fn uses_by_id(&self) -> IndexSet<UnitId> {
        let unit = |late: &Late| match late {
            Late::Ref(Ref::ContainerId(unit)) => Some(unit.clone()),
            _ => None,
        };
        self.template.values().filter_map(unit).collect()
    }

    /// The units whose late values its template holds: each makes an edge.
    pub fn uses(&self) -> IndexSet<UnitId> {
        let unit = |late: &Late| match late {
            Late::Ref(Ref::ContainerId(unit) | Ref::Address(unit, _) | Ref::Port(unit, _)) => {
                Some(unit.clone())
            }
            Late::Ref(Ref::Digest(_) | Ref::Pinned(_) | Ref::Entrypoint(_)) | Late::Known(_) => {
                None
            }
        };
        self.template.values().filter_map(unit).collect()
    }
}

/// When an image is fetched.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PullPolicy {
    /// Each time.
    Always,
    /// When it is not there.
    #[default]
    Missing,
    /// Never: it must be there.
    Never,
    /// It is built each time.
    Build,
    /// When it is not there, or what is there was made longer ago than this.
    Every(Duration),
}

/// Where a unit's image comes from.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ImageSource {
    /// Its reference.
    pub reference: String,
    /// When it is fetched.
    pub policy: PullPolicy,
    /// `os/arch[/variant]`.
    pub platform: Option<String>,
    /// How it is built, where it can be.
    pub build: Option<Box<BuildSpec>>,
    /// What its signatures must be, as JSON, beyond what holds for all images (`x-perry-verify`).
    pub demand: Option<String>,
}

/// What a unit waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Condition {
    /// It was started.
    Started,
    /// Its health check says so; without a check, started.
    Healthy,
    /// It ended with status 0.
    Completed,
}

/// One edge between units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dependency {
    /// What is waited for.
    pub condition: Condition,
    /// Whether the dependent goes without when it fails.
    pub required: bool,
    /// Whether the dependent is restarted with it.
    pub restart: bool,
}

/// A command that is run in a container around its life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// Program and arguments.
    pub command: Vec<String>,
    /// `user[:group]`; the container's when absent.
    pub user: Option<String>,
    /// With extended privileges.
    pub privileged: bool,
    /// The working directory; the container's when absent.
    pub workdir: Option<String>,
    /// Further environment.
    pub env: IndexMap<String, Sensitive<String>>,
}
