//! How a service is deployed: replicas, resources, restarts.

use crate::de::{blank, nonzero, present, whole};
use crate::device::DeviceRequest;
use crate::list_or_dict::Labels;
use crate::object::{Extensions, object};
use crate::scalar::{ByteSize, Decimal, Duration};
use serde::{Deserialize, Serialize};

/// `deploy` of a service.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", default, expecting = "a deployment: a mapping")]
pub struct ComposeDeployment {
    /// `replicated`, `global`, `replicated-job`, `global-job`.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub mode: Option<String>,
    /// How many containers.
    #[serde(deserialize_with = "whole", skip_serializing_if = "Option::is_none")]
    pub replicas: Option<u32>,
    /// Labels of the service (not of its containers).
    #[serde(skip_serializing_if = "Labels::is_empty")]
    pub labels: Labels,
    /// How an update proceeds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update_config: Option<UpdateConfig>,
    /// How a return to the former state proceeds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollback_config: Option<UpdateConfig>,
    /// Limits and reservations.
    pub resources: Resources,
    /// When containers are restarted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restart_policy: Option<RestartPolicy>,
    /// Where containers may run.
    pub placement: Placement,
    /// `vip` or `dnsrr`.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub endpoint_mode: Option<String>,
    /// `x-` properties.
    #[serde(flatten, skip_deserializing)]
    pub extensions: Extensions,
}

/// `update_config` or `rollback_config` of a deployment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", default, expecting = "an update configuration: a mapping")]
pub struct UpdateConfig {
    /// How many containers at once; 0 is all.
    #[serde(deserialize_with = "whole", skip_serializing_if = "Option::is_none")]
    pub parallelism: Option<u64>,
    /// Between two groups.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub delay: Option<Duration>,
    /// `continue`, `pause` or `rollback`.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub failure_action: Option<String>,
    /// How long each container is watched for failure.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub monitor: Option<Duration>,
    /// Share of failures that is tolerated.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub max_failure_ratio: Option<Decimal>,
    /// `stop-first` or `start-first`.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub order: Option<String>,
    /// `x-` properties.
    #[serde(flatten, skip_deserializing)]
    pub extensions: Extensions,
}

/// `resources` of a deployment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", default, expecting = "resources: a mapping")]
pub struct Resources {
    /// At most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limits: Option<Resource>,
    /// At least.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reservations: Option<Resource>,
    /// `x-` properties.
    #[serde(flatten, skip_deserializing)]
    pub extensions: Extensions,
}

/// `limits` or `reservations` of resources.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", default, expecting = "an amount of resources: a mapping")]
pub struct Resource {
    /// Number of CPUs.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub cpus: Option<Decimal>,
    /// Bytes of memory.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub memory: Option<ByteSize>,
    /// Number of processes (limits).
    #[serde(deserialize_with = "nonzero", skip_serializing_if = "blank")]
    pub pids: Option<i64>,
    /// Devices (reservations).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub devices: Vec<DeviceRequest>,
    /// Resources of the user's own kind (reservations).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub generic_resources: Vec<GenericResource>,
    /// `x-` properties.
    #[serde(flatten, skip_deserializing)]
    pub extensions: Extensions,
}

/// A resource of the user's own kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", default, expecting = "a generic resource: a mapping")]
pub struct GenericResource {
    /// One that is counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discrete_resource_spec: Option<DiscreteResource>,
    /// `x-` properties.
    #[serde(flatten, skip_deserializing)]
    pub extensions: Extensions,
}

/// A resource that is counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    remote = "Self",
    default,
    expecting = "a counted resource: a mapping with `kind` and `value`"
)]
pub struct DiscreteResource {
    /// What it is.
    pub kind: String,
    /// How many.
    pub value: i64,
    /// `x-` properties.
    #[serde(flatten, skip_deserializing)]
    pub extensions: Extensions,
}

/// `restart_policy` of a deployment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", default, expecting = "a restart policy: a mapping")]
pub struct RestartPolicy {
    /// `none`, `on-failure` or `any`.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub condition: Option<String>,
    /// Before a restart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay: Option<Duration>,
    /// How often at most.
    #[serde(deserialize_with = "whole", skip_serializing_if = "Option::is_none")]
    pub max_attempts: Option<u64>,
    /// How long a container must run to count as started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<Duration>,
    /// `x-` properties.
    #[serde(flatten, skip_deserializing)]
    pub extensions: Extensions,
}

/// `placement` of a deployment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", default, expecting = "a placement: a mapping")]
pub struct Placement {
    /// What a node must be: all of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub constraints: Vec<String>,
    /// How containers are spread.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub preferences: Vec<PlacementPreference>,
    /// Containers on one node at most.
    #[serde(deserialize_with = "nonzero", skip_serializing_if = "blank")]
    pub max_replicas_per_node: Option<u64>,
    /// `x-` properties.
    #[serde(flatten, skip_deserializing)]
    pub extensions: Extensions,
}

/// One preference of a placement.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", default, expecting = "a placement preference: a mapping")]
pub struct PlacementPreference {
    /// Label over whose values containers are spread.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub spread: Option<String>,
    /// `x-` properties.
    #[serde(flatten, skip_deserializing)]
    pub extensions: Extensions,
}

object!(ComposeDeployment [update_config, rollback_config, resources, restart_policy, placement]);
object!(UpdateConfig);
object!(Resources [limits, reservations]);
object!(Resource [devices, generic_resources]);
object!(GenericResource[discrete_resource_spec]);
object!(DiscreteResource);
object!(RestartPolicy);
object!(Placement[preferences]);
object!(PlacementPreference);
