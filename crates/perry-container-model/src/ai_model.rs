//! Language models of a project, and their use by services.

use crate::de::{blank, nonzero, present};
use crate::object::{Extensions, object};
use serde::{Deserialize, Serialize};

/// A language model of the project (`models`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", default, expecting = "a language model: a mapping with `model`")]
pub struct ComposeModel {
    /// A name of its own.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub name: Option<String>,
    /// Reference of the model.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub model: Option<String>,
    /// Tokens of context.
    #[serde(deserialize_with = "nonzero", skip_serializing_if = "blank")]
    pub context_size: Option<i64>,
    /// Flags for the inference engine.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub runtime_flags: Vec<String>,
    /// `x-` properties.
    #[serde(flatten, skip_deserializing)]
    pub extensions: Extensions,
}

/// How a service learns of a language model it uses.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", default, expecting = "a use of a language model: a mapping or null")]
pub struct ServiceModel {
    /// Variable that holds its address; default `<KEY>_URL`.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub endpoint_var: Option<String>,
    /// Variable that holds its name; default `<KEY>_MODEL`.
    #[serde(deserialize_with = "present", skip_serializing_if = "blank")]
    pub model_var: Option<String>,
    /// `x-` properties.
    #[serde(flatten, skip_deserializing)]
    pub extensions: Extensions,
}

object!(ComposeModel);
object!(ServiceModel);
