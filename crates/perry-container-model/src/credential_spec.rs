//! Credentials of a group-managed service account (Windows).

use crate::de::{blank, present};
use crate::object::{Extensions, object};
use serde::{Deserialize, Serialize};

/// `credential_spec` of a service: one of the three.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", default, expecting = "a credential specification: a mapping")]
pub struct CredentialSpec {
    /// Key of a config of the project.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub config: Option<String>,
    /// A file in the engine's folder of credential specifications.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub file: Option<String>,
    /// Name of a value in the registry of Windows.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub registry: Option<String>,
    /// `x-` properties.
    #[serde(flatten, skip_deserializing)]
    pub extensions: Extensions,
}

object!(CredentialSpec);
