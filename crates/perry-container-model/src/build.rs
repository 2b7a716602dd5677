//! How the image of a service is built.

use crate::de::{blank, is_false, one_or_many, present, scalar_texts};
use crate::hosts::ExtraHosts;
use crate::list_or_dict::{Environment, Labels};
use crate::object::{Extensions, object};
use crate::scalar::ByteSize;
use crate::service_file::ServiceFile;
use crate::ssh::SshKey;
use crate::ulimit::ComposeUlimit;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// `build` of a service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", default, expecting = "a build configuration: a mapping")]
pub struct ComposeServiceBuild {
    /// Folder (absolute once loaded) or address of the sources.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub context: Option<String>,
    /// Path of the Dockerfile, relative to the context.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub dockerfile: Option<String>,
    /// Text of the Dockerfile, instead of a file.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub dockerfile_inline: Option<String>,
    /// Extra privileges: `network.host`, `security.insecure`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub entitlements: Vec<String>,
    /// Build arguments.
    #[serde(skip_serializing_if = "Environment::is_empty")]
    pub args: Environment,
    /// Provenance attestation: `true`, `false` or parameters.
    #[serde(deserialize_with = "scalar", skip_serializing_if = "blank")]
    pub provenance: Option<String>,
    /// SBOM attestation: `true`, `false` or parameters.
    #[serde(deserialize_with = "scalar", skip_serializing_if = "blank")]
    pub sbom: Option<String>,
    /// SSH agents and keys the build may use.
    #[serde(deserialize_with = "crate::ssh::keys", skip_serializing_if = "Vec::is_empty")]
    pub ssh: Vec<SshKey>,
    /// Labels of the image.
    #[serde(skip_serializing_if = "Labels::is_empty")]
    pub labels: Labels,
    /// Where cached layers come from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cache_from: Vec<String>,
    /// Where cached layers go.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cache_to: Vec<String>,
    /// Build without a cache.
    #[serde(skip_serializing_if = "is_false")]
    pub no_cache: bool,
    /// Stages that are built without a cache (docker compose v5).
    #[serde(deserialize_with = "one_or_many", skip_serializing_if = "Vec::is_empty")]
    pub no_cache_filter: Vec<String>,
    /// Further contexts by the name the Dockerfile uses.
    #[serde(skip_serializing_if = "Labels::is_empty")]
    pub additional_contexts: Labels,
    /// Always pull the base images.
    #[serde(skip_serializing_if = "is_false")]
    pub pull: bool,
    /// Additional lines of the hosts file during the build.
    #[serde(skip_serializing_if = "ExtraHosts::is_empty")]
    pub extra_hosts: ExtraHosts,
    /// Isolation technology of the build's containers (Windows).
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub isolation: Option<String>,
    /// Network of the build's containers.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub network: Option<String>,
    /// Stage to build.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub target: Option<String>,
    /// Secrets the build may read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<ServiceFile>,
    /// Size of `/dev/shm` during the build.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub shm_size: Option<ByteSize>,
    /// Further names of the image.
    #[serde(deserialize_with = "scalar_texts", skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Resource limits during the build.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub ulimits: IndexMap<String, ComposeUlimit>,
    /// Platforms to build for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub platforms: Vec<String>,
    /// Build with extended privileges.
    #[serde(skip_serializing_if = "is_false")]
    pub privileged: bool,
    /// `x-` properties.
    #[serde(flatten, skip_deserializing)]
    pub extensions: Extensions,
}

object!(ComposeServiceBuild [secrets, ulimits]);

fn scalar<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let visitor = crate::de::ScalarVisitor("a boolean or text");
    Ok(deserializer.deserialize_any(visitor)?.filter(|text| !text.is_empty()))
}
