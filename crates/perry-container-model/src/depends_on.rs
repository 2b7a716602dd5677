//! What a service waits for.

use crate::de::is_false;
use crate::object::{Extensions, object};
use crate::word::words;
use serde::{Deserialize, Serialize};

words! {
    /// When a dependency is ready for its dependents.
    ///
    /// ```
    /// # use perry_container_model::DependsOnCondition;
    /// assert_eq!("service_healthy".parse(), Ok(DependsOnCondition::ServiceHealthy));
    /// assert_eq!(
    ///     "healthy".parse::<DependsOnCondition>().unwrap_err().to_string(),
    ///     "invalid depends_on condition `healthy`, expected `service_started`, `service_healthy` or \
    ///      `service_completed_successfully`"
    /// );
    /// ```
    pub enum DependsOnCondition ("depends_on condition", DependsOnConditionError) {
        /// Its containers were started.
        ServiceStarted = "service_started",
        /// All its containers are healthy.
        ServiceHealthy = "service_healthy",
        /// All its containers have exited with status 0.
        ServiceCompletedSuccessfully = "service_completed_successfully",
    }
}

/// One entry of `depends_on`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", expecting = "a dependency: a mapping with `condition`")]
pub struct ComposeDependsOn {
    /// What is waited for.
    pub condition: DependsOnCondition,
    /// Whether the dependent restarts when the dependency is replaced or restarted.
    #[serde(default, skip_serializing_if = "is_false")]
    pub restart: bool,
    /// Whether the dependent fails when the dependency is not there or does not get ready; default true.
    #[serde(default = "yes")]
    pub required: bool,
    /// `x-` properties.
    #[serde(flatten, skip_deserializing)]
    pub extensions: Extensions,
}

object!(ComposeDependsOn);

impl ComposeDependsOn {
    /// The short form: started, required, no restart.
    pub fn started() -> Self {
        Self {
            condition: DependsOnCondition::ServiceStarted,
            restart: false,
            required: true,
            extensions: Extensions::new(),
        }
    }
}

const fn yes() -> bool {
    true
}
