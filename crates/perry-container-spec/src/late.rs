//! Values that are known only once something else was done.

use serde::{Deserialize, Serialize, Serializer};
use std::fmt;

/// One container of a project: which service (or graph node), and which of its replicas, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct UnitId {
    /// The service's or node's key.
    pub service: String,
    /// From 1.
    pub number: u32,
}

impl UnitId {
    /// The `number`th container of `service`.
    pub fn new(service: impl Into<String>, number: u32) -> Self {
        Self { service: service.into(), number }
    }
}

/// `web-1`.
impl fmt::Display for UnitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.service, self.number)
    }
}

/// A value that some node of a plan finds out.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub enum Ref {
    /// The id of a unit's container, known when it is created.
    ContainerId(UnitId),
    /// The digest of an image, known when it is resolved.
    Digest(String),
    /// An image by the digest that was verified (`docker.io/library/redis@sha256:...`), known when it is resolved.
    Pinned(String),
    /// The program of an image as a JSON list, known when it is looked at.
    Entrypoint(String),
    /// The address of a unit in a network, known when it is started.
    Address(UnitId, String),
    /// The host port that a unit's container port (`80/tcp`) got, known when it is started.
    Port(UnitId, String),
}

impl fmt::Display for Ref {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ContainerId(unit) => unit.fmt(f),
            Self::Digest(image) => write!(f, "digest of {image}"),
            Self::Pinned(image) => write!(f, "verified digest of {image}"),
            Self::Entrypoint(image) => write!(f, "program of {image}"),
            Self::Address(unit, network) => write!(f, "address of {unit} in {network}"),
            Self::Port(unit, port) => write!(f, "host port of {unit} {port}"),
        }
    }
}

/// A value in a template: known while planning, or late.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Late {
    /// Known already.
    Known(String),
    /// Found out by another node.
    Ref(Ref),
}

impl Late {
    /// A value that is known.
    pub fn known(text: impl Into<String>) -> Self {
        Self::Known(text.into())
    }

    /// A value that is not.
    pub const fn of(what: Ref) -> Self {
        Self::Ref(what)
    }

    /// The id of a unit's container.
    pub fn container(unit: &UnitId) -> Self {
        Self::Ref(Ref::ContainerId(unit.clone()))
    }
}

impl fmt::Display for Late {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(text) => f.write_str(text),
            Self::Ref(what) => what.fmt(f),
        }
    }
}

/// Known values are text, late ones a map, so that no text can be taken for a reference in a hash.
impl Serialize for Late {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Known(text) => serializer.serialize_str(text),
            Self::Ref(what) => what.serialize(serializer),
        }
    }
}

/// What a [`ContainerSpec`](crate::ContainerSpec) can hold where one value may be late: `String` or [`Late`].
pub trait Value: Clone + fmt::Debug + fmt::Display + PartialEq + Serialize {}

impl Value for String {}
impl Value for Late {}
